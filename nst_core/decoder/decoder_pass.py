"""The layers that make a picture of columns, and the pass itself.

The columns are narrowed, worked over by residual blocks, first at half their size, where these see
further, and enlarged twice; each convolution is followed by a leaky ReLU (slope 0.2), and borders
are reflected.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nst_core.decoder.decoder_columns import CHANNELS
from nst_core.loss.columns import resized
from nst_core.network.tensorflow import Tensor, tf

Parameters = Mapping[str, Tensor | np.ndarray]
"""Name -> its values, arrays or tensors; see `shapes`."""


class Layer(NamedTuple):
    """A convolution of stride 1 with a bias.

    Attributes:
        size: of its square kernel, an odd number of positions.
        inputs, outputs: channels.
        scale: of its initial kernel, over what He et al. 2015 have.
    """

    name: str
    size: int
    inputs: int
    outputs: int
    scale: float = 1.0


def _residual(name: str, channels: int) -> tuple[Layer, Layer]:
    """Two layers whose result is added to what they are given; at first next to nothing."""
    first = Layer(f"{name}a", 3, channels, channels)
    return first, Layer(f"{name}b", 3, channels, channels, scale=0.1)


NARROW = (Layer("narrow1", 1, CHANNELS, 192), Layer("narrow2", 3, 192, 128))
WIDE = tuple(_residual(f"wide{number}", 128) for number in (1, 2, 3))
RESIDUAL = tuple(_residual(f"residual{number}", 128) for number in (1, 2, 3))
HALF = Layer("half", 3, 128, 64)
HALF_RESIDUAL = _residual("half_residual", 64)
WHOLE = (Layer("whole1", 3, 64, 32), Layer("whole2", 3, 32, 32))
LAST = Layer("last", 3, 32, 3, scale=0.3)
LAYERS = (
    *NARROW,
    *(layer for pair in (*WIDE, *RESIDUAL) for layer in pair),
    HALF,
    *HALF_RESIDUAL,
    *WHOLE,
    LAST,
)
SLOPE = 0.2
"""Of the ReLU below zero."""
FIXED = ("mean", "spread")
"""Parameters that are not learnt, but taken from columns at the beginning."""
GREY, CONTRAST = 127.5, 64.0
"""What the last layer's 0 and 1 stand for: grey levels, and more of them."""


def shapes() -> dict[str, tuple[int, ...]]:
    """Name -> shape of every parameter; mean and spread are those of columns."""
    found: dict[str, tuple[int, ...]] = {"mean": (CHANNELS,), "spread": (CHANNELS,)}
    for layer in LAYERS:
        found[f"{layer.name}/kernel"] = (layer.size, layer.size, layer.inputs, layer.outputs)
        found[f"{layer.name}/bias"] = (layer.outputs,)
    return found


def initial(mean: np.ndarray, spread: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Parameters to begin a training with, the same for a seed."""
    random = np.random.default_rng(seed)
    found = {"mean": mean, "spread": spread}
    for layer in LAYERS:
        shape = layer.size, layer.size, layer.inputs, layer.outputs
        deviation = layer.scale * np.sqrt(2 / np.prod(shape[:3]))
        found[f"{layer.name}/kernel"] = random.standard_normal(shape) * deviation
        found[f"{layer.name}/bias"] = np.zeros(layer.outputs)
    return {name: values.astype(np.float32) for name, values in found.items()}


def decoded(parameters: Parameters, columns: Tensor, dtype: str = "float32") -> Tensor:
    """The pass: columns in, pictures out.

    Args:
        parameters: see `shapes`.
        columns: float32 tensor B×h×w×960, h and w at least 4.
        dtype: "float32" or "bfloat16", of the convolutions.

    Returns:
        float32 tensor B×4h×4w×3, RGB, mostly in 0..255.
    """
    x = tf.cast((columns - parameters["mean"]) / parameters["spread"], dtype)
    for layer in NARROW:
        x = _active(parameters, layer, x)
    x += _seen_widely(parameters, x)
    for pair in RESIDUAL:
        x = _with_residual(parameters, pair, x)
    x = _active(parameters, HALF, _doubled(x))
    x = _with_residual(parameters, HALF_RESIDUAL, x)
    x = _active(parameters, WHOLE[0], _doubled(x))
    x = _active(parameters, WHOLE[1], x)
    return tf.cast(_convolved(parameters, LAST, x), tf.float32) * CONTRAST + GREY


def _seen_widely(parameters: Parameters, x: Tensor) -> Tensor:
    """What the residual blocks at half the size add."""
    before = after = tf.nn.avg_pool2d(x, 2, 2, "VALID")
    for pair in WIDE:
        after = _with_residual(parameters, pair, after)
    return resized(after - before, *tf.unstack(tf.shape(x)[1:3]))


def _active(parameters: Parameters, layer: Layer, x: Tensor) -> Tensor:
    return tf.nn.leaky_relu(_convolved(parameters, layer, x), SLOPE)


def _with_residual(parameters: Parameters, pair: tuple[Layer, Layer], x: Tensor) -> Tensor:
    first, second = pair
    return x + _convolved(parameters, second, _active(parameters, first, x))


def _convolved(parameters: Parameters, layer: Layer, x: Tensor) -> Tensor:
    beyond = layer.size // 2
    if beyond:
        x = tf.pad(x, [[0, 0], [beyond, beyond], [beyond, beyond], [0, 0]], "REFLECT")
    kernel = tf.cast(parameters[f"{layer.name}/kernel"], x.dtype)
    return tf.nn.conv2d(x, kernel, 1, "VALID") + tf.cast(parameters[f"{layer.name}/bias"], x.dtype)


def _doubled(x: Tensor) -> Tensor:
    """Twice as high and wide, bilinear."""
    height, width = tf.unstack(2 * tf.shape(x)[1:3])
    return resized(x, height, width)
