"""A generator that is worked through in a thread, so that whoever waits can do something else."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class InThread(Generic[T]):
    """Works on one value when one is asked for, and on nothing in between."""

    def __init__(self, work: Generator[T, None, None], name: str) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(1, name)

    def values(self, patience: Callable[[], float | None]) -> Iterator[T | None]:
        """What the generator yields, and None each time that a value takes long.

        Args:
            patience: says how many seconds are not long; None is any number of them.
        """
        while True:
            future = self._thread.submit(next, self._work, None)
            while not wait([future], patience()).done:
                yield None
            value = future.result()
            if value is None:
                return
            yield value

    def close(self, wait_for_it: bool) -> None:
        """Close the generator, in its thread, when it has done what it is at.

        Args:
            wait_for_it: whether this returns only then.
        """
        with suppress(RuntimeError):  # Python itself is ending, and the thread with it
            self._thread.submit(self._work.close)
        self._thread.shutdown(wait=wait_for_it)
