"""What outlives a tab: a visitor's pictures, found again by a secret that the browser keeps."""

import secrets
import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from weakref import WeakValueDictionary

from nst_core.page.visit.visits import Album

MOST_ALBUMS = 1000
"""The one that was not looked at for longest gives way."""
LONGEST_AGE = 24 * 60 * 60
"""Seconds; after a day the pictures are deleted, too."""


@dataclass
class Albums:
    """The albums of all visitors, by their secrets. A album holds no pictures, only their paths.

    A secret is made here and nowhere else: one that is not known, as after a restart, is replaced,
    so nobody can make others use a secret of their choice. One that is empty is there as long as a
    tab has it, and takes nobody's place.
    """

    _known: OrderedDict[str, tuple[float, Album]] = field(default_factory=OrderedDict)
    _empty: WeakValueDictionary[str, Album] = field(default_factory=WeakValueDictionary)
    _lock: Lock = field(default_factory=Lock)

    def find(self, secret: object) -> tuple[str, Album]:
        """The album of a secret, and the secret to keep from now on.

        Args:
            secret: what the browser sent, which may be anything.
        """
        with self._lock:
            self._forget(LONGEST_AGE)
            kept = secret if isinstance(secret, str) else ""
            found = self._found(kept)
            if found is None:
                kept, found = secrets.token_urlsafe(32), Album(lasting=True)
                found.remember = partial(self._remember, kept, weakref.ref(found))
                self._empty[kept] = found
        found.remember()
        return kept, found

    def _found(self, secret: str) -> Album | None:
        known = self._known.get(secret)
        return known[1] if known else self._empty.get(secret)

    def _remember(self, secret: str, found: "weakref.ref[Album]") -> None:
        """It was looked at, or filled: it is the last to give way, unless it is empty."""
        album = found()
        with self._lock:
            if album is None or album.empty:
                return
            self._known.pop(secret, None)
            self._known[secret] = (time.monotonic(), album)
            if len(self._known) > MOST_ALBUMS:
                self._known.popitem(last=False)

    def __len__(self) -> int:
        return len(self._known)

    def _forget(self, age: float) -> None:
        """Drop what nobody looked at for so many seconds."""
        while self._known:
            seen, _ = next(iter(self._known.values()))
            if time.monotonic() - seen < age:
                return
            self._known.popitem(last=False)
