"""The queue of runs: order, places, Stop, listeners that leave, and what is refused."""

import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from math import nan

import pytest

from nst_core.errors import BusyError
from nst_core.serving.run_queue import GRACE, UNHEARD, RunQueue, Ticket, Waiting

SOON = 20.0
"""s within which what must happen has happened; it mostly takes none."""


@dataclass(frozen=True)
class Moment:
    number: int
    remaining: float = nan


@dataclass
class Run:
    """A run that yields when it is told to."""

    turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    began: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    moments: int = 3
    remaining: float = nan
    error: Exception | None = None

    def __call__(self) -> Generator[Moment, None, None]:
        self.began.set()
        try:
            for number in range(self.moments):
                assert self.turns.acquire(timeout=SOON)
                if self.error is not None:
                    raise self.error
                yield Moment(number, self.remaining)
        finally:
            self.closed.set()

    def go_on(self, turns: int = 1) -> None:
        for _ in range(turns):
            self.turns.release()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def ended(ticket: Ticket) -> str:
    """Wait for the end, without listening."""
    with ticket._queue.changed:
        assert ticket._queue.changed.wait_for(lambda: bool(ticket.ending), timeout=SOON)
    return ticket.ending


def pictures(ticket: Ticket) -> list[int]:
    return [each.number for each in ticket.updates() if not isinstance(each, Waiting)]


def test_a_run_alone_begins_at_once_and_is_heard_to_its_end() -> None:
    run = Run()
    ticket = RunQueue().enter("a", run, 5.0)
    updates = ticket.updates()
    for number in range(3):
        run.go_on()
        assert next(updates) == Moment(number)
    assert list(updates) == []
    assert (ended(ticket), ticket.error) == ("finished", None)
    assert run.closed.is_set()


def test_first_come_first_served_and_each_is_told_its_place() -> None:
    queue, runs = RunQueue(clock=Clock()), [Run() for _ in range(3)]
    tickets = [queue.enter(name, run, 8.0) for name, run in zip("abc", runs, strict=True)]
    assert runs[0].began.wait(SOON)
    assert next(tickets[1].updates()) == Waiting(1, 8.0)
    assert next(tickets[2].updates()) == Waiting(2, 16.0)
    runs[0].go_on(3)
    assert ended(tickets[0]) == "finished"
    assert runs[1].began.wait(SOON)
    assert not runs[2].began.is_set()
    assert next(tickets[2].updates()) == Waiting(1, 8.0)
    for run in runs[1:]:
        run.go_on(3)
    assert [ended(each) for each in tickets] == ["finished"] * 3


def test_the_time_to_wait_follows_what_a_run_says_and_how_long_it_has_gone_on() -> None:
    clock = Clock()
    queue, first = RunQueue(clock=clock), Run(remaining=3.5)
    under_way = queue.enter("a", first, 60.0)
    second = queue.enter("b", Run(), 1.0)
    clock.now += 20.0
    assert next(second.updates()) == Waiting(1, 40.0)
    updates = under_way.updates()
    first.go_on()
    assert next(updates) == Moment(0, 3.5)
    assert next(second.updates()) == Waiting(1, 3.5)
    second.stop()
    first.go_on(2)


def test_two_at_a_time() -> None:
    queue, runs = RunQueue(concurrency=2), [Run() for _ in range(3)]
    tickets = [queue.enter(str(number), run, 10.0) for number, run in enumerate(runs)]
    assert runs[0].began.wait(SOON)
    assert runs[1].began.wait(SOON)
    assert len(queue) == 1
    runs[1].go_on(3)
    assert runs[2].began.wait(SOON)
    for run in runs:
        run.go_on(3)
    assert [ended(each) for each in tickets] == ["finished"] * 3


def test_stop_leaves_the_queue_at_once_and_never_begins() -> None:
    queue, runs = RunQueue(), [Run(), Run()]
    first, second = (queue.enter(str(n), run, 1.0) for n, run in enumerate(runs))
    updates = second.updates()
    assert isinstance(next(updates), Waiting)
    second.stop()
    assert list(updates) == []
    assert (second.ending, len(queue)) == ("stopped", 0)
    runs[0].go_on(3)
    assert ended(first) == "finished"
    assert not runs[1].began.is_set()


def test_stop_ends_a_run_after_its_step_and_frees_the_place_when_it_has_ended() -> None:
    queue, runs = RunQueue(), [Run(), Run()]
    first, second = (queue.enter(str(n), run, 1.0) for n, run in enumerate(runs))
    runs[0].go_on()
    next(first.updates())
    first.stop()
    assert second.waiting
    runs[0].go_on()
    assert ended(first) == "stopped"
    assert runs[0].closed.is_set()
    assert runs[1].began.wait(SOON)
    runs[1].go_on(3)


def test_a_run_that_can_be_asked_ends_by_itself_and_is_heard_to_its_end() -> None:
    asked = threading.Event()

    def work() -> Generator[Moment, None, None]:
        yield Moment(0)
        assert asked.wait(SOON)
        yield Moment(1)

    ticket = RunQueue().enter("a", work, 1.0, ask=asked.set)
    updates = ticket.updates()
    assert next(updates) == Moment(0)
    ticket.stop()
    assert list(updates) == [Moment(1)]
    assert ended(ticket) == "stopped"


