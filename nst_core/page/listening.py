"""Whether somebody still reads what an event answers."""

import time
from collections.abc import Callable

from gradio.context import LocalContext

from nst_core.serving.run_queue import GRACE, UNHEARD


class Listener:
    """Who has sent the event under way, seen by the answers that pile up unread.

    A browser that is busy, or a phone that is locked, reads late; one that has closed its
    connection is told by Gradio, and some programs never read at all.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Args: clock: monotonic seconds."""
        self._clock = clock
        self._unread, self._heard, self._last_heard = 0, False, clock()

    def gone(self) -> bool:
        """Whether nothing was read for too long; to be asked after each answer."""
        unread = _unread()
        if unread <= self._unread:  # unread, it would have become one more
            self._heard, self._last_heard = True, self._clock()
        self._unread = unread
        patience = GRACE if self._heard else UNHEARD
        return self._clock() - self._last_heard > patience


def _unread() -> int:
    """Answers to whoever has sent the event under way that wait to be read."""
    blocks, request = LocalContext.blocks.get(None), LocalContext.request.get(None)
    if blocks is None or request is None:
        return 0
    waiting = blocks._queue.pending_messages_per_session.get(request.session_hash)
    return waiting.qsize() if waiting is not None else 0
