"""What a run takes, told before it begins: memory, and whether that much is there; and seconds."""

import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
import psutil

from nst_core.errors import ImageError, OutOfMemoryError
from nst_core.images.sizes import Size
from nst_core.loss.comparison import IMAGE, Comparison
from nst_core.loss.terms import DETAIL
from nst_core.network.backbone import Backbone, downsampling
from nst_core.network.tensorflow import tf
from nst_core.objective.objective import Objective
from nst_core.objective.precision import settled
from nst_core.objective.strips import STRIP_VALUES
from nst_core.painting.stages import Scale, phases, plan
from nst_core.recipe.adam import Adam
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.lbfgs import LBFGS
from nst_core.recipe.recipe import SIZES, Recipe

BASE_BYTES = 780e6
"""What a process holds before any picture: TensorFlow and the weights. Measured."""
HELD_TWICE = 1.86
"""Peak bytes over those of all activations: gradients join them on the way back. Measured."""
STATE_BYTES = 670
"""Per pixel, float32: the image, its gradient, the optimiser's state, their successors, and copies
of maps that are summed. Measured."""
PYRAMID_BYTES = 100
"""Per pixel, where a pyramid of the image is moved: its smaller levels and their sums."""
STRIP_STATE_BYTES = 330
"""The same where the network works in strips. Measured."""
STRIP_MAPS = 5
"""Activations of so many layers are held for one strip. Measured."""
WHOLE_MAPS = 6
"""Peak bytes over those of a map that a term needs as a whole. Measured."""
MOST_AS_A_WHOLE = 8e9
"""Bytes: what would take more works in strips, also where that much is free, as half of 16 GB."""
IN_STRIPS = 1.4
"""Seconds of a step in strips over those of one as a whole. Measured."""
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
    need = _need(recipe, [scale.size for scale in scales], backbone, available_bytes())
    return Cost(run_seconds(recipe, scales, backbone), BASE_BYTES + need)


def predict_bytes(recipe: Recipe, size: Size, backbone: Backbone, in_strips: bool = False) -> float:
    """Peak resident memory, in bytes, of a process that runs `recipe` at one size.

    Args:
        recipe: with its precision settled; "auto" is counted as float32.
        size: (width, height) in px, the largest of the run.
        backbone: whose layers count, down to the deepest that the recipe looks at.
        in_strips: whether the network works in strips.
    """
    return BASE_BYTES + (_strips_need if in_strips else _whole_need)(recipe, size, backbone)


def needs_strips(recipe: Recipe, size: Size, backbone: Backbone, available: float) -> bool:
    """Whether a picture of this size would take more than it may, or there is, as a whole."""
    return _whole_need(recipe, size, backbone) > min(available, MOST_AS_A_WHOLE)


@contextmanager
def room_for(recipe: Recipe, content: Size, backbone: Backbone) -> Iterator[float]:
    """While a run goes on: keep other runs of this process from counting on its memory, too.

    Yields:
        The bytes that are available to it, for `needs_strips`.

    Raises:
        OutOfMemoryError: as `check_fits`.
    """
    with _claiming:
        available = check_fits(recipe, content, backbone)
        sizes = [scale.size for scale in plan(recipe, content)]
        claim = _need(recipe, sizes, backbone, available)
        _claims.append(claim)
    try:
        yield available
    finally:
        with _claiming:
            _claims.remove(claim)


def check_fits(recipe: Recipe, content: Size, backbone: Backbone) -> float:
    """Refuse a run that would not even in strips fit into the memory that is there for it now.

    Returns:
        The bytes that are there.

    Raises:
        OutOfMemoryError: tells the need, what is free, and the largest size that would fit.
    """
    available = available_bytes()
    size = recipe.generated_size(content)
    need = _need(recipe, [size], backbone, available)
    if need <= available:
        return available
    fitting = [
        size
        for size in range(SIZES[0], SIZES[1] + 1, 32)
        if _least_need(recipe.changed(size=size), content, backbone) <= available
    ]
    advice = f"the largest size that fits is {fitting[-1]} px" if fitting else "no size fits"
    raise OutOfMemoryError(
        f"{size[0]} × {size[1]} px would take about {need / 1e9:.1f} GB of memory, "
        f"and {available / 1e9:.1f} GB are free: {advice}."
    )


def available_bytes() -> float:
    """What a run that begins now may take."""
    return max(free_bytes() + held_bytes(), 0.0)


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


def _need(recipe: Recipe, sizes: Iterable[Size], backbone: Backbone, available: float) -> float:
    """Bytes besides `BASE_BYTES` at the worst of these sizes, in strips where it needs them."""
    return max(
        _strips_need(recipe, size, backbone)
        if needs_strips(recipe, size, backbone, available)
        else _whole_need(recipe, size, backbone)
        for size in sizes
    )


def _least_need(recipe: Recipe, content: Size, backbone: Backbone) -> float:
    """As a whole or in strips; infinite where the recipe can't make a picture of this content."""
    try:
        size = recipe.generated_size(content)
    except ImageError:
        return math.inf
    return min(need(recipe, size, backbone) for need in (_whole_need, _strips_need))


