"""How long visitors' files are kept: a folder of this page's own, swept by age whoever made them.

Gradio deletes what it remembers to have made, and forgets some of it. What counts here is how old a
file is, and whether it was there before the first visitor came.
"""

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from nst_core.page.hosting.links import LINKED

try:
    import fcntl
except ImportError:  # Windows, where a folder that is left behind stays
    fcntl = None  # type: ignore[assignment]

ONE_HOUR, ONE_DAY = 60 * 60, 24 * 60 * 60  # seconds
STREAMED = "streamed"
"""The folder of pictures that are shown while others follow: they are kept for an hour."""
EVERY = 60.0
"""Seconds between two looks."""
PREFIX, LOCK = "page-", "lock"


class OwnFolder:
    """A folder of one page, within one that it may share with others; a context, gone at its end.

    Attributes:
        path: of the folder.
    """

    def __init__(self, shared: Path) -> None:
        """Args: shared: where it is made; what a page that was killed has left there is removed."""
        self.path = Path(mkdtemp(prefix=PREFIX, dir=shared))
        self._lock = _locked(self.path)
        for other in shared.glob(f"{PREFIX}*"):
            _remove_if_left(other)

    def __enter__(self) -> "OwnFolder":
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def _locked(folder: Path) -> IO[str] | None:
    """Its lock, open, which nobody else has then; None where somebody has, or none can be had."""
    if fcntl is None:
        return None
    lock = (folder / LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _remove_if_left(folder: Path) -> None:
    """A page holds its lock as long as its process is there, however that ends."""
    with suppress(OSError):  # somebody else's, or just removed
        fresh = time.time() - folder.stat().st_mtime < EVERY  # made, and not locked yet
        lock = None if fresh else _locked(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            lock.close()


class Sweeper:
    """Sweeps a folder."""

    def __init__(self, folder: Path, age: float = ONE_DAY, streamed_age: float = ONE_HOUR) -> None:
        """
        Args:
            folder: with others in it; what is in it now is the page's own, and stays, and what is
                in `LINKED` has a time of its own.
            age: seconds that a file is kept.
            streamed_age: the same for those in `STREAMED`.
        """
        self._folder, self._age, self._streamed_age = folder, age, streamed_age
        self._own = set(_files(folder))

    def sweep(self) -> None:
        """Remove what is too old, and folders with nothing in them."""
        now, streamed, linked = time.time(), self._folder / STREAMED, self._folder / LINKED
        for path in _files(self._folder):
            age = self._streamed_age if path.parent == streamed else self._age
            with suppress(OSError):  # gone meanwhile
                kept = path in self._own or path.is_relative_to(linked)
                if not kept and now - path.lstat().st_mtime > age:
                    path.unlink()
        for path in self._folder.rglob("*"):
            with suppress(OSError):  # gone meanwhile, or not empty
                if path.is_dir() and now - path.lstat().st_mtime > EVERY:
                    path.rmdir()

    async def keep(self) -> None:
        """Sweep now, and then time and again, for ever."""
        while True:
            await asyncio.to_thread(self.sweep)
            await asyncio.sleep(EVERY)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in list(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
