"""The film of a run: made once, and its pictures let go of then, or when many runs came after."""

from datetime import UTC, datetime
from pathlib import Path

import gradio as gr
import pytest
from helpers import CAT, CHURCH, ROOT
from PIL import Image

from nst_core import ImageError
from nst_core.images.film import TimeLapse
from nst_core.page.inputs.gallery import Gallery
from nst_core.page.look.curves import LossCurve
from nst_core.page.tabs import paint
from nst_core.page.tabs.result import Result
from nst_core.page.visit.visits import Kept, Visit
from nst_core.painting.job import Job
from nst_core.serving.painter import Here
from nst_core.serving.run_queue import RunQueue


def kept(folder: Path) -> Kept:
    files = folder / "a.png", folder / "a.before.jpg"
    size = (64, 48)
    job = Job.of(CAT, CHURCH)
    now = datetime.now(UTC)
    return Kept(*files, job, {}, now, size, summary="", figures="", curve=LossCurve())


@pytest.fixture
def result(monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr("nst_core.page.tabs.result.larger_size", lambda _kept: None)
    with gr.Blocks():
        return Result(Gallery(ROOT / "examples"), "embedded")


def test_a_film_is_made_once_and_its_pictures_are_let_go(result: Result, tmp_path: Path) -> None:
    film = TimeLapse()
    for shade in (0, 99, 200):
        film.add(Image.new("L", (64, 48), shade))
    visit = Visit()
    visit.current = kept(tmp_path)
    visit.newest = visit.current, film
    result.make_films(visit)
    assert len(film) == 0
    before = [path.stat().st_mtime_ns for path in visit.current.films]
    assert visit.current.filmed
    result.make_films(visit)  # as a crafted request has it
    assert [path.stat().st_mtime_ns for path in visit.current.films] == before


def test_a_film_whose_pictures_are_gone_is_told(result: Result, tmp_path: Path) -> None:
    visit = Visit()
    visit.newest = kept(tmp_path), TimeLapse()
    with pytest.raises(ImageError, match=r"^The pictures of that run are gone"):
        result.make_films(visit)


def test_of_many_runs_only_the_last_ones_hold_pictures(
    upload_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paint, "MOST_FILMS", 2)
    with gr.Blocks():
        tab = paint.PaintTab("embedded", Gallery(ROOT / "examples"), RunQueue(), Here())
    films = [TimeLapse() for _ in range(3)]
    for film in films:
        film.add(Image.new("L", (64, 48)))
        tab.hold(film)
    assert [len(film) for film in films] == [0, 1, 1]
