"""Looking into the files of visitors outside of a run: one at a time, and few that wait."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from nst_core.errors import BusyError
from nst_core.images.opening import open_image

MOST_WAITING = 16
"""Images that wait to be looked at."""


class Looking:
    """A line of its own: a photograph takes a second to decode, and nearly a gigabyte."""

    def __init__(self) -> None:
        self._line = ThreadPoolExecutor(1, "look")
        self._asked = 0  # for looks that are not done

    async def open(self, file: Path, role: str, longest: int | None = None) -> Image.Image:
        """As `open_image`.

        Raises:
            BusyError: too many wait already.
            ImageError: the file can't be used.
        """
        if self._asked > MOST_WAITING:
            raise BusyError("Too many pictures are being opened: try again in a moment.")
        self._asked += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._line, open_image, file, role, longest)
        finally:
            self._asked -= 1
