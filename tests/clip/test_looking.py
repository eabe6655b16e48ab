"""What a clip is, by a process of its own: its facts, a still from its middle, or a sentence."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from clip.clips import HEIGHT, WIDTH, click, encode, pan, turned
from helpers import CAT
from images.encoded import endless_comment

from nst_core import ClipError
from nst_core.clip.looking import LookingProcess
from nst_core.clip.reading import opened_clip

SHADES = 20, 120, 220


@pytest.fixture(scope="module")
def process() -> Iterator[LookingProcess]:
    process = LookingProcess(seconds=1)
    yield process
    process.close()


def plain(shade: int) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), shade, np.uint8)


def test_facts_and_the_still_in_the_middle(process: LookingProcess, tmp_path: Path) -> None:
    stills = [plain(shade) for shade in SHADES for _ in range(10)]
    look = process.look(encode(tmp_path / "clip.mp4", stills, sound=click(3, 1)))
    assert look.facts.size == look.still.size == (WIDTH, HEIGHT)
    assert look.facts.seconds == pytest.approx(3, abs=0.1)
    assert look.facts.rate == pytest.approx(10)
    assert look.facts.sound
    assert np.asarray(look.still).mean() == pytest.approx(SHADES[1], abs=3)


def test_the_still_is_upright_and_no_larger_than_a_preview(
    process: LookingProcess, tmp_path: Path
) -> None:
    clip = turned(encode(tmp_path / "clip.mp4", [np.zeros((300, 600, 3), np.uint8)] * 2), 1)
    look = process.look(clip)
    assert look.facts.size == (300, 600)
    assert look.still.size == (256, 512)
    assert not look.facts.sound


def test_of_a_clip_that_breaks_off_before_its_middle_the_first_still_is_shown(
    process: LookingProcess, tmp_path: Path
) -> None:
    stills = pan(200)
    whole = encode(tmp_path / "clip.mkv", stills, sound=click(20, 1)).read_bytes()
    (tmp_path / "part.mkv").write_bytes(whole[: len(whole) // 4])
    look = process.look(tmp_path / "part.mkv")
    assert np.abs(np.asarray(look.still, int) - stills[0]).mean() < 12  # others are 65 away


def test_sentences_are_those_of_a_clip_that_is_opened_here(
    process: LookingProcess, tmp_path: Path
) -> None:
    (tmp_path / "text.mp4").write_text("Not a clip.")
    with pytest.raises(ClipError) as sound:
        process.look(encode_sound(tmp_path / "sound.mp4"))
    assert "is sound alone" in str(sound.value)
    for path in (CAT, tmp_path / "text.mp4", tmp_path / "no.mp4", tmp_path):
        with pytest.raises(ValueError, match=r"\.$") as plain_error, opened_clip(path):
            pass
        with pytest.raises(ClipError) as error:
            process.look(path)
        assert str(error.value) == str(plain_error.value)


def encode_sound(path: Path) -> Path:
    """A file with a track of sound and no pictures."""
    import av

    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", 48_000, layout="mono")
        samples = av.AudioFrame.from_ndarray(click(1, 0.5)[None], "fltp", "mono")
        samples.sample_rate = 48_000
        file.mux([*stream.encode(samples), *stream.encode(None)])
    return path


def test_a_file_that_takes_too_long_is_told_and_the_next_one_is_looked_at(
    process: LookingProcess, tmp_path: Path
) -> None:
    (tmp_path / "bomb.gif").write_bytes(endless_comment())
    with pytest.raises(ClipError, match=r"'bomb.gif' takes too long, or too much memory, to open"):
        process.look(tmp_path / "bomb.gif")
    assert process.look(encode(tmp_path / "clip.mp4", pan(3))).facts.size == (WIDTH, HEIGHT)
