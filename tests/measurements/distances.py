"""How far a picture is from its style and its photograph."""

import statistics
from functools import cache
from pathlib import Path
from typing import Any

from measurements.pair import backbone
from PIL import Image

from nst_core import RECIPES, Losses, Objective
from nst_core.images.opening import open_image
from nst_core.images.sizes import fit, resize, to_array
from nst_core.loss.neighbours import nearest_distances
from nst_core.network.tensorflow import tf

DISTANCES = RECIPES["moments"].changed(
    style_comparison="gram-relative",
    style_layers={f"block{number}_conv1": 2.0 ** (5 - number) / 31 for number in range(1, 6)},
    style_weight=1.0,
    variation_weight=0.0,
    precision="float32",
)
"""The relative style distance with layer weights 16:8:4:2:1, and the content distance."""


@cache
def distance_judge(content: Path, style: Path, size: tuple[int, int]) -> Objective:
    style_image = open_image(style)
    style_size = DISTANCES.style_size(style_image.size, size)
    generated, wanted = resize(open_image(content), size), resize(style_image, style_size)
    return Objective(to_array(generated), to_array(wanted), DISTANCES, backbone())


def distances(content: Path, style: Path, picture: Image.Image | None, longest: int) -> Losses:
    """Style and content distance of a picture, enlarged to `longest` px; None: the photograph's."""
    size = fit(open_image(content).size, longest)
    shown = resize(picture or open_image(content), size)
    return distance_judge(content, style, size)(to_array(shown))


NEAR_LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
MOST_ACROSS = 64
"""Positions along each side of a map that are looked at for the neighbour distance."""


def neighbour_distance(picture: Image.Image, style: Path) -> float:
    """Mean over layers and positions of 1 − cosine to the style's nearest, both less their mean."""
    painting = open_image(style)
    wanted = resize(painting, DISTANCES.style_size(painting.size, picture.size))
    one, other = map(spread_columns, (picture, wanted))
    return statistics.mean(
        float(nearest_distances(one[layer], other[layer], None, 1.0)[0]) for layer in NEAR_LAYERS
    )


def spread_columns(image: Image.Image) -> dict[str, Any]:
    """Layer -> the activations at evenly spread positions; those of a large print fill 6 GB."""
    maps = backbone().activations(
        tf.constant(to_array(image)[None]), NEAR_LAYERS, padding="reflect"
    )
    return {layer: across(maps[layer]) for layer in NEAR_LAYERS}


def across(maps: Any) -> Any:
    """Evenly spread positions of maps 1×H×W×N: 1×K×N."""
    stride = max(1, max(maps.shape[1:3]) // MOST_ACROSS)
    return tf.reshape(maps[:, stride // 2 :: stride, stride // 2 :: stride], [1, -1, maps.shape[3]])
