"""Faces in a run: found in the photograph, at the size of the picture, and kept."""

from pathlib import Path

import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT

from nst_core import RECIPES, Job, stylize
from nst_core.painting.sized import SizedImages

ASTRONAUT = ROOT / "examples" / "content" / "astronaut.jpg"
SIZE = (64, 64)


def test_a_face_counts_so_many_times_more() -> None:
    images = SizedImages(Job.of(ASTRONAUT, CHURCH, keep_faces=1.5).opened())
    emphasis = images.emphasis(SIZE)
    assert emphasis is not None
    assert (emphasis.min(), emphasis.max()) == (1, 2.5)
    assert emphasis[16, 28] == 2.5
    assert emphasis[40:].max() == 1


@pytest.mark.parametrize(("photo", "share"), [(CAT, 2.0), (ASTRONAUT, 0.0)], ids=["none", "0"])
def test_without_a_face_or_a_share_all_counts_once(photo: Path, share: float) -> None:
    images = SizedImages(Job.of(photo, CHURCH, keep_faces=share).opened())
    assert images.emphasis(SIZE) is None


def test_a_run_keeps_the_face() -> None:
    def face(keep: float) -> np.ndarray:
        recipe = RECIPES["studio"].changed(size=128, steps=12, coarsest=None, keep_faces=keep)
        *_, last = stylize(ASTRONAUT, CHURCH, recipe=recipe)
        return np.asarray(last.image, int)[24:42, 48:64]

    plain, kept = face(0.0), face(10.0)
    (*_, untouched) = stylize(
        ASTRONAUT, CHURCH, size=128, steps=1, coarsest=None, style_weight=0, learning_rate=0.001
    )
    photograph = np.asarray(untouched.image, int)[24:42, 48:64]
    assert np.abs(kept - photograph).mean() < np.abs(plain - photograph).mean()


@pytest.mark.parametrize("name", sorted({*RECIPES} - {"studio"}))
def test_other_recipes_know_of_no_faces(name: str) -> None:
    assert RECIPES[name].keep_faces == 0
