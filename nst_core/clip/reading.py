"""Clips that are read: MP4, MOV, WebM, AVI and what else FFmpeg decodes, by PyAV; and animations.

Only containers that hold all they show are taken: a playlist could have other files be read.
"""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from nst_core.checks import shown
from nst_core.clip.animation import open_animation
from nst_core.clip.hdr import CURVES, to_sdr
from nst_core.clip.still import INSTANT, LONGEST, Clip, Facts, Part, Still
from nst_core.errors import ClipError
from nst_core.images.opening import open_regular
from nst_core.images.sizes import MAX_MEGAPIXELS, Size, check_size

if TYPE_CHECKING:
    import av
    from av.video.stream import VideoStream

CONTAINERS = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts", "mpeg"),
    *("mpegvideo", "ogg", "asf", "flv", "mxf", "mp3", "wav", "flac", "aac", "aiff", "amr"),
)
"""FFmpeg's names of them; those of sound alone are there to be told as what they are."""
SLOWEST, FASTEST = 0.01, 1000.0
"""Stills a second that are believed; others are taken for not told."""
SEEK_FROM = 2.0
"""Seconds of a clip, at most, that are decoded though they are not painted."""
BROKEN_OFF = 0.5
"""Seconds that may be missing at the end before they are told."""
MOST_DAMAGED = 100
"""Packets that can't be decoded, at most, before the rest of a clip is given up."""


@contextmanager
def opened_clip(path: str | os.PathLike[str]) -> Iterator[Clip]:
    """A clip's file, whose facts are known; closed after.

    Raises:
        ClipError, ImageError: it is missing, damaged, too large, sound alone, or a still image.
    """
    name = Path(path).name
    with open_regular(Path(path), f"The clip {shown(name)}", "a clip") as file:
        clip: Clip = open_animation(file, name) or FilmedClip(file, name)
        with contextlib.closing(clip):
            yield clip


@contextmanager
def opened_container(file: BinaryIO, name: str) -> Iterator["av.container.InputContainer"]:
    """What FFmpeg finds in a file, which reads no other; raises `ClipError`."""
    import av

    file.seek(0)
    allowed = {"format_whitelist": ",".join(CONTAINERS), "protocol_whitelist": ""}
    try:
        container = av.open(file, mode="r", options=allowed)
    except (av.FFmpegError, ValueError) as error:
        raise ClipError(
            f"The clip {shown(name)} can't be opened: it is damaged or cut off, or no clip of a "
            f"known kind, such as MP4, MOV, WebM, AVI or GIF."
        ) from error
    with container:
        yield container


