"""How often work is timed, and how its figures are told beside their goals."""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

Figures = dict[str, Any]


def interleaved(work: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each piece of work in each round, after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, call in work.items():
            began = time.perf_counter()
            call()
            if number:
                times[name].append(time.perf_counter() - began)
    return times


def spread(values: list[float]) -> Figures:
    low, middle, high = min(values), statistics.median(values), max(values)
    return {"median": round(middle, 4), "min": round(low, 4), "max": round(high, 4)}


def ratio(times: dict[str, list[float]], over: str, under: str) -> Figures:
    """Round by round, so that a busy moment of the machine falls on both sides."""
    return spread([a / b for a, b in zip(times[over], times[under], strict=True)])


def goal(
    value: float, at_most: float | None = None, at_least: float | None = None
) -> Figures | float:
    """A figure beside its goal; a plain number where it has none.

    `far_off` where it misses that by more than noise can explain: twofold.
    """
    goals = {"at_most": at_most, "at_least": at_least}
    limits = {name: limit for name, limit in goals.items() if limit is not None}
    rounded = round(float(value), 3)
    if not limits:
        return rounded
    low, high = limits.get("at_least", -math.inf), limits.get("at_most", math.inf)
    far_off = value > 2 * high or value < low / 2
    return {
        "value": rounded,
        **limits,
        "met": bool(low <= value <= high),
        "far_off": bool(far_off),
    }


def far_off(figures: Any) -> bool:
    if not isinstance(figures, dict):
        return False
    return figures.get("far_off", False) or any(map(far_off, figures.values()))
