"""Painting at once: a job's picture by the decoder, in a second instead of half a minute."""

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from nst_core.decoder.decoder import RegionColumns, Scene, sizes
from nst_core.decoder.decoder_file import own_decoder
from nst_core.decoder.manner import USUAL, Manner, manner_at, manner_of_start
from nst_core.errors import RecipeError
from nst_core.images.sizes import Size, fit, resize, to_array, to_image
from nst_core.painting.job import OpenedJob
from nst_core.painting.sized import Pixels, SizedImages
from nst_core.painting.stages import enlarge

LARGEST = 2048
"""px of a picture's longest side."""
WHOLLY_KEPT = 6.0
"""How many times more a place of the photograph counts that keeps all of its own columns."""
KEPT_COLUMNS = 1024
"""Of a style that is kept for many photographs, at each size: matching is most of the work."""


def paint_at_once(job: OpenedJob) -> Iterator[Image.Image]:
    """The pictures of a job, from 64 px or more up to its size.

    Of the job's recipe only size, style strength, colours, brush and the styles' sizes count.

    Raises:
        RecipeError: that is more than `LARGEST`.
        NetworkError: the decoder's file is missing or damaged.
    """
    size = job.recipe.generated_size(job.content.size)
    if max(size) > LARGEST:
        raise RecipeError(
            f"At once a picture has at most {LARGEST} px, not {max(size)}: a run paints larger."
        )
    images = SizedImages(job)
    return map(images.shown, _pictures(images, size, manner_at(job.recipe.style_strength)))


def decoded(images: SizedImages, size: Size, strength: float) -> Pixels:
    """What a run of this strength begins with; enlarged where it begins with a larger one."""
    smaller = fit(size, min(max(size), LARGEST))
    *_, last = _pictures(images, smaller, manner_of_start(strength))
    return last if smaller == size else enlarge(last, to_image(images.photograph(size)), size)


def _pictures(images: SizedImages, size: Size, manner: Manner) -> Iterator[Pixels]:
    def scene(size: Size) -> Scene:
        return Scene(images.photograph(size), regions_at(images, size), _kept(images, size))

    return own_decoder().paint(map(scene, sizes(size)), manner)


def _kept(images: SizedImages, size: Size) -> np.ndarray | None:
    """How much of its own columns each place keeps: half where it counts four times."""
    besides = images.emphasis_besides(size)
    return None if besides is None else (besides / WHOLLY_KEPT).clip(0, 1)


def regions_at(images: SizedImages, size: Size) -> list[RegionColumns]:
    """A job's styles and where they apply, at a size; their analysis is most of the work here."""
    decoder, mask = own_decoder(), images.mask(size)
    regions = [RegionColumns(decoder.candidates(images.styles(size)), mask)]
    if mask is not None:
        regions.append(RegionColumns(decoder.candidates(images.outside(size)), 1 - mask))
    return regions


class KeptStyle:
    """A style for one photograph after the other, its columns being kept."""

    def __init__(self, style: Image.Image, longest: Sequence[int]) -> None:
        """
        Args:
            style: RGB, as large as the pictures when it is looked at.
            longest: px of the longest side of the sizes that a picture goes through.
        """
        self._looks = {}
        for side in longest:
            pixels = to_array(resize(style, fit(style.size, side)))
            self._looks[side] = own_decoder().candidates([(pixels, 1.0)], KEPT_COLUMNS)

    def paint(self, photograph: Image.Image) -> Image.Image:
        """The photograph, RGB, in the style, at the last of the sizes."""
        return to_image(self.anew(photograph))

    def anew(self, photograph: Image.Image) -> Pixels:
        """The same as float32 H×W×3 in 0..255."""
        scenes = (
            Scene(_at(photograph, side), [RegionColumns(candidates)])
            for side, candidates in self._looks.items()
        )
        *_, last = own_decoder().paint(scenes)
        return last

    def at_last(self, photograph: Image.Image) -> Pixels:
        """The photograph at the last of the sizes."""
        return _at(photograph, max(self._looks))

    def over(self, photograph: Pixels, given: Pixels, share: float) -> Pixels:
        """The picture of a photograph of that size, painted on another one.

        Args:
            photograph: as `at_last` gives it.
            given: the picture so far.
            share: of it in what is matched, 0..1.
        """
        scene = Scene(photograph, [RegionColumns(self._looks[max(self._looks)])])
        return own_decoder().picture(scene, given, USUAL._replace(share=share))


def _at(photograph: Image.Image, side: int) -> Pixels:
    return to_array(resize(photograph, fit(photograph.size, side)))
