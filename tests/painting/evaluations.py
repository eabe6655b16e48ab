"""What the tests of stylize() share: a small pair, quick recipes, false evaluations."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, STUDIO, photo

from nst_core import Frame, Objective

CONTENT, STYLE = photo(CAT, 32, 48), photo(CHURCH, 70, 56)
QUICK = STUDIO.changed(size=48, steps=4, checkpoint=1)
"""48 × 32 px for these images; a frame after each step."""
ONE_PHASE = QUICK.changed(layout_until=None)
"""Nothing but detail, so that all steps have one loss."""
TWO_SIZES = QUICK.changed(size=64, coarsest=32, steps=7, step_ratio=0.85)
"""32 × 22 px, then 64 × 43 px."""


Change = Callable[[int, Any, Any], tuple[Any, Any]]
"""(number of the evaluation from 1, losses, gradient) -> what is reported instead."""


class Evaluations:
    """Counts the evaluations of every objective, and can falsify what they report."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.report: Change = lambda _number, losses, gradient: (losses, gradient)
        real = Objective.evaluate

        def evaluate(objective: Objective, image: Any, step: int) -> tuple[Any, Any]:
            self.count += 1
            return self.report(self.count, *real(objective, image, step))

        monkeypatch.setattr(Objective, "evaluate", evaluate)


def pixels(frame: Frame) -> np.ndarray:
    return np.asarray(frame.image)


def check_same(frame: Frame, other: Frame) -> None:
    np.testing.assert_array_equal(pixels(frame), pixels(other))
