"""A film painted by a process of its own: the same film, and what becomes of the process."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
import pytest
from clip.clips import encode, pan, play
from helpers import CHURCH
from PIL import Image

from nst_core import ClipError, Job, paint_film
from nst_core.errors import PainterError
from nst_core.serving import film_process
from nst_core.serving.film_process import ADVICE, GONE, HUNG, FilmFrame, paint_film_beside

pytestmark = pytest.mark.process

LONG = 200
"""Stills of a clip that is not finished before something else happens."""


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("clips") / "short.mp4", pan(6))


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("clips") / "long.mp4", pan(LONG, step=1))


def job(clip: Path, size: int = 64) -> Job:
    return Job.of(clip, CHURCH, size=size).with_styles_decoded()


def never() -> bool:
    return False


def first(frames: Iterator[FilmFrame | None]) -> FilmFrame:
    return next(frame for frame in frames if frame is not None)


def processes() -> list[psutil.Process]:
    """That paint a film for this one."""
    children = psutil.Process().children()
    alive = [each for each in children if each.status() != psutil.STATUS_ZOMBIE]
    return [each for each in alive if film_process.__name__ in " ".join(each.cmdline())]


def test_the_film_is_that_of_this_process(short: Path, tmp_path: Path) -> None:
    """With no more seconds than are asked for, whatever the clip says of its length."""
    *frames, last = paint_film_beside(job(short), tmp_path / "there.mp4", 0.4, never)
    for _ in paint_film(short, CHURCH, tmp_path / "here.mp4", size=64, end=0.4):
        pass
    here, there = (play(tmp_path / f"{name}.mp4") for name in ("here", "there"))
    assert here[1] == there[1]
    assert np.abs(np.array(here[0]) - np.array(there[0])).max() <= 2
    assert last is not None
    assert (last.final, last.number, last.size) == (True, 4, (64, 44))
    assert last.seconds == last.whole == pytest.approx(0.4)
    assert not any(frame.final for frame in frames if frame)
    with Image.open(io.BytesIO(last.picture)) as still:
        assert (still.format, still.size) == ("JPEG", (64, 44))
    assert not processes()


def test_what_is_stopped_is_a_film_that_plays(long: Path, tmp_path: Path) -> None:
    asked, film = threading.Event(), tmp_path / "film.mp4"
    last = None
    for last in paint_film_beside(job(long, 96), film, 60, asked.is_set):
        if last is not None:
            asked.set()
    assert last is not None
    assert last.final
    assert 0 < len(play(film)[0]) == last.number < LONG
    assert not processes()


def test_what_is_stopped_before_its_first_still_ends_at_once(long: Path, tmp_path: Path) -> None:
    frames = list(paint_film_beside(job(long), tmp_path / "film.mp4", 60, lambda: True))
    assert not any(frames)
    assert not (tmp_path / "film.mp4").exists()
    assert not processes()


def test_what_is_closed_ends_at_once_and_leaves_no_film(long: Path, tmp_path: Path) -> None:
    with closing(paint_film_beside(job(long, 96), tmp_path / "film.mp4", 60, never)) as frames:
        first(frames)
        assert len(processes()) == 1
    assert not processes()
    assert not (tmp_path / "film.mp4").exists()


def test_a_clip_that_can_not_be_painted_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("Not a clip.")
    with pytest.raises(ClipError, match=r"'text.mp4' can't be opened: it is damaged"):
        list(paint_film_beside(job(tmp_path / "text.mp4"), tmp_path / "film.mp4", 60, never))


@pytest.mark.parametrize(
    ("patience", "happens", "told"),
    [
        ("PATIENCE", psutil.Process.kill, GONE),
        ("PATIENCE", psutil.Process.suspend, HUNG),
        ("STOPPING", psutil.Process.suspend, HUNG),
    ],
    ids=["is ended from outside", "hangs", "hangs while it is to stop"],
)
def test_a_process_that_ends_or_hangs_is_told(
    long: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    patience: str,
    happens: Callable[[psutil.Process], None],
    told: str,
) -> None:
    monkeypatch.setattr(film_process, patience, 3.0)
    stopping: list[bool] = []
    frames = paint_film_beside(job(long, 96), tmp_path / "film.mp4", 60, lambda: bool(stopping))
    first(frames)
    (process,) = processes()
    happens(process)
    if patience == "STOPPING":
        stopping.append(True)
    with pytest.raises(PainterError) as error:
        list(frames)
    assert str(error.value) == f"{told} {ADVICE}"
    assert not processes()


def test_a_film_that_takes_too_much_memory_is_told(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_process, "MOST_BYTES", 100_000_000)
    with pytest.raises((PainterError, ClipError)) as error:
        list(paint_film_beside(job(short, 1024), tmp_path / "film.mp4", 60, never))
    assert str(error.value).endswith(ADVICE)
