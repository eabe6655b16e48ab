"""The losses of a run as points of a chart, on a logarithmic scale and few enough to draw."""

import math

from nst_core.loss.terms import Losses

Point = tuple[int, float | None, str]
"""(step, log10 of the loss or None where it is 0, name of the term)"""

CAPACITY = 200
"""A curve never holds more moments than this."""


class LossCurve:
    """Collects the losses of a run, evenly spread over it and within bounded memory."""

    def __init__(self) -> None:
        self._moments: list[tuple[int, Losses]] = []
        self._stride = 1  # steps between two moments

    def add(self, step: int, losses: Losses) -> None:
        """Take the losses of a step; those that are not measured, or come too soon, are left out.

        Args:
            step: counted over the run; never less than the one before.
            losses: weights applied; NaN where nothing was measured yet.
        """
        last = self._moments[-1][0] if self._moments else -math.inf
        if not math.isfinite(losses.total) or step < last + self._stride:
            return
        self._moments.append((step, losses))
        if len(self._moments) > CAPACITY:
            self._moments = self._moments[::2]
            self._stride *= 2

    def points(self) -> list[Point]:
        """By step, then total, content, style, variation."""
        return [
            (step, math.log10(value) if value > 0 else None, term)
            for step, losses in self._moments
            for term, value in losses.items()
        ]
