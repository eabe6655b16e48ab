"""A fair queue of runs: who is painted when, who waits how long, and who is no longer there.

A run goes on in a thread of the queue's own, whoever looks on: a listener may leave and come back.
"""

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from nst_core.errors import BusyError

PACE = 1.0
"""s between two words to somebody who waits."""
UNHEARD = 10.0
"""s after which a run ends that nobody has ever listened to."""
GRACE = 60.0
"""s for which a run goes on after its last listener left."""


T = TypeVar("T")
Work = Callable[[], Generator[T, None, None]]
"""Begins a run; closing what it gives ends the run, and returns when its work has ended. What it
yields may tell the seconds that are left, as `remaining`."""

Ask = Callable[[], None]


@dataclass(frozen=True)
class Waiting:
    """Where somebody stands in the queue.

    Attributes:
        ahead: runs that end before this one begins, those under way included.
        seconds: until it begins, from what the runs ahead are known to cost.
    """

    ahead: int
    seconds: float


class Ticket(Generic[T]):
    """One run's place in a queue, and then the run.

    Attributes:
        owner: whose it is.
        address: from where it was asked for, if that is known.
        seconds: that it was said to cost.
        ending: how it ended: "finished", "stopped", "left" (nobody listened), "failed", or ""
            while it has not.
        error: with which it failed, else None.
    """

    def __init__(
        self,
        queue: "RunQueue",
        owner: str,
        work: Work[T],
        seconds: float,
        ask: Ask | None,
        address: str | None,
    ) -> None:
        self.owner, self.address, self.seconds = owner, address, seconds
        self.ending, self.error = "", None  # type: tuple[str, BaseException | None]
        self._queue, self._work = queue, work
        self._ask = ask
        self._stop_asked = self._given_up = False
        self._latest: T | None = None
        self._count = 0  # values that the run has given
        self._began: float | None = None
        self._listeners, self._heard = 0, False
        self._alone_since = queue.clock()

    @property
    def waiting(self) -> bool:
        """Whether the run has not begun."""
        return self._began is None and not self.ending

    def updates(self) -> Generator[Waiting | T, None, None]:
        """Listen: `Waiting` once a second, then what the run yields, the latest if some are missed.

        Closing it leaves the run alone. Ends when the run has ended, after its last value.

        Raises:
            whatever the run raised.
        """
        with self._listening():
            seen = 0
            while True:
                with self._queue.changed:
                    self._queue.changed.wait_for(self._news(seen), timeout=PACE)
                    position = self._queue.position(self) if self.waiting else None
                    fresh, seen = self._count > seen, self._count
                    latest, ended = self._latest, bool(self.ending)
                if position is not None:
                    yield position
                elif fresh and latest is not None:
                    yield latest
                if ended:
                    break
        if self.error is not None:
            raise self.error

    def stop(self) -> None:
        """Leave the queue at once; a run under way ends after its step."""
        with self._queue.changed:
            self._stop_asked = True
            if self.waiting:
                self._queue.leave(self, "stopped")
            elif self._ask is not None:
                self._ask()

    def give_up(self) -> None:
        """Nobody will listen any more: it ends with its next value, or leaves the queue at once."""
        with self._queue.changed:
            self._given_up = True
            if self.waiting:
                self._queue.leave(self, "left")

    def remaining(self) -> float:
        """Seconds that the run has still to go, as far as is known."""
        if self._began is None:
            return self.seconds
        remaining = getattr(self._latest, "remaining", math.nan)
        guessed = max(self.seconds - (self._queue.clock() - self._began), 0.0)
        return guessed if math.isnan(remaining) else remaining

    def abandoned(self) -> bool:
        """Whether nobody listens, and nobody is expected back."""
        patience = GRACE if self._heard else UNHEARD
        alone = not self._listeners and self._queue.clock() - self._alone_since > patience
        return alone or self._given_up

    def run(self) -> None:
        """Do the work, in a thread of the queue's."""
        try:
            with closing(self._work()) as values:
                for value in values:
                    with self._queue.changed:
                        self._latest, self._count = value, self._count + 1
                        self._queue.changed.notify_all()
                    if (self._stop_asked and self._ask is None) or self.abandoned():
                        break
        except BaseException as error:  # also what ends a thread: its listener is to know
            self.error = error
        self._queue.leave(self, self._how())

    def begin(self) -> None:
        """Its turn has come."""
        self._began = self._queue.clock()
        threading.Thread(target=self.run, name="run", daemon=True).start()

    def _how(self) -> str:
        if self.error is not None:
            return "failed"
        if self._stop_asked:
            return "stopped"
        return "left" if self.abandoned() else "finished"

    def _news(self, seen: int) -> Callable[[], bool]:
        was_waiting = self.waiting
        return lambda: self._count > seen or bool(self.ending) or self.waiting != was_waiting

    @contextmanager
    def _listening(self) -> Iterator[None]:
        with self._queue.changed:
            self._listeners, self._heard = self._listeners + 1, True
        try:
            yield
        finally:
            with self._queue.changed:
                self._listeners -= 1
                self._alone_since = self._queue.clock()


