"""How fast a run goes, and so what is left of it."""

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from nst_core.recipe.descent import Descent

LATEST = 10
"""Steps whose seconds count: others may have had the machine to themselves before."""


class Pace:
    """Seconds for the effort of a step: its pixels, and more where it goes through strips."""

    def __init__(self, efforts: Sequence[float]) -> None:
        """Args: efforts: of each step of the run."""
        self._efforts = efforts
        self._left = [*np.cumsum(efforts[::-1])[::-1].tolist(), 0.0]
        self._seconds: deque[float] = deque(maxlen=LATEST)

    @contextmanager
    def timed(self, done: int, descent: Descent) -> Iterator[None]:
        """Time what goes on inside, by which a descent gets on.

        Args:
            done: steps of the run before this descent.
            descent: under way.
        """
        before, began = descent.steps, time.monotonic()
        yield
        if done + before == 1:
            self._seconds.clear()  # the very first step may have waited for a graph
        effort = max(descent.steps - before, 1) * self._efforts[done + before]
        self._seconds.append((time.monotonic() - began) / effort)

    def remaining(self, step: int) -> float:
        """Seconds until the end, when so many steps are done; NaN before any was timed."""
        if not self._seconds:
            return math.nan
        return self._left[step] * sum(self._seconds) / len(self._seconds)