def _whole_need(recipe: Recipe, size: Size, backbone: Backbone) -> float:
    values = sum(_values_per_pixel(layer, backbone) for layer in _layers_at_work(recipe, backbone))
    per_pixel = HELD_TWICE * values * _width(recipe) + STATE_BYTES + _optimizer_bytes(recipe)
    return math.prod(size) * per_pixel + _held_by_comparisons(recipe, size, backbone)


def _held_by_comparisons(recipe: Recipe, size: Size, backbone: Backbone) -> float:
    pixels = math.prod(size)
    return max(
        sum(
            comparison.held(positions, channels, pixels)
            for comparison, positions, channels in _compared(recipe, phase, pixels, backbone)
        )
        for phase in phases(recipe, size, last=True)
    )


def _compared(
    recipe: Recipe, phase: str, pixels: float, backbone: Backbone
) -> Iterator[tuple[Comparison, float, int]]:
    """What is compared in a phase, and the positions and channels of each of its maps.

    A layer that the backbone lacks is left out, for the run to tell of it.
    """
    for term in recipe.terms_in(phase):
        for layer in term.active_layers:
            if layer == IMAGE:
                yield term.compared, pixels, 3
            elif layer in backbone.kernels:
                channels = backbone.kernels[layer][0].shape[-1]
                yield term.compared, pixels / downsampling(layer) ** 2, channels


def _strips_need(recipe: Recipe, size: Size, backbone: Backbone) -> float:
    """What passes from block to block, maps that a term needs as a whole, and a strip."""
    blocks = backbone.blocks(recipe.layers & {*backbone.layers})
    passed = sum(_values_per_pixel(block[-1], backbone) / 4 for block in blocks[:-1])
    whole = {
        layer
        for term in recipe.active_terms
        for layer in term.active_layers
        if layer != IMAGE and term.compared.keeps_maps
    }
    kept = HELD_TWICE * passed + WHOLE_MAPS * sum(
        _values_per_pixel(each, backbone) for each in whole
    )
    per_pixel = kept * _width(recipe) + STRIP_STATE_BYTES + _optimizer_bytes(recipe)
    strip = STRIP_MAPS * STRIP_VALUES * _width(recipe)
    return math.prod(size) * per_pixel + strip + _held_by_comparisons(recipe, size, backbone)


def _width(recipe: Recipe) -> int:
    """Bytes of an activation."""
    return 2 if recipe.precision == "bfloat16" else 4


def _values_per_pixel(layer: str, backbone: Backbone) -> float:
    """Activations of a layer for one pixel of the generated image."""
    return backbone.kernels[layer][0].shape[-1] / downsampling(layer) ** 2


def _optimizer_bytes(recipe: Recipe) -> float:
    """Per pixel, besides the state that any descent has."""
    if isinstance(recipe.optimizer, Adam):
        return PYRAMID_BYTES if recipe.optimizer.pyramid else 0.0
    if not isinstance(recipe.optimizer, LBFGS):
        return 0.0
    return 3 * 8 * (2 * recipe.optimizer.memory + 5)  # SciPy's workspace, float64


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
    available = available_bytes()
    seconds = START_SECONDS
    for scale in scales:
        strips = needs_strips(recipe, scale.size, backbone, available)
        work = _multiplications(recipe, scale.phase, scale.pixels, backbone)
        step = fixed + work * per_multiplication * (IN_STRIPS if strips else 1)
        seconds += (scale.steps + 1) * step  # targets and the last measure take about one more
    return seconds


def seconds_by_quality(content: Size, backbone: Backbone) -> dict[str, float]:
    """Seconds that `studio` takes here for a content image of this size, at each quality."""
    studio = settled(RECIPES["studio"], backbone)
    recipes = {name: studio.changed(quality=name) for name in studio.qualities}
    return {
        name: run_seconds(recipe, plan(recipe, content), backbone)
        for name, recipe in recipes.items()
    }


def _multiplications(recipe: Recipe, phase: str, pixels: float, backbone: Backbone) -> float:
    """Of convolutions and comparisons, on the way forward, for an image of so many pixels."""
    per_pixel = sum(
        backbone.kernels[layer][0].size / downsampling(layer) ** 2
        for layer in _layers_at_work(recipe, backbone)
    )
    return pixels * per_pixel + sum(
        comparison.multiplications(positions, channels)
        for comparison, positions, channels in _compared(recipe, phase, pixels, backbone)
    )


def _step_seconds(backbone: Backbone, dtype: str) -> tuple[float, float]:
    """What a step costs at least, and what each multiplication of its way forward adds."""
    with _measuring:  # once, however many visitors ask at the same time
        return _measured(backbone, dtype)


@lru_cache(maxsize=4)
def _measured(backbone: Backbone, dtype: str) -> tuple[float, float]:
    recipe = RECIPES["moments"].changed(precision=dtype)
    small, large = (_timed(size, recipe, backbone) for size in TIMED_SIZES)
    less, more = (_multiplications(recipe, DETAIL, size**2, backbone) for size in TIMED_SIZES)
    each = max(large - small, 0.0) / (more - less)
    return max(small - each * less, 0.0), each


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
