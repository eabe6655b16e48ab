"""The one door: untrusted file or array -> upright sRGB image.

Everything that comes from outside passes through `open_image`, which gives back an upright sRGB
image or raises `ImageError` with a sentence for the person who chose the file; `image_size` tells
the size of that image alone. The sentence names a file by its base name only, so that it never
shows where the server keeps its files.
"""

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from nst_core.checks import hint_at, shown
from nst_core.errors import ImageError
from nst_core.images.colour import to_srgb
from nst_core.images.containers import (
    colour_codes,
    formats_for,
    png_notes,
    refuse_raw,
    significant_bits,
    unreadable_kind,
)
from nst_core.images.encodings import BRIGHTER_THAN_WHITE, Codes, described
from nst_core.images.frames import (
    is_empty,
    note_of_several,
    turn_to_first_visible,
    turn_to_largest_page,
)
from nst_core.images.greys import grey_16_bits
from nst_core.images.mending import ended_jpeg, sound_png
from nst_core.images.sizes import MAX_MEGAPIXELS, Size, check_size, fit, within_limits

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""Formats that are tried; Pillow counts the MPO files of phones as JPEG."""
NOTE = "nst_core.note"
"""Key in the `info` of an image: what a person should know of how its file was taken."""
HDR = "is made for HDR screens: what is brighter there than other screens show is white here."
ImageSource = str | os.PathLike[str] | Image.Image | np.ndarray
_TURN_UPRIGHT = {  # by the value of EXIF's Orientation; 1 is upright already
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)


class Guard(Protocol):
    """Opens files elsewhere, as `guarded.OpeningProcess` does."""

    def open(self, path: Path, role: str, longest: int | None, ground: str) -> Image.Image: ...

    def size(self, path: Path, role: str) -> Size: ...


_guards: list[Guard] = []


@contextmanager
def guarded_by(guard: Guard) -> Iterator[None]:
    """Meanwhile, have every file that this process opens, in whatever thread, opened elsewhere."""
    _guards.append(guard)
    try:
        yield
    finally:
        _guards.remove(guard)


def open_image(
    source: ImageSource, role: str = "image", longest: int | None = None, ground: str = "white"
) -> Image.Image:
    """Return `source` as an upright RGB image, fully loaded and free of the file's metadata.

    EXIF orientation is applied, transparency composited on a ground, and deep greyscale scaled
    to 8 bits (see `greys`). Of an animation the first frame with something in it counts, and of a
    document the largest page (see `frames`); a sentence that says so is in its `info` under `NOTE`.
    Colours are converted to sRGB from an embedded ICC profile, if it can be used (see `colour`), or
    from numbers that stand for one (see `encodings`); others are taken as sRGB. Damage beside the
    picture is passed over (see `mending`). A JPEG file over the limits, up to Pillow's own of 179
    megapixels, is decoded at the largest fraction of its size that is within them.

    Args:
        source: a path; a `PIL.Image`, which is left as it is; or a uint8 array of shape
            (height, width), (height, width, 3) as RGB or (height, width, 4) as RGBA.
        role: what the image is for, such as "content image"; begins the text of an error.
        longest: px; a JPEG file with a longest side of twice this or more is decoded at a
            fraction of its size, with at least `longest` px left. Saves time and memory.
        ground: the colour that is seen where the image is transparent.

    Raises:
        ImageError: the source is of another type, missing, unreadable, not an image, a camera's
            raw file, damaged, cut short, or beyond `MAX_MEGAPIXELS` or `MAX_SIDE`.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, f"The {role}", ground)
    if isinstance(source, Image.Image):
        _refuse_closed(source, f"The {role}")
        with _pillow_errors(f"The {role}"):
            rgb = _upright_rgb(source, f"The {role}", ground)
            return noted(rgb, source.info.get(NOTE, ""))
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        guard = _guards[-1] if _guards else None
        return (guard.open if guard else _from_file)(path, role, longest, ground)
    raise ImageError(
        f"The {role} must be a file path, a PIL image or a uint8 array, "
        f"not {type(source).__name__}."
    )


