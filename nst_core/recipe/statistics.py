"""What a term compares of a layer's activations: functions of maps B×H×W×N, image by image."""

from collections.abc import Callable
from typing import Any

from nst_core.network.tensorflow import tf

Statistic = Callable[[Any], Any]
"""Maps B×H×W×N, float32 or bfloat16 -> what is compared, with the batch first."""


def activations(maps: Any) -> Any:
    """The maps themselves, for a term that cares where things are."""
    return maps


def gram_matrix(maps: Any) -> Any:
    """Gram matrix per position, FᵀF / M (Gatys et al. 2016, equation 3, divided by M).

    bfloat16 maps are multiplied as such, which takes a third of the time, and summed in float32;
    each sum is then rounded by at most 0.4 %.

    Args:
        maps: B×H×W×N, float32 or bfloat16.

    Returns:
        float32 tensor B×N×N, symmetric.
    """

    @tf.custom_gradient
    def gram(maps: Any) -> tuple[Any, Callable[[Any], Any]]:
        shape = tf.shape(maps)
        positions = tf.cast(shape[1] * shape[2], tf.float32)
        flat = _flat(maps)

        def gradient(upstream: Any) -> Any:
            # d(FᵀF)/dF = F(U + Uᵀ), in the type of F
            both = (upstream + tf.linalg.matrix_transpose(upstream)) / positions
            return tf.reshape(tf.matmul(flat, tf.cast(both, flat.dtype)), shape)

        product = tf.matmul(flat, flat, transpose_a=True)
        return tf.cast(product, tf.float32) / positions, gradient

    return gram(maps)


def moments(maps: Any) -> Any:
    """Covariance matrix and mean of the activations: a Gram matrix taken apart, G = C + μμᵀ.

    After a ReLU the means are large and alike in most pictures, and outweigh in a Gram matrix what
    tells one texture from another. (As the statistic of a style in Li et al. 2017, "Demystifying
    Neural Style Transfer", section 4, and in Risser et al. 2017.)

    Args:
        maps: B×H×W×N, float32 or bfloat16.

    Returns:
        float32 tensor B×N×(N + 1): the covariance matrix, and the mean as its last column.
    """

    @tf.custom_gradient
    def apart(maps: Any) -> tuple[Any, Callable[[Any], Any]]:
        flat = _flat(maps)
        positions = tf.cast(tf.shape(flat)[1], tf.float32)
        mean = tf.reduce_mean(tf.cast(flat, tf.float32), axis=1, keepdims=True)
        product = tf.cast(tf.matmul(flat, flat, transpose_a=True), tf.float32)
        covariance = product / positions - tf.matmul(mean, mean, transpose_a=True)

        def gradient(upstream: Any) -> Any:
            # dC/dF = (F − μ)(U + Uᵀ)/M, whose second part is one row for all positions
            square = upstream[:, :, :-1]
            both = (square + tf.linalg.matrix_transpose(square)) / positions
            row = upstream[:, None, :, -1] / positions - tf.matmul(mean, both)
            whole = tf.matmul(flat, tf.cast(both, flat.dtype)) + tf.cast(row, flat.dtype)
            return tf.reshape(whole, tf.shape(maps))

        return tf.concat([covariance, tf.linalg.matrix_transpose(mean)], axis=2), gradient

    return apart(maps)


def roughness(maps: Any) -> Any:
    """Mean squared difference of neighbours: (Σ a + Σ b) over the number of values; B×1.

    Unlike in total variation as published, the last row and the last column count with all their
    neighbours: left alone, they fill with stray colours.
    """
    down = tf.reduce_sum((maps[:, :-1] - maps[:, 1:]) ** 2, axis=[1, 2, 3])
    right = tf.reduce_sum((maps[:, :, :-1] - maps[:, :, 1:]) ** 2, axis=[1, 2, 3])
    values = tf.cast(tf.size(maps) / tf.shape(maps)[0], tf.float32)
    return ((down + right) / values)[:, None]


def _flat(maps: Any) -> Any:
    """B×H×W×N -> B×(H·W)×N."""
    return tf.reshape(maps, [tf.shape(maps)[0], -1, maps.shape[-1]])


STATISTICS: dict[str, Statistic] = {
    "activations": activations,
    "gram": gram_matrix,
    "moments": moments,
    "roughness": roughness,
}