class FilmedClip:
    """A file of one of the `CONTAINERS`; see `Clip`.

    Attributes:
        facts: see there.
        missing: a sentence on what could not be decoded, once stills came to their end; or empty.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name, self._holder = file, name, contextlib.ExitStack()
        self.missing = ""
        try:
            self._open()
            self._first = self._first_frame()
            self.facts = self._facts()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        """From its beginning, which not every file can be led back to."""
        self.close()
        self._container = self._holder.enter_context(opened_container(self._file, self._name))
        self._stream = self._video()

    @property
    def origin(self) -> Fraction:
        """When the first still is shown, in seconds of the file's own clock."""
        return _seconds(self._first, self._stream) or Fraction(0)

    def stills(self, size: Size, part: Part) -> Iterator[Still]:
        self._open()
        self._seek(part.begin)
        reached, turn = 0.0, self._first.rotation
        held: Still | None = None
        for frame in self._frames():
            time = float((_seconds(frame, self._stream) or Fraction(0)) - self.origin)
            if part.end is not None and time >= part.end:
                reached = part.end
                break
            length = float(frame.duration * (frame.time_base or 0))
            reached = time + length
            if reached <= part.begin + INSTANT and time < part.begin:
                continue
            if held is not None and time < held.begin + INSTANT:
                continue  # a clock that stands, or goes back
            if time - part.begin > LONGEST:
                break  # one that runs away
            held = Still(
                _picture(frame, size, turn), time, length if 0 < length < LONGEST else None
            )
            yield held
        if held is None:
            raise ClipError(f"The clip {shown(self._name)} has no picture that can be decoded.")
        self._tell_missing(reached, part)

    def close(self) -> None:
        self._holder.close()

    def _video(self) -> "VideoStream":
        """The stream of pictures; the cover of a record is none."""
        from av.stream import Disposition

        for stream in self._container.streams.video:
            if not stream.disposition & Disposition.attached_pic:
                stream.thread_type = "AUTO"
                if stream.codec_context is not None:  # a codec that isn't there has none
                    most = {"max_pixels": str(MAX_MEGAPIXELS * 1_000_000)}
                    stream.codec_context.options = most
                return stream
        if self._container.streams.audio:
            raise ClipError(f"The clip {shown(self._name)} is sound alone: there is no picture.")
        raise ClipError(f"The clip {shown(self._name)} has no pictures.")

    def _first_frame(self) -> "av.VideoFrame":
        stream = self._stream
        if stream.codec_context is None:
            raise ClipError(
                f"The pictures of the clip {shown(self._name)} are of a codec that isn't there."
            )
        check_size((stream.width or 1, stream.height or 1), f"The clip {shown(self._name)}")
        for frame in self._frames():
            check_size((frame.width, frame.height), f"The clip {shown(self._name)}")
            return frame
        raise ClipError(f"The clip {shown(self._name)} has no picture that can be decoded.")

    def _facts(self) -> Facts:
        import av

        stream, frame = self._stream, self._first
        wide = float(stream.sample_aspect_ratio or 1) or 1.0
        size = max(1, round(frame.width * wide)), frame.height
        if frame.rotation % 180:
            size = size[1], size[0]
        length = stream.duration and stream.time_base and stream.duration * stream.time_base
        if not length and self._container.duration:
            length = Fraction(self._container.duration, av.time_base)
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        rate = rate if SLOWEST <= rate <= FASTEST else 0.0
        note = "The clip is HDR: its colours are brought to what ordinary screens show."
        note = note if frame.color_trc in CURVES else ""
        sound = bool(self._container.streams.audio)
        return Facts(size, float(length) if length else None, rate, note, sound)

    def _seek(self, begin: float) -> None:
        """To the key frame before, where that is worth it."""
        if begin < SEEK_FROM:
            return
        stream = self._stream
        timestamp = (self.origin + Fraction(begin)) / (stream.time_base or 1)
        # some can't be, and some clocks are beyond all numbers: their beginning is passed over
        with contextlib.suppress(OSError, OverflowError):
            self._container.seek(int(timestamp), stream=stream, backward=True)

    def _frames(self) -> Iterator["av.VideoFrame"]:
        """All from here on that can be decoded; what is damaged is left out."""
        import av

        damaged = 0
        try:
            for packet in self._container.demux(self._stream):
                try:
                    yield from packet.decode()
                except av.FFmpegError:
                    damaged += 1
                    if damaged > MOST_DAMAGED:
                        return
        except av.FFmpegError:
            return

    def _tell_missing(self, reached: float, part: Part) -> None:
        ending = part.ending(self.facts)
        if ending is not None and ending - reached > BROKEN_OFF:
            self.missing = (
                f"The clip {shown(self._name)} is damaged or cut off: of {ending:.1f} s, "
                f"{reached:.1f} s are there."
            )


def _seconds(frame: "av.VideoFrame", stream: "VideoStream") -> Fraction | None:
    base = frame.time_base or stream.time_base
    return None if frame.pts is None or base is None else frame.pts * Fraction(base)


def _picture(frame: "av.VideoFrame", size: Size, turn: int) -> Image.Image:
    """A frame as an upright image of a size."""
    from av.video.reformatter import Colorspace, Interpolation

    lying = (size[1], size[0]) if turn % 180 else size
    smaller = lying[0] < frame.width
    matrix = frame.colorspace
    if matrix not in [each.value for each in Colorspace]:
        matrix = Colorspace.ITU709 if frame.height > 576 else Colorspace.ITU601
    hdr = frame.color_trc in CURVES
    found = frame.reformat(
        width=lying[0],
        height=lying[1],
        format="rgb48le" if hdr else "rgb24",
        src_colorspace=matrix,
        interpolation=Interpolation.AREA if smaller else Interpolation.BICUBIC,
    )
    pixels = found.to_ndarray()
    image = Image.fromarray(to_sdr(pixels, frame.color_trc) if hdr else pixels)
    return image.rotate(turn, expand=True) if turn else image
