"""Pixels in the colour space of an embedded ICC profile -> pixels in sRGB.

A profile is as untrusted as the pixels, but a picture can do without it: if it is broken, too
large, or made for another kind of pixels, the values stay as they are, and nothing is raised.
"""

import io
from functools import cache

import numpy as np
from PIL import Image, ImageCms

MAX_PROFILE_BYTES = 4 * 2**20
"""Larger profiles are not parsed. Those of printing presses mostly have 0.5 to 3 MB."""

# Relative colorimetric keeps every colour that sRGB has; perceptual tables would move those too,
# for a gamut that is not sRGB's. Black-point compensation saves the shadows of print profiles.
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
# A finer table for inks takes 0.1 s and halves the error where sRGB ends.
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.HIGHRESPRECALC
_EXACT_FLAGS = _FLAGS | ImageCms.Flags.NOOPTIMIZE

_GREYS: dict[str, np.ndarray] = {
    "L": np.arange(2**8, dtype=np.uint8),
    "I;16": np.arange(2**16, dtype=np.uint16),
}
"""Mode -> all its values."""


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Return a new image with the colours of `image` in sRGB.

    It is RGBA if `image` has transparency, which stays as it is, otherwise RGB. Without a usable
    profile, values are taken as sRGB, and CMYK as ideal inks; L*a*b* needs none.
    A profile that moves no colour by more than one level is sRGB by whatever name: it moves none.

    Args:
        image: of any mode but I, F and I;16B. White is 65535 in I;16.
        profile: ICC profile of its values, as bytes; anything else is none.
    """
    found = _conversion(profile, image.mode) if isinstance(profile, bytes) else None
    if found is None:
        return _as_it_is(image)
    if image.mode == found.input_mode and not image.has_transparency_data:
        return _converted(image, found)
    plain = _as_it_is(image)
    converted = _converted(plain.convert(found.input_mode), found)
    if plain.mode == "RGBA":
        converted.putalpha(plain.getchannel("A"))
    return converted


def _as_it_is(image: Image.Image) -> Image.Image:
    """RGB or RGBA without regard to the profile."""
    if image.mode == "I;16":  # Pillow's own conversion clips to white instead of scaling
        values = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((values + 128) // 257).astype(np.uint8)).convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _conversion(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The conversion to RGB from `mode`, or from one that it can be brought to without loss."""
    if not 0 < len(profile) <= MAX_PROFILE_BYTES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        fitting = _fitting_mode(source.profile.xcolor_space, mode)
        if fitting is None:
            return None
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        flags = _EXACT_FLAGS if fitting in _GREYS else _FLAGS
        found = ImageCms.ImageCmsTransform(source, srgb, fitting, "RGB", _INTENT, flags=flags)
        return found if fitting == "CMYK" or _changes_colours(found) else None
    except Exception:  # whatever is wrong with the profile, the pixels are there
        return None


def _fitting_mode(space: str, mode: str) -> str | None:
    """The mode with the channels of a profile's `space` for an image of `mode`, if there is one."""
    if mode in ("CMYK", "LAB"):
        return mode if mode == space == "CMYK" else None
    if space == "GRAY" and mode in ("1", "L", "LA", "I;16"):
        return "I;16" if mode == "I;16" else "L"
    # Grey pictures often carry the RGB profile of a camera or a screen, which has greys as well.
    return "RGB" if space == "RGB " else None


def _converted(image: Image.Image, conversion: ImageCms.ImageCmsTransform) -> Image.Image:
    """`image`, which has the conversion's mode, as RGB."""
    if image.mode not in _GREYS:
        return conversion.apply(image)
    # By a table: the library's own way with greys is slow, or up to 10 levels off if optimised.
    table = np.asarray(conversion.apply(_probe(image.mode)))[0]
    return Image.fromarray(table[np.asarray(image)])


def _changes_colours(conversion: ImageCms.ImageCmsTransform) -> bool:
    """Whether it does more than round. Names don't tell: sRGB goes by many."""
    probe = _probe(conversion.input_mode)
    before, after = (
        np.asarray(image, np.int16) for image in (_as_it_is(probe), conversion.apply(probe))
    )
    return bool(np.abs(after - before).max() > 1)


@cache
def _probe(mode: str) -> Image.Image:
    """One row with every value of a grey `mode`, or with the greys and 9 × 9 × 9 colours of RGB."""
    if mode in _GREYS:
        return Image.fromarray(_GREYS[mode][None])
    greys = np.repeat(_GREYS["L"][:, None], 3, axis=1)
    levels = np.array([0, 4, 16, 32, 64, 112, 160, 208, 255], np.uint8)  # closer in the dark
    colours = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(-1, 3)
    return Image.fromarray(np.concatenate([greys, colours])[None])
