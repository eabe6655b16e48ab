"""A budget: what fits begins, what doesn't is refused with what would fit."""

import math
import re

import pytest
from helpers import STUDIO, noise

from nst_core import Backbone, BudgetError
from nst_core.painting.budget import check_budget, largest_size, most_steps
from nst_core.painting.job import Job

PHOTO, STYLE = noise(60, 90, seed=1), noise(40, 40, seed=2)
JOB = Job.of(PHOTO, STYLE, recipe=STUDIO, size=512, steps=200).opened()


def test_a_run_within_its_budget_may_begin(backbone: Backbone) -> None:
    check_budget(JOB, backbone, math.inf)
    check_budget(JOB, backbone, JOB.cost(backbone).seconds)


def test_a_run_beyond_its_budget_is_told_what_would_fit(backbone: Backbone) -> None:
    budget = JOB.cost(backbone).seconds / 3
    with pytest.raises(BudgetError) as error:
        check_budget(JOB, backbone, budget)
    size, steps = map(int, re.findall(r"(\d+) px or (\d+) steps would fit\.$", str(error.value))[0])
    assert JOB.changed(size=size).cost(backbone).seconds <= budget
    assert JOB.changed(size=size + 32).cost(backbone).seconds > budget
    assert JOB.changed(steps=steps).cost(backbone).seconds <= budget
    assert JOB.changed(steps=steps + 1).cost(backbone).seconds > budget


def test_nothing_fits_into_no_time(backbone: Backbone) -> None:
    assert largest_size(JOB, backbone, 0.0) is None
    assert most_steps(JOB, backbone, 0.0) is None
    with pytest.raises(BudgetError, match=r"may take 0 s: not even one step would fit\.$"):
        check_budget(JOB, backbone, 0.0)


def test_half_a_day_is_told_in_hours(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    from nst_core.painting import cost

    monkeypatch.setattr(cost, "run_seconds", lambda *_: 43_200.0)
    with pytest.raises(BudgetError, match=r"^This would take about 12 h on this machine"):
        check_budget(JOB, backbone, 300.0)
