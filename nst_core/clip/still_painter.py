"""Painting stills one after the other, each going on from the one before."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from PIL import Image

from nst_core.clip.steadying import Carried, Shown, going_on, so_far
from nst_core.decoder.decoder import RegionColumns, Scene, sizes
from nst_core.decoder.decoder_file import own_decoder
from nst_core.decoder.manner import manner_at
from nst_core.images.sizes import Size
from nst_core.network.tensorflow import Tensor
from nst_core.painting.at_once import regions_at
from nst_core.painting.job import OpenedJob
from nst_core.painting.sized import Pixels, SizedImages

SHARE = 0.5
"""Of the picture so far in what the decoder looks at, at least."""


class StillPainter:
    """Paints the stills of a clip, all at one size."""

    def __init__(self, job: OpenedJob, size: Size) -> None:
        """
        Args:
            job: whose content is the first still, by whose colours styles go that are to match.
            size: (width, height) px of the pictures.

        Raises:
            NetworkError: the decoder's file is missing or damaged.
        """
        self._job, self._size = job, size
        self._decoder = own_decoder()
        self._shown: Shown | None = None
        manner = manner_at(job.recipe.style_strength)
        self._manner = manner._replace(share=max(manner.share, SHARE), passes=1)
        self._first_manner = manner
        images = SizedImages(job)

        self._shares: tuple[float, ...] | None = None
        self._mixes = False

        @cache
        def regions(size: Size) -> list[RegionColumns]:
            return regions_at(images, size)

        @cache
        def styles(size: Size) -> list[Tensor | None]:
            looks = images.styles(size)
            return [self._decoder.candidates([(pixels, 1.0)]) for pixels, _ in looks]

        self._regions, self._styles = regions, styles

    def mix(self, weights: Sequence[float]) -> None:
        """Have the next still painted with these weights of the styles.

        What rests is painted anew where they are others than before.
        """
        shares = tuple(weight / sum(weights) for weight in weights)
        self._mixes = self._shares not in (None, shares)
        self._shares = shares

    def paint(self, still: Image.Image) -> Image.Image:
        """The next still as a picture; the same object's pixels where nothing has changed."""
        images = self._images(still)
        self._shown = self._next(images)
        return images.shown(self._shown.result)

    @property
    def shown(self) -> Shown | None:
        """What is remembered of the last still."""
        return self._shown

    def go_on(self, shown: Shown, still: Image.Image) -> Image.Image:
        """Remember what was remembered of a still, and return the picture that it was painted as.

        Args:
            shown: of the still, as the property of that name has it.
            still: the same one.
        """
        self._shown = shown
        return self._images(still).shown(shown.result)

    def alone(self, still: Image.Image) -> Image.Image:
        """A still as if it were the first, which changes nothing for others."""
        images = self._images(still)
        return images.shown(self._anew(images))

    def _images(self, still: Image.Image) -> SizedImages:
        self._job = replace(self._job, content=still)
        return SizedImages(self._job)

    def _next(self, images: SizedImages) -> Shown:
        return going_on(
            self._shown,
            images.content(self._size),
            lambda: self._anew(images),
            lambda carried: self._over(images, carried),
            holds=not self._mixes,
        )

    def _over(self, images: SizedImages, carried: Carried) -> Pixels:
        """A picture on what there is of the one before."""
        scene = self._scene(images, self._size)
        return self._decoder.picture(scene, so_far(carried, scene.photograph), self._manner)

    def _anew(self, images: SizedImages) -> Pixels:
        """A picture from nothing, coarse to fine."""
        scenes = (self._scene(images, size) for size in sizes(self._size))
        *_, last = self._decoder.paint(scenes, self._first_manner)
        return last

    def _scene(self, images: SizedImages, size: Size) -> Scene:
        return Scene(images.photograph(size), self._mixed(size))

    def _mixed(self, size: Size) -> list[RegionColumns]:
        """The regions at a size; of weights that change, each style by itself, as much as it has.

        Among the columns of all styles together a place would stay with the style that it has.
        """
        if self._shares is None:
            return self._regions(size)
        inside, *outside = self._regions(size)
        mask = np.ones(size[::-1], np.float32) if inside.mask is None else inside.mask
        pairs = zip(self._styles(size), self._shares, strict=True)
        return [*(RegionColumns(each, share * mask) for each, share in pairs if share), *outside]
