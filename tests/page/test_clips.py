"""Clips that visitors bring: which may be painted here, what is said of them, and their files."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from clip.clips import encode, pan
from helpers import CHURCH
from page.driver import files_in, served

from nst_core import Backbone, BudgetError, ClipError, Job
from nst_core.clip.clip_film import film_seconds
from nst_core.clip.looking import Look
from nst_core.clip.still import Facts
from nst_core.errors import BusyError
from nst_core.page.hosting import limits
from nst_core.page.hosting.limits import Limits
from nst_core.page.inputs.clips import Clips, check_seconds, facts_text, seconds_of
from nst_core.page.inputs.opening_queue import MOST_WAITING
from nst_core.page.tabs.film import offered_sizes

PHONE = Facts((1080, 1920), 12.34, 29.97, "The clip is HDR.", sound=True)


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator who allows little."""
    strict = Limits(max_clip_seconds=1, max_clip_mb=1, max_clip_size=300, max_seconds=60)
    monkeypatch.setattr(limits, "_settled", [strict])


@pytest.fixture(scope="module")
def clips() -> Iterator[Clips]:
    clips = Clips()
    yield clips
    clips.close()


def test_what_is_said_of_a_clip() -> None:
    told = facts_text(PHONE, 125.0).replace("\u00a0", " ")
    assert told == (
        "The clip: 1080 × 1920 px, 12.3 s, 30 pictures a second, with sound. "
        "The film takes about 2 min. The clip is HDR."
    )
    assert facts_text(Facts((64, 48), None, 0.0)) == "The clip: 64 × 48 px, without sound."


def test_a_clip_of_an_allowed_length(strict: None, clips: Clips, tmp_path: Path) -> None:
    """Of one second, and a little more, as who records one second gets."""
    assert clips.looked_at(encode(tmp_path / "clip.mp4", pan(12))).facts.rate == 10


def test_a_clip_that_is_too_long(strict: None, clips: Clips, tmp_path: Path) -> None:
    with pytest.raises(ClipError) as error:
        clips.looked_at(encode(tmp_path / "clip.mp4", pan(30)))
    told = "The clip 'clip.mp4' is 3 s long, and 1 s at most are painted here: cut it first."
    assert str(error.value) == told


def test_a_clip_whose_file_is_too_large(strict: None, clips: Clips, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(bytes(1_000_001))
    with pytest.raises(ClipError) as error:
        clips.looked_at(tmp_path / "clip.mp4")
    told = "The clip 'clip.mp4' has more than 1 MB: make it shorter, or smaller."
    assert str(error.value) == told


def test_of_many_clips_only_so_many_wait_to_be_looked_at(clips: Clips, tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", pan(3))

    async def look(count: int) -> list[Look | BaseException]:
        asked = (clips.look(clip) for _ in range(count))
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = asyncio.run(look(100))
    assert [type(each) for each in answers] == [Look] * (MOST_WAITING + 1) + [BusyError] * 83


def test_sizes_that_are_offered(strict: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered_sizes() == {256: "Small", 300: "Largest"}
    monkeypatch.setattr(limits, "_settled", [Limits()])
    assert list(offered_sizes()) == [256, 384, 512, 720]


def test_a_film_takes_as_many_seconds_as_its_stills(backbone: Backbone) -> None:
    job = Job.of("clip.mp4", CHURCH, size=96)
    facts = Facts((96, 64), 2.0, 10.0)
    seconds = seconds_of(job, facts, backbone)
    assert seconds == film_seconds(backbone, (96, 64), 20)
    unknown = seconds_of(job, Facts((96, 64), None, 10.0), backbone)
    assert unknown == film_seconds(backbone, (96, 64), 155)  # as long as a clip may be
    fast = seconds_of(job, Facts((96, 64), 2.0, 10_000.0), backbone)
    assert fast == film_seconds(backbone, (96, 64), 480)


def test_a_film_that_takes_too_long_is_refused(strict: None) -> None:
    assert check_seconds(59.0) == 59.0
    with pytest.raises(BudgetError) as error:
        check_seconds(250.0)
    assert str(error.value) == (
        "This film would take about 4 min on this machine, and a run may take 60 s: choose a "
        "smaller size, or cut the clip."
    )


def test_files_of_clips_may_be_larger_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_settled", [Limits(max_clip_mb=55)])
    with files_in(tmp_path), served() as url:
        for name, size, status in (
            ("clip.mov", 54, 200),
            ("clip.mov", 57, 413),
            ("photo.jpg", 54, 413),
        ):
            content = {"files": (name, bytes(size * 10**6))}
            answer = httpx.post(f"{url}gradio_api/upload", files=content, timeout=60)
            assert answer.status_code == status, (name, size)
    kept = {path.suffix for path in tmp_path.rglob("*") if path.stat().st_size > 10**6}
    assert kept == {".mov"}
