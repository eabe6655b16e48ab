"""How much memory a run takes, told before it begins, and whether that much is there."""

import re
from pathlib import Path

import psutil

from nst_core.errors import OutOfMemoryError
from nst_core.images.sizes import Size
from nst_core.network.backbone import Backbone, downsampling
from nst_core.network.tensorflow import tf
from nst_core.recipe.lbfgs import LBFGS
from nst_core.recipe.recipe import SIZES, Recipe

BASE_BYTES = 880e6
"""What a process holds before any picture: TensorFlow and the weights. Measured."""
HELD_TWICE = 1.8
"""Peak bytes over those of all activations: gradients join them on the way back. Measured."""
STATE_BYTES = 24 * 4
"""Per pixel: the image, its gradient, the optimiser's state and their successors, float32."""
_ONEDNN_OUT_OF_MEMORY = re.compile(r"Status: ?1,")
"""`dnnl_out_of_memory`, as TensorFlow's kernels report it."""


def predict_bytes(recipe: Recipe, size: Size, backbone: Backbone) -> float:
    """Peak resident memory, in bytes, of a process that runs `recipe` at one size.

    Args:
        recipe: with its precision settled; "auto" is counted as float32.
        size: (width, height) in px, the largest of the run.
        backbone: whose layers count, down to the deepest that the recipe looks at.
    """
    return BASE_BYTES + size[0] * size[1] * _bytes_per_pixel(recipe, backbone)


def check_fits(recipe: Recipe, content: Size, backbone: Backbone) -> None:
    """Refuse a run that would not fit into the memory that is free now.

    Raises:
        OutOfMemoryError: tells the need, what is free, and the largest size that would fit.
    """
    need = _bytes_per_pixel(recipe, backbone)
    free = free_bytes()
    width, height = recipe.size_rule(content, recipe.size)
    if width * height * need <= free:
        return
    fitting = [
        size
        for size in range(SIZES[0], SIZES[1] + 1, 32)
        if _area(recipe, content, size) * need <= free
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


def _area(recipe: Recipe, content: Size, size: int) -> int:
    width, height = recipe.size_rule(content, size)
    return width * height


def _bytes_per_pixel(recipe: Recipe, backbone: Backbone) -> float:
    layers = {*recipe.active_content_layers, *recipe.active_style_layers}
    width = 2 if recipe.precision == "bfloat16" else 4
    values = 0.0
    for layer in backbone.up_to_deepest(layers):
        channels = backbone.kernels[layer][0].shape[-1]
        per_pixel = channels / downsampling(layer) ** 2
        values += per_pixel
    total = HELD_TWICE * values * width + STATE_BYTES
    if isinstance(recipe.optimizer, LBFGS):
        total += 3 * 8 * (2 * recipe.optimizer.memory + 5)  # SciPy's workspace, float64
    return total


def ran_out_of_memory(error: Exception) -> bool:
    """Whether Python, TensorFlow or oneDNN under it raised `error` for lack of memory."""
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return True
    aborted = isinstance(error, tf.errors.AbortedError)
    return aborted and bool(_ONEDNN_OUT_OF_MEMORY.search(str(error)))
