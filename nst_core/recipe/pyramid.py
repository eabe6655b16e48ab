"""The Laplacian pyramid of a picture: its detail at each size, half as large from level to level.

Burt & Adelson 1983, "The Laplacian Pyramid as a Compact Image Code"; as what is optimised in
Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3.
"""

from collections.abc import Sequence

from nst_core.network.tensorflow import Tensor, tf

COARSEST = 2
"""px of the longest side at which there is no coarser level."""


def decomposed(image: Tensor, most: int | None = None) -> list[Tensor]:
    """The levels of an image 1×H×W×3, finest first; the last one is what is left of the image.

    Args:
        image: float32.
        most: of levels besides the last; None halves down to `COARSEST`.
    """
    levels: list[Tensor] = []
    while max(image.shape[1:3]) > COARSEST and (most is None or len(levels) < most):
        height, width = image.shape[1:3]
        smaller = tf.image.resize(image, [max(height // 2, 1), max(width // 2, 1)])
        levels.append(image - tf.image.resize(smaller, [height, width]))
        image = smaller
    return [*levels, image]


def composed(levels: Sequence[Tensor]) -> Tensor:
    """The image that the levels make."""
    *finer, image = levels
    for level in reversed(finer):
        image = level + tf.image.resize(image, tf.shape(level)[1:3])
    return image


def gradients_of_levels(levels: Sequence[Tensor], gradient: Tensor) -> list[Tensor]:
    """The gradient of each level, where `gradient` is that of the image they make."""
    if len(levels) == 1:
        return [gradient]
    with tf.GradientTape() as tape:
        tape.watch(levels)
        image = composed(levels)
    return tape.gradient(image, levels, output_gradients=gradient)
