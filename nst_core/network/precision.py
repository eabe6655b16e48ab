"""Which number type is the faster one on this machine."""

import math
import time
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import Tensor, tf

TRIAL_SIZE = 128
"""px; large enough for the convolutions to outweigh the calls."""
TRIALS = 3


@lru_cache(maxsize=4)
def faster_dtype(backbone: Backbone) -> str:
    """ "bfloat16" where a pass through the network and back takes less time in it, else "float32".

    bfloat16 pays where the processor has instructions for it, and costs much where it hasn't, so
    one small pass of each is timed, once per process.
    """
    return min(("float32", "bfloat16"), key=lambda dtype: seconds_per_pass(backbone, dtype))


def seconds_per_pass(backbone: Backbone, dtype: str) -> float:
    """Seconds of a small pass in "float32" or "bfloat16", the quickest of a few."""
    deepest = "block4_conv1"

    @tf.function(autograph=False)
    def forth_and_back(image: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            tape.watch(image)
            total = tf.reduce_sum(backbone.activations(image, [deepest], dtype=dtype)[deepest])
        return tape.gradient(total, image)

    pixels = np.random.default_rng(0).uniform(0, 255, (1, TRIAL_SIZE, TRIAL_SIZE, 3))
    image = tf.constant(pixels, tf.float32)
    return quickest(lambda: forth_and_back(image))


def quickest(work: Callable[[], Tensor]) -> float:
    """Seconds of the quickest of a few calls that give a tensor, after one that may trace it.

    Infinitely many where it fails, as bfloat16 does on some processors, and wherever a variable
    such as ONEDNN_MAX_CPU_ISA keeps oneDNN from the instructions that it takes for it.
    """
    try:
        work().numpy()
        times = []
        for _ in range(TRIALS):
            started = time.perf_counter()
            work().numpy()
            times.append(time.perf_counter() - started)
        return min(times)
    except tf.errors.OpError:
        return math.inf


def is_missing(error: BaseException) -> bool:
    """Whether an error is that of a number type that can't be computed in on this machine."""
    return isinstance(error, tf.errors.AbortedError | tf.errors.UnimplementedError)
