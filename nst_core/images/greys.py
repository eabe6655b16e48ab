"""Greys of more than 8 bits: which value is white."""

import numpy as np
from PIL import Image

from nst_core.errors import ImageError


def grey_16_bits(image: Image.Image, subject: str, bits: int | None) -> Image.Image:
    """Scale greyscale of 16 or 32 bits to I;16 with white at 65535, for `to_srgb`.

    See `_white`. Values that are negative, not finite or above 65535 are refused.
    """
    values = np.array(image, dtype=np.float32)
    low, high = values.min(), values.max()
    if not (low >= 0 and high <= 65535):  # in this form it is true for NaN as well
        raise ImageError(
            f"{subject} has grey values from {low:g} to {high:g}; they must lie in 0..65535."
        )
    clear = values == image.info.get("transparency", -1)
    white = _white(image.mode, float(values[~clear].max(initial=0)), bits)
    values[clear] = white
    return Image.fromarray(np.rint(values * (65535 / white)).astype(np.uint16))


def _white(mode: str, high: float, bits: int | None) -> int:
    """The grey value of white where `high` is the largest.

    For floats it is the first of 1, 255 and 65535 that is not exceeded, for integers of 32 bits
    of the latter two, and for integers that are all 0 or 1 it is 1. For others it is 65535,
    but for 16 bits of which fewer count, as in files of scanners, microscopes and cameras: all of
    the `bits` that the file tells, unless the picture exceeds them. If it tells none, 4095 where
    that is not exceeded: twelve bits are usual, and a photograph that uses 16 and stays below a
    sixteenth of them is not. A quarter, 14 bits, can be a dark picture.
    """
    if mode == "F" or high == 1:
        return next(top for top in (1, 255, 65535) if high <= top)
    if mode == "I":
        return 255 if high <= 255 else 65535
    if mode.startswith("I;16") and high < 2 ** (bits or 12):
        return 2 ** (bits or 12) - 1
    return 65535
