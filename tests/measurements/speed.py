"""How long a step takes, beside what it takes at least."""

import statistics

import numpy as np
from measurements.figures import Figures, goal, interleaved, ratio, spread
from measurements.pair import CONTENT, pixels, step_here
from measurements.steps import (
    BATCH_OF_THREE,
    MATRIX,
    bare_pass,
    flops,
    matrix_product,
    steps_as_published,
)

from nst_core import RECIPES


def step(quick: bool) -> Figures:
    """A `studio` step, and its share of the speed of a matrix product of the same type.

    Quick runs look at 512 px: where a processor has units for matrices (AMX), a step at 256 px
    spends more than half of its time on what is no product.
    """
    found: Figures = {}
    for size in (512,) if quick else (256, 512, 1024):
        for dtype in ("float32", "bfloat16"):
            recipe = RECIPES["studio"].changed(precision=dtype)
            work = {"step": step_here(recipe, size), "product": matrix_product(dtype)}
            times = interleaved(work, 5)
            share = (
                ratio(times, "product", "step")["median"] * flops(recipe, size) / (2 * MATRIX**3)
            )
            found[f"{size} px {dtype}"] = {
                "seconds": spread(times["step"]),
                "gflops": round(flops(recipe, size) / statistics.median(times["step"]) / 1e9),
                "share_of_matrix_product": goal(share, at_least=0.95),
            }
    return found


def growth(quick: bool) -> Figures:
    """Seconds a step against pixels: how far from a straight line, with what it costs at least."""
    longest = (128, 256, 512) if quick else (128, 256, 512, 1024, 1536)
    work = {str(size): step_here(RECIPES["studio"], size) for size in longest}
    times = interleaved(work, 3)
    seconds = np.array([statistics.median(times[size]) for size in work])
    megapixels = np.array([pixels(CONTENT, size)[..., 0].size / 1e6 for size in longest])
    slope, least = np.polyfit(megapixels, seconds, 1, w=1 / seconds)
    line = least + slope * megapixels
    found: Figures = {"seconds_at_least": round(least, 3), "per_megapixel": round(slope, 3)}
    for size, value, expected in zip(work, seconds, line, strict=True):
        off = goal(abs(value / expected - 1), at_most=0.15)
        found[f"{size} px"] = {"seconds": round(value, 4), "off": off}
    return found


def recipes(quick: bool) -> Figures:
    """A step of each recipe here, the bare pass through the network, and the source's own step.

    The last only where it can be had: see `steps_as_published`.
    """
    size, rounds = (128, 3) if quick else (384, 5)
    found: Figures = {"size": size}
    for name, recipe in RECIPES.items():
        work = {"here": step_here(recipe, size), "bare": bare_pass(recipe, size)}
        times = interleaved(work | steps_as_published(recipe, size), rounds)
        over_bare = ratio(times, "here", "bare")["median"]
        thinned = any(term.compared.thinned for term in recipe.active_terms)
        limit = None if thinned else 1.15  # neighbours are products as large at every size
        found[name] = {"seconds": spread(times["here"]), "over_bare": goal(over_bare, limit)}
        if "published" in times:
            faster = ratio(times, "published", "here")["median"]
            wanted = 2.5 if name in BATCH_OF_THREE else None
            found[name]["published"] = spread(times["published"])
            found[name]["faster"] = goal(faster, at_least=wanted)
    return found
