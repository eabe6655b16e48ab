"""A budget of seconds for a run, held against what the run will cost before it begins."""

import math

from nst_core.errors import BudgetError
from nst_core.network.backbone import Backbone
from nst_core.painting.job import Job, OpenedJob
from nst_core.recipe.recipe import SIZES

SIZE_STEP = 32
"""px between the sizes that are tried for one that fits."""


def check_budget(job: Job | OpenedJob, network: Backbone, seconds: float) -> float:
    """Refuse a run that would outlast its budget, and say what would fit into it.

    Args:
        job: of its images, headers alone are looked at.
        network: the job's backbone, loaded.
        seconds: that the run may take on a machine that does nothing else.

    Returns:
        Seconds that the run will take.

    Raises:
        BudgetError: the run would take longer.
        ImageError: the content image can't be used.
    """
    cost = job.cost(network).seconds
    if cost <= seconds:
        return cost
    raise BudgetError(
        f"This would take about {_spoken(cost)} on this machine, and a run may take "
        f"{_spoken(seconds)}: {_advice(job, network, seconds)}."
    )


def _advice(job: Job | OpenedJob, network: Backbone, seconds: float) -> str:
    """The largest size with these steps, and the most steps at this size, of those that fit."""
    fitting = []
    size = largest_size(job, network, seconds)
    if size:
        fitting.append(f"{size} px")
    steps = most_steps(job, network, seconds)
    if steps:
        fitting.append(f"{steps} steps")
    return f"{' or '.join(fitting)} would fit" if fitting else "not even one step would fit"


def largest_size(job: Job | OpenedJob, network: Backbone, seconds: float) -> int | None:
    """The largest `size` below the job's own whose run fits; None if there is none."""
    own = job.recipe.size or SIZES[1]
    low, high = 0, (own - SIZES[0]) // SIZE_STEP  # a larger size never costs less
    while low < high:
        middle = (low + high + 1) // 2
        smaller = job.changed(size=SIZES[0] + middle * SIZE_STEP)
        if smaller.cost(network).seconds <= seconds:
            low = middle
        else:
            high = middle - 1
    size = SIZES[0] + low * SIZE_STEP
    fits = size < own and job.changed(size=size).cost(network).seconds <= seconds
    return size if fits else None


def most_steps(job: Job | OpenedJob, network: Backbone, seconds: float) -> int | None:
    """The most `steps` whose run fits; None if not even one does."""
    low, high = 0, job.recipe.steps
    while low < high:
        middle = (low + high + 1) // 2
        if job.changed(steps=middle).cost(network).seconds <= seconds:
            low = middle
        else:
            high = middle - 1
    return low or None


def _spoken(seconds: float) -> str:
    """In the largest unit of which there is more than one and a half."""
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds > 1.5 * length:
            return f"{math.ceil(10 * seconds / length) / 10:g} {unit}"
    return f"{seconds:.0f} s"
