"""A process of this project beside this one, asked through its standard input and output.

It ends with this one, however this one ends: by what it reads, or, where it hangs, by a last kill.
"""

import atexit
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import BinaryIO, TypeVar, cast

T = TypeVar("T")
BROKEN = (OSError, EOFError, ValueError)
"""What writing to a process that has ended, and reading from it, comes to."""


class LostError(Exception):
    """The process has ended; for those who asked it, and nobody else.

    Attributes:
        status: of its end, a signal's number with a minus.
        late: whether it was ended for taking too long.
    """

    def __init__(self, status: int, late: bool) -> None:
        super().__init__(f"{status}, late" if late else str(status))
        self.status, self.late = status, late


class Child:
    """One process, that runs a module and answers one request after the other."""

    def __init__(self, module: str, *arguments: str, quiet: bool = False) -> None:
        """
        Args:
            module: its name; run as `python -m` does.
            arguments: for it.
            quiet: whether what it writes on the standard error is thrown away.
        """
        folders = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
            start_new_session=True,  # Ctrl-C is not for it
        )
        _children.add(self)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(
        self, request: bytes, read: Callable[[BinaryIO], T], patience: float | None = None
    ) -> T:
        """Send a request, and read its answer.

        Args:
            request: whole.
            read: takes the answer from the stream of all; raises one of `BROKEN` at its end.
            patience: seconds, after which the process is ended.

        Raises:
            LostError: the process has ended.
        """
        late: list[bool] = []

        def end() -> None:
            late.append(True)
            self._process.kill()

        timer = Timer(patience or 0, end)
        timer.daemon = True
        if patience is not None:
            timer.start()
        try:
            stdin = cast(BinaryIO, self._process.stdin)
            stdin.write(request)
            stdin.flush()
            return read(cast(BinaryIO, self._process.stdout))
        except BROKEN:
            self._process.kill()
            _children.discard(self)
            raise LostError(self._process.wait(), bool(late)) from None
        finally:
            timer.cancel()

    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once, whatever it does; whoever waits for an answer gets a `LostError`."""
        self._process.kill()

    def close(self) -> None:
        """End it, and let go of all that it had here; nobody may wait for an answer."""
        self._process.kill()
        _children.discard(self)
        with suppress(*BROKEN):
            self._process.communicate()


_children: set[Child] = set()
"""Those that may still run, also where nobody else remembers them."""


@atexit.register
def end_all() -> None:
    """Called at the end: one that hangs, or is stopped, doesn't read that its input has ended."""
    for child in list(_children):
        child.kill()
