"""The layers of a network that paints in one pass, and the pass itself.

An encoder that halves the picture twice, residual blocks, and a decoder that enlarges it twice
(Johnson et al. 2016, supplementary material). Every convolution but the last is followed by an
instance normalisation (Ulyanov et al. 2017) whose scale and shift belong to a style, so that one
network knows several and blends them (Dumoulin et al. 2017, "A Learned Representation for Artistic
Style"). Enlarging by nearest neighbours in front of a convolution leaves no checkerboard.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nst_core.network.tensorflow import Tensor, tf

Images = Tensor | np.ndarray
Parameters = Mapping[str, Tensor | np.ndarray]
"""Name -> its values, arrays or tensors; see `shapes`."""


class Layer(NamedTuple):
    """A convolution, its maps enlarged before it or taken at every second position.

    Attributes:
        size: px, of its square kernel, an odd number.
        inputs, outputs: channels.
    """

    name: str
    size: int
    inputs: int
    outputs: int
    stride: int = 1
    enlarge: int = 1


ENCODER = (
    Layer("encoder1", 9, 3, 16),
    Layer("encoder2", 3, 16, 32, stride=2),
    Layer("encoder3", 3, 32, 64, stride=2),
)
RESIDUAL = tuple(
    (Layer(f"residual{number}a", 3, 64, 64), Layer(f"residual{number}b", 3, 64, 64))
    for number in range(1, 6)
)
DECODER = (Layer("decoder1", 3, 64, 32, enlarge=2), Layer("decoder2", 3, 32, 16, enlarge=2))
LAST = Layer("decoder3", 9, 16, 3)
NORMALISED = (*ENCODER, *(layer for pair in RESIDUAL for layer in pair), *DECODER)
"""The layers with a scale and a shift for each style."""
COARSEST = 4
"""px of the picture that a position of the innermost maps stands for, along each side."""
EPSILON = 1e-5
"""Added to a variance, in units of the activations squared."""


def shapes(styles: int) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every parameter of a network that knows so many styles."""
    found: dict[str, tuple[int, ...]] = {}
    for layer in (*NORMALISED, LAST):
        found[f"{layer.name}/kernel"] = (layer.size, layer.size, layer.inputs, layer.outputs)
    for layer in NORMALISED:
        found[f"{layer.name}/scale"] = found[f"{layer.name}/shift"] = (styles, layer.outputs)
    return {**found, f"{LAST.name}/bias": (LAST.outputs,)}


def initial(styles: int, seed: int) -> dict[str, np.ndarray]:
    """Parameters to begin a training with: kernels after He et al. 2015, the same for a seed."""
    random = np.random.default_rng(seed)
    return {name: _begun(name, shape, random) for name, shape in shapes(styles).items()}


def _begun(name: str, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    if name.endswith("/kernel"):
        spread = np.sqrt(2 / np.prod(shape[:3]))
        return (random.standard_normal(shape) * spread).astype(np.float32)
    return np.full(shape, 1.0 if name.endswith("/scale") else 0.0, np.float32)


def painted(parameters: Parameters, image: Images, mix: Tensor, dtype: str = "float32") -> Tensor:
    """The pass: photographs in, pictures out.

    Args:
        parameters: see `shapes`.
        image: float32 tensor B×H×W×3, RGB in 0..255, H and W at least 16.
        mix: float32 tensor B×S, how much of each style an image gets; rows that sum to 1.
        dtype: "float32" or "bfloat16", of the convolutions.

    Returns:
        float32 tensor B×H×W×3, RGB in 0..255.
    """
    height, width = tf.unstack(tf.shape(image)[1:3])
    x = tf.cast(_filled_up(image, height, width) / 127.5 - 1.0, dtype)
    for layer in ENCODER:
        x = tf.nn.relu(_normalised(parameters, layer, x, mix))
    for first, second in RESIDUAL:
        inner = tf.nn.relu(_normalised(parameters, first, x, mix))
        x += _normalised(parameters, second, inner, mix)
    for layer in DECODER:
        x = tf.nn.relu(_normalised(parameters, layer, x, mix))
    found = tf.cast(convolved(parameters, LAST, x), tf.float32) + parameters[f"{LAST.name}/bias"]
    return 255.0 * tf.sigmoid(found[:, :height, :width])


def _filled_up(image: Images, height: Tensor, width: Tensor) -> Tensor:
    """The image, reflected at the bottom and the right edge, to a multiple of `COARSEST`."""
    more = [[0, 0], [0, -height % COARSEST], [0, -width % COARSEST], [0, 0]]
    return tf.pad(image, more, "REFLECT")


def convolved(parameters: Parameters, layer: Layer, x: Tensor) -> Tensor:
    """B×H×W×inputs -> B×H'×W'×outputs, with reflection at the edges."""
    for axis in (1, 2):
        x = tf.repeat(x, layer.enlarge, axis) if layer.enlarge > 1 else x
    beyond = layer.size // 2
    x = tf.pad(x, [[0, 0], [beyond, beyond], [beyond, beyond], [0, 0]], "REFLECT")
    kernel = tf.cast(parameters[f"{layer.name}/kernel"], x.dtype)
    return tf.nn.conv2d(x, kernel, layer.stride, "VALID")


def _normalised(parameters: Parameters, layer: Layer, x: Tensor, mix: Tensor) -> Tensor:
    maps = convolved(parameters, layer, x)
    scale, shift = (tf.matmul(mix, parameters[f"{layer.name}/{part}"]) for part in SCALES)
    return normalised(maps, scale, shift)


SCALES = ("scale", "shift")


def normalised(maps: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Instance normalisation of maps B×H×W×N: each to mean 0 and variance 1, then as its style.

    scale, shift: float32, B×N.
    """
    mean, variance = tf.nn.moments(tf.cast(maps, tf.float32), [1, 2], keepdims=True)
    factor = scale[:, None, None] * tf.math.rsqrt(variance + EPSILON)
    rest = shift[:, None, None] - mean * factor
    return maps * tf.cast(factor, maps.dtype) + tf.cast(rest, maps.dtype)
