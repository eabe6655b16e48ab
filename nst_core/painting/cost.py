"""What a run takes, told before it begins: memory, and whether that much is there; and seconds."""

import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
import psutil

from nst_core.errors import ImageError, OutOfMemoryError
from nst_core.images.sizes import Size
from nst_core.loss.comparison import IMAGE, Comparison
from nst_core.loss.terms import DETAIL
from nst_core.network.backbone import Backbone, downsampling
from nst_core.network.free_memory import card_bytes, free_bytes
from nst_core.network.tensorflow import tf
from nst_core.objective.objective import Objective
from nst_core.objective.setup import Setup, set_up
from nst_core.objective.strips import STRIP_VALUES
from nst_core.painting.stages import Scale, phases, plan
from nst_core.recipe.adam import Adam
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.descent import Optimizer
from nst_core.recipe.lbfgs import LBFGS
from nst_core.recipe.recipe import SIZES

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
"""Bytes: what would take more of a machine's memory works in strips, also where that much is free,
as half of 16 GB. On a card nobody else waits for memory."""
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


def cost_of(setup: Setup, scales: Sequence[Scale]) -> Cost:
    """What these sizes and steps take."""
    need = _need(setup, [scale.size for scale in scales], available_bytes())
    return Cost(run_seconds(setup, scales), BASE_BYTES + need)


def predict_bytes(setup: Setup, size: Size, in_strips: bool = False) -> float:
    """Peak resident memory, in bytes, of a process that paints at one size.

    Args:
        setup: the network's layers count, down to the deepest that the recipe looks at.
        size: (width, height) in px, the largest of the run.
        in_strips: whether the network works in strips.
    """
    return BASE_BYTES + (_strips_need if in_strips else _whole_need)(setup, size)


def needs_strips(setup: Setup, size: Size, available: float) -> bool:
    """Whether a picture of this size would take more than it may, or there is, as a whole."""
    most = MOST_AS_A_WHOLE if card_bytes() is None else math.inf
    return _whole_need(setup, size) > min(available, most)


@contextmanager
def room_for(setup: Setup, content: Size) -> Iterator[float]:
    """While a run goes on: keep other runs of this process from counting on its memory, too.

    Yields:
        The bytes that are available to it, for `needs_strips`.

    Raises:
        OutOfMemoryError: as `check_fits`.
    """
    with _claiming:
        available = check_fits(setup, content)
        sizes = [scale.size for scale in plan(setup.recipe, content)]
        claim = _need(setup, sizes, available)
        _claims.append(claim)
    try:
        yield available
    finally:
        with _claiming:
            _claims.remove(claim)


def check_fits(setup: Setup, content: Size) -> float:
    """Refuse a run that would not even in strips fit into the memory that is there for it now.

    Returns:
        The bytes that are there.

    Raises:
        OutOfMemoryError: tells the need, what is free, and the largest size that would fit.
    """
    available = available_bytes()
    size = setup.recipe.generated_size(content)
    need = _need(setup, [setup.recipe.painted_size(content)], available)
    if need <= available:
        return available
    fitting = [
        size
        for size in range(SIZES[0], SIZES[1] + 1, 32)
        if _least_need(setup, size, content) <= available
    ]
    advice = f"the largest size that fits is {fitting[-1]} px" if fitting else "no size fits"
    raise OutOfMemoryError(
        f"{size[0]} × {size[1]} px would take about {need / 1e9:.1f} GB of memory, "
        f"and {available / 1e9:.1f} GB are free: {advice}."
    )


def available_bytes() -> float:
    """What a run that begins now may take, of the card or of the machine."""
    card = card_bytes()
    free = free_bytes() + held_bytes() if card is None else card - sum(_claims)
    return max(free, 0.0)


def held_bytes() -> float:
    """Memory that this process has already taken, and that its next run will use again.

    TensorFlow keeps for later runs what earlier ones needed at their peak; the system counts it as
    taken. What runs under way are predicted to need is theirs; the result is negative where they
    have yet to take it.
    """
    resident = float(psutil.Process().memory_info().rss)
    return max(resident - BASE_BYTES, 0.0) - sum(_claims)


def _need(setup: Setup, sizes: Iterable[Size], available: float) -> float:
    """Bytes besides `BASE_BYTES` at the worst of these sizes, in strips where it needs them."""
    return max(
        _strips_need(setup, size)
        if needs_strips(setup, size, available)
        else _whole_need(setup, size)
        for size in sizes
    )


def _least_need(setup: Setup, longest: int, content: Size) -> float:
    """At another `size`, in either way; infinite where it can't make a picture of this content."""
    try:
        size = setup.recipe.changed(size=longest).painted_size(content)
    except ImageError:
        return math.inf
    return min(need(setup, size) for need in (_whole_need, _strips_need))


def _whole_need(setup: Setup, size: Size) -> float:
    layers = _layers_at_work(setup)
    values = HELD_TWICE * sum(_values_per_pixel(layer, setup.network) for layer in layers)
    per_pixel = values * _width(setup) + STATE_BYTES + _optimizer_bytes(setup.recipe.optimizer)
    return math.prod(size) * per_pixel + _held_by_comparisons(setup, size)


def _held_by_comparisons(setup: Setup, size: Size) -> float:
    pixels = math.prod(size)
    return max(
        sum(
            comparison.held(positions, channels, pixels)
            for comparison, positions, channels in _compared(setup, phase, pixels)
        )
        for phase in phases(setup.recipe, size, last=True)
    )


