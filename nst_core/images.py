"""Untrusted file or array -> upright sRGB image; sizes; atomic PNG writing.

Everything that comes from outside passes through `open_image`, which gives back an upright sRGB
image or raises `ImageError` with a sentence for the person who chose the file. The sentence names
a file by its base name only, so that it never shows where the server keeps its files.
"""

import os
import secrets
import stat
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from nst_core.colour import to_srgb

MAX_MEGAPIXELS = 64
"""Images with more millions of pixels than this are refused before they are decoded."""

MIN_SIDE = 16
"""Shortest side in px: the least of which VGG's four 2×2 poolings leave a map."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""Formats that are tried; Pillow counts the MPO files of phones as JPEG."""

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


class ImageError(ValueError):
    """An image that can't be used or written; the text is a sentence for the user."""


def open_image(source: ImageSource, role: str = "image", longest: int | None = None) -> Image.Image:
    """Return `source` as an upright RGB image, fully loaded and free of metadata.

    EXIF orientation is applied, transparency is composited on white, and deep greyscale is scaled
    to 8 bits (see `_grey_16_bits`). Of an animation or a document the first frame or page counts.
    Colours are converted to sRGB from an embedded ICC profile, if it can be used (see `colour`);
    values without one are taken as sRGB.

    Args:
        source: a path; a `PIL.Image`, which is left as it is; or a uint8 array of shape
            (height, width), (height, width, 3) as RGB or (height, width, 4) as RGBA.
        role: what the image is for, such as "content image"; begins the text of an error.
        longest: px; a JPEG file with a longest side of twice this or more is decoded at a
            fraction of its size, with at least `longest` px left. Saves time and memory.

    Raises:
        ImageError: the source is of another type, missing, unreadable, not an image, damaged,
            cut short, or has more than `MAX_MEGAPIXELS`.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, f"The {role}")
    if isinstance(source, Image.Image):
        with _pillow_errors(f"The {role}"):
            return _upright_rgb(source, f"The {role}")
    if isinstance(source, str | os.PathLike):
        return _from_file(Path(source), role, longest)
    raise ImageError(
        f"The {role} must be a file path, a PIL image or a uint8 array, "
        f"not {type(source).__name__}."
    )


def fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Scale `size` up or down to a given longest side.

    Args:
        size: (width, height) in px.
        longest: longest side of the result in px.

    Returns:
        (width, height) in px of the same aspect, to the nearest pixel, but no side under
        `MIN_SIDE`: a strip one pixel high comes out 16 px high.

    Raises:
        ImageError: the result would exceed `MAX_MEGAPIXELS`.
    """
    return _scaled(size, longest, max(size))


def fit_height(size: tuple[int, int], height: int) -> tuple[int, int]:
    """Scale `size`, (width, height) in px, up or down to a given height; otherwise like `fit`."""
    return _scaled(size, height, size[1])


RESAMPLINGS = ("auto", "bicubic")


def resize(image: Image.Image, size: tuple[int, int], resampling: str = "auto") -> Image.Image:
    """Resample `image` to `size`, (width, height) in px.

    With "auto" Lanczos if neither side grows, otherwise bicubic, which rings less when it
    enlarges. An image that has the size already is returned itself, not copied.
    """
    if size == image.size:
        return image
    grows = size[0] > image.width or size[1] > image.height
    bicubic = grows or resampling == "bicubic"
    resample = Image.Resampling.BICUBIC if bicubic else Image.Resampling.LANCZOS
    # The gap first averages whole blocks of pixels. Without it the filter's table takes 48 bytes
    # for each px of the longer side, which for a strip of 64 million px is 3 GB.
    return image.resize(size, resample, reducing_gap=3.0)


def to_array(image: Image.Image) -> np.ndarray:
    """Return an RGB image as a new float32 array (height, width, 3) with values 0..255."""
    return np.array(image, dtype=np.float32)


