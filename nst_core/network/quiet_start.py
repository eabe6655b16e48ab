"""TensorFlow started without its greetings: for entry points only.

A library leaves its user's standard error alone; a command line answers a mistake with one line.
"""

import contextlib
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from threading import Lock
from types import ModuleType

from nst_core.network import greeting_filter
from nst_core.network.tensorflow import load_tensorflow

PATIENCE = 2.0
"""Seconds to wait for the last lines; a program started meanwhile may hold the pipe for longer."""
_STANDARD_ERROR = 2
_ERRORS_ONLY = ("TF_CPP_MIN_LOG_LEVEL", "2")
"""Of C++, once it runs: a GPU's libraries tell of themselves in the middle of a run."""
_LOGGERS = ("tensorflow", "absl")
"""Of Python: they tell, for one, that a function was traced anew."""
_REDIRECTING = Lock()


def load_tensorflow_quietly() -> ModuleType:
    """As `load_tensorflow`, its greetings, and later remarks, kept off the standard error.

    Where TensorFlow was imported before, its greetings are out, and nothing is redirected. Errors
    are still told. Raises as that does.
    """
    os.environ.setdefault(*_ERRORS_ONLY)
    try:
        if "tensorflow" in sys.modules:
            return load_tensorflow()
        with without_greetings():
            return load_tensorflow()
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.ERROR)


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Drop Python's warnings, which are for developers, unless some were asked for with -W."""
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def without_greetings() -> Iterator[None]:
    """Drop TensorFlow's greetings from the standard error; pass all other lines on at once.

    They come from C++ before its own log level is read, so only the file descriptor stops them, for
    all threads alike. What is written goes through a process of its own, which outlives a crash of
    this one. Threads enter one after the other. Where there is no standard error, or where no
    process can be started, nothing is dropped.
    """
    with _REDIRECTING:
        try:
            kept = os.dup(_STANDARD_ERROR)
        except OSError:  # closed, as under some daemons
            yield
            return
        filtering = None
        try:
            filtering = _start_filter(kept)
            yield
        finally:
            _flush()
            os.dup2(kept, _STANDARD_ERROR)  # the pipe's last way in: its end ends the filter
            os.close(kept)
            if filtering:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    filtering.wait(PATIENCE)


def _start_filter(target: int) -> subprocess.Popen[bytes] | None:
    """Lead the standard error through a new process to `target`; None if none can be started."""
    _flush()
    source, entrance = os.pipe()
    try:
        filtering = subprocess.Popen(
            [sys.executable, "-I", "-S", greeting_filter.__file__],
            stdin=source,
            stdout=target,
            start_new_session=True,  # Ctrl-C is not for it
        )
        os.dup2(entrance, _STANDARD_ERROR)
    except OSError:
        return None
    finally:
        os.close(source)
        os.close(entrance)
    return filtering


def _flush() -> None:
    """Keep what Python has buffered on its own side of the change."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # a closed one has nothing left to write
            sys.stderr.flush()