def _refuse_closed(image: Image.Image, subject: str) -> None:
    """Raise `ImageError` for an image whose pixels are gone, or were never read from its file."""
    file, unread = getattr(image, "fp", None), bool(getattr(image, "tile", None))
    closed = unread and (file is None or getattr(file, "closed", False))
    with suppress(AssertionError):  # not read yet
        try:
            image.im  # noqa: B018 - raises where the image was closed
        except ValueError:
            closed = True
    if closed:
        raise ImageError(
            f"{subject} is closed: hand it over before that, or load it before its file is closed."
        )


def image_size(source: ImageSource, role: str = "image") -> Size:
    """The (width, height) in px of the image that `open_image` would give.

    Of a file the header alone is read, and of a PNG file its texts, which may tell an orientation
    after its pixels; none is decoded, so that damage further in goes unnoticed.

    Raises:
        ImageError: as for `open_image`.
    """
    if not isinstance(source, str | os.PathLike):
        return open_image(source, role).size
    if _guards:
        return _guards[-1].size(Path(source), role)
    subject = f"The {role} {shown(Path(source).name)}"
    with open_regular(Path(source), subject) as file, _opened(file, subject) as image:
        if image.format == "TIFF":  # Pillow gives the size of these as it is after turning
            return image.size
        width, height = image.size
        orientation = _orientation_of_png(file) if image.format == "PNG" else _orientation(image)
        sideways = orientation in _SIDEWAYS
    return (height, width) if sideways else (width, height)


def _orientation_of_png(file: BinaryIO) -> int:
    """Told before the pixels or after them, which `Image.getexif` would decode on its way."""
    with Image.open(png_notes(sound_png(file)), formats=["PNG"]) as notes:
        return _orientation(notes)


def _from_array(pixels: np.ndarray, subject: str, ground: str) -> Image.Image:
    channels = pixels.shape[2:]
    if pixels.dtype != np.uint8 or pixels.ndim < 2 or channels not in ((), (3,), (4,)):
        raise ImageError(
            f"{subject} is an array of {pixels.dtype} with shape {pixels.shape}; allowed is "
            "uint8 with shape (height, width), (height, width, 3) or (height, width, 4)."
        )
    return _upright_rgb(Image.fromarray(pixels), subject, ground)


def _from_file(path: Path, role: str, longest: int | None, ground: str) -> Image.Image:
    subject = f"The {role} {shown(path.name)}"
    with open_regular(path, subject) as file:
        try:
            return _decoded(file, subject, longest, ground)
        except ImageError:
            with _pillow_errors(subject):
                ended = ended_jpeg(file)
            if ended is None:
                raise
        return _decoded(ended, subject, longest, ground)


def _decoded(file: BinaryIO, subject: str, longest: int | None, ground: str) -> Image.Image:
    with _pillow_errors(subject):
        bits, codes = significant_bits(file), colour_codes(file)
    with _opened(file, subject, longest) as image:
        turn_to_first_visible(image)
        rgb = _upright_rgb(image, subject, ground, bits, codes)
        hdr = HDR if codes and codes[1] in BRIGHTER_THAN_WHITE else ""
        notes = note_of_several(image, subject), hdr and f"{subject} {hdr}"
        return noted(rgb, " ".join(filter(None, notes)))


def noted(image: Image.Image, note: str) -> Image.Image:
    """The image, with a note for people if there is one."""
    if note:
        image.info[NOTE] = note
    return image


@contextmanager
def _opened(
    file: BinaryIO, subject: str, longest: int | None = None
) -> Iterator[ImageFile.ImageFile]:
    """The file as an image of an allowed size, not decoded yet; for errors of its use, too."""
    with _pillow_errors(subject):
        refuse_raw(file, subject)
        try:
            opened = Image.open(sound_png(file), formats=formats_for(file, FORMATS))
        except UnidentifiedImageError:
            kind = unreadable_kind(file)
            if kind is None:
                raise
            raise ImageError(f"{subject} {kind}") from None
        with opened as image:
            if image.format in ("JPEG", "MPO"):
                _choose_fraction(image, longest)
            turn_to_largest_page(image)
            check_size(image.size, subject)
            yield image


