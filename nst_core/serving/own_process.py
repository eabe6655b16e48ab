"""A painter in a process of its own, which is renewed as it grows; `painting_process` runs in it.

TensorFlow keeps compiled convolutions for every size that it has seen, some 5 MB each, and gives
none back. A page that paints for strangers for weeks would fill its machine; and where the memory
runs out in the middle of a run, the system ends the process that paints. Here that is not the page.
"""

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock, Timer

from nst_core.errors import PainterError
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job
from nst_core.serving import painting_process
from nst_core.serving.parcel import Answer, Ended, to_send

MOST_GROWN = 750_000_000
"""Bytes that a process may hold after a run, beyond what it held before its first."""
LONGEST_END = 10.0
"""Seconds that a run may take to end once nobody wants it, before its process is ended."""
GONE = "The process that painted has ended, as happens where the memory runs out."
LAST_PICTURE = f"{GONE} This is its last picture; a smaller size may go through."

log = logging.getLogger(__name__)


class OwnProcess:
    """Paints in processes beside this one: as many as there are runs at a time, kept for the next.

    They end with this one, however it ends.
    """

    def __init__(self, backbone: str, most_grown: int = MOST_GROWN) -> None:
        """
        Args:
            backbone: the network's name or file, see `load_backbone`; a job's own is not looked at.
            most_grown: bytes, see `Ended`; a process that has grown by more is replaced.
        """
        self._backbone, self._most_grown = backbone, most_grown
        self._idle: list[_Process] = []
        self._lock = Lock()

    def prepare(self) -> None:
        """Have a process ready soon; returns at once."""
        self._keep(_Process(self._backbone))

    def paint(self, job: Job) -> Generator[Frame, None, None]:
        """As `Painter` has it. A run whose process is lost ends with its last picture.

        Raises:
            ImageError: the job is not `opened`.
            PainterError: the process was lost before there was a picture.
            ElsewhereError: what nobody foresaw.
        """
        sent, last = to_send(job, self._backbone), None
        process = self._taken()
        try:
            with closing(process.paint(sent)) as frames:
                for last in frames:
                    yield last
        except _LostError as lost:
            log.warning("A process that painted was lost, with status %s", lost)
            if last is None:
                raise PainterError(f"{GONE} Try again, or at a smaller size.") from None
            if not last.final:
                message = LAST_PICTURE
                yield replace(last, final=True, checkpoint=True, remaining=0.0, message=message)
        finally:
            if process.grown > self._most_grown:
                process.close()
                process = _Process(self._backbone)
            self._keep(process)

    def close(self) -> None:
        """End the processes, but for those that paint."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _taken(self) -> "_Process":
        """One that waits for work and is still there, or a new one."""
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.alive():
                    return process
                process.close()
        return _Process(self._backbone)

    def _keep(self, process: "_Process") -> None:
        with self._lock:
            self._idle.append(process)


class _LostError(Exception):
    """The process is gone; never leaves this module."""


class _Process:
    """One process, which paints one job after the other.

    Attributes:
        grown: as `Ended` tells; endless for a process that is gone.
    """

    def __init__(self, backbone: str) -> None:
        self.grown: float = 0
        folders = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", painting_process.__name__, backbone],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
            start_new_session=True,  # Ctrl-C is not for it
        )

    def paint(self, job: Job) -> Generator[Frame, None, None]:
        """Ask for one frame after the other; raises `_LostError`, and what the run does."""
        answer = self._ask(job)
        try:
            while not isinstance(answer, Ended):
                if isinstance(answer, Exception):
                    raise answer
                yield answer
                answer = self._ask(True)
        finally:
            self._end(answer)

    def _end(self, answer: Answer) -> None:
        """Have the run under way end, if it has not; a process that takes too long is ended."""
        impatience = Timer(LONGEST_END, self._process.kill)
        impatience.daemon = True
        impatience.start()
        with suppress(_LostError):
            while not isinstance(answer, Ended):
                answer = self._ask(False)
            self.grown = answer.grown
        impatience.cancel()

    def _ask(self, request: Job | bool) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        data = pickle.dumps(request, pickle.HIGHEST_PROTOCOL)  # whole, before any of it is sent
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
            answer: Answer = pickle.load(self._process.stdout)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            self.grown = float("inf")
            self._process.kill()
            raise _LostError(self._process.wait()) from None
        return answer

    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
