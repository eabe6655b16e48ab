"""How much memory there is for painting: of the card that paints, or of the machine."""

from functools import cache
from pathlib import Path

import psutil

from nst_core.network import address_space
from nst_core.network.tensorflow import tf


def free_bytes() -> float:
    """Memory that this process may still take: of the machine, its container, or its own limit."""
    free = min(float(psutil.virtual_memory().available), address_space.left())
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and used.exists() and limit.read_text().strip() != "max":
        free = min(free, float(limit.read_text()) - float(used.read_text()))
    return free


@cache
def card_bytes() -> float | None:
    """Memory that TensorFlow may take of the card that paints; None where the processor paints."""
    if not tf.config.list_logical_devices("GPU"):
        return None
    from tensorflow.python.client import device_lib  # nothing public tells it

    cards = (each for each in device_lib.list_local_devices() if each.device_type == "GPU")
    return float(next(cards).memory_limit)
