"""Known colours under known profiles, by way of open_image; and profiles made to harm it."""

import io
import random
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from images import profiles
from images.profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    GREY_22,
    GREY_LINEAR,
    PRESS,
    PRESS_CORNERS,
    PROPHOTO,
    SRGB,
    Curve,
)
from PIL import Image, ImageCms, PngImagePlugin, features

from nst_core.images.colour import MAX_PROFILE_BYTES
from nst_core.images.opening import open_image
from nst_core.images.saving import save_png

BRICK = (200, 60, 40)
P3_BRICK = (217, 42, 23)
"""`BRICK` of Display P3 in sRGB, as colour calculators give it."""

P3 = (profiles.P3_PRIMARIES, profiles.D65, profiles.srgb_curve)

TOLERANCE = 2.0
"""Levels of 255."""


def with_profile(image: Image.Image, profile: Any) -> Image.Image:
    image.info["icc_profile"] = profile
    return image


def plain(mode: str, colour: Any, profile: Any = None) -> Image.Image:
    return with_profile(Image.new(mode, (8, 8), colour), profile)


def noise(channels: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (40, 48, channels), np.uint8)


def pixels(image: Image.Image) -> np.ndarray:
    assert image.mode == "RGB"
    assert image.info == {}
    return np.asarray(image).astype(float)


def check(image: Image.Image, expected: Any, tolerance: float = TOLERANCE) -> None:
    assert np.abs(pixels(image) - np.asarray(expected)).max() <= tolerance


def save(image: Image.Image, path: Path, file_format: str, profile: bytes, **options: Any) -> Path:
    image.save(path, file_format, icc_profile=profile, **options)
    return path


# Known colours


@pytest.mark.parametrize(
    ("profile", "primaries", "white", "curve"),
    [
        pytest.param(DISPLAY_P3, *P3, id="display-p3"),
        pytest.param(
            ADOBE_RGB,
            profiles.ADOBE_PRIMARIES,
            profiles.D65,
            profiles.power(563 / 256),
            id="adobe-rgb",
        ),
        pytest.param(
            PROPHOTO,
            profiles.PROPHOTO_PRIMARIES,
            profiles.D50,
            profiles.prophoto_curve,
            id="prophoto",
        ),
    ],
)
def test_rgb(
    profile: bytes,
    primaries: Sequence[tuple[float, float]],
    white: tuple[float, float],
    curve: Curve,
) -> None:
    values = noise(3)
    values[0, :8] = [BRICK, (255,) * 3, (0,) * 3, (128,) * 3, (90, 120, 70), *np.eye(3) * 255]
    expected = profiles.rgb_in_srgb(values, primaries, white, curve)
    assert np.abs(expected - values).max() > 50
    check(open_image(with_profile(Image.fromarray(values), profile)), expected)


def test_display_p3_as_colour_calculators_give_it() -> None:
    check(open_image(plain("RGB", BRICK, DISPLAY_P3)), P3_BRICK, tolerance=1)


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(SRGB, id="by-colorants"),
        pytest.param(
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), id="built-in"
        ),
        pytest.param(profiles.grey_profile(profiles.SRGB_CURVE), id="of-greys-for-rgb"),
    ],
)
def test_srgb_stays_to_the_exact_pixel(profile: bytes) -> None:
    values = noise(3)
    opened = open_image(with_profile(Image.fromarray(values), profile))
    np.testing.assert_array_equal(np.asarray(opened), values)


def test_greys_with_the_curve_of_srgb_stay_to_the_exact_pixel() -> None:
    values = noise(1)[..., 0]
    for profile in (SRGB, DISPLAY_P3, profiles.grey_profile(profiles.SRGB_CURVE)):
        opened = open_image(with_profile(Image.fromarray(values), profile))
        np.testing.assert_array_equal(np.asarray(opened)[..., 1], values)


