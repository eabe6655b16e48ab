"""A job's images as a run takes them at a size: resampled, and with their colours treated."""

from functools import cached_property

import numpy as np
from PIL import Image

from nst_core.images.faces import Face, find_faces, places_of
from nst_core.images.masks import SoftMask
from nst_core.images.sizes import Size, resize, to_array, to_image
from nst_core.painting.job import OpenedJob
from nst_core.painting.style import OpenedStyle

Pixels = np.ndarray
"""float32 H×W×3, RGB in 0..255."""


class SizedImages:
    """The images of a job; every size is (width, height) px of the picture."""

    def __init__(self, job: OpenedJob) -> None:
        self._content, self._outside = job.content, job.outside
        self._mask = None if job.mask is None else SoftMask(job.mask)
        self._styles, self._recipe = job.styles, job.recipe
        self._colours = job.recipe.colours
        self._held: Pixels | None = None

    def content(self, size: Size) -> Pixels:
        """The photograph as it is; held, since every frame may ask for it."""
        held = self._held  # another thread may replace it meanwhile
        if held is None or held.shape[1::-1] != size:
            held = self._held = self._sized(self._content, size)
        return held

    def photograph(self, size: Size) -> Pixels:
        """The photograph as the run takes it."""
        return self._colours.photograph(self.content(size))

    def earlier(self, picture: Image.Image, size: Size | None = None) -> Pixels:
        """A picture to go on from, likewise; without a size at its own."""
        return self._colours.photograph(self._sized(picture, size or picture.size))

    def styles(self, size: Size) -> list[tuple[Pixels, float]]:
        """Style images as they are looked at beside a picture of the size, each with its weight."""
        return [(self._looked_at(style, size), style.weight) for style in self._styles]

    def outside(self, size: Size) -> list[tuple[Pixels, float]]:
        """Likewise those outside of the mask."""
        return [(self._looked_at(style, size), style.weight) for style in self._outside]

    def stretched_style(self, size: Size) -> Pixels:
        """The style of most weight, stretched to the size of the picture."""
        heaviest = max(self._styles, key=lambda style: style.weight).image
        return self._colours.style(self._sized(heaviest, size), self.content(size))

    def mask(self, size: Size) -> np.ndarray | None:
        """float32 H×W in 0..1: where the styles apply; None is everywhere."""
        return None if self._mask is None else self._mask.at(size)

    def emphasis(self, size: Size) -> np.ndarray | None:
        """float32 H×W: how often each pixel of the photograph counts; None where all count once."""
        besides = self.emphasis_besides(size)
        return None if besides is None else 1 + besides

    def emphasis_besides(self, size: Size) -> np.ndarray | None:
        """float32 H×W, 0 or more: how often besides once; None where all count once."""
        share = self._recipe.keep_faces
        return share * places_of(self._faces, size) if share and self._faces else None

    @cached_property
    def _faces(self) -> list[Face]:
        return find_faces(self._content)

    def shown(self, pixels: Pixels) -> Image.Image:
        """A picture of the run as people see it."""
        content = self.content((pixels.shape[1], pixels.shape[0]))
        picture = self._colours.picture(pixels, content)
        if self._mask is not None and not self._outside:
            picture = self._mask.within(picture, content)
        return to_image(picture)

    def _looked_at(self, style: OpenedStyle, size: Size) -> Pixels:
        wanted = self._recipe.style_size(style.image.size, size, style.brush)
        return self._colours.style(self._sized(style.image, wanted), self.content(size))

    def _sized(self, image: Image.Image, size: Size) -> Pixels:
        return to_array(resize(image, size, self._recipe.resampling))
