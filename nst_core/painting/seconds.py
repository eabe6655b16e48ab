"""How long a run takes, told before it begins."""

import time
from functools import lru_cache

import numpy as np

from nst_core.images.sizes import Size
from nst_core.network.backbone import Backbone
from nst_core.painting.objective import Objective
from nst_core.painting.precision import settled
from nst_core.painting.stages import plan
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.recipe import Recipe


def seconds_by_quality(size: Size, backbone: Backbone) -> dict[str, float]:
    """Seconds that `studio` takes on this machine for a photograph of `size`, at each quality."""
    studio = RECIPES["studio"]
    recipes = {name: studio.changed(quality=name) for name in studio.qualities}
    return {name: run_seconds(recipe, size, backbone) for name, recipe in recipes.items()}


TIMED_SIZE = 96
"""px of the step that is timed."""
TIMED_STEPS = 3
START_SECONDS = 1.5
"""What a cell takes besides its steps, for tracing and targets."""


def run_seconds(recipe: Recipe, content: Size, backbone: Backbone) -> float:
    """Seconds that a run will take."""
    dtype = settled(recipe, backbone).precision
    work = _multiplications(recipe, content, backbone)
    return START_SECONDS + work * _seconds_per_multiplication(backbone, dtype)


def _multiplications(recipe: Recipe, content: Size, backbone: Backbone) -> float:
    """Of the convolutions, in one direction, over all steps of a run."""
    wanted = {*recipe.active_content_layers, *recipe.active_style_layers} & {*backbone.layers}
    per_pixel = sum(
        backbone.kernels[layer][0].size / 4 ** (int(layer[5]) - 1)  # a block halves both sides
        for layer in backbone.up_to_deepest(wanted)
    )
    return per_pixel * sum(scale.pixels * scale.steps for scale in plan(recipe, content))


@lru_cache(maxsize=4)
def _seconds_per_multiplication(backbone: Backbone, dtype: str) -> float:
    """Seconds of a whole step over `_multiplications`, which knows of the way forward only."""
    recipe = RECIPES["studio"].changed(size=TIMED_SIZE, coarsest=None, steps=1, precision=dtype)
    noise = np.random.default_rng(0).uniform(0, 255, (TIMED_SIZE, TIMED_SIZE, 3))
    objective = Objective(noise, noise, recipe, backbone)
    objective.value_and_gradient(noise)  # traces
    times = []
    for _ in range(TIMED_STEPS):
        began = time.perf_counter()
        objective.value_and_gradient(noise)
        times.append(time.perf_counter() - began)
    return min(times) / _multiplications(recipe, (TIMED_SIZE, TIMED_SIZE), backbone)
