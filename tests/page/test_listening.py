"""Who still reads the answers, told from those that pile up."""

from collections.abc import Iterator
from queue import Queue
from types import SimpleNamespace

import pytest
from gradio.context import LocalContext

from nst_core.page.run.listening import Listener
from nst_core.serving.run_queue import GRACE, UNHEARD


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def answers() -> Iterator[Queue[int]]:
    """Those of the event under way that nobody has read."""
    waiting: Queue[int] = Queue()
    jobs = [None, [SimpleNamespace(_id="mine", alive=True)]]
    queue = SimpleNamespace(pending_messages_per_session={"visitor": waiting}, active_jobs=jobs)
    request = SimpleNamespace(session_hash="visitor")
    tokens = (
        (LocalContext.blocks, LocalContext.blocks.set(SimpleNamespace(_queue=queue))),
        (LocalContext.request, LocalContext.request.set(request)),
        (LocalContext.event_id, LocalContext.event_id.set("mine")),
    )
    yield waiting
    for variable, token in tokens:
        variable.reset(token)


def seconds_until_gone(listener: Listener, clock: Clock, answers: Queue[int]) -> int:
    for second in range(1, 1000):
        clock.now += 1
        answers.put(second)
        if listener.gone():
            return second
    raise AssertionError("never gone")


def test_one_who_never_reads_is_gone_soon(answers: Queue[int]) -> None:
    clock = Clock()
    assert seconds_until_gone(Listener(clock), clock, answers) == UNHEARD + 1


def test_one_who_has_read_may_be_away_for_a_while(answers: Queue[int]) -> None:
    clock = Clock()
    listener = Listener(clock)
    answers.put(0)
    assert not listener.gone()
    answers.get()
    assert not listener.gone()
    assert seconds_until_gone(listener, clock, answers) == GRACE + 1


def test_a_slow_reader_is_heard(answers: Queue[int]) -> None:
    clock = Clock()
    listener = Listener(clock)
    assert not listener.gone()
    for second in range(200):
        clock.now += 1
        answers.put(second)
        if second % 40 == 39:
            for _ in range(30):
                answers.get()
        assert not listener.gone()


def test_without_an_event_there_is_no_one_to_miss() -> None:
    clock = Clock()
    listener = Listener(clock)
    clock.now += 10 * GRACE
    assert not listener.gone()


@pytest.mark.usefixtures("answers")
def test_a_lost_connection_is_told_from_a_cancelled_event() -> None:
    listener = Listener()
    jobs = LocalContext.blocks.get()._queue.active_jobs
    assert not listener.lost()
    jobs[1][0].alive = False
    assert listener.lost()
    jobs[1][0]._id = "another"
    assert not listener.lost()
