"""SIGTERM and SIGHUP, which end a run as Ctrl-C does. For the command line only."""

import os
import signal
import threading
from types import FrameType, TracebackType

_NUMBERS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""A container that is stopped sends the first, a terminal that is closed the second."""
_OUTPUTS = (1, 2)
"""Descriptors of the standard output and the standard error."""


class Interruption:
    """While entered, the first SIGTERM or SIGHUP raises `KeyboardInterrupt`, later ones nothing.

    A closed terminal sends more than one, and none may get in the way of the saving. A signal that
    was ignored before, as SIGHUP under nohup, stays so. In a thread that is not the main one, which
    may not handle signals, nothing changes. What was there before is put back at the end.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        self._earlier: dict[int, object] = {}
        self._terminals: list[int] = []

    @property
    def status(self) -> int:
        """The exit status, as shells have it: 128 and the signal's number; 130 for Ctrl-C."""
        return 128 + (self._number or signal.SIGINT)

    @property
    def came(self) -> bool:
        """Whether there was a signal, also where Python dropped the exception on its way."""
        return self._number is not None

    def hold(self) -> None:
        """Ignore the signals from here on: what is left takes a moment, and is worth it."""
        for number in self._earlier:
            signal.signal(number, signal.SIG_IGN)

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            self._terminals = [output for output in _OUTPUTS if os.isatty(output)]
            for number in _NUMBERS:
                earlier = signal.getsignal(number)
                if earlier not in (
                    signal.SIG_IGN,
                    None,
                ):  # None: not from Python, can't be put back
                    self._earlier[number] = earlier
                    signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for number, earlier in self._earlier.items():
            signal.signal(number, earlier)  # type: ignore[arg-type]
        self._earlier.clear()

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.hold()
        self._number = number
        if number != signal.SIGTERM:
            self._leave_terminals()
        raise KeyboardInterrupt

    def _leave_terminals(self) -> None:
        """Writing to a closed terminal fails, and would cost the picture."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for output in self._terminals:
            os.dup2(nowhere, output)
        os.close(nowhere)