def test_greys() -> None:
    values = np.arange(256, dtype=np.uint8)[None]
    for profile, gamma in ((GREY_22, 2.2), (GREY_LINEAR, 1.0), (PROPHOTO, 1.8)):
        expected = profiles.grey_in_srgb(values / 255, profiles.power(gamma))[..., None]
        # Below 16/512 the curve of ProPhoto RGB is a line.
        start = 8 if profile == PROPHOTO else 0
        opened = open_image(with_profile(Image.fromarray(values[:, start:]), profile))
        check(opened, np.repeat(expected[:, start:], 3, axis=-1))


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_greys_of_16_bits(file_format: str, tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 1000).round().astype(np.uint16)[None]
    path = save(Image.fromarray(values), tmp_path / "deep", file_format, GREY_LINEAR)
    expected = profiles.grey_in_srgb(values / 65535, profiles.power(1.0))
    # 8 bits of linear light would not do: the darkest of their steps is one of 13 levels.
    check(open_image(path), np.repeat(expected[..., None], 3, axis=-1), tolerance=0.6)


def test_greys_of_floats_and_of_16_bits_with_a_profile_for_colours() -> None:
    quarter = profiles.grey_in_srgb(np.array(0.25), profiles.power(1.8))
    assert quarter > 64 + 5
    check(open_image(plain("F", 0.25, PROPHOTO)), quarter)
    check(open_image(plain("I;16", 16384, PROPHOTO)), quarter)
    check(
        open_image(plain("I", 16384, GREY_LINEAR)),
        profiles.grey_in_srgb(np.array(0.25), np.asarray),
    )


def test_black_and_white_stay() -> None:
    for colour in (0, 1):
        for profile in (GREY_22, GREY_LINEAR, PROPHOTO):
            check(open_image(plain("1", colour, profile)), 255 * colour, tolerance=0)


@pytest.mark.parametrize("mode", ["YCbCr", "HSV", "RGBX"])
def test_other_ways_to_store_rgb(mode: str) -> None:
    image = Image.new("RGB", (8, 8), BRICK).convert(mode)
    expected = profiles.rgb_in_srgb(np.asarray(image.convert("RGB")), *P3)
    check(open_image(with_profile(image, DISPLAY_P3)), expected)


# Transparency


def on_white(colour: Any, alpha: int) -> np.ndarray:
    return np.asarray(colour) * alpha / 255 + 255 - alpha


def palette(transparency: int | bytes | None = None) -> Image.Image:
    """Every pixel is the palette's entry 1, `BRICK`."""
    image = plain("P", 1, DISPLAY_P3)
    image.putpalette([0, 0, 0, *BRICK])
    if transparency is not None:
        image.info["transparency"] = transparency
    return image


def key(image: Image.Image, colour: Any) -> Image.Image:
    image.info["transparency"] = colour
    return image


