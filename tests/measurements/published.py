"""`moments` beside the optimisers of published sources."""

import math
import statistics
import time
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from measurements.figures import Figures, goal, interleaved
from measurements.pair import CONTENT, STYLE, backbone, objective, step_here
from measurements.steps import batch_of_three_step
from PIL import Image

from nst_core import RECIPES, Objective, Recipe, stylize
from nst_core.recipe.adam import Adam

PUBLISHED_ADAMS = {
    name: replace(cast(Adam, RECIPES[name].optimizer), epsilon=Adam.epsilon)
    for name in ("walkthrough", "tf-eager", "course")
}
"""As printed, but for an epsilon that would drown the gradients of a relative loss."""
TUNED_ADAM = Adam(learning_rate=5.0, clip=True)


def published(quick: bool) -> Figures:
    """Seconds until the full-size objective of `moments`, in float32, is as low as others bring it.

    Each way is one source's Adam, at full size from the start. The one that gets lowest is the
    mark; beside it stands a rate and clipping that no source has, but that suit the objective.
    """
    size, steps = (128, 60) if quick else (256, 300)
    alone = RECIPES["moments"].changed(precision="float32", coarsest=None, size=size)
    judge = objective(alone, size)
    loops = {
        "batch_of_three": batch_of_three_step(RECIPES["keras-book"], size),
        "single_image": step_here(alone, size),
    }
    times = interleaved(loops, 3)
    values = {
        name: judge(np.asarray(painted_by(adam, alone, steps))).total
        for name, adam in {**PUBLISHED_ADAMS, "tuned": TUNED_ADAM}.items()
    }
    target = min(values[name] for name in PUBLISHED_ADAMS)
    found: Figures = {"size": size, "published_steps": steps}
    found["objective"] = {name: round(value, 4) for name, value in values.items()}
    for name in RECIPES["moments"].qualities:
        run = seconds_until(target, judge, size, name)
        found[name] = run.rounded()
        for loop, factor in (("batch_of_three", 20.0), ("single_image", 6.0)):
            gain = statistics.median(times[loop]) * steps / run.reached_after
            wanted = (1.0 if quick else factor) if name == "balanced" else None
            found[name]["times_faster_than_" + loop] = goal(gain, at_least=wanted)
    return found


def painted_by(adam: Adam, recipe: Recipe, steps: int) -> Image.Image:
    *_, last = stylize(CONTENT, STYLE, recipe, backbone(), optimizer=adam, steps=steps)
    return last.image


@dataclass(frozen=True)
class Reached:
    """Attributes: seconds until the target, infinite if never, and of the whole run; its value."""

    reached_after: float
    finished_after: float
    objective: float

    def rounded(self) -> Figures:
        """For JSON, which has no infinity."""
        numbers = vars(self).items()
        return {name: round(value, 3) if value < math.inf else None for name, value in numbers}


def seconds_until(target: float, judge: Objective, size: int, quality: str) -> Reached:
    """When a full-size frame first meets the target; the time to judge it is not counted."""
    began, judging = time.perf_counter(), 0.0
    reached_after, seconds, value = math.inf, 0.0, math.inf
    for frame in stylize(CONTENT, STYLE, "moments", backbone(), size=size, quality=quality):
        seconds = time.perf_counter() - began - judging
        if max(frame.image.size) == size:
            paused = time.perf_counter()
            value = judge(np.asarray(frame.image)).total
            judging += time.perf_counter() - paused
            if value <= target:
                reached_after = min(reached_after, seconds)
    return Reached(reached_after, seconds, value)
