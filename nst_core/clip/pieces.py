"""A film that is not whole yet: pieces in a folder beside it, from which the next call goes on.

The folder holds pieces that play, and one more file: what they were painted from, and what the
next still has to know of the last one. That is replaced as a whole after each piece, so that a
process may be killed at any time.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from nst_core.checks import shown
from nst_core.clip.joining import Piece
from nst_core.clip.steadying import Shown
from nst_core.errors import OutputError
from nst_core.images.saving import beside

SUFFIX = ".unfinished"
"""Of the folder's name, behind the film's."""
PROGRESS = "progress.npz"
"""The file in it that is no piece."""
WHAT = "The film"
"""At the beginning of a sentence about a file that is written."""
ADVICE = "Give the same as before, name another file behind -o, or begin anew with --again."


@dataclass(frozen=True)
class Progress:
    """What is painted of a film.

    Attributes:
        asked: what it is painted from, name -> text or number; see `asked_for`.
        pieces: one after the other.
        first: seconds of the clip at which the film begins.
        last: what is remembered of the last still; None before the first piece.
        replaces: whether a whole film was there before, which no half one may replace.
    """

    asked: Mapping[str, Any]
    pieces: tuple[Piece, ...] = ()
    first: float = 0.0
    last: Shown | None = None
    replaces: bool = False

    @property
    def stills(self) -> int:
        """How many are painted."""
        return sum(piece.stills for piece in self.pieces)


class Unfinished:
    """The folder of a film that is not whole yet.

    Attributes:
        output: the film's file.
        folder: its path.
    """

    def __init__(self, output: str | os.PathLike[str]) -> None:
        self.output = Path(os.path.realpath(output))
        self.folder = self.output.with_name(self.output.name + SUFFIX)

    @contextlib.contextmanager
    def held(self) -> Iterator[Self]:
        """Make the folder, and keep other processes from it.

        Raises:
            OutputError: it can't be made, or another process paints the same film.
        """
        with self._told():
            self.folder.mkdir(exist_ok=True)
            handle = os.open(self.folder, os.O_RDONLY)
        try:
            self._lock(handle)
            try:
                yield self
            finally:
                with contextlib.suppress(OSError):
                    self.folder.rmdir()  # if there is nothing in it
        finally:
            os.close(handle)

    def progress(self, asked: Mapping[str, Any]) -> Progress:
        """What is painted already of what is asked for now; nothing where there is no folder.

        Raises:
            OutputError: it was painted from something else, or can't be read.
        """
        with self._told():
            if not (self.folder / PROGRESS).exists():
                return Progress(asked, replaces=self.output.exists())
        try:
            found = self._read()
        except Exception as error:  # whatever NumPy, the archive or JSON raise for damage
            raise OutputError(
                f"What is painted already, in {shown(self.folder.name)}, can't be read: it is "
                f"damaged, or of another version. Begin anew with --again."
            ) from error
        if differing := _differing(found.asked, asked):
            raise OutputError(
                f"What is painted already, in {shown(self.folder.name)}, has {differing}. {ADVICE}"
            )
        return found

    def next_piece(self, progress: Progress) -> Path:
        """The file of the piece after these."""
        return self.folder / f"piece-{len(progress.pieces) + 1:04}.mp4"

    def keep(self, progress: Progress) -> None:
        """Remember what is painted; raises `OutputError`."""
        rows = [(each.path.name, *each[1:]) for each in progress.pieces]
        plain = {name: getattr(progress, name) for name in ("asked", "first", "replaces")}
        with beside(self.folder / PROGRESS, WHAT) as (half, target):
            with half.open("wb") as file:
                last = {} if progress.last is None else progress.last._asdict()
                np.savez(file, told=np.array(json.dumps({**plain, "pieces": rows})), **last)
            half.replace(target)

    def begin_anew(self, asked: Mapping[str, Any]) -> Progress:
        """Let go of what is painted; a half film in the place of the whole one stays a half."""
        replaces = self.output.exists()
        with contextlib.suppress(Exception):  # what can't be read can't say
            replaces = self._read().replaces
        self.clear()
        return Progress(asked, replaces=replaces)

    def clear(self) -> None:
        """Remove what is in the folder and was written here."""
        with self._told():
            for path in [self.folder / PROGRESS, *self.folder.glob("piece-*.mp4")]:
                path.unlink(missing_ok=True)

    def _lock(self, handle: int) -> None:
        """Until the handle is closed, or the process has ended."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(
                f"Another process paints {shown(self.output.name)} just now: wait for it, or name "
                f"another file."
            ) from None
        except OSError:  # there are no locks here
            pass

    def _read(self) -> Progress:
        with np.load(self.folder / PROGRESS, allow_pickle=False) as file:
            told = json.loads(str(file["told"]))
            last = Shown(**{name: file[name] for name in Shown._fields})
        pieces = tuple(
            Piece(self.folder / Path(name).name, int(begin), int(end), int(stills))
            for name, begin, end, stills in told["pieces"]
        )
        for piece in pieces:
            if not piece.path.is_file():
                raise ValueError(f"{piece.path.name} is missing")
        first, replaces = float(told["first"]), bool(told["replaces"])
        return Progress(told["asked"], pieces, first, last, replaces)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"What is painted can't be kept in {shown(self.folder.name)}: "
                f"{error.strerror or 'writing failed'}."
            ) from error


def with_piece(progress: Progress, piece: Piece, last: Shown, first: float) -> Progress:
    """The same with a piece more."""
    return replace(progress, pieces=(*progress.pieces, piece), first=first, last=last)


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What is another than before, for a sentence; or nothing."""
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    told = [_told(name, before.get(name), now.get(name)) for name in names[:3]]
    return " and ".join(told)


def _told(name: str, before: object, now: object) -> str:
    plain = all(isinstance(each, int | float) for each in (before, now))
    return f"another {name}: {before:g}, not {now:g}" if plain else f"another {name}"