GREY_100 = float(profiles.grey_in_srgb(np.array(100 / 255), profiles.power(1.0)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (plain("RGBA", (*BRICK, 255), DISPLAY_P3), P3_BRICK),
        (plain("RGBA", (*BRICK, 128), DISPLAY_P3), on_white(P3_BRICK, 128)),
        (plain("RGBA", (*BRICK, 0), DISPLAY_P3), (255, 255, 255)),
        (plain("RGBa", (100, 30, 20, 128), DISPLAY_P3), on_white(P3_BRICK, 128)),
        (plain("LA", (100, 128), GREY_LINEAR), on_white(GREY_100, 128)),
        (plain("LA", (100, 255), GREY_LINEAR), GREY_100),
        (palette(), P3_BRICK),
        (palette(transparency=0), P3_BRICK),
        (palette(transparency=1), (255, 255, 255)),
        (palette(transparency=b"\xff\x80"), on_white(P3_BRICK, 128)),
        (palette(transparency=b"\xff\x80").convert("PA"), on_white(P3_BRICK, 128)),
        (key(plain("RGB", BRICK, DISPLAY_P3), BRICK), (255, 255, 255)),
        (key(plain("RGB", BRICK, DISPLAY_P3), P3_BRICK), P3_BRICK),
        (key(plain("L", 100, GREY_LINEAR), 100), (255, 255, 255)),
        (key(plain("L", 100, GREY_LINEAR), 99), GREY_100),
        (key(plain("I;16", 257 * 100, GREY_LINEAR), 257 * 100), (255, 255, 255)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_transparency(source: Image.Image, expected: Any) -> None:
    check(open_image(source), expected)


# Inks


def test_inks() -> None:
    steps = np.indices((2, 2, 2, 2)).reshape(4, 16).T
    image = Image.fromarray((255 * steps).astype(np.uint8)[None], "CMYK")
    expected = profiles.lab_in_srgb(PRESS_CORNERS.reshape(1, 16, 3))
    check(open_image(with_profile(image, PRESS)), expected)


@pytest.mark.parametrize("ink", range(4))
def test_one_ink_getting_fainter(ink: int) -> None:
    amount = np.arange(0, 151, 3)  # full inks lie outside sRGB, where tables have a kink
    values = np.zeros((1, len(amount), 4), np.uint8)
    values[..., ink] = amount
    full = PRESS_CORNERS[tuple(np.eye(4, dtype=int)[ink])]
    lab = np.array([100, 0, 0]) + (full - [100, 0, 0]) * amount[:, None] / 255
    opened = open_image(with_profile(Image.fromarray(values, "CMYK"), PRESS))
    check(opened, profiles.lab_in_srgb(lab)[None])


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
def test_inks_in_files_go_the_right_way(file_format: str, tmp_path: Path) -> None:
    image = Image.new("CMYK", (32, 8), (0, 0, 0, 0))
    image.paste((0, 255, 255, 0), (16, 0, 32, 8))
    path = save(image, tmp_path / "inks", file_format, PRESS)
    opened = open_image(path)
    paper, red = profiles.lab_in_srgb(PRESS_CORNERS[((0, 0), (0, 1), (0, 1), (0, 0))])
    check(opened.crop((0, 0, 8, 8)), paper, tolerance=3)
    check(opened.crop((24, 0, 32, 8)), red, tolerance=3)


def test_the_black_of_a_press_becomes_black() -> None:
    # As a scanner's profile, since that needs no table for the way back to find the black.
    profile = profiles.cmyk_profile(PRESS_CORNERS, kind=b"scnr")
    black = float(((4 + 16) / 116 - 16 / 116) * 3 * (6 / 29) ** 2)  # luminance of L* = 4
    for amount, lab in ((255, (4, 0, 0)), (0, (100, 0, 0))):
        opened = open_image(plain("CMYK", (amount,) * 4, profile))
        check(opened, profiles.lab_in_srgb(np.array(lab), black), tolerance=1)
    opened = open_image(plain("CMYK", (0, 0, 0, 255), profile))
    check(opened, profiles.lab_in_srgb(np.array((16, 0, 0)), black), tolerance=1)


def test_lab_needs_no_profile() -> None:
    lab = Image.new("RGB", (8, 8), BRICK).convert("LAB")
    for profile in (None, DISPLAY_P3, PRESS, GREY_LINEAR):
        check(open_image(with_profile(lab.copy(), profile)), BRICK, tolerance=1)


# Files


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
        ("JPEG", {"quality": 100, "subsampling": 0}),
        ("MPO", {"quality": 100, "subsampling": 0}),
        pytest.param(
            "AVIF",
            {"quality": 100, "subsampling": "4:4:4"},
            marks=pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF"),
        ),
    ],
)
def test_formats(file_format: str, options: dict[str, Any], tmp_path: Path) -> None:
    path = save(
        Image.new("RGB", (16, 16), BRICK), tmp_path / "x", file_format, DISPLAY_P3, **options
    )
    check(open_image(path), P3_BRICK)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_formats_with_transparency(file_format: str, tmp_path: Path) -> None:
    image = Image.new("RGBA", (16, 16), (*BRICK, 128))
    path = save(image, tmp_path / "x", file_format, DISPLAY_P3, lossless=True)
    check(open_image(path), on_white(P3_BRICK, 128))


def test_palette_in_a_file(tmp_path: Path) -> None:
    image = palette()
    path = save(image, tmp_path / "x.png", "PNG", DISPLAY_P3, transparency=0)
    check(open_image(path), P3_BRICK)


def test_a_photograph_lying_on_its_side(tmp_path: Path) -> None:
    image = Image.new("RGB", (32, 16), BRICK)
    image.paste((255, 255, 255), (16, 0, 32, 16))
    tags = Image.Exif()
    tags[0x0112] = 6
    options = {"quality": 100, "subsampling": 0, "exif": tags}
    opened = open_image(save(image, tmp_path / "x.jpg", "JPEG", DISPLAY_P3, **options))
    assert opened.size == (16, 32)
    check(opened.crop((0, 0, 16, 16)), P3_BRICK)
    check(opened.crop((0, 16, 16, 32)), (255, 255, 255))


def test_a_large_photograph_decoded_at_a_fraction(tmp_path: Path) -> None:
    image = Image.new("RGB", (1000, 600), BRICK)
    path = save(image, tmp_path / "x.jpg", "JPEG", DISPLAY_P3, quality=100, subsampling=0)
    small = open_image(path, longest=250)
    assert small.size == (250, 150)
    check(small, P3_BRICK)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_pil_source_is_left_as_it_is(mode: str) -> None:
    source = with_profile(Image.fromarray(noise(4)).convert(mode), PROPHOTO)
    before, info = source.copy(), dict(source.info)
    opened = open_image(source)
    assert np.abs(pixels(opened) - np.asarray(source.convert("RGB"))).max() > 5
    assert source == before
    assert source.info == info


def test_what_is_saved_is_marked_as_srgb_and_stays(tmp_path: Path) -> None:
    opened = open_image(with_profile(Image.fromarray(noise(3)), ADOBE_RGB))
    save_png(opened, tmp_path / "out.png", {"recipe": "studio"})
    with Image.open(tmp_path / "out.png") as saved:
        assert saved.info == {"srgb": 0, "recipe": "studio"}
    np.testing.assert_array_equal(np.asarray(open_image(tmp_path / "out.png")), np.asarray(opened))


# Profiles that can't be used

LARGE = DISPLAY_P3 + bytes(10_000_000)
LINK = profiles.make_profile(b"link", b"RGB ", b"RGB ", {})
USELESS = [
    pytest.param(b"", id="empty"),
    pytest.param(b"x", id="one-byte"),
    pytest.param(b"rubbish" * 100, id="garbage"),
    pytest.param(DISPLAY_P3[:100], id="header-cut"),
    pytest.param(DISPLAY_P3[:128], id="header-alone"),
    pytest.param(DISPLAY_P3[:-100], id="cut"),
    pytest.param(profiles.make_profile(b"mntr", b"RGB ", b"XYZ ", {}), id="without-colorants"),
    pytest.param(LINK, id="device-link"),
    pytest.param(PRESS, id="of-inks"),
    pytest.param(GREY_LINEAR, id="of-greys"),
    pytest.param(LARGE, id="10-mb"),
]


@pytest.mark.parametrize("profile", USELESS)
@pytest.mark.parametrize("file_format", ["JPEG", "TIFF", "WEBP", "PIL"])
def test_useless_profile_leaves_the_values(
    profile: bytes, file_format: str, tmp_path: Path
) -> None:
    image = Image.fromarray(noise(3))
    if file_format == "PIL":
        check(open_image(with_profile(image, profile)), noise(3), tolerance=0)
        return
    path = save(image, tmp_path / "x", file_format, profile)
    with Image.open(path) as raw:
        assert raw.info.get("icc_profile", b"") == profile
        expected = np.asarray(raw.convert("RGB"))
    check(open_image(path), expected, tolerance=0)


@pytest.mark.parametrize(
    ("source", "colour"),
    [
        (plain("CMYK", (0, 255, 255, 0), DISPLAY_P3), (255, 0, 0)),
        (plain("CMYK", (0, 255, 255, 0), GREY_LINEAR), (255, 0, 0)),
        (plain("L", 100, PRESS), (100, 100, 100)),
        (with_profile(palette(), GREY_LINEAR), BRICK),
        (plain("RGBA", (*BRICK, 128), PRESS), (227, 157, 147)),
        (plain("RGB", BRICK, "text"), BRICK),
        (plain("RGB", BRICK, bytearray(DISPLAY_P3)), BRICK),
        (plain("RGB", BRICK, 7), BRICK),
    ],
)
def test_profile_for_other_pixels_leaves_the_values(source: Image.Image, colour: Any) -> None:
    check(open_image(source), colour, tolerance=0)


def test_largest_profile_that_is_read() -> None:
    limit = DISPLAY_P3.ljust(MAX_PROFILE_BYTES, b"\0")
    check(open_image(plain("RGB", BRICK, limit)), P3_BRICK)
    check(open_image(plain("RGB", BRICK, limit + b"\0")), BRICK, tolerance=0)


def png_with(kind: bytes, content: bytes, path: Path) -> Path:
    """A PNG file of `BRICK` with one more chunk."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), BRICK).save(file, "PNG")
    data, after_header = file.getvalue(), 8 + 25
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    chunk = struct.pack(">I", len(content)) + kind + content + checksum
    path.write_bytes(data[:after_header] + chunk + data[after_header:])
    return path


def test_profile_in_a_png(tmp_path: Path) -> None:
    path, packed = tmp_path / "x.png", zlib.compress(DISPLAY_P3)
    check(open_image(png_with(b"iCCP", b"P3\0\0" + packed, path)), P3_BRICK)
    for useless in (b"not packed", packed[:-40], zlib.compress(b""), zlib.compress(PRESS)):
        check(open_image(png_with(b"iCCP", b"P3\0\0" + useless, path)), BRICK, tolerance=0)


def test_profile_that_unpacks_to_10_mb_is_left_out(tmp_path: Path) -> None:
    path = png_with(b"iCCP", b"P3\0\0" + zlib.compress(LARGE), tmp_path / "x.png")
    assert path.stat().st_size < 20_000
    check(open_image(path), BRICK, tolerance=0)


def test_text_that_poses_as_a_profile(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("icc_profile", "rubbish")
    Image.new("RGB", (8, 8), BRICK).save(tmp_path / "x.png", pnginfo=info)
    with Image.open(tmp_path / "x.png") as image:
        assert image.info["icc_profile"] == "rubbish"
    check(open_image(tmp_path / "x.png"), BRICK, tolerance=0)


@pytest.mark.parametrize(
    ("profile", "mode"),
    [(DISPLAY_P3, "RGB"), (ADOBE_RGB, "RGBA"), (GREY_22, "L"), (GREY_22, "I;16"), (PRESS, "CMYK")],
)
def test_flipped_bits(profile: bytes, mode: str) -> None:
    """Whatever the damage to the profile, there is an image."""
    rng = random.Random(mode)
    for _ in range(12):
        damaged = bytearray(profile)
        for _ in range(rng.choice([1, 2, 8])):
            damaged[rng.randrange(min(len(profile), 400))] ^= 1 << rng.randrange(8)
        opened = open_image(plain(mode, 90, bytes(damaged)))
        assert (opened.mode, opened.size) == ("RGB", (8, 8))
