"""Painting at once: a job's picture by the decoder, in a second instead of half a minute."""

from collections.abc import Iterator, Sequence

from PIL import Image

from nst_core.decoder.decoder import Place, Scene, sizes
from nst_core.decoder.files import own_decoder
from nst_core.errors import RecipeError
from nst_core.images.sizes import Size, fit, resize, to_array, to_image
from nst_core.painting.job import Job
from nst_core.painting.sized import Pixels, SizedImages
from nst_core.painting.stages import enlarge

LARGEST = 1024
"""px of a picture's longest side; one of them takes 2 GB."""


def paint_at_once(job: Job) -> Iterator[Image.Image]:
    """The pictures of a job that is `opened`, from 64 px or more up to its size.

    Of the job's recipe only size, colours, brush and the styles' sizes count.

    Raises:
        RecipeError: that is more than `LARGEST`.
        NetworkError: the decoder's file is missing or damaged.
    """
    content, _ = job.images
    size = job.recipe.generated_size(content.size)
    if max(size) > LARGEST:
        raise RecipeError(
            f"At once a picture has at most {LARGEST} px, not {max(size)}: a run paints larger."
        )
    images = SizedImages(job)
    return map(images.shown, _pictures(images, size))


def decoded(images: SizedImages, size: Size) -> Pixels:
    """The last of these pictures as a run takes it; enlarged where it begins with a larger one."""
    smaller = fit(size, min(max(size), LARGEST))
    *_, last = _pictures(images, smaller)
    return last if smaller == size else enlarge(last, to_image(images.photograph(size)), size)


def _pictures(images: SizedImages, size: Size) -> Iterator[Pixels]:
    decoder = own_decoder()

    def scene(size: Size) -> Scene:
        mask = images.mask(size)
        places = [Place(decoder.candidates(images.styles(size)), mask)]
        if mask is not None:
            places.append(Place(decoder.candidates(images.outside(size)), 1 - mask))
        return Scene(images.photograph(size), places)

    return decoder.paint(map(scene, sizes(size)))


class KeptStyle:
    """A style for one photograph after the other, its columns being kept."""

    def __init__(self, style: Image.Image, longest: Sequence[int]) -> None:
        """
        Args:
            style: RGB, as large as the pictures when it is looked at.
            longest: px of the longest side of the sizes that a picture goes through.
        """
        self._looks = {
            side: own_decoder().candidates([(to_array(resize(style, fit(style.size, side))), 1.0)])
            for side in longest
        }

    def paint(self, photograph: Image.Image) -> Image.Image:
        """The photograph, RGB, in the style, at the last of the sizes."""
        scenes = (
            Scene(to_array(resize(photograph, fit(photograph.size, side))), [Place(candidates)])
            for side, candidates in self._looks.items()
        )
        *_, last = own_decoder().paint(scenes)
        return to_image(last)
