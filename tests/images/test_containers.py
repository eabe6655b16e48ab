"""Raw files, HEIC, odd depths and significant bits, in files made here byte by byte."""

import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst_core.errors import ImageError
from nst_core.images.containers import formats_for, heif_opens
from nst_core.images.opening import image_size, open_image

CODES = {1: "B", 3: "H", 4: "I", 12: "d", 16: "Q"}
"""Field type of TIFF -> code in `struct`."""


def tiff(tags: dict[int, tuple[int, list[Any]]], pixels: bytes, order: str = "<") -> bytes:
    """A TIFF file of one directory; tag -> (field type, values). Pixels come first."""
    data = (b"II*\0" if order == "<" else b"MM\0*") + bytes(4) + pixels
    data += bytes(len(data) % 2)
    entries = b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(values)}{CODES[kind]}", *values)
        if len(packed) > 4:
            data, packed = data + packed, struct.pack(order + "I", len(data))
        entries += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    directory = struct.pack(order + "H", len(tags)) + entries + bytes(4)
    return data[:4] + struct.pack(order + "I", len(data)) + data[8:] + directory


def picture(values: np.ndarray, more: dict[int, tuple[int, list[Any]]], order: str = "<") -> bytes:
    """A TIFF file of `values`, (height, width) or (height, width, channels), and more tags."""
    height, width, channels = (*values.shape, 1)[:3]
    pixels = (values if order == "<" else values.byteswap()).tobytes()
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    tags: dict[int, tuple[int, list[Any]]] = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [values.dtype.itemsize * 8] * channels),
        259: (3, [1]),
        262: (3, [2 if channels == 3 else 1]),
        273: (4, [8]),
        277: (3, [channels]),
        278: (4, [height]),
        279: (4, [len(pixels)]),
        339: (3, [kind] * channels),
    }
    return tiff({**tags, **more}, pixels, order)


def refusal(path: Path) -> str:
    """The sentence that both refuse it with."""
    with pytest.raises(ImageError) as caught:
        open_image(path, "content image")
    with pytest.raises(ImageError) as again:
        image_size(path, "content image")
    assert str(caught.value) == str(again.value)
    return str(caught.value)


# Raw files of cameras