def test_whoever_comes_back_finds_the_run() -> None:
    clock = Clock()
    queue, run = RunQueue(clock=clock), Run()
    ticket = queue.enter("a", run, 1.0)
    updates = ticket.updates()
    run.go_on()
    next(updates)
    updates.close()
    clock.now += GRACE - 1
    run.go_on()
    again = ticket.updates()
    assert isinstance(next(again), Moment)
    clock.now += 10 * GRACE
    run.go_on()
    assert list(again) in ([], [Moment(1)], [Moment(2)], [Moment(1), Moment(2)])
    assert ended(ticket) == "finished"


@pytest.mark.parametrize(("heard", "patience"), [(True, GRACE), (False, UNHEARD)])
def test_nobody_computes_for_those_who_are_gone(heard: bool, patience: float) -> None:
    clock = Clock()
    queue, run = RunQueue(clock=clock), Run(moments=100)
    ticket = queue.enter("a", run, 1.0)
    if heard:
        updates = ticket.updates()
        run.go_on()
        next(updates)
        updates.close()
    clock.now += patience + 1
    run.go_on()
    assert ended(ticket) == "left"
    assert run.closed.is_set()


def test_a_run_that_is_given_up_ends_while_somebody_is_still_counted_as_listening() -> None:
    queue, run = RunQueue(), Run(moments=100)
    first, second = queue.enter("a", run, 1.0), queue.enter("b", Run(), 1.0)
    listening = first.updates()
    run.go_on()
    next(listening)
    second.give_up()
    assert (second.ending, len(queue)) == ("left", 0)
    first.give_up()
    run.go_on()
    assert ended(first) == "left"
    assert run.closed.is_set()


def test_places_of_those_who_are_gone_are_free_for_others() -> None:
    clock = Clock()
    queue, first = RunQueue(size=2, clock=clock), Run()
    queue.enter("a", first, 1.0)
    gone = [queue.enter(name, Run(), 1.0) for name in "bc"]
    with pytest.raises(BusyError, match="The server is full: 2 runs are waiting already"):
        queue.enter("d", Run(), 1.0)
    clock.now += UNHEARD + 1
    queue.enter("d", Run(), 1.0)
    assert [each.ending for each in gone] == ["left", "left"]
    queue.close(0.0)
    first.go_on()


def test_a_full_queue_says_when_to_try_again() -> None:
    queue, run = RunQueue(size=1), Run(remaining=100.0)
    queue.enter("a", run, 100.0)
    waiting = queue.enter("b", Run(), 110.0)
    with pytest.raises(BusyError, match=r"Try again in about 4 min\.$"):
        queue.enter("c", Run(), 1.0)
    waiting.stop()
    run.go_on(3)


def test_one_run_and_one_that_waits_for_each_visitor() -> None:
    queue, run = RunQueue(), Run()
    queue.enter("a", run, 1.0)
    second = queue.enter("a", Run(), 1.0)
    with pytest.raises(BusyError, match="Your last run has not ended yet"):
        queue.enter("a", Run(), 1.0)
    second.stop()
    queue.enter("a", Run(), 1.0).stop()
    run.go_on(3)


def test_a_run_that_fails_tells_its_listener_and_the_next_one_begins() -> None:
    queue, bad, good = RunQueue(), Run(error=ValueError("no")), Run()
    first, second = queue.enter("a", bad, 1.0), queue.enter("b", good, 1.0)
    bad.go_on()
    with pytest.raises(ValueError, match="no"):
        list(first.updates())
    assert first.ending == "failed"
    good.go_on(3)
    assert ended(second) == "finished"


def test_a_closed_queue_ends_what_is_under_way_and_takes_nobody() -> None:
    queue, run = RunQueue(), Run()
    under_way, waiting = queue.enter("a", run, 1.0), queue.enter("b", Run(), 1.0)
    run.go_on()
    queue.close(SOON)
    assert (under_way.ending, waiting.ending) == ("stopped", "stopped")
    with pytest.raises(BusyError, match="being stopped"):
        queue.enter("c", Run(), 1.0)


def test_two_may_listen_to_one_run() -> None:
    run = Run()
    ticket = RunQueue().enter("a", run, 1.0)
    heard: list[list[int]] = []
    threads = [threading.Thread(target=lambda: heard.append(pictures(ticket))) for _ in range(2)]
    for thread in threads:
        thread.start()
    run.go_on(3)
    for thread in threads:
        thread.join(SOON)
    assert [each[-1] for each in heard] == [2, 2]


def test_an_address_has_so_many_places_and_others_have_theirs() -> None:
    queue = RunQueue(per_address=2)
    runs = [Run(moments=1) for _ in range(5)]
    places = [queue.enter(str(n), runs[n], 1.0, address="192.0.2.7") for n in range(2)]
    with pytest.raises(BusyError, match=r"^Your network has runs here already, 2 of them:"):
        queue.enter("2", runs[2], 1.0, address="192.0.2.7")
    places += [queue.enter("3", runs[3], 1.0, address="192.0.2.8"), queue.enter("4", runs[4], 1.0)]
    for run in (runs[0], runs[1], runs[3], runs[4]):
        run.go_on()
    assert [ended(place) for place in places] == ["finished"] * 4
    queue.enter("2", runs[2], 1.0, address="192.0.2.7").stop()
