"""Columns: what four layers of VGG16 say of each 4 × 4 pixels."""

from collections.abc import Mapping

from nst_core.loss.columns import GRID, column_maps, on_one_grid
from nst_core.network.backbone import Backbone, downsampling
from nst_core.network.tensorflow import Tensor, tf

LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1")
CHANNELS = 64 + 128 + 256 + 512
SIDE = downsampling(GRID)
"""px of the picture that a column stands for, along each side."""


def columns(network: Backbone, image: Tensor, dtype: str) -> Tensor:
    """Columns of images: each layer's maps over its number of channels, joined.

    Args:
        network: VGG16; the decoder knows the activations of no other.
        image: float32 tensor B×H×W×3, RGB in 0..255, H and W at least 16.
        dtype: "float32" or "bfloat16", of the convolutions.

    Returns:
        float32 tensor B×h×w×960, where h and w are H and W, filled up to a multiple of 16, over 4.
    """
    return columns_of(network.activations(image, LAYERS, "max", "reflect", dtype))


def columns_of(activations: Mapping[str, Tensor]) -> Tensor:
    """Likewise, of activations that are there, of `LAYERS` at least."""
    maps = on_one_grid({layer: column_maps(layer, activations[layer]) for layer in LAYERS})
    scaled = [tf.cast(maps[layer], tf.float32) / maps[layer].shape[-1] for layer in LAYERS]
    return tf.concat(scaled, axis=3)
