"""The three terms of the style transfer loss, and each published scaling of them.

Notation: F are the activations of a layer, M positions × N channels; P those of the content image.
G = FᵀF/M is the Gram matrix *per position*, N×N; A that of the style image, over its own positions.
The papers write FᵀF without dividing: a formula with (FᵀF − AᵀA)² over one M reads M²(G − A)² here.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from nst_core.network.tensorflow import tf


class Losses(NamedTuple):
    """The weighted terms of a loss and their sum. A term that a recipe leaves out is 0."""

    total: float
    content: float
    style: float
    variation: float


class MapShape(NamedTuple):
    """What a style scaling may need to know besides the two Gram matrices.

    Attributes:
        positions: M, height × width of the layer's map for the generated image.
        pixels: height × width of the generated image itself.
    """

    positions: Any
    pixels: Any


ContentScaling = Callable[[Any, Any], Any]
"""(F, P), float32 tensors 1×H×W×N -> scalar."""
StyleStatistic = Callable[[Any], Any]
"""activations 1×H×W×N -> what is compared of them, a float32 matrix."""
StyleScaling = Callable[[Any, Any, MapShape], Any]
"""(G, A, shape of the map), two of those matrices -> scalar."""
VariationScaling = Callable[[Any], Any]
"""float32 image 1×H×W×3 in 0..255 (or shifted by a colour) -> scalar."""


def gram_matrix(activations: Any) -> Any:
    """Gram matrix per position, FᵀF / M (Gatys et al. 2016, equation 3, divided by M).

    bfloat16 maps are multiplied as such, which takes a third of the time, and summed in float32;
    each sum is then rounded by at most 0.4 %.

    Args:
        activations: 1×H×W×N, float32 or bfloat16.

    Returns:
        float32 tensor N×N, symmetric.
    """

    @tf.custom_gradient
    def gram(maps: Any) -> tuple[Any, Callable[[Any], Any]]:
        shape = tf.shape(maps)
        positions = tf.cast(shape[1] * shape[2], tf.float32)
        flat = tf.reshape(maps, [-1, maps.shape[-1]])

        def gradient(upstream: Any) -> Any:
            # d(FᵀF)/dF = F(U + Uᵀ), in the type of F
            both = (upstream + tf.transpose(upstream)) / positions
            return tf.reshape(tf.matmul(flat, tf.cast(both, flat.dtype)), shape)

        product = tf.matmul(flat, flat, transpose_a=True)
        return tf.cast(product, tf.float32) / positions, gradient

    return gram(activations)


def moments(activations: Any) -> Any:
    """Covariance matrix and mean of the activations: a Gram matrix taken apart, G = C + μμᵀ.

    After a ReLU the means are large and alike in most pictures, and outweigh in a Gram matrix what
    tells one texture from another. (As the statistic of a style in Li et al. 2017, "Demystifying
    Neural Style Transfer", section 4, and in Risser et al. 2017.)

    Args:
        activations: 1×H×W×N, float32 or bfloat16.

    Returns:
        float32 tensor N×(N + 1): the covariance matrix, and the mean as its last column.
    """
    flat = tf.reshape(activations, [-1, activations.shape[-1]])
    mean = tf.reduce_mean(tf.cast(flat, tf.float32), axis=0)
    centred = activations - tf.cast(mean, activations.dtype)
    return tf.concat([gram_matrix(centred), mean[:, None]], axis=1)


def content_relative(activations: Any, target: Any) -> Any:
    """mean (F − P)² / mean P²: 0 for the content image, about 1 for an unrelated one (`studio`)."""
    return content_mean(activations, target) / (tf.reduce_mean(target**2) + TINY)


def content_mean(activations: Any, target: Any) -> Any:
    """mean (F − P)²."""
    return tf.reduce_mean((activations - target) ** 2)


def content_sum(activations: Any, target: Any) -> Any:
    """Σ (F − P)² (Chollet, Deep Learning with Python, section 8.3; the 2022 walk-through)."""
    return tf.reduce_sum((activations - target) ** 2)


def content_root(activations: Any, target: Any) -> Any:
    """Σ (F − P)² / (2·√N·√M) (the TensorFlow 1 write-up after Gatys et al. 2015)."""
    return content_sum(activations, target) / (2 * tf.sqrt(_values(activations)))


def content_quarter(activations: Any, target: Any) -> Any:
    """Σ (F − P)² / (4·M·N) (the deep-learning course's content cost)."""
    return content_sum(activations, target) / (4 * _values(activations))


def style_image_area(gram: Any, target: Any, shape: MapShape) -> Any:
    """M²·Σ (G − A)² / (4·3²·(h·w)²), h×w pixels of the image (Chollet, section 8.3; walk-through).

    The sources divide every layer by the image's three channels and its area, not by the map's.
    """
    return (shape.positions / shape.pixels) ** 2 * tf.reduce_sum((gram - target) ** 2) / (4 * 3**2)


def style_gatys(gram: Any, target: Any, _shape: MapShape) -> Any:
    """Σ (G − A)² / (4·N²), which is Σ (FᵀF − AᵀA)² / (4·N²·M²) (Gatys et al. 2015, equation 4)."""
    return style_mean(gram, target, _shape) / 4


def style_mean(gram: Any, target: Any, _shape: MapShape) -> Any:
    """mean (G − A)² (Yuan, TensorFlow blog 2018)."""
    return tf.reduce_mean((gram - target) ** 2)


def style_relative(gram: Any, target: Any, _shape: MapShape) -> Any:
    """mean (G − A)² / mean A²: 0 for the style's own texture, whatever the layer (`studio`)."""
    return style_mean(gram, target, _shape) / (tf.reduce_mean(target**2) + TINY)


def moments_relative(found: Any, target: Any, _shape: MapShape) -> Any:
    """|C − C'|² / |C'|² + 8·|μ − μ'|² / |μ'|² of two `moments` (`studio`).

    The factor is this project's: with it the Gram matrices agree as well, and so do the colours.
    """
    squares = tf.reduce_sum((found - target) ** 2, axis=0)
    wholes = tf.reduce_sum(target**2, axis=0)
    covariance = tf.reduce_sum(squares[:-1]) / (tf.reduce_sum(wholes[:-1]) + TINY)
    return covariance + 8 * squares[-1] / (wholes[-1] + TINY)


def variation_mean(image: Any) -> Any:
    """(Σ a + Σ b) over the number of values, each over all its pairs of neighbours (`studio`).

    One weight serves every image size. Unlike in `total_variation`, the last row and the last
    column count with all their neighbours: left alone, they fill with stray colours.
    """
    down = tf.reduce_sum((image[:, :-1] - image[:, 1:]) ** 2)
    right = tf.reduce_sum((image[:, :, :-1] - image[:, :, 1:]) ** 2)
    return (down + right) / tf.cast(tf.size(image), tf.float32)


def total_variation(image: Any, exponent: float = 1.0) -> Any:
    """Σ (a + b)^exponent with a[i,j] = (x[i,j] − x[i+1,j])², b[i,j] = (x[i,j] − x[i,j+1])².

    Over i < H−1, j < W−1 and the three channels (Mahendran & Vedaldi 2015, equation 3).
    """
    corner = image[:, :-1, :-1]
    squares = (corner - image[:, 1:, :-1]) ** 2 + (corner - image[:, :-1, 1:]) ** 2
    return tf.reduce_sum(squares if exponent == 1.0 else squares**exponent)


def total_variation_chollet(image: Any) -> Any:
    """Σ (a + b)^1.25 (Chollet, section 8.3)."""
    return total_variation(image, exponent=1.25)


def _values(activations: Any) -> Any:
    return tf.cast(tf.size(activations), tf.float32)


TINY = 1e-12
"""Keeps a ratio finite where the target is nothing but zeros, as for a black image."""
