"""Painted films: times, sizes, what is kept when the work ends early, and sentences before it."""

import itertools
import math
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
from clip.clips import cat, click, encode, interrupt, pan, play, texture
from helpers import CHURCH
from PIL import Image

from nst_core import ClipError, OutputError, Painted, RecipeError, paint_film
from nst_core.clip import clip_film as film_module
from nst_core.images.film import Mp4


def paint(clip: Path, **options: object) -> tuple[Path, list[Painted]]:
    output = clip.parent / "film.mp4"
    told = list(paint_film(clip, CHURCH, output, **{"size": 64, **options}))  # type: ignore[arg-type]
    return output, told


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("clip") / "clip.mp4", pan(6))


def test_a_film_has_the_stills_times_and_what_is_told(clip: Path, tmp_path: Path) -> None:
    times = [0, 0.04, 0.5, 0.55, 1.2]
    film, told = paint(encode(tmp_path / "clip.mp4", pan(5), times=times))
    pictures, begins = play(film)
    assert begins == pytest.approx(times, abs=0.002)
    assert [each.number for each in told] == [1, 2, 3, 4, 5]
    assert [each.seconds for each in told[:-1]] == pytest.approx(times[1:], abs=0.002)
    assert math.isnan(told[0].remaining)
    assert told[1].remaining > 0
    assert np.abs(pictures[0] - np.asarray(told[0].picture, int)).mean() < 8


def test_the_last_still_ends_where_the_part_does_whatever_its_file_says(tmp_path: Path) -> None:
    stills = [Image.fromarray(each) for each in pan(3)]
    stills[0].save(
        tmp_path / "clip.gif", save_all=True, append_images=stills[1:], duration=[100, 100, 5000]
    )
    film, told = paint(tmp_path / "clip.gif", end=0.5)
    assert told[-1].seconds == told[-1].whole == pytest.approx(0.5)
    with av.open(str(film)) as file:
        assert (file.duration or 0) / av.time_base == pytest.approx(0.5, abs=0.01)


def test_sides_are_even(tmp_path: Path) -> None:
    film, told = paint(encode(tmp_path / "clip.mp4", [cat(64, 94)] * 2), size=65)
    assert told[0].picture.size == (66, 44)
    assert play(film)[0][0].shape == (44, 66, 3)


def test_the_index_stands_before_the_pictures(clip: Path) -> None:
    data = paint(clip)[0].read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_one_px(tmp_path: Path) -> None:
    stills = [Image.new("RGB", (1, 1), (90 * k, 0, 0)) for k in range(1, 3)]
    stills[0].save(tmp_path / "clip.gif", save_all=True, append_images=stills[1:], duration=80)
    film, told = paint(tmp_path / "clip.gif")
    assert told[0].picture.size == (64, 64)
    assert len(play(film)[0]) == 2


def test_three_cuts_begin_anew_without_a_smear(tmp_path: Path) -> None:
    shots = [cat(), texture(64, 96, 3), 255 - cat(), texture(64, 96, 8)]
    film, _ = paint(encode(tmp_path / "clip.mp4", [shot for shot in shots for _ in range(3)]))
    pictures, _ = play(film)
    for first in (3, 6, 9):
        assert np.abs(pictures[first] - pictures[first + 1]).mean() < 3
        assert np.abs(pictures[first] - pictures[first - 1]).mean() > 10


def test_closed_early_it_keeps_what_is_painted(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mp4"
    run = paint_film(clip, CHURCH, output, size=64)
    list(itertools.islice(run, 3))
    assert not output.exists()
    run.close()
    assert len(play(output)[0]) == 3
    assert list(tmp_path.iterdir()) == [output]


def test_interrupted_it_keeps_what_is_painted(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        list(paint_film(clip, CHURCH, tmp_path / "film.mp4", size=64))
    assert len(play(tmp_path / "film.mp4")[0]) == 2


def test_a_clip_that_breaks_off_is_told_and_kept(tmp_path: Path) -> None:
    whole = encode(tmp_path / "whole.mkv", pan(30), gop_size=5).read_bytes()
    (tmp_path / "clip.mkv").write_bytes(whole[: len(whole) // 2])
    film, told = paint(tmp_path / "clip.mkv")
    assert "damaged or cut off: of 3.0 s" in told[-1].note
    assert len(play(film)[0]) == told[-1].number


class Plain:
    """Shows stills as they are."""

    def __init__(self, *_given: object) -> None:
        pass

    def paint(self, still: Image.Image) -> Image.Image:
        return still


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.gif"])
def test_damaged_clips_are_painted_or_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(film_module, "StillPainter", Plain)
    first, *others = map(Image.fromarray, pan(4))
    if name.endswith("gif"):
        first.save(tmp_path / name, save_all=True, append_images=others, duration=80)
    else:
        encode(tmp_path / name, pan(4), sound=click(0.4, 0.1))
    whole, random = (tmp_path / name).read_bytes(), np.random.default_rng(0)
    for _ in range(40):
        data = np.frombuffer(whole, np.uint8).copy()
        data[random.integers(0, len(data), 12)] = random.integers(0, 256, 12)
        half = tmp_path / f"half{(tmp_path / name).suffix}"
        half.write_bytes(data.tobytes()[: random.integers(len(data) // 2, len(data))])
        with suppress(ClipError):
            list(paint_film(half, Image.new("RGB", (16, 16)), tmp_path / "film.mp4", size=32))


def test_a_disk_that_is_full(clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Mp4, "add", full)
    with pytest.raises(OutputError, match=r"The film could not be .*: No space left on device\."):
        list(paint_film(clip, CHURCH, tmp_path / "film.mp4", size=64))
    assert not list(tmp_path.iterdir())


def test_what_is_refused_before_the_work(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"'film.avi' must end in \.mp4"):
        paint_film(clip, CHURCH, tmp_path / "film.avi")
    with pytest.raises(OutputError, match=r"The film 'clip.mp4' would overwrite the input"):
        paint_film(clip, CHURCH, clip)
    with pytest.raises(OutputError, match=r"the folder does not exist"):
        paint_film(clip, CHURCH, tmp_path / "no" / "film.mp4")
    with pytest.raises(RecipeError, match="begin must be a finite number of 0 or more"):
        paint_film(clip, CHURCH, tmp_path / "film.mp4", begin=-1)
    with pytest.raises(RecipeError, match="A film has at most 2048 px, not 3000"):
        paint_film(clip, CHURCH, tmp_path / "film.mp4", size=3000)
    with pytest.raises(ClipError, match="would begin at 9 s"):
        paint_film(clip, CHURCH, tmp_path / "film.mp4", begin=9)
    assert not list(tmp_path.iterdir())
