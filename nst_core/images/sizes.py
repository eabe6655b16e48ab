"""How large an image is, may be and becomes; images as arrays of pixels."""

import math

import numpy as np
from PIL import Image

from nst_core.errors import ImageError

Size = tuple[int, int]
"""(width, height) in px."""
MAX_MEGAPIXELS = 64
"""Images with more millions of pixels than this are refused before they are decoded; it counts
what is decoded, which of a JPEG file can be a fraction."""
MAX_SIDE = 32_768
"""Longest side in px. Decoders work by the row, and what they and Pillow keep for each row makes a
strip of few columns cost seconds and gigabytes within the limit on the area."""
WIDEST = 4.0
"""Times the shorter side: no strip gets longer for its area than one of these proportions."""
MIN_SIDE = 16
"""Shortest side in px: the least of which VGG's four 2×2 poolings leave a map."""


def fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Scale `size` up or down to a given longest side.

    Args:
        size: (width, height) in px.
        longest: longest side of the result in px.

    Returns:
        (width, height) in px of the same aspect, to the nearest pixel, but no side under
        `MIN_SIDE`: a strip one pixel high comes out 16 px high.

    Raises:
        ImageError: the result would exceed `MAX_MEGAPIXELS` or `MAX_SIDE`.
    """
    return _scaled(size, longest, max(size))


def fit_height(size: tuple[int, int], height: int) -> tuple[int, int]:
    """Scale `size`, (width, height) in px, up or down to a given height; otherwise like `fit`."""
    return _scaled(size, height, size[1])


def scaled(size: tuple[int, int], times: float) -> tuple[int, int]:
    """`size`, (width, height) in px, `times` as large along each side; otherwise like `fit`."""
    return fit(size, max(1, round(max(size) * times))) if times != 1 else size


def longest_for_area(size: Size, area: float) -> int:
    """The longest side at which an image has so many pixels.

    Args:
        size: (width, height) in px; its proportions alone count.
        area: px², above 0.

    Returns:
        px, to the nearest multiple of 4. A strip that is longer than `WIDEST` gets the longest side
        of one that isn't, and so fewer pixels.
    """
    return 4 * round(math.sqrt(area * min(max(size) / min(size), WIDEST)) / 4)


RESAMPLINGS = ("auto", "bicubic")


def even(size: tuple[int, int]) -> Size:
    """The size with a pixel more where a side is odd, as H.264 needs it."""
    width, height = size
    return width + width % 2, height + height % 2


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
    # The gap first averages whole blocks of pixels, which is faster for large pictures and bounds
    # the filter's table: else 48 bytes for each px of the longer side, however long that is.
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


def within_limits(size: tuple[int, int]) -> bool:
    """Whether `check_size` lets `size`, (width, height) in px, through."""
    return 0 < size[0] * size[1] <= MAX_MEGAPIXELS * 1_000_000 and max(size) <= MAX_SIDE


def check_size(size: tuple[int, int], subject: str) -> None:
    """Raise `ImageError` unless `size`, (width, height) in px, is within the limits.

    `subject` begins the sentence, such as "The content image 'a.png'".
    """
    width, height = size
    if width * height == 0:
        raise ImageError(f"{subject} has no pixels: its size is {width} × {height}.")
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise ImageError(
            f"{subject} has {width} × {height} px, {width * height / 1e6:.1f} megapixels; "
            f"at most {MAX_MEGAPIXELS} megapixels are allowed."
        )
    if max(size) > MAX_SIDE:
        raise ImageError(
            f"{subject} has {width} × {height} px; each side may have at most {MAX_SIDE} px."
        )


def _scaled(size: tuple[int, int], numerator: int, denominator: int) -> tuple[int, int]:
    width, height = (max(MIN_SIDE, round(side * numerator / denominator)) for side in size)
    check_size((width, height), f"An image of {size[0]} × {size[1]} px scaled for this recipe")
    return width, height


def resize_pixels(pixels: np.ndarray, size: Size) -> np.ndarray:
    """`resize` for a float32 array H×W×3, without rounding or clipping its values."""
    channels = [
        resize(Image.fromarray(np.ascontiguousarray(c)), size) for c in np.moveaxis(pixels, 2, 0)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=2)