THUMBNAIL = np.full((12, 16, 3), 90, np.uint8)
RAW = {
    "nef": {254: (4, [1]), 330: (4, [400, 800])},
    "dng": {50706: (1, [1, 4, 0, 0])},
    "dng-preview": {254: (4, [1]), 330: (4, [400]), 50706: (1, [1, 4, 0, 0])},
    "sensor": {262: (3, [32803])},
    "linear": {262: (3, [34892])},
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", RAW)
def test_raw_file_is_not_painted_as_its_preview(kind: str, order: str, tmp_path: Path) -> None:
    path = tmp_path / "DSC_0001"  # the content tells it, not the name
    path.write_bytes(picture(THUMBNAIL, RAW[kind], order))
    assert refusal(path) == (
        "The content image 'DSC_0001' is a camera's raw file, which holds a small preview beside "
        "data that can't be read; export the picture as JPEG, PNG or TIFF."
    )


@pytest.mark.parametrize(
    "more",
    [{}, {254: (4, [0])}, {254: (4, [2])}, {254: (4, [1])}, {254: (4, [0]), 330: (4, [400])}],
    ids=["plain", "full", "page", "reduced-alone", "full-with-others"],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_other_tiff_files_are_pictures(more: Any, order: str, tmp_path: Path) -> None:
    path = tmp_path / "scan.dng"  # nor does the name tell
    path.write_bytes(picture(THUMBNAIL, more, order))
    np.testing.assert_array_equal(np.asarray(open_image(path)), THUMBNAIL)
    assert image_size(path) == (16, 12)


# Depths that no decoder here takes


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (np.zeros((4, 5, 3), np.float32), "3 channels of 32-bit floating-point numbers"),
        (np.zeros((4, 5, 3), np.float16), "3 channels of 16-bit floating-point numbers"),
        (np.zeros((4, 5, 3), np.uint32), "3 channels of 32-bit whole numbers"),
        (np.zeros((4, 5, 3), np.int16), "3 channels of 16-bit signed numbers"),
        (np.zeros((4, 5), np.float16), "1 channel of 16-bit floating-point numbers"),
        (np.zeros((4, 5), np.uint64), "1 channel of 64-bit whole numbers"),
    ],
    ids=lambda value: None if isinstance(value, np.ndarray) else value,
)
def test_depth_that_cannot_be_read_is_named(values: np.ndarray, told: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    path.write_bytes(picture(values, {}))
    assert refusal(path) == (
        f"The content image 'deep.tif' is a TIFF file with {told}, of a kind that can't be read; "
        "export it as TIFF or PNG with 8 or 16 bits per channel."
    )


# Sixteen bits of which fewer count


def png16(values: list[int], *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of one row of 16-bit greys."""
    row = b"\0" + struct.pack(f">{len(values)}H", *values)
    head = (b"IHDR", struct.pack(">IIBBBBB", len(values), 1, 16, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (head, *chunks, (b"IDAT", zlib.compress(row)), (b"IEND", b""))
    )


def significant(bits: int) -> tuple[bytes, bytes]:
    return b"sBIT", bytes([bits])


def row16(values: list[int], more: dict[int, tuple[int, list[Any]]]) -> bytes:
    return picture(np.array([values], np.uint16), more)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        # nothing told: twelve bits where the values leave no doubt
        pytest.param(png16([0, 2048, 4095]), [0, 128, 255], id="png-12"),
        pytest.param(row16([0, 2048, 4095], {}), [0, 128, 255], id="tiff-12"),
        pytest.param(png16([0, 1023]), [0, 64], id="png-dark-12"),
        pytest.param(png16([0, 2048, 4096]), [0, 8, 16], id="png-dark-16"),
        pytest.param(row16([0, 16383], {}), [0, 64], id="tiff-dark-16"),
        pytest.param(png16([0, 0]), [0, 0], id="png-black"),
        # told
        pytest.param(png16([0, 512, 1023], significant(10)), [0, 128, 255], id="sbit-10"),
        pytest.param(png16([0, 8192, 16383], significant(14)), [0, 128, 255], id="sbit-14"),
        pytest.param(png16([0, 257 * 9], significant(16)), [0, 9], id="sbit-16"),
        pytest.param(png16([0, 257 * 9], significant(200)), [0, 9], id="sbit-nonsense"),
        pytest.param(png16([0, 0xFFF0], significant(12)), [0, 255], id="sbit-shifted-up"),
        pytest.param(row16([0, 16383], {281: (3, [16383])}), [0, 255], id="largest-value"),
        pytest.param(row16([0, 8191], {281: (3, [9000])}), [0, 127], id="largest-value-of-this"),
        pytest.param(row16([0, 1023], {341: (3, [1023])}), [0, 255], id="largest-sample-value"),
        pytest.param(row16([0, 257 * 9], {281: (3, [65535])}), [0, 9], id="largest-of-16-bits"),
        pytest.param(row16([0, 257 * 99], {281: (3, [100])}), [0, 99], id="largest-exceeded"),
    ],
)
def test_white_of_16_bits(data: bytes, expected: list[int], tmp_path: Path) -> None:
    path = tmp_path / "deep"
    path.write_bytes(data)
    assert np.asarray(open_image(path))[0, :, 0].tolist() == expected


def test_white_of_12_bits_does_not_count_what_is_clear(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    path.write_bytes(png16([0, 4095, 65535], (b"tRNS", b"\xff\xff")))
    assert np.asarray(open_image(path))[0, :, 0].tolist() == [0, 255, 255]


def test_white_of_images_in_memory() -> None:
    image = Image.fromarray(np.array([[0, 2048, 4095]], np.uint16))
    assert np.asarray(open_image(image))[0, :, 0].tolist() == [0, 128, 255]


# HEIC


def heic(major: bytes, *others: bytes) -> bytes:
    brands = major + bytes(4) + b"".join(others)
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(100)


@pytest.fixture
def heif_afresh() -> Iterator[None]:
    """Whether pi-heif is there is asked for once; here again."""
    heif_opens.cache_clear()
    yield
    heif_opens.cache_clear()


@pytest.mark.usefixtures("heif_afresh")
@pytest.mark.parametrize(
    "data",
    [
        heic(b"heic", b"mif1"),
        heic(b"heix"),
        heic(b"hevc"),
        heic(b"mif1"),
        heic(b"mif1", b"heic"),
        heic(b"msf1"),
    ],
    ids=lambda data: data[8:24].decode("latin-1"),
)
def test_heic_is_named(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)  # not importable
    path = tmp_path / "IMG_1.jpg"
    path.write_bytes(data)
    assert refusal(path) == (
        "The content image 'IMG_1.jpg' is a HEIC file, as phones write them, which can't be read "
        "here; export it as JPEG, or install the Python package pi-heif."
    )


@pytest.mark.parametrize("data", [heic(b"isom"), heic(b"avif", b"mif1"), heic(b"mif1", b"avif")])
def test_other_brands_are_not_heic(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    assert "HEIC" not in refusal(path)


@pytest.mark.usefixtures("heif_afresh")
def test_heic_goes_to_pi_heif_where_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    module = ModuleType("pi_heif")
    module.__dict__["register_heif_opener"] = lambda: calls.append(1)
    monkeypatch.setitem(sys.modules, "pi_heif", module)
    monkeypatch.setitem(Image.OPEN, "HEIF", (Image.Image, None))
    path = tmp_path / "a.heic"
    path.write_bytes(heic(b"heic"))
    for _ in range(2):
        with path.open("rb") as file:
            assert formats_for(file, ("JPEG",)) == ("HEIF",)
    path.write_bytes(b"\xff\xd8\xff" + bytes(60))
    with path.open("rb") as file:
        assert formats_for(file, ("JPEG",)) == ("JPEG",)
    assert calls == [1]