def _compared(setup: Setup, phase: str, pixels: float) -> Iterator[tuple[Comparison, float, int]]:
    """What is compared in a phase, and the positions and channels of each of its maps.

    A layer that the network lacks is left out, for the run to tell of it.
    """
    kernels = setup.network.kernels
    for term in setup.recipe.terms_in(phase):
        for layer in term.active_layers:
            if layer == IMAGE:
                yield term.compared, pixels, 3
            elif layer in kernels:
                channels = kernels[layer][0].shape[-1]
                yield term.compared, pixels / downsampling(layer) ** 2, channels


def _strips_need(setup: Setup, size: Size) -> float:
    """What passes from block to block, maps that a term needs as a whole, and a strip."""
    recipe, backbone = setup.recipe, setup.network
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
    per_pixel = kept * _width(setup) + STRIP_STATE_BYTES + _optimizer_bytes(recipe.optimizer)
    strip = STRIP_MAPS * STRIP_VALUES * _width(setup)
    return math.prod(size) * per_pixel + strip + _held_by_comparisons(setup, size)


def _width(setup: Setup) -> int:
    """Bytes of an activation."""
    return 2 if setup.recipe.precision == "bfloat16" else 4


def _values_per_pixel(layer: str, backbone: Backbone) -> float:
    """Activations of a layer for one pixel of the generated image."""
    return backbone.kernels[layer][0].shape[-1] / downsampling(layer) ** 2


def _optimizer_bytes(optimizer: Optimizer) -> float:
    """Per pixel, besides the state that any descent has."""
    if isinstance(optimizer, Adam):
        return PYRAMID_BYTES if optimizer.pyramid else 0.0
    if not isinstance(optimizer, LBFGS):
        return 0.0
    return 3 * 8 * (2 * optimizer.memory + 5)  # SciPy's workspace, float64


def _layers_at_work(setup: Setup) -> tuple[str, ...]:
    """The network's layers down to the deepest that the recipe looks at."""
    return setup.network.up_to_deepest(setup.recipe.layers & {*setup.network.layers})


def ran_out_of_memory(error: Exception) -> bool:
    """Whether Python, TensorFlow or oneDNN under it raised `error` for lack of memory.

    What is raised while such an error is handled counts too: cleaning up takes memory as well.
    """
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return True
    aborted = isinstance(error, tf.errors.AbortedError)
    if aborted and _ONEDNN_OUT_OF_MEMORY.search(str(error)):
        return True
    before = error.__cause__ if error.__suppress_context__ else error.__context__
    return isinstance(before, Exception) and ran_out_of_memory(before)


# ---------------------------------------------------------------- seconds

TIMED_SIZES = (64, 192)
"""px of the steps that are timed; two, since a step has a fixed cost as well."""
TIMED_STEPS = 3
START_SECONDS = 1.0
"""What a run takes besides its steps, for targets and for the way between sizes."""


def run_seconds(setup: Setup, scales: Sequence[Scale]) -> float:
    """Seconds that these sizes and steps take."""
    fixed, per_multiplication = _step_seconds(setup.network, setup.recipe.precision)
    available = available_bytes()
    seconds = START_SECONDS
    for scale in scales:
        strips = needs_strips(setup, scale.size, available)
        work = _multiplications(setup, scale.phase, scale.pixels)
        step = fixed + work * per_multiplication * (IN_STRIPS if strips else 1)
        seconds += (scale.steps + 1) * step  # targets and the last measure take about one more
    return seconds


def seconds_by_quality(content: Size, backbone: Backbone) -> dict[str, float]:
    """Seconds that `studio` takes here for a content image of this size, at each quality."""
    studio = RECIPES["studio"]
    recipes = {name: studio.changed(quality=name) for name in studio.qualities}
    return {
        name: run_seconds(set_up(recipe, backbone), plan(recipe, content))
        for name, recipe in recipes.items()
    }


def step_seconds(backbone: Backbone, size: Size) -> float:
    """Seconds that a step of the recipe `moments` takes here: other work goes by it."""
    setup = set_up(RECIPES["moments"], backbone)
    fixed, per_multiplication = _step_seconds(backbone, setup.recipe.precision)
    return fixed + _multiplications(setup, DETAIL, math.prod(size)) * per_multiplication


def _multiplications(setup: Setup, phase: str, pixels: float) -> float:
    """Of convolutions and comparisons, on the way forward, for an image of so many pixels."""
    per_pixel = sum(
        setup.network.kernels[layer][0].size / downsampling(layer) ** 2
        for layer in _layers_at_work(setup)
    )
    return pixels * per_pixel + sum(
        comparison.multiplications(positions, channels, pixels)
        for comparison, positions, channels in _compared(setup, phase, pixels)
    )


def _step_seconds(backbone: Backbone, dtype: str) -> tuple[float, float]:
    """What a step costs at least, and what each multiplication of its way forward adds."""
    with _measuring:  # once, however many visitors ask at the same time
        return _measured(backbone, dtype)


@lru_cache(maxsize=4)
def _measured(backbone: Backbone, dtype: str) -> tuple[float, float]:
    setup = set_up(RECIPES["moments"].changed(precision=dtype), backbone)
    small, large = (_timed(size, setup) for size in TIMED_SIZES)
    less, more = (_multiplications(setup, DETAIL, size**2) for size in TIMED_SIZES)
    each = max(large - small, 0.0) / (more - less)
    return max(small - each * less, 0.0), each


def _timed(size: int, setup: Setup) -> float:
    """Seconds of one step, the quickest of a few."""
    noise = np.random.default_rng(0).uniform(0, 255, (size, size, 3))
    objective = Objective(noise, noise, setup.recipe, setup.network)
    objective.value_and_gradient(noise)  # traces
    times = []
    for _ in range(TIMED_STEPS):
        began = time.perf_counter()
        objective.value_and_gradient(noise)
        times.append(time.perf_counter() - began)
    return min(times)
