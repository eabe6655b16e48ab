"""The memory that the system lets a process take, used or not, where that is limited by ulimit -v.

Beyond it, TensorFlow ends in as many ways as it has steps; so what is needed is compared before.
"""

import math

import psutil

from nst_core.errors import OutOfMemoryError

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

LEAST = 2_400_000_000
"""Bytes that a process must be allowed to take to paint at all."""
STARTED = 2_300_000_000
"""Bytes that a process has taken once TensorFlow has started. Measured."""
UNUSED = 600_000_000
"""Bytes that a run takes and does not use: for threads, and libraries it imports. Measured."""


def check_limit() -> None:
    """Raise `OutOfMemoryError` where TensorFlow could not even start."""
    most = limit()
    if most < LEAST:
        raise OutOfMemoryError(
            f"This process may take {most / 1e9:.2g} GB of memory, and painting needs "
            f"{LEAST / 1e9:.2g} GB: raise the limit, which ulimit -v tells."
        )


def left() -> float:
    """Bytes that a run may still use."""
    most = limit()
    if most == math.inf:  # psutil's answer takes a moment
        return most
    return most - max(psutil.Process().memory_info().vms, STARTED) - UNUSED


def limit() -> float:
    """Bytes; infinitely many where there is no limit."""
    if resource is None:
        return math.inf
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    return math.inf if most == resource.RLIM_INFINITY else most
