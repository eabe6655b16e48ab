"""Masks: grey images that say where in a picture something applies. White is where it does."""

import base64
import io
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from nst_core.checks import shown
from nst_core.errors import ImageError
from nst_core.images.opening import NOTE, ImageSource, noted, open_image
from nst_core.images.sizes import Size, fit

EDGE = 0.01
"""How far a mask's edge is softened to each side, over the picture's longest side."""
NEARLY_BLACK = 16
"""Highest value of a mask, of 255, that has next to no style anywhere."""
TEXT_CHARACTERS = 40_000
"""Most of a mask as text."""
TEXT_SIDE = 2048
"""Longest side in px of a mask as text: less than its soft edge is lost."""


def open_mask(source: ImageSource) -> Image.Image:
    """A mask as an image of mode L; raises `ImageError` as `open_image` does.

    Colours count by their luminance, and what is transparent is black: people paint in white on
    nothing. Where all values are 0 or 1, as programs write labels, 1 is white. What a person should
    know of it is noted in its `info`, under `NOTE`.

    Args:
        source: as for `open_image`; or an array of truth values, or of numbers from 0 to 1.
    """
    mask = open_image(_whitened(source), "mask", ground="black").convert("L")
    values = np.asarray(mask)
    note = _note_of(int(values.min()), int(values.max()))
    if values.max() == 1:
        mask = mask.point(lambda value: value * 255)
    if note and NOTE not in mask.info:
        named = f" {shown(Path(source).name)}" if isinstance(source, str | os.PathLike) else ""
        noted(mask, f"The mask{named} {note}")
    return mask


def _whitened(source: ImageSource) -> ImageSource:
    """An array of values from 0 to 1, of whatever type, with 255 in the place of 1."""
    if not isinstance(source, np.ndarray) or source.dtype.kind not in "biuf" or not source.size:
        return source
    if not (source.min() >= 0 and source.max() <= 1):  # in this form it is true for NaN as well
        return source
    return np.rint(source * np.float64(255)).astype(np.uint8)


def _note_of(low: int, high: int) -> str:
    """The rest of a sentence about a mask whose values go from `low` to `high`; else empty."""
    if low == 255:
        return "is wholly white: the style is everywhere."
    if high == 0:
        return "is wholly black: the style is nowhere."
    if high == 1:
        return "has no values but 0 and 1: 1 is taken for white."
    if high <= NEARLY_BLACK:
        return f"is nearly black, for white is 255 and its highest value {high}."
    return ""


def open_painted(source: ImageSource) -> Image.Image | None:
    """What was painted on a transparent layer, as a mask; None where nothing was.

    Args:
        source: the layer; whatever the brush's colour is, paint that is at least half as dark as
            the darkest counts wholly, as strokes of a tint of half do, once over or many times.

    Raises:
        ImageError: as `open_image` does.
    """
    mask = ImageOps.invert(open_image(source, "mask").convert("L"))
    most = int(np.asarray(mask).max())
    return mask.point(lambda value: min(510 * value // most, 255)) if most else None


class SoftMask:
    """A mask at the size of a picture, with a soft edge.

    Args:
        mask: of mode L and any size; stretched to the picture.
    """

    def __init__(self, mask: Image.Image) -> None:
        self._mask = mask
        self._held: np.ndarray = np.empty((0, 0))

    def at(self, size: Size) -> np.ndarray:
        """float32 H×W in 0..1 for a picture of this size, (width, height) in px; held."""
        if self._held.shape[::-1] != size:
            grey = self._mask.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
            half = ImageFilter.BoxBlur(EDGE * max(size) / 2)  # two make a slope that ends
            self._held = np.asarray(grey.filter(half).filter(half), np.float32) / np.float32(255)
        return self._held

    def within(self, picture: np.ndarray, photograph: np.ndarray) -> np.ndarray:
        """`picture` where the mask is white, `photograph` where it is black; float H×W×3 each."""
        mask = self.at((picture.shape[1], picture.shape[0]))[:, :, None]
        return np.where(mask > 0, photograph + mask * (picture - photograph), photograph)


def mask_to_text(mask: Image.Image) -> str:
    """A mask of mode L as a PNG file in base64; smaller than it was if it would be too long."""
    side = min(max(mask.size), TEXT_SIDE)
    while len(text := _text_at(mask, side)) > TEXT_CHARACTERS:
        side //= 2
    return text


def _text_at(mask: Image.Image, side: int) -> str:
    size = fit(mask.size, side) if side < max(mask.size) else mask.size
    file = io.BytesIO()
    mask.resize(size, Image.Resampling.BILINEAR).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def mask_from_text(text: str) -> Image.Image:
    """The inverse of `mask_to_text`, for text from anywhere; raises `ImageError`."""
    try:
        if len(text) > TEXT_CHARACTERS:
            raise ValueError(f"more than {TEXT_CHARACTERS} characters")
        file = io.BytesIO(base64.b64decode(text, validate=True))
        image = Image.open(file, formats=["PNG"])
        if max(image.size) > TEXT_SIDE:
            raise ValueError(f"more than {TEXT_SIDE} px")
    except Exception as error:  # Pillow raises nearly everything when a file is damaged
        raise ImageError("The text of the mask is no PNG file in base64, or too large.") from error
    return open_image(image, "mask").convert("L")