def _choose_fraction(image: ImageFile.ImageFile, longest: int | None) -> None:
    """Have a JPEG file decoded at a half, a quarter or an eighth of its size.

    It is the largest that is within the limits or, if `longest` is given and allows for it, the
    smallest with a longest side of that. What needs no fraction, or has too many pixels at any,
    is left as it is. Can be done only once for an image.
    """
    width, height = image.size
    for scale in (1, 2, 4, 8):
        size = (max(1, width // scale), max(1, height // scale))
        if within_limits((-(-width // scale), -(-height // scale))):
            wanted = size if longest is None else fit(image.size, longest)
            image.draft(None, (min(size[0], wanted[0]), min(size[1], wanted[1])))
            return


def open_regular(path: Path, subject: str, kind: str = "an image file") -> BinaryIO:
    """Open a regular file that isn't empty; others, such as pipes and devices, might never end.

    Args:
        path: of the file.
        subject: begins the sentence of an error.
        kind: what was to be there instead of a folder.

    Raises:
        ImageError: there is none, or it can't be read.
    """
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size > 0:
            return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise ImageError(f"{subject} does not exist{hint_at(path)}.") from None
    except PermissionError:
        raise ImageError(f"{subject} can't be read: permission is missing.") from None
    except (OSError, ValueError):  # a NUL byte, too many characters, a loop of links
        raise ImageError(f"{subject} has a name that can't be opened{hint_at(path)}.") from None
    if stat.S_ISDIR(status.st_mode):
        raise ImageError(f"{subject} is a folder, not {kind}.")
    if not stat.S_ISREG(status.st_mode):
        raise ImageError(f"{subject} is not a regular file.")
    raise ImageError(f"{subject} is an empty file.")


@contextmanager
def _pillow_errors(subject: str) -> Iterator[None]:
    """Turn whatever Pillow raises or warns of into `ImageError` or silence."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of large images, for which there is a limit here, and of odd metadata.
            warnings.simplefilter("ignore")
            yield
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise ImageError(f"{subject} is not an image of a known format ({known}).") from error
    except Image.DecompressionBombError as error:  # Pillow's own limit, 179 megapixels
        raise ImageError(
            f"{subject} has far too many pixels; at most {MAX_MEGAPIXELS} megapixels are allowed."
        ) from error
    except Exception as error:  # decoders raise nearly everything when a file is damaged
        raise ImageError(
            f"{subject} can't be read: it is damaged, cut short or of an unsupported kind."
        ) from error


def _upright_rgb(
    image: Image.Image,
    subject: str,
    ground: str,
    bits: int | None = None,
    codes: Codes | None = None,
) -> Image.Image:
    """
    bits: how many of a grey value count, if the file tells it.
    codes: of its colours, likewise.
    """
    check_size(image.size, subject)
    image.load()  # before the orientation is read: TIFF files are turned while they load
    turn = _TURN_UPRIGHT.get(_orientation(image))
    grey = image.mode in ("1", "L", "LA", "I", "F") or image.mode.startswith("I;16")
    profile = described(image.info, codes, grey) or image.info.get("icc_profile")
    if grey and image.mode not in ("1", "L", "LA"):
        image = grey_16_bits(image, subject, bits)
    rgb = to_srgb(_with_an_alpha_that_counts(image), profile)
    if rgb.mode == "RGBA":
        rgba, rgb = rgb, Image.new("RGB", image.size, ground)
        rgb.paste(rgba, mask=rgba)
    rgb.info.clear()
    return rgb if turn is None else rgb.transpose(turn)


def _with_an_alpha_that_counts(image: Image.Image) -> Image.Image:
    """A BMP file of which everything would be transparent has none: many programs write 0 there."""
    with_alpha = image.format == "BMP" and image.mode == "RGBA"
    return image.convert("RGB") if with_alpha and is_empty(image) else image


def _orientation(image: Image.Image) -> int:
    try:
        exif = Image.Image.getexif(image)  # what PNG files have in its place decodes them first
        return exif.get(ExifTags.Base.Orientation, 1)
    except Exception:  # EXIF that can't be parsed does not say which way is up
        return 1
