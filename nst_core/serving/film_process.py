"""A clip painted by a process of its own, one for each film: what a stranger sent is decoded there.

It may take so much memory and so many seconds, writes the film by itself, and tells of it when it
is asked. Asked to stop, it ends a film that plays; it ends with whoever started it, however that
ends.
"""

import io
import math
import os
import pickle
import resource
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psutil
from PIL import Image

from nst_core.child import Child, LostError
from nst_core.clip.clip_film import Painted, film_of
from nst_core.errors import ClipError, ElsewhereError, PainterError, StyleTransferError, kind_of
from nst_core.images.guarded import (
    Answer,
    limit,
    limit_seconds,
    own_answers,
    read_answer,
    write_answer,
)
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.painting.at_once import KeptStyle
from nst_core.painting.cost import ran_out_of_memory
from nst_core.painting.job import Job
from nst_core.serving.painting_process import be_first_to_go

MOST_BYTES = 3_000_000_000
"""That a film may take, beyond what the process holds when it is ready to paint."""
MOST_SECONDS = 600
"""Of all cores of the processor together, that may pass between two words of it."""
LONGEST_START, PATIENCE = 240.0, 120.0
"""Seconds until the first word of it, and until each of the others."""
EVERY = 0.5
"""Seconds between two of them, at least."""
STOPPING = 30.0
"""Seconds that whoever wants to stop waits for a word of it, that he hears of a film at all."""
QUIET = 1.0
"""Seconds without a word, after which the last one comes again: who listens may want to stop."""
QUALITY = 85
"""Of the JPEG of a still that is shown while others follow."""
GONE = "The process that painted the film has ended, as happens where the memory runs out."
TOO_LARGE = "The film takes more memory than it may."
HUNG = "The process that painted the film has hung."
ADVICE = "Choose a smaller size, or save the clip anew as MP4."


@dataclass(frozen=True)
class FilmFrame:
    """How far a film is; `seconds`, `whole`, `remaining` and `number` as `Painted` has them.

    Attributes:
        picture: the newest still as it was painted, as JPEG.
        size: (width, height) px of the film.
        note: sentences for people, or nothing.
        final: whether the file is whole: no other frame follows.
    """

    picture: bytes
    size: tuple[int, int]
    number: int
    seconds: float
    whole: float | None
    remaining: float
    note: str
    final: bool


def paint_film_beside(
    job: Job, output: Path, end: float, to_stop: Callable[[], bool]
) -> Generator[FilmFrame | None, None, None]:
    """As `film_of`, in a process of its own; closing it ends that at once, and leaves no film.

    Args:
        job: its content is the clip's file; its styles are images, and no files.
        output: the MP4 file to write.
        end: seconds of the clip that are painted, at most.
        to_stop: asked time and again; the film then ends with what there is.

    Yields:
        Frames, about two a second, the last one `final`; the same one again where there is no new
        one, and None before the first. Where it is stopped before that, it ends without a frame.

    Raises:
        PainterError: the process took more than it may, was ended from outside, or has hung.
        StyleTransferError: as `film_of`; of which kind is not told.
        ElsewhereError: what nobody foresaw.
    """
    child = Child(__name__, str(MOST_BYTES))
    last: FilmFrame | None = None
    latest = math.inf
    try:
        with ThreadPoolExecutor(1, "film") as asking:
            try:
                asked = _ask(asking, child, (job, output, end), LONGEST_START)
                while last is None or not last.final:
                    if wait([asked], QUIET).done:
                        last = _frame(asked)
                        stop = to_stop()
                        if not last.final:
                            asked = _ask(asking, child, not stop, PATIENCE)
                    elif to_stop():
                        if last is None:
                            return
                        latest = min(latest, time.monotonic() + STOPPING)
                        if time.monotonic() > latest:
                            raise PainterError(f"{HUNG} {ADVICE}")
                    yield last
            finally:
                child.kill()  # whoever waits for an answer has none to wait for
    finally:
        child.close()


def _ask(asking: ThreadPoolExecutor, child: Child, what: Any, patience: float) -> "Future[Answer]":
    return asking.submit(child.ask, pickle.dumps(what), read_answer, patience)


def _frame(asked: "Future[Answer]") -> FilmFrame:
    """What was answered; raises what it stands for."""
    try:
        head, picture = asked.result()
    except LostError as lost:
        raise PainterError(f"{HUNG if lost.late else GONE} {ADVICE}") from lost
    if "problem" in head:
        raise ClipError(head["problem"])
    if "unforeseen" in head:
        raise ElsewhereError(*head["unforeseen"])
    del head["bytes"]
    return FilmFrame(picture, **{**head, "size": tuple(head["size"])})


# ---------------------------------------------------------------- in the process


def serve(most_bytes: int) -> None:
    """Paint the film that is asked for on the standard input, within the limits."""
    answers = own_answers()
    be_first_to_go()
    job, output, end = pickle.load(sys.stdin.buffer)
    try:
        _make_ready()
        _limit_memory(most_bytes)
        limit_seconds(MOST_SECONDS)
        _paint(job, output, end, answers)
    except StyleTransferError as problem:
        write_answer(answers, {"problem": str(problem)})
    except Exception as error:
        if ran_out_of_memory(error):
            write_answer(answers, {"problem": f"{TOO_LARGE} {ADVICE}"})
            return
        report = "".join(traceback.format_exception(error))
        write_answer(answers, {"unforeseen": (kind_of(error), report)})


def _make_ready() -> None:
    """All threads are there after a first pass, and what they take counts for no clip."""
    load_tensorflow_quietly()
    grey = Image.new("RGB", (32, 32), "grey")
    KeptStyle(grey, [32]).paint(grey)


def _limit_memory(most_bytes: int) -> None:
    """Of what it takes for itself: addresses, which TensorFlow takes without need, don't count."""
    held = getattr(psutil.Process().memory_info(), "data", 0)
    limit(resource.RLIMIT_DATA, held + most_bytes)


def _paint(job: Job, output: Path, end: float, answers: BinaryIO) -> None:
    with closing(film_of(job, output, end=end)) as run:
        for painted, note in _newest(run):
            limit_seconds(MOST_SECONDS)
            write_answer(answers, _head(painted, note, final=False), _jpeg(painted.picture))
            if not pickle.load(sys.stdin.buffer):
                break
    write_answer(answers, _head(painted, note, final=True), _jpeg(painted.picture))


def _newest(run: Iterator[Painted]) -> Iterator[tuple[Painted, str]]:
    """One still every so often, and the last one; with all notes so far."""
    notes: list[str] = []
    due = 0.0
    for painted in run:
        notes += [painted.note] if painted.note else []
        if time.monotonic() >= due:
            yield painted, " ".join(notes)
            due = time.monotonic() + EVERY
    yield painted, " ".join(notes)


def _head(painted: Painted, note: str, final: bool) -> dict[str, Any]:
    return {
        "size": painted.picture.size,
        "number": painted.number,
        "seconds": painted.seconds,
        "whole": painted.whole,
        "remaining": painted.remaining,
        "note": note,
        "final": final,
    }


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


if __name__ == "__main__":
    try:
        serve(int(sys.argv[1]))
    except (EOFError, BrokenPipeError):
        os._exit(0)  # whoever asked is gone, and the film with its folder
