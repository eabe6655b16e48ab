"""Known answers for nst_core.images.opening: what is too large, and the size alone."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import exif
from images.encoded import (
    HEADERS,
    WHITE,
    check_plain,
    encode,
    jpeg_header,
    needs_avif,
    noise,
    png,
    png_header,
    refusal,
)
from PIL import Image

from nst_core.errors import ImageError
from nst_core.images import sizes as images
from nst_core.images.opening import image_size, open_image
from nst_core.images.sizes import Size

# Too large. These files are a header only: decoding them would fail with another sentence.


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
