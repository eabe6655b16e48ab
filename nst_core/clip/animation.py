"""Animations: GIF, WebP, PNG and AVIF files that move, by Pillow."""

import itertools
import warnings
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

from PIL import Image, ImageFile

from nst_core.checks import shown
from nst_core.clip.still import INSTANT, LONGEST, Facts, Part, Still
from nst_core.errors import ClipError
from nst_core.images.opening import FORMATS
from nst_core.images.sizes import Size, check_size, resize

USUAL = 0.1
"""Seconds of a frame that says nothing of how long it is shown, or next to none, as browsers do."""
LEAST = 0.011


class Animation:
    """A file of several frames; see `Clip`."""

    origin = Fraction(0)

    def __init__(self, file: BinaryIO, image: ImageFile.ImageFile, name: str) -> None:
        """
        Args:
            file: of the animation.
            image: opened from it, not loaded.
            name: of the file, for sentences.

        Raises:
            ClipError, ImageError: it is a still image, damaged, or too large.
        """
        self._file, self._image, self._name, self.missing = file, image, name, ""
        size = image.size
        check_size(size, f"The clip {shown(name)}")
        if not _moves(image):
            raise ClipError(
                f"The clip {shown(name)} is a still image: it is painted as a picture, not a film."
            )
        self._first = int(bool(getattr(image, "default_image", False)))
        seconds: list[float] = []
        for each in self._frames():
            seconds.append(each)
            if sum(seconds) > LONGEST:  # more can't be painted
                break
        if not seconds:
            raise ClipError(f"The clip {shown(name)} has no picture that can be decoded.")
        self.facts = Facts(size, sum(seconds), len(seconds) / sum(seconds))

    def stills(self, size: Size, part: Part) -> Iterator[Still]:
        self._image = Image.open(self._file, formats=FORMATS)  # damage may have marked the first
        time = 0.0
        for seconds in self._frames():
            if part.end is not None and time >= part.end:
                return
            if time + seconds > part.begin + INSTANT:
                yield Still(resize(_on_white(self._image), size), time, seconds)
            time += seconds

    def close(self) -> None:
        """Nothing is left to do: the file is closed by whoever opened it."""

    def _frames(self) -> Iterator[float]:
        """Has one frame after the other be loaded, and tells how many seconds it is shown for."""
        self.missing = ""
        for number in itertools.count(self._first):
            try:
                self._image.seek(number)
                check_size(self._image.size, self._name)  # a frame may go beyond the first one
                self._image.load()  # of WebP and AVIF the times are known with the pixels only
            except EOFError:
                return
            except Exception:  # whatever Pillow raises for damage
                self.missing = (
                    f"The clip {shown(self._name)} is damaged or cut off: of its frames, "
                    f"{number - self._first} are there."
                )
                return
            yield _shown_for(self._image)


def open_animation(file: BinaryIO, name: str) -> Animation | None:
    """The animation of a file; None where it is of no kind that Pillow knows.

    Raises:
        ClipError, ImageError: see `Animation`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large images, for which there is a limit here
            image = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:
        raise ClipError(f"The clip {shown(name)} has more pixels than can be opened.") from None
    except Exception:  # whatever Pillow raises for what it does not know
        return None
    return Animation(file, image, name)


def _moves(image: ImageFile.ImageFile) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # Pillow may have to read the next frame to know
        return False


def _shown_for(image: Image.Image) -> float:
    milliseconds = image.info.get("duration") or 0
    return milliseconds / 1000 if milliseconds / 1000 >= LEAST else USUAL


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    whole = image.convert("RGBA")
    ground = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(ground, whole).convert("RGB")
