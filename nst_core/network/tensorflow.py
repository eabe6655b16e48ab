"""TensorFlow, imported at first use.

It takes seconds to import, and a page or a command line has to answer before that. Every module of
this package takes `tf` from here, so that `import nst_core` stays quick.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@cache
def load_tensorflow() -> Any:
    """The module itself, imported if it wasn't."""
    with _without_greetings():
        import tensorflow

        for gpu in tensorflow.config.list_physical_devices("GPU"):
            tensorflow.config.experimental.set_memory_growth(gpu, True)
        tensorflow.zeros([])  # the first operation has a greeting of its own
    return tensorflow


_GREETING = re.compile(
    rb"[IW]\d{4} |E\d{4} .*cuInit|WARNING: All log messages before absl|To enable the following"
)


@contextmanager
def _without_greetings() -> Iterator[None]:
    """Keep the log lines of TensorFlow's start off the standard error; pass on all others.

    They come from C++ before its own log level is read, so only the file descriptor stops them.
    """
    if sys.stderr is None:  # closed, as under some daemons
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught:
                if not _GREETING.match(line):
                    os.write(2, line)


class _LazyTensorFlow:
    def __getattr__(self, name: str) -> Any:
        return getattr(load_tensorflow(), name)


tf: Any = _LazyTensorFlow()
