import itertools
import math

from nst_core import Losses
from nst_core.page.look.curves import CAPACITY, LossCurve


def test_points_are_powers_of_ten_and_zero_has_none() -> None:
    curve = LossCurve()
    curve.add(1, Losses(total=110.0, content=100.0, style=10.0, variation=0.0))
    assert curve.points() == [
        (1, math.log10(110), "total"),
        (1, 2.0, "content"),
        (1, 1.0, "style"),
        (1, None, "variation"),
    ]


def test_what_was_not_measured_or_came_before_is_left_out() -> None:
    curve = LossCurve()
    curve.add(0, Losses(math.nan, content=math.nan, style=math.nan, variation=math.nan))
    curve.add(3, Losses(1.0, content=1.0, style=0.0, variation=0.0))
    curve.add(3, Losses(2.0, content=2.0, style=0.0, variation=0.0))
    assert [point[:2] for point in curve.points()] == [(3, 0.0), (3, 0.0), (3, None), (3, None)]


def test_a_long_run_stays_small_and_evenly_spread() -> None:
    curve = LossCurve()
    for step in range(1, 5001):
        curve.add(step, Losses(1.0, content=0.0, style=0.0, variation=0.0))
    steps = [step for step, _, term in curve.points() if term == "total"]
    assert CAPACITY / 2 < len(steps) <= CAPACITY
    assert steps[0] == 1
    assert {after - before for before, after in itertools.pairwise(steps)} == {32}
    assert steps[-1] > 5000 - 32
