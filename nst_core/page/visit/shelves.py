"""What outlives a tab: a visitor's pictures, found again by a secret that the browser keeps."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from nst_core.page.visit.visits import Shelf

MOST_SHELVES = 1000
"""The one that was not looked at for longest gives way."""
LONGEST_AGE = 24 * 60 * 60
"""Seconds; after a day the pictures are deleted, too."""


@dataclass
class Shelves:
    """The shelves of all visitors, by their secrets. A shelf holds no pictures, only their paths.

    A secret is made here and nowhere else: one that is not known, as after a restart, is replaced,
    so nobody can make others use a secret of their choice.
    """

    _known: OrderedDict[str, tuple[float, Shelf]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def find(self, secret: Any) -> tuple[str, Shelf]:
        """The shelf of a secret, and the secret to keep from now on.

        Args:
            secret: what the browser sent, which may be anything.
        """
        with self._lock:
            self._forget(LONGEST_AGE)
            found = self._known.pop(secret, None) if isinstance(secret, str) else None
            if found is None:
                if len(self._known) >= MOST_SHELVES:
                    self._known.popitem(last=False)
                secret, found = secrets.token_urlsafe(32), (0.0, Shelf(lasting=True))
            self._known[secret] = (time.monotonic(), found[1])  # the last to give way
            return secret, found[1]

    def __len__(self) -> int:
        return len(self._known)

    def _forget(self, age: float) -> None:
        """Drop what nobody looked at for so many seconds."""
        while self._known:
            seen, _ = next(iter(self._known.values()))
            if time.monotonic() - seen < age:
                return
            self._known.popitem(last=False)
