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
        # kept, for an event is closed in a context that isn't its own
        self._blocks = LocalContext.blocks.get(None)
        self._request = LocalContext.request.get(None)
        self._event = LocalContext.event_id.get(None)
        self._unread, self._heard, self._last_heard = 0, False, clock()

    def gone(self) -> bool:
        """Whether nothing was read for too long; to be asked after each answer."""
        unread = self._waiting_answers()
        if unread <= self._unread:  # unread, it would have become one more
            self._heard, self._last_heard = True, self._clock()
        self._unread = unread
        patience = GRACE if self._heard else UNHEARD
        return self._clock() - self._last_heard > patience

    def lost(self) -> bool:
        """Whether an event that is closed now is closed for a lost connection, not on purpose.

        Gradio then has it among its jobs still, as one that is not alive.
        """
        jobs = self._blocks._queue.active_jobs if self._blocks is not None else []
        events = [event for job in jobs for event in job or ()]
        return any(event._id == self._event and not event.alive for event in events)

    def _waiting_answers(self) -> int:
        """To whoever has sent the event."""
        if self._blocks is None or self._request is None:
            return 0
        sessions = self._blocks._queue.pending_messages_per_session
        waiting = sessions.get(self._request.session_hash)
        return waiting.qsize() if waiting is not None else 0
