"""Known answers for nst_core.images.opening, and files made to harm it."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import exif, make_endless_device, make_folder, make_pipe, without_privileges
from PIL import Image, features

from nst_core.errors import ImageError
from nst_core.images import sizes as images
from nst_core.images.opening import image_size, open_image
from nst_core.images.sizes import Size, to_array

RED, GREEN, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (255, 255, 255), (0, 0, 0)
DIM_RED = (200, 30, 60)
HALF_RED = (255, 127, 127)  # red with alpha 128 on white: 255 × (1 − 128 / 255)

needs_avif = pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")


def encode(image: Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def plain(mode: str, colour: Any) -> Image.Image:
    return Image.new(mode, (8, 8), colour)


def grey(values: list[Any], dtype: str) -> Image.Image:
    return Image.fromarray(np.array([values], dtype))


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 48, 3), np.uint8))


def refusal(source: Any, role: str = "content image") -> str:
    """The sentence that `open_image` refuses `source` with."""
    with pytest.raises(ImageError) as caught:
        open_image(source, role)
    return str(caught.value)


def check_plain(image: Image.Image, colour: tuple[int, ...], tolerance: int = 0) -> None:
    assert image.mode == "RGB"
    assert image.info == {}
    assert np.abs(to_array(image) - colour).max() <= tolerance


def check_greys(image: Image.Image, expected: list[int]) -> None:
    assert image.mode == "RGB"
    assert to_array(image)[0].tolist() == [[value] * 3 for value in expected]


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


SIXTEEN_BITS = [0, 128, 129, 256, 257, 32768, 65406, 65407, 65535]
EIGHT_BITS = [0, 0, 1, 1, 1, 128, 254, 255, 255]  # divided by 257, to the nearest


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


def png(
    width: int, height: int, depth: int, colour_type: int, *chunks: tuple[bytes, bytes]
) -> bytes:
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (header, *chunks, (b"IEND", b""))
    )


def png_pixel(colour_type: int, values: bytes, *before: tuple[bytes, bytes]) -> bytes:
    """One pixel with 16 bits per channel."""
    return png(1, 1, 16, colour_type, *before, (b"IDAT", zlib.compress(b"\0" + values)))


def green_after(first: Image.Image, file_format: str, **options: Any) -> bytes:
    """An animation or a document: `first`, then a green frame or page."""
    green = plain("RGB", GREEN)
    return encode(first, file_format, save_all=True, append_images=[green], **options)


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


# Orientation

STORED = ["abc", "def"]
UPRIGHT = {
    1: ["abc", "def"],
    2: ["cba", "fed"],
    3: ["fed", "cba"],
    4: ["def", "abc"],
    5: ["ad", "be", "cf"],
    6: ["da", "eb", "fc"],
    7: ["fc", "eb", "da"],
    8: ["cf", "be", "ad"],
}


def letters(rows: list[str]) -> Image.Image:
    """A grey pixel for each letter."""
    return Image.fromarray(np.array([[ord(letter) for letter in row] for row in rows], np.uint8))


def read_letters(image: Image.Image) -> list[str]:
    return ["".join(chr(value) for value in row) for row in np.asarray(image)[..., 0]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation: int, tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    letters(STORED).save(path, exif=exif(orientation))
    upright = open_image(path)
    assert read_letters(upright) == UPRIGHT[orientation]
    assert upright.getexif() == {}
    with Image.open(path) as image:
        assert read_letters(open_image(image)) == UPRIGHT[orientation]


@pytest.mark.parametrize(
    ("file_format", "options"), [("TIFF", {}), ("WEBP", {"lossless": True}), ("PNG", {})]
)
def test_orientation_is_applied_once(
    file_format: str, options: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "turned"
    path.write_bytes(encode(letters(STORED), file_format, exif=exif(6), **options))
    assert read_letters(open_image(path)) == UPRIGHT[6]


@pytest.mark.parametrize("file_format", ["JPEG", "MPO"])
def test_orientation_of_jpeg(file_format: str, tmp_path: Path) -> None:
    image = plain("L", 0).resize((16, 8))
    image.paste(255, (8, 0, 16, 8))
    path = tmp_path / "turned.jpg"
    path.write_bytes(encode(image, file_format, exif=exif(6).tobytes()))
    upright = open_image(path)
    assert upright.size == (8, 16)
    assert (upright.getpixel((0, 0)), upright.getpixel((7, 15))) == (BLACK, WHITE)
    assert upright.getpixel((7, 0)) == BLACK


def test_orientation_of_deep_greyscale(tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    grey([0, 257 * 99], "<u2").save(path, exif=exif(3))
    check_greys(open_image(path), [99, 0])


@pytest.mark.parametrize(
    "tags", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0rubbish", exif(9).tobytes()]
)
def test_nonsense_in_exif_leaves_the_image_as_it_is(tags: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    letters(STORED).save(path, exif=tags)
    assert read_letters(open_image(path)) == STORED


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
    with Image.open(tmp_path / "a.png") as image:
        pass
    assert refusal(image).startswith("The content image can't be read")


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


# Too large. These files are a header only: decoding them would fail with another sentence.


def png_header(width: int, height: int) -> bytes:
    return png(width, height, 8, 2, (b"IDAT", b""))


def jpeg_header(width: int, height: int) -> bytes:
    frame = struct.pack(">HHBHHB", 0xFFC0, 11, 8, height, width, 1) + b"\1\x11\0"
    scan = struct.pack(">HHB", 0xFFDA, 8, 1) + b"\1\0\0\x3f\0"
    return b"\xff\xd8" + frame + scan


def gif_header(width: int, height: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return screen + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2"


def bmp_header(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 54) + info


def tiff_header(width: int, height: int) -> bytes:
    # width, height, bits, no compression, grey, offset of the one strip, its rows and bytes
    values = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 278: height}
    values[279] = width * height
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items())
    return b"II*\0" + struct.pack("<IH", 8, len(values)) + entries + bytes(4)


HEADERS = [png_header, jpeg_header, gif_header, bmp_header, tiff_header]


@pytest.mark.parametrize("header", [make for make in HEADERS if make is not jpeg_header])
def test_too_many_pixels(
    header: Callable[[int, int], bytes], tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    path = tmp_path / "huge.img"
    path.write_bytes(header(10_000, 10_000))
    assert refusal(path) == (
        "The content image 'huge.img' has 10000 × 10000 px, 100.0 megapixels; "
        "at most 64 megapixels are allowed."
    )
    path.write_bytes(header(30_000, 30_000))  # over the limit of Pillow itself
    assert refusal(path).endswith("far too many pixels; at most 64 megapixels are allowed.")
    path.write_bytes(header(8_000, 8_000))  # at the limit: decoded, which can't work
    assert "damaged" in refusal(path)
    assert not recwarn.list


@pytest.mark.parametrize(
    ("stored", "decoded"),
    [
        ((8_000, 8_000), (8_000, 8_000)),
        ((12_000, 9_001), (6_000, 4_501)),  # the 108 megapixels of a phone
        ((65_500, 10), (32_750, 5)),
        ((1, 65_500), None),  # one column can't be halved
    ],
)
def test_large_jpeg_is_decoded_at_a_fraction(
    stored: Size, decoded: Size | None, tmp_path: Path
) -> None:
    path = tmp_path / "huge.jpg"
    path.write_bytes(jpeg_header(*stored))
    if decoded is None:
        assert "each side may have at most 32768 px" in refusal(path)
        return
    assert image_size(path) == decoded
    assert "damaged" in refusal(path)  # a header alone, which was let in


def test_jpeg_over_the_limit_of_pillow_itself(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    path.write_bytes(jpeg_header(30_000, 30_000))
    assert refusal(path).endswith("far too many pixels; at most 64 megapixels are allowed.")


def test_fraction_is_the_largest_within_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAX_MEGAPIXELS", 1)
    path = tmp_path / "large.jpg"
    for stored, decoded in (((1000, 1000), (1000, 1000)), ((2001, 1001), (1001, 501))):
        path.write_bytes(encode(Image.new("RGB", stored, WHITE), "JPEG", exif=exif(6).tobytes()))
        assert open_image(path).size == image_size(path) == decoded[::-1]
    assert open_image(path, longest=1200).size == (501, 1001)
    assert open_image(path, longest=250).size == (126, 251)
    path.write_bytes(encode(Image.new("RGB", (5000, 1000), WHITE), "JPEG"))
    check_plain(open_image(path), WHITE)
    assert open_image(path).size == image_size(path) == (1250, 250)


@pytest.mark.parametrize("size", [(32_769, 1), (1, 32_769), (1, 64_000_000)])
def test_too_long_a_side_before_decoding(size: tuple[int, int], tmp_path: Path) -> None:
    """Rows cost more than their pixels: a strip of 64 million rows took 14 s and 2 GB."""
    path = tmp_path / "strip.png"
    path.write_bytes(png_header(*size))
    assert refusal(path) == (
        f"The content image 'strip.png' has {size[0]} × {size[1]} px; "
        "each side may have at most 32768 px."
    )
    strip = np.zeros((32_769, 1), np.uint8)
    for source in (strip, strip.T, Image.fromarray(strip)):
        assert "at most 32768 px" in refusal(source)


def test_longest_side_that_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "strip.png"
    for width, height in ((32_768, 1), (1, 32_768)):
        Image.new("L", (width, height), 9).save(path)
        assert open_image(path).size == image_size(path) == (width, height)


def test_limit_is_the_same_for_every_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(images, "MAX_MEGAPIXELS", 1)
    allowed, refused = Image.new("L", (1000, 1000)), Image.new("L", (1000, 1001))
    for image in (allowed, refused):
        image.save(tmp_path / f"{image.height}.png")
    for source in (allowed, np.asarray(allowed), tmp_path / "1000.png"):
        assert open_image(source).size == (1000, 1000)
    for source in (refused, np.asarray(refused), tmp_path / "1001.png"):
        assert "1000 × 1001 px, 1.0 megapixels; at most 1 megapixels" in refusal(source)


# The size alone. `shorn` files end with their header, so that nothing can have been decoded.


def oriented(file_format: str, orientation: int) -> bytes:
    options = {"lossless": True} if file_format == "WEBP" else {}
    return encode(noise(), file_format, exif=exif(orientation).tobytes(), **options)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "MPO", "PNG", "TIFF", "WEBP"])
def test_size_is_that_of_the_upright_image(
    file_format: str, orientation: int, tmp_path: Path
) -> None:
    path = tmp_path / "turned"
    path.write_bytes(oriented(file_format, orientation))
    assert image_size(path) == open_image(path).size == ((48, 40), (40, 48))[orientation > 4]


@needs_avif
def test_size_of_avif(tmp_path: Path) -> None:
    path = tmp_path / "turned.avif"
    path.write_bytes(oriented("AVIF", 6))
    assert image_size(str(path)) == (40, 48)


@pytest.mark.parametrize("header", HEADERS)
def test_size_comes_from_the_header(header: Callable[[int, int], bytes], tmp_path: Path) -> None:
    path = tmp_path / "shorn"
    path.write_bytes(header(300, 200))
    assert image_size(path) == (300, 200)
    assert "damaged" in refusal(path)


def test_size_of_a_png_that_tells_its_orientation_last(tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    pixels = (b"IDAT", zlib.compress(bytes(6 * (1 + 8))))
    orientation = (b"eXIf", exif(6).tobytes().removeprefix(b"Exif\0\0"))
    path.write_bytes(png(8, 6, 8, 0, pixels, orientation))
    assert image_size(path) == open_image(path).size == (6, 8)


def test_size_of_a_png_is_told_without_decoding_its_pixels(tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    orientation = (b"eXIf", exif(6).tobytes().removeprefix(b"Exif\0\0"))
    path.write_bytes(png(8, 6, 8, 0, (b"IDAT", b"no pixels"), orientation))
    assert image_size(path) == (6, 8)
    assert "damaged" in refusal(path)


def test_size_of_images_and_arrays() -> None:
    assert image_size(noise()) == (48, 40)
    assert image_size(np.zeros((2, 3, 4), np.uint8)) == (3, 2)


@pytest.mark.parametrize("source", ["no-such.png", None, np.zeros((2, 3)), "\0"])
def test_size_is_refused_as_the_image_is(source: Any) -> None:
    with pytest.raises(ImageError) as caught:
        image_size(source, "content image")
    assert str(caught.value) == refusal(source)


def test_size_of_files_that_are_no_images_or_too_large(tmp_path: Path) -> None:
    for data in (b"Not a picture.", png_header(10_000, 10_000), png_header(30_000, 30_000)):
        path = tmp_path / "odd.png"
        path.write_bytes(data)
        with pytest.raises(ImageError) as caught:
            image_size(path, "content image")
        assert str(caught.value) == refusal(path)


# Damaged files

ENCODINGS: dict[str, dict[str, Any]] = {
    "JPEG": {},
    "JPEG-progressive": {"progressive": True},
    "PNG": {},
    "WEBP": {},
    "WEBP-lossless": {"lossless": True},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "TIFF-lzw": {"compression": "tiff_lzw"},
    "AVIF": {},
}
encodings = pytest.mark.parametrize(
    "encoding",
    [pytest.param(name, marks=needs_avif if name == "AVIF" else ()) for name in ENCODINGS],
)


def encoded_noise(encoding: str) -> bytes:
    return encode(noise(), encoding.split("-")[0], **ENCODINGS[encoding])


@encodings
@pytest.mark.parametrize("percent", [1, 5, 20, 50, 80, 95])
def test_truncated(encoding: str, percent: int, tmp_path: Path) -> None:
    data = encoded_noise(encoding)
    path = tmp_path / "cut.img"
    path.write_bytes(data)
    assert open_image(path).size == noise().size
    path.write_bytes(data[: max(1, len(data) * percent // 100)])
    sentence = refusal(path)
    assert sentence.startswith("The content image 'cut.img' ")
    assert "cut short" in sentence or "not an image of a known format" in sentence


@encodings
def test_flipped_bits(encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the damage, there is an RGB image or an `ImageError`, nothing else."""
    monkeypatch.setattr(images, "MAX_MEGAPIXELS", 1)  # a header may now claim any size
    data = encoded_noise(encoding)
    path = tmp_path / "damaged.img"
    rng = random.Random(encoding)
    refused = 0
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(rng.choice([1, 2, 8])):
            # Half of the damage goes to the first bytes, where the header is.
            place = rng.randrange(len(data) if rng.random() < 0.5 else 64)
            damaged[place] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        try:
            assert open_image(path).mode == "RGB"
        except ImageError:
            refused += 1
    assert refused > 0


def test_sentences_keep_folder_and_cause_to_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    path = folder / "cut.png"
    path.write_bytes(encoded_noise("PNG")[:2000])
    sentence = refusal(path, role="style image 2")
    assert sentence == (
        "The style image 2 'cut.png' can't be read: "
        "it is damaged, cut short or of an unsupported kind."
    )


def test_files_are_closed(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(encoded_noise("PNG"))
    bad.write_bytes(encoded_noise("PNG")[:2000])
    before = len(list(Path("/dev/fd").iterdir()))
    open_image(good)
    refusal(bad)
    assert len(list(Path("/dev/fd").iterdir())) == before
    assert not recwarn.list
