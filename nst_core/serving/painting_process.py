"""A process that paints for the one that started it; see `own_process`."""

import os
import pickle
import sys
import traceback
from collections.abc import Generator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

import psutil

from nst_core.errors import ElsewhereError, StyleTransferError, kind_of
from nst_core.painting.frame import Frame
from nst_core.painting.job import OpenedJob
from nst_core.painting.ready import made_ready
from nst_core.painting.run import paint
from nst_core.serving.payload import Answer, Ended

FIRST_TO_GO = 500
"""How much sooner than others the system ends this process where memory runs out, out of 1000."""


def serve(backbone: str) -> None:
    """Paint the jobs that come on the standard input, a frame each time that one is asked for."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library's own remarks are no answers
    be_first_to_go()
    with suppress(StyleTransferError):  # whoever sends a job is told
        made_ready(backbone)
    process, fresh = psutil.Process(), 0
    while True:
        job: OpenedJob = pickle.load(sys.stdin.buffer)
        fresh = fresh or process.memory_info().rss
        with closing(paint(job)) as frames:
            while (answer := _next(frames)) is not None:
                _send(answer, answers)
                if not pickle.load(sys.stdin.buffer):
                    break
        _send(Ended(process.memory_info().rss - fresh), answers)


def be_first_to_go() -> None:
    """Where memory runs out, this process is ended before those that it works for."""
    with suppress(OSError):  # a system that has no such thing
        Path("/proc/self/oom_score_adj").write_text(str(FIRST_TO_GO))


def _next(frames: Generator[Frame, None, None]) -> Frame | Exception | None:
    try:
        return next(frames, None)
    except StyleTransferError as problem:
        return problem
    except Exception as error:
        return ElsewhereError(kind_of(error), "".join(traceback.format_exception(error)))


def _send(answer: Answer, answers: BinaryIO) -> None:
    pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


if __name__ == "__main__":
    try:
        serve(sys.argv[1])
    except (EOFError, BrokenPipeError):
        os._exit(0)  # whoever asked is gone: nobody waits for a step under way
