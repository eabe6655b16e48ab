"""What results are called: as short as can be, never two alike on any disk, and always the same."""

from pathlib import Path
from random import Random

import pytest

from nst_core.images.result_names import result_names


def named(*photos: str) -> list[str]:
    return [str(name) for name in result_names([Path(photo) for photo in photos])]


@pytest.mark.parametrize(
    ("photos", "names"),
    [
        (["cat.jpg", "dog.jpg"], ["cat.png", "dog.png"]),
        (["cat.jpg", "cat.tiff", "dog.jpg"], ["cat.jpg.png", "cat.tiff.png", "dog.png"]),
        (
            ["cat.jpg", "cat.jpg.webp", "cat.tiff"],
            ["cat.jpg.png", "cat.jpg.webp.png", "cat.tiff.png"],
        ),
        (
            ["cat.jpg", "cat.jpg.png", "cat.jpg.webp", "cat.tiff"],
            ["cat.jpg.png", "cat.jpg.png.png", "cat.jpg.webp.png", "cat.tiff.png"],
        ),
        # alike where case counts for nothing
        (["Cat.jpg", "cat.png"], ["Cat.jpg.png", "cat.png.png"]),
        (["CAT.jpg", "cat.jpg"], ["CAT.jpg.png", "cat.jpg (2).png"]),
        (["STRASSE.jpg", "straße.jpg"], ["STRASSE.jpg.png", "straße.jpg (2).png"]),
        # alike where accents are written in one way
        (["e\u0301.jpg", "\u00e9.png"], ["e\u0301.jpg.png", "\u00e9.png.png"]),
        # the number meets another's name
        (
            ["CAT.jpg", "cat.jpg", "cat.jpg (2).bmp"],
            ["CAT.jpg.png", "cat.jpg (2).png", "cat.jpg (2).bmp.png"],
        ),
        # folders are told apart, and meet as files do
        (["a/cat.jpg", "b/cat.jpg"], ["a/cat.png", "b/cat.png"]),
        (["A/cat.jpg", "a/cat.jpg"], ["A/cat.jpg.png", "a/cat.jpg (2).png"]),
        # a result can't be called as a folder of results
        (["cat.jpg", "cat.png/dog.jpg"], ["cat.jpg.png", "cat.png/dog.png"]),
        ([], []),
    ],
)
def test_names(photos: list[str], names: list[str]) -> None:
    assert named(*photos) == names


def test_they_are_never_two_alike() -> None:
    random = Random(0)
    for _ in range(300):
        parts = [random.choices(["a", "A", ".jpg", ".png", "/", " (2)"], k=5) for _ in range(8)]
        photos = {"".join(part).strip("/") + ".jpg" for part in parts}
        kept = sorted(each for each in photos if not Path(each).name.startswith("."))
        names = named(*kept)
        assert len({name.casefold() for name in names}) == len(kept)
        assert names == named(*kept)
        folders = {str(each).casefold() for name in names for each in Path(name).parents}
        assert not folders & {name.casefold() for name in names}