def to_image(pixels: np.ndarray) -> Image.Image:
    """Return an array (height, width, 3), RGB, as an image: the inverse of `to_array`.

    Values are rounded to the nearest integer (halves to even) and clipped to 0..255.

    Raises:
        ValueError: the array has another shape or holds NaN.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"pixels must have shape (height, width, 3), not {pixels.shape}")
    if np.isnan(pixels).any():
        raise ValueError("pixels hold NaN, which is no colour")
    return Image.fromarray(np.rint(pixels).clip(0, 255).astype(np.uint8))


def save_png(
    image: Image.Image, path: str | os.PathLike[str], text: Mapping[str, str] | None = None
) -> None:
    """Write `image` as a PNG file, whole or not at all.

    If anything fails, what was at `path` before stays. The file holds pixels, `text` and the mark
    that the pixels are sRGB: no EXIF, no profile, no other metadata of the image.

    Args:
        image: of any mode that PNG has, with values in sRGB.
        path: of the file; a link is followed. Its folder must exist.
        text: keyword -> value, kept inside the file; keywords are 1 to 79 Latin-1 characters.

    Raises:
        ImageError: the place can't be written to.
    """
    bare = image.copy()
    bare.info.clear()
    with beside(path) as (part, target):
        bare.save(part, "PNG", pnginfo=_png_info(text or {}))
        part.replace(target)


def check_target(path: str | os.PathLike[str]) -> None:
    """Raise the `ImageError` that `save_png` would raise for `path`, without writing there.

    To be called before the work. A disk that fills up meanwhile can't be foreseen.
    """
    with beside(path):
        pass


def _from_array(pixels: np.ndarray, subject: str) -> Image.Image:
    channels = pixels.shape[2:]
    if pixels.dtype != np.uint8 or pixels.ndim < 2 or channels not in ((), (3,), (4,)):
        raise ImageError(
            f"{subject} is an array of {pixels.dtype} with shape {pixels.shape}; allowed is "
            "uint8 with shape (height, width), (height, width, 3) or (height, width, 4)."
        )
    return _upright_rgb(Image.fromarray(pixels), subject)


def _from_file(path: Path, role: str, longest: int | None) -> Image.Image:
    subject = f"The {role} {path.name!r}"
    with (
        _open_regular(path, subject) as file,
        _pillow_errors(subject),
        Image.open(file, formats=FORMATS) as image,
    ):
        _check_size(image.size, subject)  # the file's own, which draft() changes
        if longest is not None:
            image.draft(None, fit(image.size, longest))
        return _upright_rgb(image, subject)


def _open_regular(path: Path, subject: str) -> BinaryIO:
    """Open a regular file that isn't empty; others, such as pipes and devices, might never end."""
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size > 0:
            return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise ImageError(f"{subject} does not exist.") from None
    except PermissionError:
        raise ImageError(f"{subject} can't be read: permission is missing.") from None
    except (OSError, ValueError):  # a NUL byte, too many characters, a loop of links
        raise ImageError(f"{subject} has a name that can't be opened.") from None
    if stat.S_ISDIR(status.st_mode):
        raise ImageError(f"{subject} is a folder, not an image file.")
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


def _check_size(size: tuple[int, int], subject: str) -> None:
    width, height = size
    if width * height == 0:
        raise ImageError(f"{subject} has no pixels: its size is {width} × {height}.")
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise ImageError(
            f"{subject} has {width} × {height} px, {width * height / 1e6:.1f} megapixels; "
            f"at most {MAX_MEGAPIXELS} megapixels are allowed."
        )


def _upright_rgb(image: Image.Image, subject: str) -> Image.Image:
    _check_size(image.size, subject)
    image.load()  # before the orientation is read: TIFF files are turned while they load
    turn = _TURN_UPRIGHT.get(_orientation(image))
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _grey_16_bits(image, subject)
    rgb = to_srgb(image)
    if rgb.mode == "RGBA":
        rgba, rgb = rgb, Image.new("RGB", image.size, "white")
        rgb.paste(rgba, mask=rgba)
    rgb.info.clear()
    return rgb if turn is None else rgb.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # EXIF that can't be parsed does not say which way is up
        return 1


def _grey_16_bits(image: Image.Image, subject: str) -> Image.Image:
    """Scale greyscale of 16 or 32 bits to I;16 with white at 65535, for `to_srgb`.

    White is 65535 for integers. For floats it is the first of 1, 255 and 65535 that is not
    exceeded anywhere. Other values, negative or not finite, are refused.
    """
    values = np.array(image, dtype=np.float32)
    low, high = values.min(), values.max()
    if not (low >= 0 and high <= 65535):  # in this form it is true for NaN as well
        raise ImageError(
            f"{subject} has grey values from {low:g} to {high:g}; they must lie in 0..65535."
        )
    white = 65535 if image.mode != "F" else next(top for top in (1, 255, 65535) if high <= top)
    values[values == image.info.get("transparency", -1)] = white
    scaled = Image.fromarray(np.rint(values * (65535 / white)).astype(np.uint16))
    scaled.info["icc_profile"] = image.info.get("icc_profile")
    return scaled


def _scaled(size: tuple[int, int], numerator: int, denominator: int) -> tuple[int, int]:
    width, height = (max(MIN_SIDE, round(side * numerator / denominator)) for side in size)
    _check_size((width, height), f"An image of {size[0]} × {size[1]} px scaled for this recipe")
    return width, height


@contextmanager
def beside(path: str | os.PathLike[str]) -> Iterator[tuple[Path, Path]]:
    """Give (a new file in the same folder, the file that `path` means); remove the former after."""
    problem = f"The result could not be written to {Path(path).name!r}"
    target = Path(os.path.realpath(path))
    part = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        if not target.parent.is_dir():
            raise ImageError(f"{problem}: the folder does not exist.")
        if target.is_dir():
            raise ImageError(f"{problem}: a folder has that name.")
        if target.exists() and not target.is_file():
            raise ImageError(f"{problem}: it is not a regular file.")
        part.touch(exist_ok=False)  # with the permissions that any new file gets here
        try:
            yield part, target
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ImageError(f"{problem}: {error.strerror or 'writing failed'}.") from error


def _png_info(text: Mapping[str, str]) -> PngInfo:
    info = PngInfo()
    info.add(b"sRGB", b"\0")  # with the rendering intent for photographs, perceptual
    for keyword, value in text.items():
        info.add_text(keyword, value)
    return info
