"""Faces: where they are found, and the places that belong to them."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT
from PIL import Image, ImageOps

from nst_core.images.faces import FILE, NOT_AT_ALL, WHOLLY, WIDTH, Face, find_faces, places_of

ASTRONAUT = ROOT / "examples" / "content" / "astronaut.jpg"
MIDDLE = (0.44, 0.25)
"""Between her eyes and her mouth, in parts of the photograph."""


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    return Image.open(ASTRONAUT).convert("RGB")


def test_the_face_of_a_portrait(portrait: Image.Image) -> None:
    (face,) = find_faces(portrait)
    assert (face.x, face.y) == pytest.approx(MIDDLE, abs=0.02)
    assert 0.15 < face.width < 0.25
    assert face.width == pytest.approx(face.height)


@pytest.mark.parametrize("size", [(900, 512), (512, 700)], ids=["wide", "high"])
def test_the_face_in_a_picture_of_other_proportions(
    portrait: Image.Image, size: tuple[int, int]
) -> None:
    wider = Image.new("RGB", size, "grey")
    wider.paste(portrait)
    (face,) = find_faces(wider)
    across, down = MIDDLE[0] * 512 / size[0], MIDDLE[1] * 512 / size[1]
    assert (face.x, face.y) == pytest.approx((across, down), abs=0.02)


def test_two_faces(portrait: Image.Image) -> None:
    both = Image.new("RGB", (1024, 512))
    both.paste(portrait)
    both.paste(ImageOps.mirror(portrait), (512, 0))
    found = sorted(face.x for face in find_faces(both))
    assert found == pytest.approx([MIDDLE[0] / 2, 1 - MIDDLE[0] / 2], abs=0.02)


def test_a_small_face_in_a_large_picture(portrait: Image.Image) -> None:
    wide = Image.new("RGB", (2400, 1600), "grey")
    wide.paste(portrait, (1700, 900))
    (face,) = find_faces(wide)
    place = (1700 + MIDDLE[0] * 512) / 2400, (900 + MIDDLE[1] * 512) / 1600
    assert (face.x, face.y) == pytest.approx(place, abs=0.01)
    assert face.width * 2400 == pytest.approx(0.21 * 512, rel=0.2)


@pytest.mark.parametrize(
    "path", sorted({*ASTRONAUT.parent.glob("*.jpg")} - {ASTRONAUT}), ids=lambda path: path.stem
)
def test_no_face_in_the_other_examples(path: Path) -> None:
    assert find_faces(Image.open(path)) == []


@pytest.mark.parametrize("size", [(1, 1), (2000, 16), (64, 64)])
def test_no_face_in_one_colour(size: tuple[int, int]) -> None:
    assert find_faces(Image.new("L", size, 128)) == []


def test_places_are_whole_in_the_middle_and_soft_at_the_border() -> None:
    face = Face(0.5, 0.5, 0.25, 0.25)
    places = places_of([face], (400, 200))
    assert (places.shape, places.dtype) == ((200, 400), np.float32)
    assert places[95, 200] == 1
    assert places[0].max() == places[:, 0].max() == 0
    np.testing.assert_allclose(places, places[:, ::-1], atol=1e-6)
    middle = round(400 * (0.5 + WIDTH * 0.25 * (WHOLLY + NOT_AT_ALL) / 2))
    assert places[97, middle] == pytest.approx(0.5, abs=0.03)


def test_places_of_faces_that_meet_count_once() -> None:
    one, other = Face(0.4, 0.5, 0.3, 0.3), Face(0.5, 0.5, 0.3, 0.3)
    both = places_of([one, other], (64, 64))
    np.testing.assert_array_equal(
        both, np.maximum(places_of([one], (64, 64)), places_of([other], (64, 64)))
    )


def test_no_faces_are_nowhere() -> None:
    assert not places_of([], (8, 6)).any()


def test_the_network_is_the_one_that_is_credited() -> None:
    assert sha256(FILE.read_bytes()).hexdigest() in (FILE.parent / "README.md").read_text()
