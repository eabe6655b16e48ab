"""A picture in the manner of any style, in a second: coarse to fine, a pass for each size."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nst_core.decoder.decoder_columns import SIDE, columns
from nst_core.decoder.decoder_pass import decoded
from nst_core.decoder.manner import USUAL, Manner
from nst_core.decoder.tiles import Area, tiles
from nst_core.images.sizes import Size, fit, resize_pixels
from nst_core.loss.columns import matches
from nst_core.loss.spread import spread
from nst_core.network.backbone import FILLED, Backbone, load_backbone
from nst_core.network.precision import faster_dtype
from nst_core.network.tensorflow import Tensor, tf
from nst_core.objective.graph import Traced

COARSEST = 64
"""px of the longest side of the first size, and up to twice as many."""
MOST_CANDIDATES = 4096
"""Columns of a style to choose among at a size, spread evenly over it."""
TILE = 1024
"""px of the longest side of what is painted as a whole, which takes 2 GB."""
Looks = Sequence[tuple[np.ndarray, float]]
"""Style images, float32 H×W×3 in 0..255, of a size, and how much of each."""


class RegionColumns(NamedTuple):
    """Styles, and where in the picture they apply.

    Attributes:
        candidates: of the styles, see `Decoder.candidates`; None leaves the photograph as it is.
        mask: float32 H×W in 0..1, of the picture's size; None is everywhere.
    """

    candidates: Tensor | None
    mask: np.ndarray | None = None

    def within(self, area: Area) -> "RegionColumns":
        """What of it lies in a part of the picture."""
        return self if self.mask is None else self._replace(mask=self.mask[area])


class Scene(NamedTuple):
    """What is painted at one size.

    Attributes:
        photograph: float32 H×W×3 in 0..255.
        regions: that together make up the picture.
        kept: float32 H×W in 0..1: how much of its own columns each place keeps, such as a face,
            beside what the manner leaves it; None is nothing.
    """

    photograph: np.ndarray
    regions: Sequence[RegionColumns]
    kept: np.ndarray | None = None


@dataclass(frozen=True)
class Decoder:
    """A network that makes pictures of columns.

    Attributes:
        parameters: name -> float32 array, see `layers.shapes`.
        story: what it was trained with, for people: names to values that JSON knows.
        precision: of the convolutions: "float32", "bfloat16", or "auto", the faster.
        tile: px of the longest side of what is painted as a whole; what is larger is painted in
            tiles, which makes no difference but that of memory.
    """

    parameters: Mapping[str, np.ndarray]
    story: Mapping[str, object] = field(default_factory=dict)
    precision: str = "auto"
    tile: int = TILE

    def paint(self, scenes: Iterable[Scene], manner: Manner = USUAL) -> Iterator[np.ndarray]:
        """The pictures of scenes, each begun from the one before, coarse to fine.

        Args:
            scenes: see `sizes`.
            manner: how far it goes.

        Yields:
            float32 H×W×3 in 0..255.
        """
        before = None
        for scene in scenes:
            before = self.picture(scene, before, manner)
            yield before

    def picture(
        self, scene: Scene, before: np.ndarray | None = None, manner: Manner = USUAL
    ) -> np.ndarray:
        """One picture, as `paint` has it; `before`, if there is one, has any size."""
        picture = self._painted_over(scene, before, manner)
        for _ in range(manner.passes - 1):
            picture = self._painted_over(scene, picture, manner)
        return picture

    def _painted_over(self, scene: Scene, before: np.ndarray | None, manner: Manner) -> np.ndarray:
        """A pass at a size, tile by tile."""
        query = scene.photograph
        height, width = query.shape[:2]
        if before is not None:
            share = manner.share
            query = share * resize_pixels(before, (width, height)) + (1 - share) * query
        picture = np.empty_like(query)
        for tile in tiles(height, width, self.tile):
            own = self._columns(query[tile.seen])
            regions = [region.within(tile.seen) for region in scene.regions]
            wanted = tf.add_n([self._wanted(own, region, manner) for region in regions])
            if scene.kept is not None:
                kept = on_grid(scene.kept[tile.seen])[None, :, :, None]
                wanted += kept * (own - wanted)
            picture[tile.area] = self._passes.decoded(wanted).numpy()[0][tile.kept]
        return picture.clip(0, 255)

    def candidates(self, looks: Looks, most: int = MOST_CANDIDATES) -> Tensor | None:
        """Columns of styles to choose among, float32 S×960: of less weight, fewer; None of none.

        Args:
            looks: the styles.
            most: columns of each of them.
        """
        looks = [look for look in looks if look[1]]
        if not looks:
            return None
        heaviest = max(weight for _, weight in looks)
        found = []
        for pixels, weight in looks:
            own = self._columns(pixels)
            _, height, width, channels = own.shape
            number = min(most, height * width) * weight / heaviest
            some = spread(max(round(number), 1), height, width)
            found.append(tf.gather(tf.reshape(own, [-1, channels]), some))
        return tf.concat(found, axis=0)

    def _columns(self, image: np.ndarray) -> Tensor:
        return self._passes.columns(tf.constant(image[None], tf.float32))

    def _wanted(self, own: Tensor, region: RegionColumns, manner: Manner) -> Tensor:
        """What stands where the picture's own columns are matched to, as the region counts."""
        matched = own if region.candidates is None else self._nearest(own, region.candidates)
        if manner.own:
            matched = manner.own * own + (1 - manner.own) * matched
        return matched if region.mask is None else matched * on_grid(region.mask)[None, :, :, None]

    def _nearest(self, own: Tensor, candidates: Tensor) -> Tensor:
        flat = tf.reshape(own, [-1, own.shape[-1]])
        numbers = matches(flat, candidates, 0.0, self._passes.dtype)
        return tf.reshape(tf.gather(candidates, numbers), own.shape)

    @cached_property
    def _passes(self) -> "_Passes":
        network = load_backbone("embedded")
        dtype = faster_dtype(network) if self.precision == "auto" else self.precision
        return _Passes(network, self.parameters, dtype)


class _Passes:
    """What is traced, for images of every size."""

    def __init__(self, network: Backbone, parameters: Mapping[str, np.ndarray], dtype: str) -> None:
        held = {name: tf.constant(values) for name, values in parameters.items()}
        self.dtype = dtype
        self.columns = Traced(lambda image: columns(network, image, dtype))
        self.decoded = Traced(lambda each: decoded(held, each, dtype))


def sizes(size: Size) -> list[Size]:
    """Those that lead to a size, (width, height) px, coarsest first, each half the next."""
    longest, found = max(size), [size]
    while longest >= 2 * COARSEST:
        longest //= 2
        found.insert(0, fit(size, longest))
    return found


def on_grid(mask: np.ndarray) -> np.ndarray:
    """A picture's mask, H×W, as its columns count: h×w, with the rows that are filled up."""
    height, width = mask.shape
    whole = np.pad(mask, ((0, -height % FILLED), (0, -width % FILLED)), "edge")
    rows, columns = (side // SIDE for side in whole.shape)
    return whole.reshape(rows, SIDE, columns, SIDE).mean((1, 3))
