"""TensorFlow, imported at first use.

It takes seconds to import, and a page or a command line has to answer before that. Every module of
this package takes `tf` from here, so that `import nst_core` stays quick.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Event, Lock
from types import EllipsisType, ModuleType
from typing import Any, Protocol, Self, TypeAlias, overload

import numpy as np
from numpy.typing import DTypeLike

from nst_core.errors import TensorFlowError
from nst_core.network import address_space

_IMPORTING = Lock()
_CUT_OFF = Event()
"""Set in a process that was forked while TensorFlow ran: its threads stayed behind."""
_KERAS_SWITCHES = ("KERAS_BACKEND", "TF_USE_LEGACY_KERAS")


class Shape(Protocol):
    """The sides of a tensor."""

    @property
    def rank(self) -> int: ...
    @overload
    def __getitem__(self, key: int, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> "Shape": ...
    def __iter__(self) -> Iterator[int]: ...


class DType(Protocol):
    """What kind of numbers a tensor holds."""

    @property
    def name(self) -> str: ...
    @property
    def as_numpy_dtype(self) -> type[np.generic]: ...


class TensorSpec(Protocol):
    """What a traced function is told of a tensor: its sides, None where any will do, and kind."""

    @property
    def shape(self) -> Shape: ...
    @property
    def dtype(self) -> DType: ...


class Tensor(Protocol):
    """A tensor of TensorFlow's, as far as this package has to do with one.

    TensorFlow tells type checkers nothing of its functions: their results pass for any type, and
    this one says at the borders of a module that a tensor is meant, and what can be done with it.
    """

    @property
    def shape(self) -> Shape: ...
    @property
    def dtype(self) -> DType: ...
    def numpy(self) -> np.ndarray: ...
    def __array__(self, dtype: DTypeLike | None = None, /) -> np.ndarray: ...
    def __getitem__(self, key: "Key", /) -> "Tensor": ...
    def __neg__(self) -> "Tensor": ...
    def __add__(self, other: "Operand", /) -> "Tensor": ...
    def __radd__(self, other: "Operand", /) -> "Tensor": ...
    def __sub__(self, other: "Operand", /) -> "Tensor": ...
    def __rsub__(self, other: "Operand", /) -> "Tensor": ...
    def __mul__(self, other: "Operand", /) -> "Tensor": ...
    def __rmul__(self, other: "Operand", /) -> "Tensor": ...
    def __truediv__(self, other: "Operand", /) -> "Tensor": ...
    def __rtruediv__(self, other: "Operand", /) -> "Tensor": ...
    def __floordiv__(self, other: "Operand", /) -> "Tensor": ...
    def __mod__(self, other: "Operand", /) -> "Tensor": ...
    def __pow__(self, other: "Operand", /) -> "Tensor": ...
    def __lt__(self, other: "Operand", /) -> "Tensor": ...
    def __ge__(self, other: "Operand", /) -> "Tensor": ...
    def __and__(self, other: "Tensor", /) -> "Tensor": ...
    def __float__(self) -> float: ...


class Variable(Tensor, Protocol):
    """A tensor whose values can be replaced."""

    def assign(self, value: "Operand", /) -> Self: ...
    def assign_add(self, delta: "Operand", /) -> Self: ...


Numeric: TypeAlias = Tensor | float
Operand: TypeAlias = Numeric | np.ndarray
"""What a tensor can be added to, or multiplied by."""
Index: TypeAlias = int | slice | EllipsisType | Tensor | None
Key: TypeAlias = Index | tuple[Index, ...]
"""What stands in the brackets behind a tensor."""


def load_tensorflow() -> ModuleType:
    """The module itself, imported if it wasn't; threads that ask meanwhile wait for it.

    TensorFlow greets on the standard error; `greetings` keeps that off a program's.

    Raises:
        ImportError: it can't be imported; the next call tries again.
        OutOfMemoryError: this process may not take as much memory as it needs.
        TensorFlowError: this process was forked from one in which it ran.
    """
    _check_whole()
    with _IMPORTING:  # `cache` alone would let two threads in
        return _imported()


@cache
def _imported() -> ModuleType:
    if "tensorflow" not in sys.modules:
        address_space.check_limit()
    _give_keras_a_home()
    import tensorflow

    for gpu in tensorflow.config.list_physical_devices("GPU"):
        with suppress(RuntimeError, ValueError):  # the caller has used it, or divided it, before
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


def check_process() -> None:
    """Raise `TensorFlowError` where nothing can be painted with it; imports nothing."""
    _check_whole()
    compat = getattr(sys.modules.get("tensorflow"), "compat", None)  # None while it is imported
    if compat is not None and not compat.v1.executing_eagerly_outside_functions():
        raise TensorFlowError(
            "TensorFlow runs in graph mode here, where nothing can be painted: leave out "
            "tf.compat.v1.disable_eager_execution() and graphs of TensorFlow 1."
        )


def _check_whole() -> None:
    if _CUT_OFF.is_set():
        raise TensorFlowError(
            "This process was forked from one in which TensorFlow had run, and would wait for ever "
            "for threads that stayed there: start it by spawn or forkserver, as in "
            'multiprocessing.get_context("spawn").'
        )


def _after_fork() -> None:
    context = sys.modules.get("tensorflow.python.eager.context")  # also if others had it run
    if _IMPORTING.locked() or getattr(context, "context_safe", lambda: None)() is not None:
        _CUT_OFF.set()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _keras() -> ModuleType:
    """TensorFlow's Keras; raises `TensorFlowError` if it is another one, or missing."""
    try:
        keras = load_tensorflow().keras
        backend = keras.backend.backend()
    except TensorFlowError:
        raise
    except Exception as error:  # Keras raises many kinds, and others when it is asked again
        raise _keras_error() from error
    if backend != "tensorflow":
        raise _keras_error()
    return keras


def _keras_error() -> TensorFlowError:
    switches = " and ".join(name for name in _KERAS_SWITCHES if os.environ.get(name))
    remedy = f"start without {switches}" if switches else "install Keras anew"
    return TensorFlowError(f"Keras doesn't work with TensorFlow in this process: {remedy}.")


class _LazyTensorFlow:
    @property
    def keras(self) -> ModuleType:
        return _keras()

    def __getattr__(self, name: str) -> Any:
        return getattr(load_tensorflow(), name)


tf = _LazyTensorFlow()