def _runs(count: int) -> str:
    return "1 run is" if count == 1 else f"{count} runs are"


class RunQueue:
    """Runs that wait for their turn, first come, first served.

    Attributes:
        changed: held while anything here is read or changed; told of every change.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        concurrency: int = 1,
        size: int = 16,
        per_address: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            concurrency: runs at a time.
            size: of those that may wait.
            per_address: of one address that may wait or be under way; 0 for any number.
            clock: see above.
        """
        self.changed = threading.Condition(threading.RLock())
        self.clock = clock
        self._concurrency, self._size, self._per_address = concurrency, size, per_address
        self._running: list[Ticket] = []
        self._waiting: list[Ticket] = []
        self._closed = False

    def __len__(self) -> int:
        """Runs that wait."""
        return len(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return bool(self._running)

    def enter(
        self,
        owner: str,
        work: Work[T],
        seconds: float,
        ask: Ask | None = None,
        address: str | None = None,
    ) -> Ticket[T]:
        """Take a place for a run, which begins at once where there is room.

        Args:
            owner: whose run it is; each has one that is painted and one that waits, at most.
            work: begins the run.
            seconds: that it will take, as far as is known.
            ask: has the run end by itself, with what it still has to say; without it, it is closed.
            address: from where it was asked for; many people may share one.

        Raises:
            BusyError: the queue is full or closed, or the owner has two places in it, or the
                address as many as it may have.
        """
        ticket = Ticket(self, owner, work, seconds, ask, address)
        with self.changed:
            self.check_room(owner, address)
            self._waiting.append(ticket)
            self._fill()
        return ticket

    def position(self, ticket: Ticket) -> Waiting:
        """Where a ticket that waits stands."""
        before = self._waiting[: self._waiting.index(ticket)]
        seconds = sum(each.remaining() for each in (*self._running, *before)) / self._concurrency
        return Waiting(len(self._running) + len(before), seconds)

    def leave(self, ticket: Ticket, ending: str) -> None:
        """A ticket is done with: its work has ended, or never began."""
        with self.changed:
            ticket.ending = ending
            for line in (self._running, self._waiting):
                if ticket in line:
                    line.remove(ticket)
            self._fill()
            self.changed.notify_all()

    def close(self, patience: float = 10.0) -> None:
        """Take nobody any more, stop what is under way, and wait for its end, so many seconds."""
        with self.changed:
            self._closed = True
            for ticket in (*self._waiting, *self._running):
                ticket.stop()
            self.changed.wait_for(lambda: not self._running, timeout=patience)

    def check_room(self, owner: str, address: str | None = None) -> None:
        """Raise the `BusyError` that `enter` would raise, for whoever has to prepare a run."""
        with self.changed:
            self._forget_abandoned()
            self._check(owner, address)

    def _check(self, owner: str, address: str | None) -> None:
        if self._closed:
            raise BusyError("The server is being stopped: try again in a few minutes.")
        every = (*self._running, *self._waiting)
        own = [each for each in every if each.owner == owner]
        if len(own) >= 2 or any(each.waiting for each in own):
            raise BusyError("Your last run has not ended yet: wait for it, or press Stop.")
        shared = sum(each.address == address for each in every) if address else 0
        if 0 < self._per_address <= shared:
            raise BusyError(
                f"Your network has runs here already, {shared} of them: try again when one has "
                "ended."
            )
        if len(self._waiting) >= self._size:
            seconds = sum(each.remaining() for each in every)
            raise BusyError(
                f"The server is full: {_runs(len(self._waiting))} waiting already. "
                f"Try again in about {math.ceil(seconds / self._concurrency / 60)} min."
            )

    def _forget_abandoned(self) -> None:
        for ticket in [each for each in self._waiting if each.abandoned()]:
            self.leave(ticket, "left")

    def _fill(self) -> None:
        """Have the next ones begin, as far as there is room."""
        while self._waiting and len(self._running) < self._concurrency:
            ticket = self._waiting.pop(0)
            if ticket.abandoned():
                self.leave(ticket, "left")
                continue
            self._running.append(ticket)
            ticket.begin()
