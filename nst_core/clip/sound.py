"""A clip's sound beside its painted film: as it is where MP4 can hold it, else as AAC."""

import contextlib
import io
import itertools
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nst_core.clip.reading import opened_container
from nst_core.errors import ClipError

if TYPE_CHECKING:
    import av

HELD_BY_MP4 = ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac")
"""FFmpeg's names of codecs whose packets are copied."""
PRIMING = Fraction(1, 10)
"""Seconds before the first still from which sound is copied, for decoders that start early."""
TRIED = 8
"""Packets of a sound that are written for trial."""
NO_SOUND = "The sound of the clip can't be used: the film has none."


class Sound:
    """The sound of a clip's part, which follows the film that it is added to."""

    def __init__(
        self,
        container: "av.container.InputContainer",
        film: "av.container.OutputContainer",
        copied: bool,
    ) -> None:
        """
        Args:
            container: of the clip, that nobody else reads.
            film: that has no picture yet.
            copied: whether its packets are taken as they are; else it is encoded as AAC.
        """
        self._container = container
        self._source = source = container.streams.audio[0]
        self._copied = copied
        if copied:
            self._target = film.add_stream_from_template(source)
        else:
            self._target = film.add_stream("aac", rate=source.codec_context.sample_rate)
            self._target.layout = "mono" if source.codec_context.channels == 1 else "stereo"
        self._film = film

    def packets(self, begin: Fraction) -> Iterator[tuple[Fraction, "av.Packet"]]:
        """What belongs to the film: when each packet begins in it, in seconds, and the packet.

        Args:
            begin: when the film begins, on the clock of the clip's file.
        """
        first = begin - PRIMING if begin <= PRIMING else begin
        self._seek(begin)
        found = self._as_they_are() if self._copied else self._encoded(begin)
        latest = None
        for packet in found:
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            base = Fraction(packet.time_base)
            if packet.pts * base < first or (latest is not None and packet.dts <= latest):
                continue  # what lies before, and what a damaged clock has go back
            latest, moved = packet.dts, round(begin / base)
            packet.pts -= moved
            packet.dts -= moved
            packet.stream = self._target
            yield packet.pts * base, packet

    def _seek(self, begin: Fraction) -> None:
        if begin > PRIMING:
            timestamp = int(begin / Fraction(self._source.time_base or 1))
            with contextlib.suppress(OSError, OverflowError):
                self._container.seek(timestamp, stream=self._source, backward=True)

    def _as_they_are(self) -> Iterator["av.Packet"]:
        import av

        with contextlib.suppress(av.FFmpegError):  # a file that is cut off: what is there counts
            yield from self._container.demux(self._source)

    def _encoded(self, begin: Fraction) -> Iterator["av.Packet"]:
        """Decoded, and encoded anew."""
        import av

        codec = self._target.codec_context
        resampler = av.AudioResampler("fltp", codec.layout, codec.sample_rate, 1024)
        with contextlib.suppress(av.FFmpegError):
            for frame in self._container.decode(self._source):
                if frame.pts is None or frame.time is None or frame.time < begin:
                    continue
                for each in resampler.resample(frame):
                    yield from self._target.encode(each)
            yield from self._target.encode(None)


class SoundTrack:
    """Sound that is written up to where the pictures are; nothing for a clip without."""

    def __init__(self, path: str | os.PathLike[str], film: "av.container.OutputContainer") -> None:
        """
        Args:
            path: of the clip.
            film: that is being written, and has no picture yet.
        """
        self.note = ""
        self._film, self._holder = film, contextlib.ExitStack()
        self._sound: Sound | None = None
        self._coming: Iterator[tuple[Fraction, av.Packet]] = iter(())
        self._next: tuple[Fraction, av.Packet] | None = None
        with contextlib.suppress(ClipError):  # an animation, which has none
            self._open(Path(path))

    def _open(self, path: Path) -> None:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            copied = _holds(file, path.name, copied=True)
            if copied or _holds(file, path.name, copied=False):
                container = stack.enter_context(opened_container(file, path.name))
                self._sound = Sound(container, self._film, bool(copied))
            elif copied is not None:
                self.note = NO_SOUND
            self._holder = stack.pop_all()

    def begin(self, when: Fraction) -> None:
        """Say when the film begins, on the clock of the clip's file."""
        if self._sound is not None:
            self._coming = self._sound.packets(when)
            self._next = next(self._coming, None)

    def write_until(self, seconds: float) -> None:
        """Write what begins before so many seconds of the film."""
        while self._next is not None and self._next[0] < seconds:
            try:
                self._film.mux(self._next[1])
            except ValueError:  # as PyAV has it for what is damaged, but not for a disk
                self._next = None
            else:
                self._next = next(self._coming, None)

    def close(self) -> None:
        """Let go of the clip."""
        self._coming = iter(())
        self._holder.close()


def _holds(file: BinaryIO, name: str, copied: bool) -> bool | None:
    """Whether MP4 holds the beginning of a clip's sound; None for a clip without.

    What is damaged, or of a codec that isn't there, would show when the film's head is written, or
    its end.
    """
    import av

    with opened_container(file, name) as container:
        if not container.streams.audio:
            return None
        codec = getattr(container.streams.audio[0].codec_context, "name", "")
        if copied and codec.removesuffix("float") not in HELD_BY_MP4:
            return False
        try:
            with av.open(io.BytesIO(), "w", format="mp4") as trial:
                packets = Sound(container, trial, copied).packets(Fraction(0))
                trial.start_encoding()
                for _, packet in itertools.islice(packets, TRIED):
                    trial.mux(packet)
        except (av.FFmpegError, ValueError, AttributeError, TypeError):
            return False
        return True
