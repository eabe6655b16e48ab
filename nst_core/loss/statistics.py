"""What a term compares of a layer's activations: functions of maps B×H×W×N, image by image."""

from collections.abc import Callable
from dataclasses import dataclass

from nst_core.network.tensorflow import Tensor, tf


@dataclass(frozen=True)
class Additive:
    """A statistic made of sums over the positions of a map, so that parts of a map can be added up.

    Attributes:
        sums: (maps B×H×W×N, weights of the positions B×H×W×1 or None for ones) -> sums of the
            weighted positions, float32.
        finish: (such sums, sum of the positions' weights, B×1×1 or a scalar) -> the statistic.
    """

    sums: Callable[[Tensor, Tensor | None], Tensor]
    finish: Callable[[Tensor, Tensor], Tensor]

    def __call__(self, maps: Tensor, weights: Tensor | None = None) -> Tensor:
        """The statistic of whole maps; of their positions as they are weighted, where they are."""
        if weights is None:
            shape = tf.shape(maps)
            return self.finish(self.sums(maps, None), tf.cast(shape[1] * shape[2], tf.float32))
        return self.finish(self.sums(maps, weights), counted(weights))


def counted(weights: Tensor) -> Tensor:
    """How many positions their weights amount to: B×H×W×1 -> B×1×1, float32."""
    return tf.reduce_sum(tf.cast(weights, tf.float32), axis=[1, 2, 3])[:, None, None]


def _products(maps: Tensor, weights: Tensor | None) -> Tensor:
    """FᵀwF: B×H×W×N -> B×N×N, symmetric.

    bfloat16 maps are multiplied as such, which takes a third of the time, and summed in float32;
    each sum is then rounded by at most 0.4 %.
    """

    @tf.custom_gradient
    def products(maps: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        flat = _flat(maps)

        def gradient(upstream: Tensor) -> Tensor:
            # d(FᵀwF)/dF = wF(U + Uᵀ), in the type of F; wF itself is not kept until then
            both = upstream + tf.linalg.matrix_transpose(upstream)
            whole = tf.matmul(flat, tf.cast(both, flat.dtype))
            return _weighted(tf.reshape(whole, tf.shape(maps)), weights)

        product = tf.matmul(_flat(_weighted(maps, weights)), flat, transpose_a=True)
        return tf.cast(product, tf.float32), gradient

    return products(maps)


def _products_and_sums(maps: Tensor, weights: Tensor | None) -> Tensor:
    """FᵀwF, and Fᵀw as one more column: B×H×W×N -> B×N×(N + 1)."""

    @tf.custom_gradient
    def both_sums(maps: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        flat = _flat(maps)

        def gradient(upstream: Tensor) -> Tensor:
            # d(FᵀwF)/dF = wF(U + Uᵀ), and the sums add one row, weighted, to all positions
            square = upstream[:, :, :-1]
            both = square + tf.linalg.matrix_transpose(square)
            row = tf.cast(upstream[:, None, :, -1], flat.dtype)
            whole = tf.matmul(flat, tf.cast(both, flat.dtype)) + row
            return _weighted(tf.reshape(whole, tf.shape(maps)), weights)

        product = tf.matmul(_flat(_weighted(maps, weights)), flat, transpose_a=True)
        sums = _sums(maps, weights)[:, :, None]
        return tf.concat([tf.cast(product, tf.float32), sums], axis=2), gradient

    return both_sums(maps)


def _moments(sums: Tensor, positions: Tensor) -> Tensor:
    means = sums / positions
    mean = means[:, :, -1:]
    covariance = means[:, :, :-1] - tf.matmul(mean, mean, transpose_b=True)
    return tf.concat([covariance, mean], axis=2)


gram_matrix = Additive(_products, lambda sums, positions: sums / positions)
"""Gram matrix per position, FᵀF / M, float32 B×N×N (Gatys et al. 2016, equation 3, over M)."""

moments = Additive(_products_and_sums, _moments)
"""Covariance matrix and mean of the activations: a Gram matrix taken apart, G = C + μμᵀ.

After a ReLU the means are large and alike in most pictures, and outweigh in a Gram matrix what
tells one texture from another. (As the statistic of a style in Li et al. 2017, "Demystifying
Neural Style Transfer", section 4, and in Risser et al. 2017.) Float32 B×N×(N + 1): the covariance
matrix, and the mean as its last column.
"""


def roughness(maps: Tensor) -> Tensor:
    """Mean squared difference of neighbours: (Σ a + Σ b) over the number of values; B×1.

    Unlike in total variation as published, the last row and the last column count with all their
    neighbours: left alone, they fill with stray colours.
    """
    maps = tf.cast(maps, tf.float32)
    down = tf.reduce_sum((maps[:, :-1] - maps[:, 1:]) ** 2, axis=[1, 2, 3])
    right = tf.reduce_sum((maps[:, :, :-1] - maps[:, :, 1:]) ** 2, axis=[1, 2, 3])
    values = tf.cast(tf.size(maps) / tf.shape(maps)[0], tf.float32)
    return ((down + right) / values)[:, None]


def _sums(maps: Tensor, weights: Tensor | None) -> Tensor:
    """Fᵀw: B×H×W×N -> B×N, float32."""
    if weights is None:
        return tf.reduce_sum(tf.cast(_flat(maps), tf.float32), axis=1)
    # row by row, so that each sum of bfloat16 numbers is rounded a little, and not alike
    rows = tf.matmul(tf.cast(weights, maps.dtype), maps, transpose_a=True)
    return tf.reduce_sum(tf.cast(rows, tf.float32), axis=[1, 2])


def _weighted(maps: Tensor, weights: Tensor | None) -> Tensor:
    return maps if weights is None else maps * tf.cast(weights, maps.dtype)


def _flat(maps: Tensor) -> Tensor:
    """B×H×W×N -> B×(H·W)×N."""
    return tf.reshape(maps, [tf.shape(maps)[0], -1, maps.shape[-1]])
