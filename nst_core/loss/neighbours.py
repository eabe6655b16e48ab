"""Neighbours: each place of the picture goes by the place of the style that it is most like.

After Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3.3 (feature splitting), and the
relaxed transport of Kolkin et al. 2019, "Style Transfer by Relaxed Optimal Transport and
Self-Similarity", equation 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from nst_core.loss.comparison import ByLayer, Comparison, Counts, Seen
from nst_core.loss.scalings import MapShape
from nst_core.network.tensorflow import DType, Tensor, tf

POOL = 4
"""How many times as many positions of a style are kept as a step looks at."""
THINNED_PIXELS = 512 * 512
"""Of a picture of which a step looks at as many positions as of the style."""
MOST_TIMES = 8
"""How many times as many it looks at in a larger picture, at most: for the sake of memory."""
COPIES = 5
"""Of the positions looked at, float32, products with the style's included. Measured."""


@dataclass(frozen=True, kw_only=True)
class Neighbours(Comparison):
    """Mean over the picture's positions of 1 − cosine to the nearest of the style's, by layer.

    Both sides are thinned out, and the choice of the nearest, which has no gradient, is made anew
    at each step. How long an activation is does not count: contrast has to be held by another term.

    Attributes:
        centred: how much of its own mean each side is taken less: all of it as published. Then a
            plain ground, which hardly differs from the mean, is as near to any place as to any
            other, and with none of it all places are near to each other.
    """

    centred: float = 0.5
    by_region: ClassVar[bool] = True
    keeps_maps: ClassVar[bool] = False
    thinned: ClassVar[int] = 48 * 48

    def looked_at(self, pixels: float) -> int:
        """The same share of a large picture as of one of `THINNED_PIXELS`, up to `MOST_TIMES`.

        Else its places would have their turn so seldom that a few steps leave most as they are.
        """
        return round(self.thinned * min(max(pixels / THINNED_PIXELS, 1), MOST_TIMES))

    def multiplications(self, positions: float, channels: int, pixels: float) -> float:
        """Of each position looked at with each of the style's."""
        own = min(positions, self.looked_at(pixels))
        return own * min(positions, self.thinned) * channels

    def held(self, positions: float, channels: int, pixels: float) -> float:
        """The pool of the style's positions, and all that is made of those looked at."""
        pool = POOL * min(positions, self.thinned)
        return 4 * (pool + COPIES * min(positions, self.looked_at(pixels))) * channels

    def look(self, layer: str, maps: Tensor, counts: Counts, sample: Tensor | None) -> Seen:
        """B×K×1×N, of the K positions of the sample."""
        return (gathered(maps, sample),)

    def together(self, targets: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
        """All of them, for each position to choose among."""
        return tf.concat(targets, axis=1)

    def loss(
        self,
        found: ByLayer,
        targets: ByLayer,
        weights: ByLayer,
        shapes: Mapping[str, MapShape],
        counts: Mapping[str, Counts],
    ) -> Tensor:
        total = tf.constant(0.0)
        for layer, (seen,) in found.items():
            for region, target in enumerate(targets[layer]):
                share = counts[layer][region]
                distances = nearest_distances(seen[:, :, 0], target[:, :, 0], share, self.centred)
                total += weights[layer][region] * tf.reduce_mean(distances)
        return total


def nearest_distances(
    picture: Tensor, style: Tensor, share: Tensor | None, centred: float
) -> Tensor:
    """Mean 1 − cosine of each position to the nearest of the style's: B×K×N, B×S×N -> B.

    `share`, B×K, is what each of the picture's positions counts, and None where all count alike;
    `centred` is how much of their own mean both sides are taken less.
    """
    found = directions(picture, share, centred)
    targets = directions(style, None, centred)
    near = tf.argmax(products(tf.stop_gradient(found), targets, picture.dtype), axis=2)
    if targets.shape[0] != 1 or found.shape[0] != 1:
        targets = tf.broadcast_to(
            targets, tf.concat([tf.shape(found)[:1], tf.shape(targets)[1:]], axis=0)
        )
    distances = 1 - tf.reduce_sum(found * tf.gather(targets, near, batch_dims=1), axis=2)
    return mean_of(distances, share)


def directions(activations: Tensor, share: Tensor | None, centred: float) -> Tensor:
    """B×K×N of length 1, float32, of activations less so much of their mean."""
    activations = tf.cast(activations, tf.float32)
    if centred:
        mean = mean_of(activations, None if share is None else share[:, :, None])
        activations -= centred * mean[:, None]
    return tf.math.l2_normalize(activations, axis=2, epsilon=TINY)


def products(one: Tensor, other: Tensor, dtype: DType | str) -> Tensor:
    """The cosine of each with each: B×K×N, B×S×N -> B×K×S; in bfloat16 where maps are."""
    return tf.matmul(tf.cast(one, dtype), tf.cast(other, dtype), transpose_b=True)


def mean_of(values: Tensor, share: Tensor | None) -> Tensor:
    """Mean over the positions, which are the second axis, as they count."""
    if share is None:
        return tf.reduce_mean(values, axis=1)
    return tf.reduce_sum(share * values, axis=1) / (tf.reduce_sum(share, axis=1) + TINY)


def gathered(maps: Tensor, sample: Tensor | None) -> Tensor:
    """Some positions of maps: B×H×W×N, K numbers -> B×K×1×N."""
    assert sample is not None  # whoever looks at some positions says which
    batch, height, width, channels = tf.unstack(tf.shape(maps))
    positions = height * width
    flat = tf.reshape(maps, [batch * positions, channels])  # whose gradient is the quickest
    numbers = tf.range(batch)[:, None] * positions + sample[None]
    return tf.ensure_shape(tf.gather(flat, numbers)[:, :, None], [None, None, 1, maps.shape[-1]])


TINY = 1e-12
"""Keeps what has no length, such as a black picture's activations, from being divided by it."""
