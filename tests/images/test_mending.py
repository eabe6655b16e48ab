"""Damage beside the picture is passed over; a picture that is cut short stays refused."""

import io
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import exif
from PIL import Image

from nst_core.errors import ImageError
from nst_core.images.opening import image_size, open_image

BIG = b"x" * 20_000_000
PIXELS = np.random.default_rng(1).integers(0, 256, (40, 48, 3), np.uint8)


def encode(image: Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


# PNG


def chunk(kind: bytes, content: bytes, flaw: int = 0) -> bytes:
    checksum = zlib.crc32(kind + content) ^ flaw
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(before: bytes = b"", after: bytes = b"", end: bytes | None = None, flaw: int = 0) -> bytes:
    """A PNG file of `PIXELS` with chunks before and after them."""
    rows = b"".join(b"\0" + row.tobytes() for row in PIXELS)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 48, 40, 8, 2, 0, 0, 0), flaw)
    end = chunk(b"IEND", b"") if end is None else end
    return b"\x89PNG\r\n\x1a\n" + head + before + chunk(b"IDAT", zlib.compress(rows)) + after + end


def png_at(place: str, chunks: bytes) -> bytes:
    return png(before=chunks) if place == "before" else png(after=chunks)


PACKED = zlib.compress(BIG)
ODD_CHUNKS = {
    "text-packed": chunk(b"zTXt", b"Comment\0\0" + PACKED),
    "text-packed-oddly": chunk(b"zTXt", b"Comment\0\7" + zlib.compress(b"x")),
    "text-international": chunk(b"iTXt", b"Comment\0\1\0en\0\0" + PACKED),
    "profile": chunk(b"iCCP", b"P\0\0" + PACKED),
    "text-checksum": chunk(b"tEXt", b"Comment\0hello", flaw=1),
    "unknown-checksum": chunk(b"abCd", b"hello", flaw=1),
    "text-many": chunk(b"zTXt", b"A\0\0" + zlib.compress(b"x" * 1_000_000)) * 80,
    "gamma-short": chunk(b"gAMA", b"\0"),
    "resolution-short": chunk(b"pHYs", b"\0"),
    "frame-short": chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", b"\0"),
}


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("odd", ODD_CHUNKS)
def test_png_with_odd_metadata(odd: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    path.write_bytes(png_at(place, ODD_CHUNKS[odd]))
    np.testing.assert_array_equal(np.asarray(open_image(path)), PIXELS)
    assert image_size(path) == (48, 40)


@pytest.mark.parametrize("place", ["before", "after"])
def test_orientation_survives_odd_metadata(place: str, tmp_path: Path) -> None:
    tags = chunk(b"eXIf", exif(6).tobytes().removeprefix(b"Exif\0\0"))
    path = tmp_path / "turned.png"
    path.write_bytes(png_at(place, ODD_CHUNKS["text-packed"] + tags))
    np.testing.assert_array_equal(np.asarray(open_image(path)), np.rot90(PIXELS, -1))
    assert image_size(path) == (40, 48)


def test_png_that_ends_in_its_metadata(tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    path.write_bytes(png(after=ODD_CHUNKS["text-checksum"][:-6], end=b""))
    np.testing.assert_array_equal(np.asarray(open_image(path)), PIXELS)


def test_damage_to_the_picture_stays_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    odd = ODD_CHUNKS["text-packed"]
    whole = png(before=odd)
    for data in (whole[:-500], png(before=odd, flaw=1), png(before=chunk(b"tRNS", b"", flaw=1))):
        path.write_bytes(data)
        with pytest.raises(ImageError, match=r"'odd\.png'"):
            open_image(path)


# JPEG

SMALL = Image.fromarray(PIXELS)
SMOOTH = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
JPEGS = {
    "plain": encode(SMALL, "JPEG"),
    "grey": encode(SMALL.convert("L"), "JPEG"),
    "fine": encode(SMALL, "JPEG", quality=100, subsampling=0),
    "one-colour": encode(Image.new("RGB", (48, 40), (90, 9, 200)), "JPEG"),
    "middle-grey": encode(Image.new("RGB", (48, 40), (128, 128, 128)), "JPEG"),
    "smooth": encode(SMOOTH, "JPEG", optimize=True),
    "beyond-the-edge": encode(SMALL.crop((0, 0, 33, 33)), "JPEG", quality=100, optimize=True),
    "progressive": encode(SMALL, "JPEG", progressive=True),
    "progressive-smooth": encode(SMOOTH, "JPEG", progressive=True),
    "restarts": encode(SMALL, "JPEG", restart_marker_blocks=1),
    "restarts-rows": encode(SMALL, "JPEG", restart_marker_rows=1),
    "cmyk": encode(SMALL.convert("CMYK"), "JPEG"),
}


def opened(data: bytes, path: Path) -> np.ndarray | None:
    path.write_bytes(data)
    try:
        return np.asarray(open_image(path))
    except ImageError:
        return None


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("missing", [1, 2])
def test_jpeg_that_lacks_its_end(name: str, missing: int, tmp_path: Path) -> None:
    path, data = tmp_path / "cut.jpg", JPEGS[name]
    assert data.endswith(b"\xff\xd9")
    whole = opened(data, path)
    cut = opened(data[:-missing], path)
    assert whole is not None
    assert cut is not None
    np.testing.assert_array_equal(cut, whole)


def cuts(data: bytes) -> Iterator[int]:
    """The last bytes one by one, some before, and the edges of all scans and intervals."""
    yield from range(3, 40)
    yield from random.Random(1).sample(range(40, len(data) - 4), 40)
    for place in range(len(data) - 4):
        if data[place] == 0xFF and data[place + 1] not in (0, 0xFF):
            yield from (len(data) - place - extra for extra in (0, 1, 2))


@pytest.mark.parametrize("name", JPEGS)
def test_jpeg_that_lacks_more(name: str, tmp_path: Path) -> None:
    """It is refused or, where no bit of the picture was cut, the same to the pixel."""
    path, data = tmp_path / "cut.jpg", JPEGS[name]
    whole, accepted = opened(data, path), 0
    for missing in cuts(data):
        cut = opened(data[:-missing], path)
        if cut is not None:
            accepted += 1
            np.testing.assert_array_equal(cut, whole)
    assert accepted <= 4


def test_jpeg_without_its_end_at_a_fraction(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes(encode(Image.new("RGB", (1000, 600), "white"), "JPEG")[:-2])
    assert open_image(path, longest=300).size == (500, 300)
