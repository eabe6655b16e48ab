"""What a run takes, told before it begins: memory, and whether that much is there; and seconds."""

import math
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
import psutil

from nst_core.errors import ImageError, OutOfMemoryError
from nst_core.images.sizes import Size
from nst_core.network.backbone import Backbone, downsampling
from nst_core.network.tensorflow import tf
from nst_core.painting.objective import Objective
from nst_core.painting.precision import settled
from nst_core.painting.stages import Scale, plan
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.lbfgs import LBFGS
from nst_core.recipe.recipe import SIZES, Recipe

BASE_BYTES = 880e6
"""What a process holds before any picture: TensorFlow and the weights. Measured."""
HELD_TWICE = 1.8
"""Peak bytes over those of all activations: gradients join them on the way back. Measured."""
STATE_BYTES = 24 * 4
"""Per pixel: the image, its gradient, the optimiser's state and their successors, float32."""
_claims: list[float] = []
"""Bytes that each run under way in this process is predicted to take, besides `BASE_BYTES`."""
_claiming = Lock()
_measuring = Lock()
_ONEDNN_OUT_OF_MEMORY = re.compile(r"Status: ?1,")
"""`dnnl_out_of_memory`, as TensorFlow's kernels report it."""


@dataclass(frozen=True)
class Cost:
    """What a run takes on this machine.

    Attributes:
        seconds: on a machine that does nothing else.
        bytes: peak resident memory of the process.
    """

    seconds: float
    bytes: float


def cost_of(recipe: Recipe, scales: Sequence[Scale], backbone: Backbone) -> Cost:
    """What a recipe, its precision settled, takes at these sizes and steps."""
    largest = max(scales, key=lambda scale: scale.pixels)
    return Cost(
        run_seconds(recipe, scales, backbone), predict_bytes(recipe, largest.size, backbone)
    )


def predict_bytes(recipe: Recipe, size: Size, backbone: Backbone) -> float:
    """Peak resident memory, in bytes, of a process that runs `recipe` at one size.

    Args:
        recipe: with its precision settled; "auto" is counted as float32.
        size: (width, height) in px, the largest of the run.
        backbone: whose layers count, down to the deepest that the recipe looks at.
    """
    return BASE_BYTES + size[0] * size[1] * _bytes_per_pixel(recipe, backbone)


@contextmanager
def room_for(recipe: Recipe, content: Size, backbone: Backbone) -> Iterator[None]:
    """While a run goes on: keep other runs of this process from counting on its memory, too.

    Raises:
        OutOfMemoryError: as `check_fits`.
    """
    with _claiming:
        check_fits(recipe, content, backbone)
        claim = math.prod(recipe.generated_size(content)) * _bytes_per_pixel(recipe, backbone)
        _claims.append(claim)
    try:
        yield
    finally:
        with _claiming:
            _claims.remove(claim)


def check_fits(recipe: Recipe, content: Size, backbone: Backbone) -> None:
    """Refuse a run that would not fit into the memory that is there for it now.

    Raises:
        OutOfMemoryError: tells the need, what is free, and the largest size that would fit.
    """
    need = _bytes_per_pixel(recipe, backbone)
    free = max(free_bytes() + held_bytes(), 0.0)
    width, height = recipe.generated_size(content)
    if width * height * need <= free:
        return
    fitting = [
        size
        for size in range(SIZES[0], SIZES[1] + 1, 32)
        if _pixels(recipe.changed(size=size), content) * need <= free
    ]
    advice = f"the largest size that fits is {fitting[-1]} px" if fitting else "no size fits"
    raise OutOfMemoryError(
        f"{width} × {height} px would take about {width * height * need / 1e9:.1f} GB of memory, "
        f"and {free / 1e9:.1f} GB are free: {advice}."
    )


def free_bytes() -> float:
    """Memory that this process may still take: of the machine, or of its container."""
    free = float(psutil.virtual_memory().available)
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and used.exists() and limit.read_text().strip() != "max":
        free = min(free, float(limit.read_text()) - float(used.read_text()))
    return free


def held_bytes() -> float:
    """Memory that this process has already taken, and that its next run will use again.

    TensorFlow keeps for later runs what earlier ones needed at their peak; the system counts it as
    taken. What runs under way are predicted to need is theirs; the result is negative where they
    have yet to take it.
    """
    resident = float(psutil.Process().memory_info().rss)
    return max(resident - BASE_BYTES, 0.0) - sum(_claims)


