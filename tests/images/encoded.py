"""Images and their files made by hand for the tests of opening, and how they must come out."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from nst_core.errors import ImageError
from nst_core.images.opening import NOTE, open_image
from nst_core.images.sizes import to_array

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
    assert not image.info.keys() - {NOTE}
    assert np.abs(to_array(image) - colour).max() <= tolerance


def check_greys(image: Image.Image, expected: list[int]) -> None:
    assert image.mode == "RGB"
    assert to_array(image)[0].tolist() == [[value] * 3 for value in expected]


SIXTEEN_BITS = [0, 128, 129, 256, 257, 32768, 65406, 65407, 65535]
EIGHT_BITS = [0, 0, 1, 1, 1, 128, 254, 255, 255]  # divided by 257, to the nearest


def png(
    width: int, height: int, depth: int, colour_type: int, *chunks: tuple[bytes, bytes]
) -> bytes:
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (header, *chunks, (b"IEND", b""))
    )


def green_after(first: Image.Image, file_format: str, **options: Any) -> bytes:
    """An animation or a document: `first`, then a green frame or page."""
    green = plain("RGB", GREEN)
    return encode(first, file_format, save_all=True, append_images=[green], **options)


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


def endless_comment() -> bytes:
    """A GIF whose comment Pillow puts together byte by byte, for minutes."""
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "GIF")
    data = file.getvalue()
    start = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    comment = b"!\xfe" + (b"\xff" + b"x" * 255) * 100_000 + b"\0"
    return data[:start] + comment + data[start:]
