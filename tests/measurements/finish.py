"""How long whole runs take."""

import math
import statistics
import time
from typing import Any

from measurements.distances import distances
from measurements.figures import Figures, goal, interleaved, spread
from measurements.pair import CONTENT, STYLE, backbone, warm_up
from measurements.steps import batch_of_three_step

from nst_core import RECIPES, Frame, stylize


def finish(quick: bool) -> Figures:
    """Whole `studio` runs against one step of a batch of three through the network in float32."""
    size = 256 if quick else 512
    warm_up("studio")
    three = {"step": batch_of_three_step(RECIPES["keras-book"], size)}
    steps = interleaved(three, 3)["step"]
    asked: dict[str, tuple[dict[str, Any], float | None]] = {
        "draft": ({"quality": "draft"}, 4),
        "balanced": ({"quality": "balanced"}, 12),
        "fine": ({"quality": "fine"}, None),
        "balanced in float32": ({"quality": "balanced", "precision": "float32"}, 22),
    }
    if quick:  # the goals are for 512 px; at 256 px a step's fixed cost weighs more
        asked = {"draft": ({"quality": "draft"}, None), "balanced": ({}, 24)}
    runs: dict[str, Figures] = {}
    for name, (changes, limit) in asked.items():
        stylised, seconds, frame = stylised_and_finished(size, changes)
        steps += interleaved(three, 1)["step"]
        runs[name] = {"seconds": round(seconds, 2), "precision": frame.precision}
        runs[name]["steps_worth"] = (seconds, limit)
        first = 2 if name == "balanced" and not quick else None
        runs[name]["stylised"] = (stylised, first)
    middle = statistics.median(steps)
    for run in runs.values():
        for name in ("steps_worth", "stylised"):
            seconds, limit = run[name]
            run[name] = goal(seconds / middle, at_most=limit)
    return {"size": size, "batch_of_three_step": spread(steps), **runs}


def stylised_and_finished(size: int, changes: dict[str, Any]) -> tuple[float, float, Frame]:
    """Seconds until a frame has half the photograph's style distance, and until the run ends.

    The time to judge frames is not counted.
    """
    photograph = distances(CONTENT, STYLE, None, size).style
    began, judging, stylised = time.perf_counter(), 0.0, math.inf
    for frame in stylize(CONTENT, STYLE, "studio", backbone(), size=size, **changes):
        seconds = time.perf_counter() - began - judging
        if stylised == math.inf:
            paused = time.perf_counter()
            if distances(CONTENT, STYLE, frame.image, size).style <= photograph / 2:
                stylised = seconds
            judging += time.perf_counter() - paused
    return stylised, seconds, frame
