"""How a term measures what was found against its target: each published formula, image by image.

Notation: F are the activations of a layer, M positions × N channels; P those of the content image.
G = FᵀF/M is the Gram matrix *per position*, N×N; A that of the style image, over its own positions.
The papers write FᵀF without dividing: a formula with (FᵀF − AᵀA)² over one M reads M²(G − A)² here.
Every function takes float32 tensors with the batch first and returns one number an image.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from nst_core.network.tensorflow import Numeric, Tensor, tf


class MapShape(NamedTuple):
    """What a scaling may need to know besides the statistics.

    Attributes:
        positions: M, height × width of the layer's map for the generated image.
        pixels: height × width of the generated image itself.
    """

    positions: Numeric
    pixels: Numeric


Scaling = Callable[[Tensor, Any, MapShape], Tensor]
"""(statistic found, its target or None, shape of the map) -> one number for each image."""


def relative(found: Tensor, target: Tensor, _shape: MapShape) -> Tensor:
    """mean (F − P)² / mean P²: 0 for the target itself, about 1 for an unrelated image."""
    return mean(found, target, _shape) / (_mean(target**2) + TINY)


def mean(found: Tensor, target: Tensor, _shape: MapShape) -> Tensor:
    """mean (F − P)², or of two Gram matrices (Yuan, TensorFlow blog 2018)."""
    return _mean((found - target) ** 2)


def summed(found: Tensor, target: Tensor, _shape: MapShape) -> Tensor:
    """Σ (F − P)² (Chollet, Deep Learning with Python, section 8.3; the 2022 walk-through)."""
    return _sum((found - target) ** 2)


def root(found: Tensor, target: Tensor, _shape: MapShape) -> Tensor:
    """Σ (F − P)² / (2·√N·√M) (the TensorFlow 1 write-up after Gatys et al. 2015)."""
    return summed(found, target, _shape) / (2 * tf.sqrt(_values(found)))


def quarter(found: Tensor, target: Tensor, _shape: MapShape) -> Tensor:
    """Σ (F − P)² / (4·M·N) (the deep-learning course's content cost)."""
    return mean(found, target, _shape) / 4


def image_area(found: Tensor, target: Tensor, shape: MapShape) -> Tensor:
    """M²·Σ (G − A)² / (4·3²·(h·w)²), h×w pixels of the image (Chollet, section 8.3; walk-through).

    The sources divide every layer by the image's three channels and its area, not by the map's.
    """
    return (shape.positions / shape.pixels) ** 2 * _sum((found - target) ** 2) / (4 * 3**2)


def gatys(found: Tensor, target: Tensor, _shape: MapShape) -> Tensor:
    """Σ (G − A)² / (4·N²), which is Σ (FᵀF − AᵀA)² / (4·N²·M²) (Gatys et al. 2015, equation 4)."""
    return mean(found, target, _shape) / 4


def moments_relative(found: Tensor, target: Tensor, _shape: MapShape) -> Tensor:
    """|C − C'|² / |C'|² + 8·|μ − μ'|² / |μ'|² of two `moments` (`studio`).

    The factor is this project's: with it the Gram matrices agree as well, and so do the colours.
    """
    squares = tf.reduce_sum((found - target) ** 2, axis=1)  # of each column; the last is the mean's
    wholes = tf.reduce_sum(target**2, axis=1)
    covariance = _sum(squares[:, :-1]) / (_sum(wholes[:, :-1]) + TINY)
    return covariance + 8 * squares[:, -1] / (wholes[:, -1] + TINY)


def variation(found: Tensor, _target: object, _shape: MapShape, exponent: float = 1.0) -> Tensor:
    """Σ (a + b)^exponent with a[i,j] = (x[i,j] − x[i+1,j])², b[i,j] = (x[i,j] − x[i,j+1])².

    Over i < H−1, j < W−1 and the three channels (Mahendran & Vedaldi 2015, equation 3).
    """
    corner = found[:, :-1, :-1]
    squares = (corner - found[:, 1:, :-1]) ** 2 + (corner - found[:, :-1, 1:]) ** 2
    return _sum(squares if exponent == 1.0 else squares**exponent)


def variation_chollet(found: Tensor, target: object, shape: MapShape) -> Tensor:
    """Σ (a + b)^1.25 (Chollet, section 8.3)."""
    return variation(found, target, shape, exponent=1.25)


def plain(found: Tensor, _target: object, _shape: MapShape) -> Tensor:
    """The mean of what was found, against nothing."""
    return _mean(found)


def ratio(found: Tensor, target: Tensor, _shape: MapShape) -> Tensor:
    """found / (target + 100): 1 where a picture is as rough as the style (`studio`).

    100 is a roughness of 7 grey levels: a style of one colour does not forbid all detail.
    """
    return _mean(found) / (_mean(target) + 100.0)


def _sum(values: Tensor) -> Tensor:
    return tf.reduce_sum(tf.reshape(values, [tf.shape(values)[0], -1]), axis=1)


def _mean(values: Tensor) -> Tensor:
    return tf.reduce_mean(tf.reshape(values, [tf.shape(values)[0], -1]), axis=1)


def _values(maps: Tensor) -> Tensor:
    """Number of values for each image."""
    return tf.cast(tf.size(maps) / tf.shape(maps)[0], tf.float32)


TINY = 1e-12
"""Keeps a ratio finite where the target is nothing but zeros, as for a black image."""
