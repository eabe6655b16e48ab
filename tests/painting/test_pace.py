"""What is left of a run, from what its last steps took."""

import math
import time
from types import SimpleNamespace
from typing import Any

import pytest

from nst_core.painting.pace import LATEST, Pace


class Clock:
    """Seconds that go by as a test has them."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def step(pace: Pace, clock: Clock, seconds: float, done: int, steps: int = 0, by: int = 1) -> None:
    """One that takes some seconds, of a descent that has done `steps`."""
    descent: Any = SimpleNamespace(steps=steps)
    with pace.timed(done, descent):
        clock.now += seconds
        descent.steps += by


def test_nothing_is_known_before_the_first_step() -> None:
    assert math.isnan(Pace([1.0, 1.0]).remaining(0))


def test_a_step_of_more_effort_takes_longer(clock: Clock) -> None:
    pace = Pace([100.0, 100.0, 400.0, 400.0])
    step(pace, clock, 2.0, done=0)
    assert pace.remaining(1) == pytest.approx(2 + 8 + 8)
    assert pace.remaining(2) == pytest.approx(8 + 8)
    assert pace.remaining(4) == 0


def test_the_very_first_step_does_not_count_once_there_are_others(clock: Clock) -> None:
    pace = Pace([1.0] * 4)
    step(pace, clock, 50.0, done=0)
    step(pace, clock, 3.0, done=0, steps=1)
    assert pace.remaining(2) == pytest.approx(6)


def test_an_evaluation_that_completes_no_step_counts_as_one(clock: Clock) -> None:
    pace = Pace([1.0] * 4)
    step(pace, clock, 5.0, done=2, by=0)
    assert pace.remaining(2) == pytest.approx(10)


def test_only_the_latest_steps_count(clock: Clock) -> None:
    pace = Pace([1.0] * 100)
    for number in range(50):
        step(pace, clock, 9.0 if number < 50 - LATEST else 1.0, done=0, steps=number)
    assert pace.remaining(50) == pytest.approx(50)
