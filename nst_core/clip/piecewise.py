"""Writing a film in pieces, so that what is painted stays whatever ends the work."""

import contextlib
import time
from fractions import Fraction
from pathlib import Path

from PIL import Image

from nst_core.checks import shown
from nst_core.clip.film_file import FilmFile, ticks
from nst_core.clip.joining import Piece, join
from nst_core.clip.pieces import WHAT, Progress, Unfinished, with_piece
from nst_core.clip.steadying import Shown
from nst_core.clip.still import Clip, Timed
from nst_core.clip.still_painter import StillPainter
from nst_core.errors import OutputError
from nst_core.images.saving import beside
from nst_core.images.sizes import Size

PIECE_SECONDS = 30.0
"""Of work, after which a piece ends: no more is painted twice where a process is killed."""


class PieceWriter:
    """Writes the stills that are not painted yet; leaving it, however, keeps what is painted.

    Attributes:
        progress: what is kept.
    """

    def __init__(
        self, unfinished: Unfinished, progress: Progress, source: Path, clip: Clip, size: Size
    ) -> None:
        """
        Args:
            unfinished: the folder, which is held.
            progress: what is in it.
            source: the clip's file, for its sound.
            clip: that is opened from it.
            size: (width, height) px of the film.
        """
        self.progress = progress
        self._unfinished, self._source, self._clip, self._size = unfinished, source, clip, size
        self._piece: _OpenPiece | None = None

    def add(self, shot: Timed, picture: Image.Image, painter: StillPainter) -> str:
        """Write a still; returns a sentence on the clip's sound, or nothing.

        Args:
            shot: the still after the one before.
            picture: what it was painted as.
            painter: that painted it, and nothing since.
        """
        if self._piece is None:
            path = self._unfinished.next_piece(self.progress)
            self._piece = _OpenPiece(path, shot, self._source, self._clip, self._size)
        piece = self._piece
        piece.file.add(shot, picture)
        piece.last, piece.end = painter.shown, ticks(shot.end)
        if time.monotonic() - piece.began >= PIECE_SECONDS:
            self._end_piece()
        return piece.file.note

    def finish(self) -> None:
        """Join the pieces, and remove them; raises `OutputError`."""
        self._end_piece()
        self._join()
        self._unfinished.clear()

    def __enter__(self) -> "PieceWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        try:
            self._end_piece()
            if kind in (KeyboardInterrupt, GeneratorExit) and not self.progress.replaces:
                self._join()  # it plays as far as it goes
        except (OSError, OutputError) as problem:
            error = problem
        if isinstance(error, OSError | OutputError):
            raise OutputError(self._sentence(error)) from error

    def _end_piece(self) -> None:
        """Keep what is painted of the piece, if it is whole; else it is painted again."""
        piece, self._piece = self._piece, None
        kept = piece and piece.ended()
        if piece and kept and piece.last is not None:
            progress = with_piece(self.progress, kept, piece.last, piece.first)
            self._unfinished.keep(progress)
            self.progress = progress

    def _join(self) -> None:
        if self.progress.pieces:
            with beside(self._unfinished.output, WHAT) as (half, target):
                begin = self._clip.origin + Fraction(self.progress.first)
                join(self.progress.pieces, half, self._source, begin)
                half.replace(target)

    def _sentence(self, error: OSError | OutputError) -> str:
        reason = str(error)
        if isinstance(error, OSError):
            name = shown(self._unfinished.output.name)
            reason = f"{WHAT} could not be written to {name}: {error.strerror or 'writing failed'}."
        if not self.progress.pieces:
            return reason
        return (
            f"{reason} What is painted stays in {shown(self._unfinished.folder.name)}: when that "
            f"is put right, the same call goes on."
        )


class _OpenPiece:
    """A piece that is being written."""

    def __init__(self, path: Path, shot: Timed, source: Path, clip: Clip, size: Size) -> None:
        self.first = shot.still.begin - shot.begin
        self.last: Shown | None = None
        self.begin = self.end = ticks(shot.begin)
        self._holder = contextlib.ExitStack()
        self._half, self._target = self._holder.enter_context(beside(path, WHAT))
        with contextlib.ExitStack() as stack:
            stack.push(self._holder)  # unless all goes well
            self.file = FilmFile(self._half, source, clip, size)
            stack.pop_all()
        self.began = time.monotonic()

    def ended(self) -> Piece | None:
        """End it; None where it has not all its pictures, for a signal came while one was added."""
        with self._holder:
            with self.file:
                pass
            piece = Piece(self._half, self.begin, self.end, self.file.pictures)
            if not piece.whole:
                return None
            self._half.replace(self._target)
            return piece._replace(path=self._target)
