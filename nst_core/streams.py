"""The standard streams, whose loss must not cost the work: what can't be told is not told."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO, cast

from tqdm import tqdm

_DESCRIPTORS = (0, 1, 2)
"""Of the standard input, output and error."""


class Lasting:
    """A standard stream that may be closed, full, or without a reader; writing to it never fails.

    Args:
        stream: the real one, or None, as Python has it where there is none.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):  # as a file does that is closed
            if self._stream is not None:
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._stream is not None:
                self._stream.flush()

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def end(self) -> None:
        """Write out what is left, or drop it: Python would try again at its end, and complain."""
        try:
            if self._stream is not None:
                self._stream.flush()
        except (OSError, ValueError):
            self._lead_nowhere()

    def _lead_nowhere(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def lasting_streams() -> Iterator[None]:
    """Meanwhile, the standard output and the standard error are `Lasting`.

    What an encoding lacks, such as ×, is replaced.
    """
    _occupy_closed_descriptors()
    streams = Lasting(sys.stdout), Lasting(sys.stderr)
    out, err = (cast(TextIO, stream) for stream in streams)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            yield
        finally:
            for each in streams:
                each.end()


def _occupy_closed_descriptors() -> None:
    """Else the next file that is opened gets such a number, and other people's remarks in it."""
    for descriptor in _DESCRIPTORS:
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def binary_output() -> BinaryIO | None:
    """The standard output for bytes; None where it is closed."""
    return getattr(sys.stdout, "buffer", None)


def say(words: str) -> None:
    """Write a line on the standard error, above the bar if one is drawn."""
    tqdm.write(words, file=sys.stderr)


def warn(sentence: str) -> None:
    """Say a sentence of this program's own."""
    say(f"nst_core: {sentence}")
