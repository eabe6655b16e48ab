"""Known answers for nst_core.images.opening: modes, files, arrays, and what is no image."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import make_endless_device, make_folder, make_pipe, without_privileges
from images.encoded import (
    BLACK,
    DIM_RED,
    EIGHT_BITS,
    GREEN,
    HALF_RED,
    RED,
    SIXTEEN_BITS,
    WHITE,
    check_greys,
    check_plain,
    encode,
    green_after,
    grey,
    needs_avif,
    noise,
    plain,
    png,
    refusal,
)
from PIL import Image

from nst_core.images.opening import open_image

# Modes


def palette(transparency: int | bytes | None = None) -> Image.Image:
    """Every pixel is the palette's entry 1, red."""
    image = plain("P", 1)
    image.putpalette([*GREEN, *RED])
    if transparency is not None:
        image.info["transparency"] = transparency
    return image


def with_key(mode: str, colour: Any, key: Any) -> Image.Image:
    """An image whose colour `key` is transparent."""
    image = plain(mode, colour)
    image.info["transparency"] = key
    return image


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (plain("RGB", DIM_RED), DIM_RED),
        (plain("RGBX", (*DIM_RED, 0)), DIM_RED),
        (plain("L", 77), (77, 77, 77)),
        (plain("1", 1), WHITE),
        (plain("1", 0), BLACK),
        (palette(), RED),
        (plain("CMYK", (0, 255, 255, 0)), RED),
        (plain("CMYK", (0, 0, 0, 155)), (100, 100, 100)),
        (plain("YCbCr", (100, 128, 128)), (100, 100, 100)),
        (plain("HSV", (0, 255, 255)), RED),
        (plain("RGBA", (255, 0, 0, 255)), RED),
        (plain("RGBA", (255, 0, 0, 128)), HALF_RED),
        (plain("RGBA", (255, 0, 0, 0)), WHITE),
        (plain("RGBa", (128, 0, 0, 128)), HALF_RED),
        (plain("LA", (0, 128)), (127, 127, 127)),
        (palette(transparency=1), WHITE),
        (palette(transparency=0), RED),
        (palette(transparency=bytes([255, 128])), HALF_RED),
        (palette(transparency=bytes([255, 128])).convert("PA"), HALF_RED),
        (with_key("RGB", RED, RED), WHITE),
        (with_key("RGB", RED, GREEN), RED),
        (with_key("L", 77, 77), WHITE),
        (with_key("1", 0, 0), WHITE),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else str(value),
)
def test_mode(source: Image.Image, expected: tuple[int, ...]) -> None:
    check_plain(open_image(source), expected)


@pytest.mark.parametrize("colour", [DIM_RED, WHITE, BLACK])
def test_mode_lab(colour: tuple[int, ...]) -> None:
    # L*a*b* in 8 bits is too coarse to come back exactly.
    check_plain(open_image(plain("RGB", colour).convert("LAB")), colour, tolerance=1)


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "i4"])
def test_deep_greyscale_is_scaled_not_clipped(dtype: str) -> None:
    source = grey(SIXTEEN_BITS, dtype)
    assert source.mode == {"<u2": "I;16", ">u2": "I;16B", "i4": "I"}[dtype]
    check_greys(open_image(source), EIGHT_BITS)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.2, 1.0], [0, 51, 255]),
        ([0.0, 51.0, 200.4], [0, 51, 200]),
        ([0.0, 25700.0, 65535.0], [0, 100, 255]),
        ([0.0, 0.0, 0.0], [0, 0, 0]),
    ],
)
def test_white_of_floats_is_1_or_255_or_65535(values: list[float], expected: list[int]) -> None:
    check_greys(open_image(grey(values, "f4")), expected)


@pytest.mark.parametrize(
    ("source", "named"),
    [
        (grey([0, np.nan], "f4"), "nan"),
        (grey([0, np.inf], "f4"), "from 0 to inf"),
        (grey([-0.5, 1], "f4"), "from -0.5 to 1"),
        (grey([0, 70000], "f4"), "from 0 to 70000"),
        (grey([-1, 9], "i4"), "from -1 to 9"),
        (grey([0, 65536], "i4"), "from 0 to 65536"),
    ],
)
def test_grey_values_out_of_range_are_refused(source: Image.Image, named: str) -> None:
    sentence = refusal(source)
    assert named in sentence
    assert "0..65535" in sentence


def test_pil_source_is_left_as_it_is() -> None:
    source = plain("RGB", RED)
    source.info["comment"] = "mine"
    open_image(source).putpixel((0, 0), GREEN)
    assert source.getpixel((0, 0)) == RED
    assert source.info == {"comment": "mine"}


# Files


