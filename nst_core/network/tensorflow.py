"""TensorFlow, imported at first use.

It takes seconds to import, and a page or a command line has to answer before that. Every module of
this package takes `tf` from here, so that `import nst_core` stays quick.
"""

import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

_IMPORTING = Lock()


def load_tensorflow() -> Any:
    """The module itself, imported if it wasn't; threads that ask meanwhile wait for it.

    TensorFlow greets on the standard error; `greetings` keeps that off a program's.

    Raises:
        ImportError: it can't be imported; the next call tries again.
    """
    with _IMPORTING:  # `cache` alone would let two threads in
        return _imported()


@cache
def _imported() -> Any:
    _give_keras_a_home()
    import tensorflow

    for gpu in tensorflow.config.list_physical_devices("GPU"):
        tensorflow.config.experimental.set_memory_growth(gpu, True)
    tensorflow.zeros([])  # memory growth can't be changed after this, and starting takes a moment
    return tensorflow


def _give_keras_a_home() -> None:
    """Where nobody knows of a home, Keras makes a folder called "~" in the working folder."""
    try:
        Path.home()
    except RuntimeError:
        with suppress(OSError):  # no temporary folder either: then Keras finds none to write in
            os.environ.setdefault("KERAS_HOME", str(Path(tempfile.gettempdir()) / ".keras"))


class _LazyTensorFlow:
    def __getattr__(self, name: str) -> Any:
        return getattr(load_tensorflow(), name)


tf: Any = _LazyTensorFlow()
