"""Errors that nobody foresaw, in the log: in full once for each kind, and counted from then on."""

import hashlib
import logging
from collections import Counter
from threading import Lock

from starlette.requests import ClientDisconnect

from nst_core.errors import kind_of

MOST_KINDS = 1000
"""That are counted; a log that has seen more begins anew."""


def reference_of(error: BaseException) -> str:
    """Four signs for a visitor to tell the operator, who finds them in the log."""
    return hashlib.sha256(kind_of(error).encode()).hexdigest()[:4]


class Counted(logging.Filter):
    """Lets a kind of error through the first time, with its traceback; then its count alone.

    That comes the second, the fourth, the eighth time, and so on: whoever makes the page fail a
    thousand times gets ten lines.
    """

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        if isinstance(error, ClientDisconnect):  # in the middle of an upload: nobody's fault
            return False
        kind = kind_of(error)
        with self._lock:
            if kind not in self._counts and len(self._counts) >= MOST_KINDS:
                self._counts.clear()
            self._counts[kind] += 1
            count = self._counts[kind]
        if count == 1:
            record.msg = f"{record.getMessage().strip()} (reference {reference_of(error)})"
        else:
            record.msg = f"{kind} (reference {reference_of(error)}), {count} times by now"
            record.exc_info = record.exc_text = None
        record.args = ()
        return count & (count - 1) == 0