def png_pixel(colour_type: int, values: bytes, *before: tuple[bytes, bytes]) -> bytes:
    """One pixel with 16 bits per channel."""
    return png(1, 1, 16, colour_type, *before, (b"IDAT", zlib.compress(b"\0" + values)))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(encode(plain("RGB", DIM_RED), "PNG"), DIM_RED, id="png"),
        pytest.param(encode(palette(), "PNG", transparency=1), WHITE, id="png-palette-key"),
        pytest.param(encode(plain("RGBA", (255, 0, 0, 128)), "PNG"), HALF_RED, id="png-alpha"),
        pytest.param(encode(plain("L", 7), "PNG", transparency=7), WHITE, id="png-grey-key"),
        pytest.param(green_after(plain("RGB", RED), "PNG"), RED, id="png-animated"),
        pytest.param(
            png_pixel(2, struct.pack(">3H", 51400, 7710, 15420)), DIM_RED, id="png-rgb-16-bit"
        ),
        pytest.param(
            png_pixel(0, struct.pack(">H", 300), (b"tRNS", struct.pack(">H", 300))),
            WHITE,
            id="png-16-bit-key",
        ),
        pytest.param(encode(plain("L", 100), "JPEG"), (100, 100, 100), id="jpeg-grey"),
        pytest.param(encode(plain("RGB", WHITE), "JPEG", progressive=True), WHITE, id="jpeg"),
        pytest.param(encode(plain("CMYK", (0, 255, 255, 0)), "JPEG"), RED, id="jpeg-adobe-cmyk"),
        pytest.param(encode(plain("RGB", DIM_RED), "WEBP", lossless=True), DIM_RED, id="webp"),
        pytest.param(
            encode(plain("RGBA", (255, 0, 0, 128)), "WEBP", lossless=True),
            HALF_RED,
            id="webp-alpha",
        ),
        pytest.param(
            green_after(plain("RGB", RED), "WEBP", lossless=True), RED, id="webp-animated"
        ),
        pytest.param(encode(palette(), "GIF"), RED, id="gif"),
        pytest.param(encode(palette(), "GIF", transparency=1), WHITE, id="gif-key"),
        pytest.param(green_after(palette(), "GIF"), RED, id="gif-animated"),
        pytest.param(encode(plain("RGB", DIM_RED), "BMP"), DIM_RED, id="bmp"),
        pytest.param(encode(palette(), "BMP"), RED, id="bmp-palette"),
        pytest.param(encode(plain("RGB", DIM_RED), "TIFF"), DIM_RED, id="tiff"),
        pytest.param(
            encode(plain("RGB", DIM_RED), "TIFF", compression="tiff_lzw"), DIM_RED, id="tiff-lzw"
        ),
        pytest.param(green_after(plain("RGB", RED), "TIFF"), RED, id="tiff-pages"),
        pytest.param(encode(plain("CMYK", (0, 255, 255, 0)), "TIFF"), RED, id="tiff-cmyk"),
        pytest.param(encode(plain("F", 0.2), "TIFF"), (51, 51, 51), id="tiff-float"),
    ],
)
def test_file(data: bytes, expected: tuple[int, ...], tmp_path: Path) -> None:
    path = tmp_path / "file.bin"  # the content tells the format, not the name
    path.write_bytes(data)
    check_plain(open_image(path), expected)
    check_plain(open_image(str(path)), expected)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_file_of_16_bits(file_format: str, tmp_path: Path) -> None:
    path = tmp_path / "deep"
    path.write_bytes(encode(grey(SIXTEEN_BITS, "<u2"), file_format))
    check_greys(open_image(path), EIGHT_BITS)


