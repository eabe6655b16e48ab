"""Clips for tests: what they show, as arrays, and files of them."""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from helpers import CAT, noise, photo
from PIL import Image

from nst_core.clip.still_painter import StillPainter

HEIGHT, WIDTH = 64, 96


def texture(height: int, width: int, seed: int = 1) -> np.ndarray:
    """Soft noise, uint8 H×W×3, whose every place can be told from those beside it."""
    small = Image.fromarray(noise(height // 6, width // 6, seed))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def pan(number: int, step: int = 2, seed: int = 1) -> list[np.ndarray]:
    """A view of `HEIGHT` × `WIDTH` px that moves so many px to the right with each still."""
    whole = texture(HEIGHT, (WIDTH + step * number) // 4 * 4 + 4, seed)
    return [whole[:, step * k : step * k + WIDTH] for k in range(number)]


def cat(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    return photo(CAT, height, width)


def interrupt(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Have Ctrl-C come while this still, counted from 1, is to be painted."""
    own, calls = StillPainter.paint, itertools.count(1)

    def interrupted(self: StillPainter, still: Image.Image) -> Image.Image:
        if next(calls) == number:
            raise KeyboardInterrupt
        return own(self, still)

    monkeypatch.setattr(StillPainter, "paint", interrupted)


def encode(
    path: Path,
    pictures: Sequence[np.ndarray],
    rate: int = 10,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    times: Sequence[float] | None = None,
    sound: np.ndarray | None = None,
    sound_codec: str = "aac",
    **attributes: Any,
) -> Path:
    """Write a clip; its kind goes by the file's name.

    times: seconds at which each picture begins; None has them go by the rate.
    sound: float32, one channel of 48000 samples a second.
    attributes: of the stream's codec.
    """
    lossless = {"crf": "4"} if codec == "libx264" else {}
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream(codec, rate, lossless)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pixels
        stream.codec_context.time_base = Fraction(1, 1000)
        for name, value in attributes.items():
            setattr(stream.codec_context, name, value)
        audio: Any = None if sound is None else file.add_stream(sound_codec, 48_000)
        if audio is not None:
            audio.layout = "mono"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round(1000 * (number / rate if times is None else times[number]))
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if sound is not None:
            _add_sound(file, audio, sound)
    return path


def _add_sound(file: Any, stream: Any, sound: np.ndarray) -> None:
    samples = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), "fltp", "mono")
    samples.sample_rate, samples.pts = 48_000, 0
    resampler = av.AudioResampler(stream.format, stream.layout, 48_000, stream.frame_size or 1024)
    for frame in [*resampler.resample(samples), *resampler.resample(None)]:
        file.mux(stream.encode(frame))
    file.mux(stream.encode(None))


def click(seconds: float, at: float) -> np.ndarray:
    """Silence with a short loud tone at a time, 48000 samples a second."""
    found = np.zeros(round(48_000 * seconds), np.float32)
    begin = round(48_000 * at)
    found[begin : begin + 2400] = 0.8 * np.sin(np.arange(2400) * 0.13)
    return found


def turned(path: Path, quarter_turns: int) -> Path:
    """The same MP4 file, its head saying that a player has to turn it so often to the right."""
    one, none = (1 << 16).to_bytes(4, "big"), bytes(4)
    minus = (-(1 << 16)).to_bytes(4, "big", signed=True)
    a, b, c, d = {
        1: (none, one, minus, none),
        2: (minus, none, none, minus),
        3: (none, minus, one, none),
    }[quarter_turns]
    data = bytearray(path.read_bytes())
    region = data.index(b"tkhd") + 4 + 40
    data[region : region + 36] = (
        a + b + none + c + d + none + none + none + (1 << 30).to_bytes(4, "big")
    )
    path.write_bytes(bytes(data))
    return path


def play(path: Path) -> tuple[list[np.ndarray], list[float]]:
    """The pictures of a film, and when each begins."""
    with av.open(str(path)) as file:
        frames = list(file.decode(video=0))
        return [np.asarray(frame.to_image(), int) for frame in frames], [
            float(frame.time or 0) for frame in frames
        ]


def loud(path: Path) -> float:
    """When sound is first heard in a film, in seconds."""
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            values = np.abs(frame.to_ndarray().reshape(len(frame.layout.channels), -1)[0])
            top = 1.0 if values.dtype.kind == "f" else float(np.iinfo(values.dtype).max)
            above = np.flatnonzero(values > 0.2 * top)
            if len(above):
                return float(frame.time or 0) + above[0] / frame.sample_rate
    raise AssertionError("nothing is heard")
