"""Work on a visitor's pictures outside of a run: in lines of its own, of bounded length."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from PIL import Image

from nst_core.errors import BusyError
from nst_core.images.opening import open_image

MOST_WAITING = 16
"""Things that wait in a line."""
T = TypeVar("T")


class Line:
    """One thing at a time, and few that wait."""

    def __init__(self, name: str, busy: str) -> None:
        """Args: busy: the sentence for whoever comes when too many wait."""
        self._worker = ThreadPoolExecutor(1, name)
        self._busy = busy
        self._asked = 0  # for things that are not done

    async def do(self, work: Callable[..., T], *arguments: object) -> T:
        """What the work gives or raises.

        Raises:
            BusyError: too many wait already.
        """
        if self._asked > MOST_WAITING:
            raise BusyError(self._busy)
        self._asked += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._worker, work, *arguments)
        finally:
            self._asked -= 1


class OpeningLine:
    """A line for opening files: a photograph takes a second to decode, and nearly a gigabyte."""

    def __init__(self) -> None:
        self._line = Line("look", "Too many pictures are being opened: try again in a moment.")

    async def open(self, file: Path, role: str, longest: int | None = None) -> Image.Image:
        """As `open_image`.

        Raises:
            BusyError: too many wait already.
            ImageError: the file can't be used.
        """
        return await self.do(open_image, file, role, longest)

    async def do(self, work: Callable[..., T], *arguments: object) -> T:
        """What the work, which opens files, gives or raises; raises `BusyError`, too."""
        return await self._line.do(work, *arguments)
