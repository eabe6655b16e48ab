"""A comparison: how a term holds what it sees of a picture against a target, as a value.

It says what it takes, and all who work with losses ask it: the graph, strips, regions, mixes of
styles, the cost, the page. Each comparison goes through the same four steps.

1. `look`: what is kept of a layer's maps. Those of a strip of the picture go together: maps and
   positions one below the other, sums added up.
2. `finish`: what becomes of it once the whole picture has been seen.
3. `together`: one target of those that several styles give.
4. `loss`: what was found against its target.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from nst_core.loss.scalings import MapShape, Scaling
from nst_core.loss.statistics import Additive, counted
from nst_core.network.tensorflow import Tensor, tf

IMAGE = "image"
"""The name under which a term looks at the picture itself, as at a layer's maps."""
SUBJECTS = ("content", "style", "palette", "smoothness")
"""What a term may be about: what is where; the style's manner; its colours and contrast; pixels
alike."""
Counts = Sequence[Tensor | None]
"""For each region, what every position of a map counts there, 1×H×W×1; one None where all count
alike."""
Seen = tuple[Tensor, ...]
"""What is kept of one layer: one tensor, or one for each region."""
ByLayer = Mapping[str, Seen]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What all comparisons are, and answer to those who ask.

    Attributes:
        label: what people call it.
        subjects: what a term that uses it may be about, of `SUBJECTS`, the usual one first.
        target: "content", "style" or "none": the image that the target is taken from.
        by_region: whether each region of a mask has a target of its own; else there is a mean.
        keeps_maps: whether whole maps are kept until all of the picture has been seen.
        thinned: the most positions of a style's map that are looked at in a step; None looks at
            all.
        matched: whether the target is what the picture so far is matched to, made anew at each
            size.
        chosen: whether the places of a style count as often as they are so matched.
        emphasised: whether places that are to be kept, such as faces, count more.
    """

    label: str
    subjects: tuple[str, ...]
    target: str
    by_region: ClassVar[bool] = False
    keeps_maps: ClassVar[bool] = True
    thinned: ClassVar[int | None] = None
    matched: ClassVar[bool] = False
    chosen: ClassVar[bool] = False
    emphasised: ClassVar[bool] = False

    def looked_at(self, pixels: float) -> int:
        """The most positions of a map that a step looks at in a picture of so many pixels.

        It is 0 for a comparison that is not thinned out: it looks at all.
        """
        return self.thinned or 0

    def multiplications(self, positions: float, channels: int, pixels: float) -> float:
        """Of a step, besides the network's, for a map of so many positions and channels.

        `pixels` are the picture's.
        """
        return 0.0

    def held(self, positions: float, channels: int, pixels: float) -> float:
        """Bytes that a step holds besides the network's activations and their gradients.

        `positions` and `channels` are the map's, and `pixels` the picture's.
        """
        return 0.0

    def grid(self, layer: str) -> str:
        """The layer whose maps have the positions that are compared, for counts of them."""
        return layer

    def look(self, layer: str, maps: Tensor, counts: Counts, sample: Tensor | None) -> Seen:
        """What is kept of maps B×H×W×N, of the whole picture or of a strip of it.

        Args:
            layer: whose maps they are.
            maps: in the type of the network.
            counts: of these positions.
            sample: the numbers, row by row, of the positions to look at, where they are `thinned`.
        """
        return (maps,)

    def finish(self, seen: Seen, counts: Counts, area: Tensor) -> Seen:
        """What was seen of the whole picture as it is compared; `area` is the map's H×W."""
        return seen

    def together(self, targets: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
        """One target of several styles or regions; `shares` add up to 1."""
        first, *others = (share * each for share, each in zip(shares, targets, strict=True))
        return sum(others, start=first)

    def loss(
        self,
        found: ByLayer,
        targets: ByLayer,
        weights: ByLayer,
        shapes: Mapping[str, MapShape],
        counts: Mapping[str, Counts],
    ) -> Tensor:
        """Mean over the batch, summed over layers and regions.

        Args:
            found: what `finish` gave.
            targets: the same of the target; empty where there is none.
            weights: of each region.
            shapes: of each layer's map.
            counts: of each layer's positions, as `look` took them.
        """
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class WholeMaps(Comparison):
    """A formula for maps as a whole, which neither add up nor can be thinned out.

    Attributes:
        scaling: the formula.
        statistic: what becomes of the maps before, see `statistics`.
    """

    scaling: Scaling
    statistic: Callable[[Tensor], Tensor] = lambda maps: maps

    def finish(self, seen: Seen, counts: Counts, area: Tensor) -> Seen:
        return tuple(self.statistic(each) for each in seen)

    def loss(
        self,
        found: ByLayer,
        targets: ByLayer,
        weights: ByLayer,
        shapes: Mapping[str, MapShape],
        counts: Mapping[str, Counts],
    ) -> Tensor:
        total = tf.constant(0.0)
        for layer, regions in found.items():
            for region, value in enumerate(regions):
                target = targets[layer][region] if targets else None
                if target is not None:
                    target = tf.cast(target, tf.float32)
                value = self._emphasis(tf.cast(value, tf.float32), target, counts[layer][region])
                values = self.scaling(value, target, shapes[layer])
                total += weights[layer][region] * tf.reduce_mean(values)
        return total

    def _emphasis(self, value: Tensor, target: Any, count: Tensor | None) -> Tensor:
        """What was found, its difference to the target as large as its places count."""
        return value


@dataclass(frozen=True, kw_only=True)
class Activations(WholeMaps):
    """A formula for squares of what activations differ by, of which each place may count more."""

    emphasised: ClassVar[bool] = True

    def _emphasis(self, value: Tensor, target: Any, count: Tensor | None) -> Tensor:
        return value if count is None else target + tf.sqrt(count) * (value - target)


@dataclass(frozen=True, kw_only=True)
class Summed(WholeMaps):
    """A formula for sums over positions, so that the parts of a picture can be added up.

    Attributes:
        sums: the statistic, in its two halves.
    """

    sums: Additive
    by_region: ClassVar[bool] = True
    keeps_maps: ClassVar[bool] = False

    def multiplications(self, positions: float, channels: int, pixels: float) -> float:
        """Of each channel with each, at each position."""
        return positions * channels**2

    def look(self, layer: str, maps: Tensor, counts: Counts, sample: Tensor | None) -> Seen:
        return tuple(self.sums.sums(maps, each) for each in counts)

    def finish(self, seen: Seen, counts: Counts, area: Tensor) -> Seen:
        both = zip(seen, counts, strict=True)
        return tuple(
            self.sums.finish(sums, area if each is None else counted(each)) for sums, each in both
        )