def _pixels(recipe: Recipe, content: Size) -> float:
    """Of the generated image; infinite where the recipe can't make one of this content."""
    try:
        return math.prod(recipe.generated_size(content))
    except ImageError:
        return math.inf


def _bytes_per_pixel(recipe: Recipe, backbone: Backbone) -> float:
    width = 2 if recipe.precision == "bfloat16" else 4
    values = 0.0
    for layer in _layers_at_work(recipe, backbone):
        channels = backbone.kernels[layer][0].shape[-1]
        per_pixel = channels / downsampling(layer) ** 2
        values += per_pixel
    total = HELD_TWICE * values * width + STATE_BYTES
    if isinstance(recipe.optimizer, LBFGS):
        total += 3 * 8 * (2 * recipe.optimizer.memory + 5)  # SciPy's workspace, float64
    return total


def _layers_at_work(recipe: Recipe, backbone: Backbone) -> tuple[str, ...]:
    """The backbone's layers down to the deepest that the recipe looks at."""
    return backbone.up_to_deepest(recipe.layers & {*backbone.layers})


def ran_out_of_memory(error: Exception) -> bool:
    """Whether Python, TensorFlow or oneDNN under it raised `error` for lack of memory."""
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return True
    aborted = isinstance(error, tf.errors.AbortedError)
    return aborted and bool(_ONEDNN_OUT_OF_MEMORY.search(str(error)))


# ---------------------------------------------------------------- seconds

TIMED_SIZES = (64, 192)
"""px of the steps that are timed; two, since a step has a fixed cost as well."""
TIMED_STEPS = 3
START_SECONDS = 1.0
"""What a run takes besides its steps, for targets and for the way between sizes."""


def run_seconds(recipe: Recipe, scales: Sequence[Scale], backbone: Backbone) -> float:
    """Seconds that a recipe, its precision settled, takes for these sizes and steps."""
    fixed, per_multiplication = _step_seconds(backbone, recipe.precision)
    per_pixel = _multiplications_per_pixel(recipe, backbone)
    steps = sum(scale.steps for scale in scales)
    pixels = sum(scale.steps * scale.pixels for scale in scales)
    return START_SECONDS + steps * fixed + pixels * per_pixel * per_multiplication


def seconds_by_quality(content: Size, backbone: Backbone) -> dict[str, float]:
    """Seconds that `studio` takes here for a content image of this size, at each quality."""
    studio = settled(RECIPES["studio"], backbone)
    recipes = {name: studio.changed(quality=name) for name in studio.qualities}
    return {
        name: run_seconds(recipe, plan(recipe, content), backbone)
        for name, recipe in recipes.items()
    }


def _multiplications_per_pixel(recipe: Recipe, backbone: Backbone) -> float:
    """Of the convolutions, on the way forward, for one pixel of the generated image."""
    return sum(
        backbone.kernels[layer][0].size / downsampling(layer) ** 2
        for layer in _layers_at_work(recipe, backbone)
    )


def _step_seconds(backbone: Backbone, dtype: str) -> tuple[float, float]:
    """What a step costs at least, and what each multiplication of its way forward adds."""
    with _measuring:  # once, however many visitors ask at the same time
        return _measured(backbone, dtype)


@lru_cache(maxsize=4)
def _measured(backbone: Backbone, dtype: str) -> tuple[float, float]:
    recipe = RECIPES["studio"].changed(precision=dtype)
    small, large = (_timed(size, recipe, backbone) for size in TIMED_SIZES)
    added = TIMED_SIZES[1] ** 2 - TIMED_SIZES[0] ** 2
    per_pixel = max(large - small, 0.0) / added
    fixed = max(small - per_pixel * TIMED_SIZES[0] ** 2, 0.0)
    return fixed, per_pixel / _multiplications_per_pixel(recipe, backbone)


def _timed(size: int, recipe: Recipe, backbone: Backbone) -> float:
    """Seconds of one step, the quickest of a few."""
    noise = np.random.default_rng(0).uniform(0, 255, (size, size, 3))
    objective = Objective(noise, noise, recipe, backbone)
    objective.value_and_gradient(noise)  # traces
    times = []
    for _ in range(TIMED_STEPS):
        began = time.perf_counter()
        objective.value_and_gradient(noise)
        times.append(time.perf_counter() - began)
    return min(times)
