"""Joining pieces of a film: their pictures as they are, without encoding them again, and sound."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nst_core.clip.film_file import CLOCK
from nst_core.clip.sound import SoundTrack

if TYPE_CHECKING:
    import av


class Piece(NamedTuple):
    """A film's part that is a file of its own.

    Attributes:
        path: of the MP4 file, whose time begins at 0.
        begin, end: of it in the film, in ticks of `CLOCK`.
        stills: that it shows.
    """

    path: Path
    begin: int
    end: int
    stills: int

    @property
    def whole(self) -> bool:
        """Whether its file has all its pictures: a signal may come while one is written."""
        import av

        try:
            with av.open(str(self.path)) as file:
                return sum(packet.size > 0 for packet in file.demux(video=0)) == self.stills
        except (av.FFmpegError, IndexError):
            return False


def join(pieces: Sequence[Piece], path: Path, source: Path, begin: Fraction) -> None:
    """Write pieces that follow each other as one film, to be played while it loads.

    Args:
        pieces: at least one, all of one size and by one encoder.
        path: of the film.
        source: the clip's file. Sound is taken from there as a film in one go takes it, so that no
            seam is heard either.
        begin: when the film begins, on the clock of that file.

    Raises:
        OSError: a piece can't be read, or the film can't be written.
    """
    import av

    options = {"movflags": "faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as film:
        with av.open(str(pieces[0].path)) as first:
            stream = film.add_stream_from_template(first.streams.video[0])
            stream.time_base = CLOCK
        with closing(SoundTrack(source, film)) as sound:
            sound.begin(begin)
            for packet, end in _packets(pieces):
                packet.stream = stream
                film.mux(packet)
                sound.write_until(float(end * CLOCK))


def _packets(pieces: Sequence[Piece]) -> Iterator[tuple["av.Packet", int]]:
    """All pictures, at their times in the film, and when each ends, in ticks."""
    import av

    for piece in pieces:
        with av.open(str(piece.path)) as file:
            for packet in file.demux(video=0):
                if packet.size and packet.pts is not None and packet.time_base is not None:
                    scale = packet.time_base / CLOCK
                    begin = piece.begin + round(packet.pts * scale)
                    duration = round((packet.duration or 0) * scale)
                    packet.pts = packet.dts = begin  # none is shown before the one in front of it
                    packet.duration, packet.time_base = duration, CLOCK
                    yield packet, begin + duration
