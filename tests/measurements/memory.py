"""What runs take of the memory, each in a fresh process."""

import subprocess
import sys
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
from helpers import ROOT
from measurements.figures import Figures, goal, interleaved, ratio, spread
from measurements.pair import CONTENT, STYLE, backbone, step_here

from nst_core import RECIPES, stylize
from nst_core.objective.setup import Setup
from nst_core.objective.strips import Strips
from nst_core.painting import run as running
from nst_core.painting.cost import predict_bytes

BENCHMARK = str(ROOT / "tests" / "benchmark.py")


def memory(quick: bool) -> Figures:
    """Peak resident memory of a process that does one short run, beside the prediction, in GB."""
    limits = {256: None, 512: 2.0, 1024: 4.0, 2048: 10.0}
    sizes = list(limits.items())[: 1 if quick else None]
    return {f"{size} px": peak_of(limit, "--peak", str(size)) for size, limit in sizes}


def peak_of(limit: float | None, *options: str) -> Figures:
    """GB that a fresh process takes at its peak, beside what it predicts."""
    program = [sys.executable, BENCHMARK, *options]
    output = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    peak, predicted = map(float, output.split())
    return {
        "peak": goal(peak, at_most=limit),
        "predicted": round(predicted, 3),
        "off": goal(abs(predicted / peak - 1), at_most=0.15),
    }


def prints(quick: bool) -> Figures:
    """A step in strips over one as a whole, and the peak memory of large pictures in strips."""
    size = 256 if quick else 1024
    studio = RECIPES["studio"]
    work = {"whole": step_here(studio, size), "strips": step_here(studio, size, Strips)}
    times = interleaved(work, 3)
    found: Figures = {
        "size": size,
        **{name: spread(seconds) for name, seconds in times.items()},
        "strips_over_whole": goal(ratio(times, "strips", "whole")["median"], at_most=1.8),
    }
    for longest in (256,) if quick else (1024, 2048, 4096):
        options = ("--peak", str(longest), "--in-strips")
        found[f"{longest} px"] = peak_of(None if quick else 10.0, *options)
    return found


def sizes(quick: bool) -> Figures:
    """Resident memory of a process after a few and after many runs, in GB.

    Sizes are odd and all different, and recipes take turns; after the first twelve runs each recipe
    has had its graphs traced. What grows after them are TensorFlow's primitives for each shape.
    """
    early, late = (12, 18) if quick else (12, 48)
    program = [sys.executable, BENCHMARK, "--held", str(late)]
    output = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    held = list(map(float, output.split()))
    return {
        "GB": {f"after {count}": round(held[count - 1], 3) for count in (early, late)},
        "growth": goal(held[late - 1] / held[early - 1], at_most=1.05),
    }


def print_peak(size: int, in_strips: bool) -> None:
    """Run once, then print the peak and the prediction in GB; in strips two steps at full size."""
    changes: dict[str, Any] = {"steps": 2, "coarsest": None} if in_strips else {"steps": 10}
    with patch.object(running, "needs_strips", lambda *_: in_strips):
        *_, last = stylize(CONTENT, STYLE, "studio", backbone(), size=size, **changes)
    status = Path("/proc/self/status").read_text()  # `getrusage` counts the parent's memory too
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1e6  # kB
    recipe = last.recipe.changed(precision=last.precision)
    print(peak, predict_bytes(Setup(recipe, backbone()), last.image.size, in_strips) / 1e9)


def print_held(runs: int) -> None:
    """Run once at each of so many sizes, large and small ones mixed; print GB held after each."""
    for number, recipe in zip(range(1, runs + 1), cycle(RECIPES), strict=False):
        size = 101 + 4 * (37 * number % 61)
        *_, _last = stylize(CONTENT, STYLE, recipe, backbone(), size=size, steps=2)
        print(psutil.Process().memory_info().rss / 1e9)
