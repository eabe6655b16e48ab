"""A painter in a process of its own, which is renewed as it grows; `painting_process` runs in it.

TensorFlow keeps compiled convolutions for every size that it has seen, some 5 MB each, and gives
none back. A page that paints for strangers for weeks would fill its machine; and where the memory
runs out in the middle of a run, the system ends the process that paints. Here that is not the page.
"""

import logging
import math
import pickle
import time
from collections.abc import Generator
from concurrent.futures import Future, wait
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from typing import BinaryIO

from PIL import Image

from nst_core.child import Child, LostError
from nst_core.errors import PainterError
from nst_core.painting.frame import Frame
from nst_core.painting.job import OpenedJob
from nst_core.serving import painting_process
from nst_core.serving.payload import Answer, Ended, to_send
from nst_core.serving.waiting import frame_before

MOST_GROWN = 750_000_000
"""Bytes that a process may hold after a run, beyond what it held before its first."""
LONGEST_END = 4.0
"""Seconds that a run may take to end once nobody wants it, before its process is ended."""
LONGEST_START, START_A_MEGAPIXEL = 240.0, 60.0
"""Seconds until a first frame, for which a process may have to begin and to read its weights, and
more for each million of pixels that the run begins with."""
LEAST_PATIENCE, PATIENCE = 60.0, 20
"""Seconds until a frame at least, and times as long as those before it took."""
QUIET = 2.0
"""Seconds without a new frame, after which the last one comes again: who listens may want to stop.
"""
TRIES = 3
"""Processes that may hang over one run."""
GONE = "The process that painted has ended, as happens where the memory runs out."
LAST_PICTURE = "This is its last picture; a smaller size may go through."
HUNG = "The process that painted has hung, as did those that went on."
WAITS = "The network is being loaded …"
WENT_ON = "The process that painted has hung: another went on from its last picture."

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

    def paint(self, job: OpenedJob) -> Generator[Frame, None, None]:
        """As `Painter` has it. A run whose process is lost ends with its last picture.

        Where a process hangs, another one goes on from the last picture. While there is nothing
        new, the last frame comes again.

        Raises:
            PainterError: the process was lost before there was a picture, or each of them hung.
            ElsewhereError: what nobody foresaw.
        """
        run = _Run(to_send(job, self._backbone))
        for _ in range(TRIES):
            process = self._taken()
            try:
                with closing(process.paint(run.rest)) as frames:
                    yield from run.followed(frames)
                return
            except LostError as lost:
                log.warning("A process that painted was lost, with status %s", lost)
                if not lost.late:
                    yield from run.last_words(GONE)
                    return
            finally:
                if process.grown > self._most_grown:
                    process.close()
                    process = _Process(self._backbone)
                self._keep(process)
            run.go_on()
        yield from run.last_words(HUNG)

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


@dataclass
class _Run:
    """A run, whichever process paints it.

    Attributes:
        rest: what is still to be painted.
        last: the last frame, as one of the whole run.
        before: steps that other processes have made.
    """

    rest: OpenedJob
    last: Frame | None = None
    before: int = 0
    began: float = field(default_factory=time.monotonic)

    def followed(self, frames: Generator[Frame | None, None, None]) -> Generator[Frame, None, None]:
        """Frames as those of the whole run; the last one again where there is no new one."""
        for frame in frames:
            if frame is not None:
                self.last = self._whole(frame)
            yield self.last or frame_before(self.rest, WAITS)

    def _whole(self, frame: Frame) -> Frame:
        if not self.before:
            return frame
        return replace(
            frame,
            step=self.before + frame.step,
            total_steps=self.before + frame.total_steps,
            elapsed=time.monotonic() - self.began,
            message=f"{frame.message} {WENT_ON}".strip(),
        )

    def go_on(self) -> None:
        """From the last picture, where there is one."""
        if self.last is not None:
            image: Image.Image = self.last.image
            self.rest, self.before = replace(self.rest, resume=image), self.last.step

    def last_words(self, reason: str) -> Generator[Frame, None, None]:
        """The last picture as the final one, unless it is that already."""
        if self.last is None:
            raise PainterError(f"{reason} Try again, or at a smaller size.")
        if not self.last.final:
            message = f"{reason} {LAST_PICTURE}"
            yield replace(self.last, final=True, checkpoint=True, remaining=0.0, message=message)


class _Process:
    """One process, which paints one job after the other.

    Attributes:
        grown: as `Ended` tells; endless for a process that is gone.
    """

    def __init__(self, backbone: str) -> None:
        self.grown: float = 0
        self._child = Child(painting_process.__name__, backbone)

    def paint(self, job: OpenedJob) -> Generator[Frame | None, None, None]:
        """Ask for one frame after the other; None where it takes its time.

        Raises:
            LostError: the process is gone, or was ended because a frame came too late.
            what the run raises.
        """
        asked = self._asking(job, _longest_start(job))
        longest, began = 0.0, math.inf  # the first frame has a time of its own
        try:
            while True:
                while not wait([asked], QUIET).done:
                    yield None
                answer = asked.result()
                if isinstance(answer, Ended):
                    return
                if isinstance(answer, Exception):
                    raise answer
                longest = max(longest, time.monotonic() - began)
                yield answer
                began = time.monotonic()
                asked = self._asking(True, max(LEAST_PATIENCE, PATIENCE * longest))
        finally:
            self._end(asked)

    def _end(self, asked: "Future[Answer]") -> None:
        """Have the run under way end, if it has not; a process that takes too long is ended."""
        until = time.monotonic() + LONGEST_END
        if wait([asked], LONGEST_END).not_done:
            self._child.kill()
        with suppress(LostError):
            while not isinstance(answer := asked.result(), Ended):
                asked = self._asking(False, max(until - time.monotonic(), 0.1))
            self.grown = answer.grown

    def _asking(self, request: OpenedJob | bool, patience: float) -> "Future[Answer]":
        """The answer, soon; fails with `LostError`."""
        data = pickle.dumps(request, pickle.HIGHEST_PROTOCOL)  # whole, before any of it is sent
        future: Future[Answer] = Future()

        def ask() -> None:
            try:
                future.set_result(self._child.ask(data, _read, patience))
            except Exception as error:
                self.grown = float("inf")
                future.set_exception(error)

        Thread(target=ask, name="asking", daemon=True).start()
        return future

    def alive(self) -> bool:
        return self._child.alive()

    def close(self) -> None:
        self._child.close()


def _longest_start(job: OpenedJob) -> float:
    first, *_ = job.scales()
    return LONGEST_START + START_A_MEGAPIXEL * first.pixels / 1e6


def _read(answers: BinaryIO) -> Answer:
    try:
        answer: Answer = pickle.load(answers)
    except pickle.UnpicklingError as error:
        raise EOFError from error
    return answer
