"""A visitor's pictures: kept with their settings, brought back, and gone after a day."""

from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from typing import Any

import pytest
from helpers import CAT, CHURCH
from PIL import Image

from nst_core import RECIPES, Frame, ImageError, Losses, RecipeError
from nst_core.page.settings.controls import own_values
from nst_core.page.visit.visits import LONGEST_STRIP, Visit
from nst_core.painting.job import Job
from nst_core.painting.settings import read_settings

VALUES = {**own_values(RECIPES["studio"]), "seed": 5}


def frame(step: int = 3, loss: float = nan) -> Frame:
    """As a run with `VALUES` gives it."""
    recipe = RECIPES["studio"].changed(size=384, seed=5)
    losses = Losses(loss, content=loss, style=loss, variation=loss)
    picture = Image.new("RGB", (30, 20), (0, 0, step))
    at_work = {"backbone": "embedded", "precision": "bfloat16"}
    return Frame(picture, step, 9, losses, 1.0, 0.0, True, True, recipe, **at_work)


def keep(visit: Visit, folder: Path, **changes: Any) -> Path:
    file = folder / f"{len(list(folder.iterdir()))}.png"
    job, last = Job.of(CAT, CHURCH), frame(**changes)
    visit.keep(last, job, job.opened(), VALUES, file)
    return file


def test_a_picture_is_kept_with_its_settings_as_asked_for(tmp_path: Path) -> None:
    visit = Visit()
    file = keep(visit, tmp_path)
    settings = read_settings(file)
    assert (settings.changes, settings.seed, settings.precision) == ({"size": 384}, 5, "bfloat16")
    kept = visit.in_hand()
    assert (kept.file, kept.pair, kept.values) == (file, (CAT, CHURCH), VALUES)
    assert abs(datetime.now(UTC) - kept.finished) < timedelta(minutes=1)
    assert visit.strip == [kept]


def test_before_is_the_photograph_at_the_picture_s_size(tmp_path: Path) -> None:
    visit = Visit()
    keep(visit, tmp_path)
    with Image.open(visit.in_hand().before) as before:
        assert (before.format, before.size) == ("JPEG", (30, 20))
        assert before.getcolors(1) is None  # it is no single colour, as the picture is


def test_the_strip_has_the_last_picture_first_and_an_end(tmp_path: Path) -> None:
    visit = Visit()
    files = [keep(visit, tmp_path) for _ in range(LONGEST_STRIP + 2)]
    assert [kept.file for kept in visit.strip] == files[:1:-1]


def test_a_picture_of_the_strip_comes_back(tmp_path: Path) -> None:
    visit = Visit()
    first = keep(visit, tmp_path)
    keep(visit, tmp_path)
    assert visit.bring_back(1) is visit.in_hand()
    assert visit.in_hand().file == first
    assert len(visit.strip) == 2


@pytest.mark.parametrize("number", [2, -1, 2**70, None, True, "1", 0.5, [0], float("nan")])
def test_the_strip_has_no_other_places(tmp_path: Path, number: Any) -> None:
    visit = Visit()
    with pytest.raises(ImageError, match=r"^There is no picture to bring back: press Paint"):
        visit.bring_back(number)
    for _ in range(2):
        keep(visit, tmp_path)
    with pytest.raises(RecipeError, match=r"place in the strip must be a whole number from 0 to 1"):
        visit.bring_back(number)


def test_what_was_deleted_is_told(tmp_path: Path) -> None:
    visit = Visit()
    with pytest.raises(ImageError, match=r"^There is no picture to go on from: "):
        visit.in_hand()
    keep(visit, tmp_path).unlink()
    with pytest.raises(ImageError, match=r"^There is no picture to go on from: "):
        visit.in_hand()
    with pytest.raises(ImageError, match=r"^That picture was deleted, "):
        visit.bring_back(0)
    keep(visit, tmp_path)
    visit.in_hand().before.unlink()
    assert visit.look() == []


def test_a_run_has_a_film_and_a_curve_of_its_own() -> None:
    visit = Visit()
    for _ in range(2):
        visit.begin(20.0)
        visit.add(frame(step=1, loss=10.0))
        visit.add(frame(step=2, loss=1.0))
        assert len(visit.film) == 2
        assert [point[:2] for point in visit.curve.points()[::4]] == [(1, 1.0), (2, 0.0)]
