"""Columns: what all layers together say of a place, and the place of the style that says the most
alike.

After Kolkin et al. 2022, "Neural Neighbor Style Transfer", sections 3.1 and 3.2 (hypercolumns).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from nst_core.loss.comparison import IMAGE, ByLayer, Comparison, Counts, Seen
from nst_core.loss.neighbours import TINY, directions, mean_of, products
from nst_core.loss.scalings import MapShape
from nst_core.network.backbone import downsampling
from nst_core.network.tensorflow import Numeric, Tensor, tf

GRID = "block3_conv1"
"""A layer whose maps have a position for each 4 × 4 pixels, as columns have."""
LAYERS = (
    *("block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2"),
    *("block3_conv1", "block3_conv2", "block3_conv3"),
    *("block4_conv1", "block4_conv2", "block4_conv3"),
)
"""Those of which the paper's code makes columns; the fifth block is left out there as well."""
COPIES = 4
"""Of all columns, float32."""
BLOCK_VALUES = 2**24
"""The most products of columns that are held at a time."""
MOST_CANDIDATES = 2**15
"""Columns of a style to choose among, however large it is."""


@dataclass(frozen=True, kw_only=True)
class Columns(Comparison):
    """Mean over the picture's places of 1 − cosine of its column to the column it was matched to.

    A place's column is all maps there, each over its number of channels and times its layer's
    weight, joined. It has a position for each 4 × 4 pixels.

    Attributes:
        centred: how much of its own mean each side is taken less while it is matched, as for
            `Neighbours`.
    """

    centred: float = 0.0
    by_region: ClassVar[bool] = True
    keeps_maps: ClassVar[bool] = False
    matched: ClassVar[bool] = True

    def held(self, positions: float, channels: int, pixels: float) -> float:
        """Targets, and the picture's columns on the way to a distance and back."""
        return 4 * COPIES * pixels / downsampling(GRID) ** 2 * channels

    def grid(self, layer: str) -> str:
        return GRID

    def look(self, layer: str, maps: Tensor, counts: Counts, sample: Tensor | None) -> Seen:
        """B×H/4×W/4×N of shallow layers; of deeper ones, whose maps are smaller, as they are."""
        return (column_maps(layer, maps),)

    def loss(
        self,
        found: ByLayer,
        targets: ByLayer,
        weights: ByLayer,
        shapes: Mapping[str, MapShape],
        counts: Mapping[str, Counts],
    ) -> Tensor:
        total = tf.constant(0.0)
        maps = on_one_grid({layer: tf.cast(seen, tf.float32) for layer, (seen,) in found.items()})
        for region in range(len(next(iter(targets.values())))):
            whole = tf.add_n([weights[layer][region] for layer in maps])
            dot, length, wanted = 0.0, TINY, TINY
            for layer, own in maps.items():
                scale = tf.math.divide_no_nan(weights[layer][region], whole) / own.shape[-1]
                target = tf.cast(targets[layer][region], tf.float32)
                dot += scale**2 * tf.reduce_sum(own * target, axis=3)
                length += scale**2 * tf.reduce_sum(own**2, axis=3)
                wanted += scale**2 * tf.reduce_sum(target**2, axis=3)
            distances = 1 - dot * tf.math.rsqrt(length) * tf.math.rsqrt(wanted)
            share = next(iter(counts.values()))[region]
            if share is not None:
                share = tf.reshape(resized(share, *tf.unstack(tf.shape(distances)[1:])), [1, -1])
            flat = tf.reshape(distances, [tf.shape(distances)[0], -1])
            total += whole * tf.reduce_mean(mean_of(flat, share))
        return total


def column_maps(layer: str, maps: Tensor) -> Tensor:
    """Maps brought to a position for each 4 × 4 pixels; those that are smaller, as they are."""
    side = 1 if layer == IMAGE else downsampling(layer)
    while side < downsampling(GRID):
        maps = tf.nn.avg_pool2d(maps, 2, 2, "VALID")
        side *= 2
    return maps


def on_one_grid(maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Maps B×h×w×N, each at the size of the largest of them."""
    height, width = (
        tf.reduce_max([tf.shape(each)[axis] for each in maps.values()]) for axis in (1, 2)
    )
    return {layer: resized(each, height, width) for layer, each in maps.items()}


def resized(maps: Tensor, height: Numeric, width: Numeric) -> Tensor:
    """Maps B×h×w×N at another size, bilinear.

    Without the checks of `tf.image.resize`, which cost more than the work itself.
    """
    size = tf.stack([height, width])
    larger = tf.raw_ops.ResizeBilinear(images=maps, size=size, half_pixel_centers=True)
    return tf.ensure_shape(tf.cast(larger, maps.dtype), [None, None, None, maps.shape[-1]])


def joined(maps: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """The columns themselves, float32: P×N of each layer -> P×(sum of all N)."""
    scaled = [
        tf.cast(each, tf.float32) * (weights[layer] / each.shape[-1])
        for layer, each in maps.items()
    ]
    return tf.concat(scaled, axis=1)


def matches(columns: Tensor, candidates: Tensor, centred: float, dtype: str) -> Tensor:
    """For each column the number of the nearest candidate by cosine: P×N, S×N -> P, int32.

    In blocks, so that never more than `BLOCK_VALUES` products are held.
    """
    mine = directions(columns[None], None, centred)
    theirs = directions(candidates[None], None, centred)
    rows = max(BLOCK_VALUES // candidates.shape[0], 1)
    found = [
        tf.argmax(products(mine[:, first : first + rows], theirs, dtype)[0], 1, tf.int32)
        for first in range(0, columns.shape[0], rows)
    ]
    return tf.concat(found, axis=0)
