"""Sound: copied as it is, or encoded anew, and in step with the pictures, also of a part."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from clip.clips import click, encode, loud, play
from helpers import CHURCH

from nst_core import paint_film

STEP = 0.02
"""Seconds by which pictures and sound may be apart."""


def clip_with_click(path: Path, codec: str, sound_codec: str) -> Path:
    """3 s at 25 stills a second; at 2 s the picture turns white, and a tone is heard."""
    stills = [np.full((32, 48, 3), 20 if k < 50 else 235, np.uint8) for k in range(75)]
    return encode(path, stills, 25, codec, sound=click(3.0, 2.0), sound_codec=sound_codec)


def painted(clip: Path, **options: Any) -> Path:
    output = clip.parent / "film.mp4"
    for _ in paint_film(clip, CHURCH, output, size=32, **options):
        pass
    return output


def flash(film: Path) -> float:
    pictures, times = play(film)
    greys = [picture.mean() for picture in pictures]
    return times[int(np.argmax(np.diff(greys))) + 1]


def sound_codec(film: Path) -> str:
    with av.open(str(film)) as file:
        (stream,) = file.streams.audio
        return stream.codec_context.name


@pytest.mark.parametrize(
    ("name", "codec", "sound", "kept"),
    [
        ("clip.mp4", "libx264", "aac", "aac"),
        ("clip.mkv", "libx264", "libmp3lame", "mp3"),
        ("clip.webm", "libvpx", "libopus", "opus"),
        ("clip.avi", "mpeg4", "pcm_s16le", "aac"),
    ],
)
def test_sound_is_kept_in_step(
    tmp_path: Path, name: str, codec: str, sound: str, kept: str
) -> None:
    clip = clip_with_click(tmp_path / name, codec, sound)
    film = painted(clip)
    assert sound_codec(film).removesuffix("float") == kept
    assert abs((loud(film) - flash(film)) - (loud(clip) - flash(clip))) < STEP
    assert abs(flash(film) - flash(clip)) < 0.001


def test_sound_of_a_part_is_in_step(tmp_path: Path) -> None:
    film = painted(clip_with_click(tmp_path / "clip.mp4", "libx264", "aac"), begin=1.52, end=2.6)
    assert flash(film) == pytest.approx(0.48, abs=0.001)
    assert loud(film) == pytest.approx(0.48, abs=STEP)


def test_copied_packets_are_the_same(tmp_path: Path) -> None:
    clip = clip_with_click(tmp_path / "clip.mp4", "libx264", "aac")

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as file:
            return [bytes(packet) for packet in file.demux(audio=0) if packet.size]

    kept, given = packets(painted(clip)), packets(clip)
    assert kept == given[: len(kept)]
    assert len(given) - len(kept) <= 3
