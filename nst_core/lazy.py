"""TensorFlow, imported at first use.

It takes seconds to import, and a page or a command line has to answer before that. Every module of
this package takes `tf` from here, so that `import nst_core` stays quick.
"""

import os
from functools import cache
from typing import Any


@cache
def _tensorflow() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its greetings are no news to our users
    import tensorflow

    for gpu in tensorflow.config.list_physical_devices("GPU"):
        tensorflow.config.experimental.set_memory_growth(gpu, True)
    return tensorflow


class _LazyTensorFlow:
    def __getattr__(self, name: str) -> Any:
        return getattr(_tensorflow(), name)


tf: Any = _LazyTensorFlow()
