"""Pictures that have a page of their own for some hours, found by a token nobody can guess."""

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from PIL import Image

from nst_core.errors import ImageError
from nst_core.images.saving import save_jpeg
from nst_core.images.sizes import Size, fit, resize
from nst_core.page.look.link_page import About

LINKED = "linked"
"""The folder of their files, among those of visitors; `Sweeper` leaves it to `Links`."""
PICTURE, PHOTO = "picture.jpg", "photo.jpg"
LONGEST_SIDE = 2048
"""px of a picture that is shown by a link; a larger one is made smaller for it."""
MOST_LINKS = 10_000
PART_OF_HELD = 10
"""All of them together may take one part in so many of `Limits.max_held`."""
HOUR = 60 * 60  # seconds
EVERY = 60.0
"""Seconds between two looks at whose time is over; nobody is shown one of those meanwhile."""
SECRET_BYTES = 24
"""Of a token and of a key, at random: 32 characters."""


@dataclass(frozen=True)
class Link:
    """A picture that has a page of its own.

    Attributes:
        about: what its page tells of it.
        size: (width, height) px of picture and photograph, as the page shows them.
        until: seconds since 1970 at which it is gone.
        token: by which it is found.
        key: by which it can be deleted.
        folder: of its own, with `PICTURE` and `PHOTO`.
        length: bytes that these take.
    """

    about: About
    size: Size
    until: float
    token: str = field(repr=False)
    key: str = field(repr=False)
    folder: Path = field(repr=False)
    length: int = 0


class Links:
    """All links of a page. They go with it: they are in memory, and their files in its folder."""

    def __init__(
        self, folder: Path, hours: int, megabytes: float, clock: Callable[[], float] = time.time
    ) -> None:
        """
        Args:
            folder: for their files; it is made where there is none.
            hours: that each of them lasts.
            megabytes: that all of them may take; beyond it the oldest go.
            clock: seconds since 1970.
        """
        self.hours = hours
        self._folder, self._most, self._clock = folder, megabytes * 10**6, clock
        self._known: dict[str, Link] = {}  # by their tokens, the oldest first
        self._lock = Lock()

    def make(self, picture: Path, photo: Path, about: About) -> Link:
        """A link to a copy of a picture, which holds nothing but pixels.

        Args:
            picture: its file.
            photo: that of the photograph it was made from; it gets the picture's size.
            about: the picture.

        Raises:
            ImageError: a file was deleted.
            OSError: no folder can be made for it, as on a full disk.
            OutputError: it can't be written; whatever else is linked stays.
        """
        folder = self._folder / secrets.token_hex(20)
        folder.mkdir(parents=True)
        try:
            size = _copied(picture, photo, folder)
            length = sum((folder / name).stat().st_size for name in (PICTURE, PHOTO))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        until = self._clock() + self.hours * HOUR
        token, key = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(2))
        link = Link(about, size, until, token, key, folder, length)
        with self._lock:
            self._known[token] = link
        self.sweep()
        return link

    def find(self, token: str) -> Link | None:
        """The link of a token, if there is one and its time is not over."""
        link = self._known.get(token)
        return link if link is not None and self.left(link) > 0 else None

    def left(self, link: Link) -> float:
        """Seconds until its time is over."""
        return link.until - self._clock()

    def delete(self, token: str, key: str) -> bool:
        """Have a link gone at once, files and all, where the key is its own; whether it was."""
        link = self.find(token)
        if link is None or not secrets.compare_digest(key.encode(), link.key.encode()):
            return False
        self._remove([link])
        return True

    def sweep(self) -> None:
        """Remove those whose time is over, and the oldest where there are too many."""
        with self._lock:
            known = list(self._known.values())
        now = self._clock()
        going = [link for link in known if now >= link.until]
        staying = [link for link in known if now < link.until]
        total = sum(link.length for link in staying)
        while len(staying) > 1 and (total > self._most or len(staying) > MOST_LINKS):
            going.append(staying.pop(0))
            total -= going[-1].length
        self._remove(going)

    async def keep(self) -> None:
        """Sweep time and again, for ever."""
        while True:
            await asyncio.to_thread(self.sweep)
            await asyncio.sleep(EVERY)

    def __len__(self) -> int:
        return len(self._known)

    def _remove(self, links: list[Link]) -> None:
        with self._lock:
            for link in links:
                self._known.pop(link.token, None)
        for link in links:
            shutil.rmtree(link.folder, ignore_errors=True)


def _copied(picture: Path, photo: Path, folder: Path) -> Size:
    """Write both anew, as JPEG files without metadata; gives the size in px that they have."""
    try:
        with Image.open(picture) as opened:
            shown = opened.convert("RGB")
        with Image.open(photo) as opened:
            before = opened.convert("RGB")
    except FileNotFoundError:
        raise ImageError("That picture was deleted, as pictures are after a day.") from None
    size = shown.size if max(shown.size) <= LONGEST_SIDE else fit(shown.size, LONGEST_SIDE)
    for image, name in ((shown, PICTURE), (before, PHOTO)):
        save_jpeg(resize(image, size), folder / name, "The picture of the link")
    return size
