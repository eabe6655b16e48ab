"""Known answers for nst_core.images.opening: images that lie on their side come out upright."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import exif
from images.encoded import BLACK, WHITE, check_greys, encode, grey, plain
from PIL import Image

from nst_core.images.opening import open_image

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