def test_file_of_a_phone_with_a_second_picture(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    path.write_bytes(green_after(plain("RGB", WHITE), "MPO"))
    with Image.open(path) as image:
        assert image.format == "MPO"
    check_plain(open_image(path), WHITE)


@needs_avif
def test_file_avif(tmp_path: Path) -> None:
    path = tmp_path / "picture.avif"
    path.write_bytes(encode(plain("RGB", DIM_RED), "AVIF", quality=100))
    check_plain(open_image(path), DIM_RED, tolerance=2)


def test_longest_decodes_a_large_jpeg_at_a_fraction(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(encode(Image.new("RGB", (1000, 600), WHITE), "JPEG"))
    assert open_image(path, longest=300).size == (500, 300)
    assert open_image(path, longest=600).size == (1000, 600)
    assert open_image(path, longest=2000).size == (1000, 600)
    assert open_image(path).size == (1000, 600)
    check_plain(open_image(path, longest=100), WHITE)
    path.write_bytes(encode(Image.new("RGB", (1000, 300), WHITE), "JPEG"))
    assert open_image(path, longest=250).size == (250, 75)


# Arrays


def test_array_rgb_is_taken_as_it_is() -> None:
    pixels = np.asarray(noise())
    opened = open_image(pixels)
    assert opened.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(opened), pixels)
    flipped = open_image(pixels[:, ::-1])
    np.testing.assert_array_equal(np.asarray(flipped), pixels[:, ::-1])


def test_array_grey_and_rgba() -> None:
    check_plain(open_image(np.full((4, 5), 9, np.uint8)), (9, 9, 9))
    check_plain(open_image(np.full((4, 5, 4), (255, 0, 0, 128), np.uint8)), HALF_RED)


def test_array_is_not_shared() -> None:
    pixels = np.zeros((4, 5, 3), np.uint8)
    opened = open_image(pixels)
    pixels[:] = 9
    check_plain(opened, BLACK)


@pytest.mark.parametrize(
    ("array", "named"),
    [
        (np.zeros((4, 5, 3), np.float32), "float32"),
        (np.zeros((4, 5, 3), np.int64), "int64"),
        (np.zeros((4, 5, 3), bool), "bool"),
        (np.array([[None]]), "object"),
        (np.zeros((), np.uint8), "()"),
        (np.zeros(7, np.uint8), "(7,)"),
        (np.zeros((4, 5, 1), np.uint8), "(4, 5, 1)"),
        (np.zeros((4, 5, 2), np.uint8), "(4, 5, 2)"),
        (np.zeros((2, 4, 5, 3), np.uint8), "(2, 4, 5, 3)"),
    ],
)
def test_array_of_another_kind_is_refused(array: np.ndarray, named: str) -> None:
    sentence = refusal(array)
    assert sentence.startswith("The content image is an array")
    assert named in sentence
    assert "uint8 with shape (height, width), (height, width, 3)" in sentence


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0), (0, 0, 4)])
def test_array_without_pixels_is_refused(shape: tuple[int, ...]) -> None:
    assert refusal(np.zeros(shape, np.uint8)).startswith("The content image has no pixels")


# Refused sources


@pytest.mark.parametrize("source", [None, 3, b"photo.png", ["photo.png"], object()])
def test_other_types_are_refused(source: Any) -> None:
    sentence = refusal(source)
    assert sentence.startswith("The content image must be a file path")
    assert type(source).__name__ in sentence


def test_pil_image_without_pixels_is_refused() -> None:
    assert refusal(Image.new("RGB", (0, 5))).startswith("The content image has no pixels")


def test_closed_pil_image_is_refused(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as left:
        pass
    with (tmp_path / "a.png").open("rb") as file:
        unread = Image.open(file)
    plain, loaded = noise(), Image.open(tmp_path / "a.png")
    loaded.load()
    for image in (plain, loaded):
        image.close()
    for image in (left, unread, plain, loaded):
        assert refusal(image).startswith("The content image is closed: ")


def test_image_that_was_loaded_before_its_file_was_closed(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        image.load()
    assert open_image(image).size == noise().size


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("https://example.com/cat.jpg", "'cat.jpg' does not exist, for nothing is fetched"),
        ("FILE:///home/cat.jpg", "nothing is fetched from an address"),
        ("data:image/png;base64," + "A" * 5000, "nothing is fetched from an address"),
        ("~/cat.jpg", "'cat.jpg' does not exist, for \"~\" is no folder here"),
        ("cat.jpg", "'cat.jpg' does not exist."),
    ],
)
def test_a_name_that_means_something_elsewhere(name: str, told: str) -> None:
    sentence = refusal(name)
    assert told in sentence
    assert len(sentence) < 400


def make_empty(path: Path) -> None:
    path.touch()


def make_text(path: Path) -> None:
    path.write_text("Dear diary, this is not a picture.\n" * 20, encoding="utf-8")


def make_postscript(path: Path) -> None:
    path.write_bytes(encode(noise(), "EPS"))


def make_loop(path: Path) -> None:
    path.symlink_to(path)


def make_nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (make_nothing, "does not exist"),
        (make_folder, "is a folder"),
        (make_empty, "is an empty file"),
        (make_text, "is not an image of a known format (JPEG, PNG, "),
        (make_postscript, "is not an image of a known format"),
        (make_loop, "has a name that can't be opened"),
        (make_pipe, "is not a regular file"),
        (make_endless_device, "is not a regular file"),
    ],
)
def test_no_image_there(make: Callable[[Path], None], named: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    make(path)
    sentence = refusal(path)
    assert sentence.startswith(f"The content image 'photo.png' {named}")
    assert sentence.endswith(".")
    assert str(tmp_path) not in sentence


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("a\0b.png", r"'a\x00b.png' has a name that can't be opened"),
        ("a" * 5000, "has a name that can't be opened"),
        ("", "is a folder"),
        ("file.txt/photo.png", "'photo.png' does not exist"),
    ],
)
def test_impossible_names(
    name: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("text", encoding="utf-8")
    assert named in refusal(name)


def test_a_long_name_does_not_come_back_in_full() -> None:
    assert len(refusal("a" * 20_000_000)) < 200


def test_file_without_permission(public_folder: Path) -> None:
    path = public_folder / "photo.png"
    noise().save(path)
    path.chmod(0)
    with without_privileges():
        sentence = refusal(path)
    assert sentence == "The content image 'photo.png' can't be read: permission is missing."
