"""A generator in a thread: in step with whoever asks, and closed there."""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest

from nst_core.background import InThread


def never() -> None:
    """As much patience as it takes."""


@contextmanager
def in_thread(work: Generator[int, None, None]) -> Iterator[InThread[int]]:
    thread = InThread(work, "test")
    try:
        yield thread
    finally:
        thread.close(wait_for_it=True)


def counted(done: list[int], ended: list[str]) -> Generator[int, None, None]:
    try:
        for number in (1, 2, 3):
            done.append(number)
            yield number
    finally:
        ended.append(threading.current_thread().name)


def test_it_works_on_what_is_asked_for_and_no_more() -> None:
    done: list[int] = []
    with in_thread(counted(done, [])) as thread:
        values = thread.values(never)
        assert done == []
        assert (next(values), done) == (1, [1])
        assert (next(values), done) == (2, [1, 2])
        assert list(values) == [3]


def test_closing_ends_the_generator_in_its_own_thread() -> None:
    ended: list[str] = []
    with in_thread(counted([], ended)) as thread:
        next(thread.values(never))
    assert ended == ["test_0"]


def test_nothing_comes_while_a_value_takes_long() -> None:
    may_go_on = threading.Event()

    def slow() -> Generator[int, None, None]:
        may_go_on.wait(20)
        yield 1

    with in_thread(slow()) as thread:
        values = thread.values(lambda: 0.01)
        assert [next(values), next(values)] == [None, None]
        may_go_on.set()
        assert [value for value in values if value is not None] == [1]


def test_what_the_generator_raises_arrives() -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise KeyError("reason")

    with in_thread(failing()) as thread:
        values = thread.values(never)
        assert next(values) == 1
        with pytest.raises(KeyError, match="reason"):
            next(values)
