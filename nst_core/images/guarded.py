"""The one door in a process of its own: a file that takes too much ends that process, and no other.

No limit on bytes and pixels bounds what decoding takes. A GIF of 10 MB whose comment has 40,000
parts keeps Pillow busy for 15 s before the first pixel, and a TIFF whose fields all claim the whole
file takes its length times the number of fields; neither can be stopped from within. The slowest
sound file of each format, at the largest size that is allowed, takes 0.2 to 4 s and 1.3 GB at most.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any, BinaryIO, TypeAlias

import psutil
from PIL import Image

from nst_core.checks import shown
from nst_core.child import Child, LostError
from nst_core.errors import BusyError, ImageError
from nst_core.images.digest import WHOLE, pixels_sha256
from nst_core.images.opening import NOTE, image_size, noted, open_image
from nst_core.images.sizes import Size, fit, resize

PICTURE_SECONDS, SIZE_SECONDS = 20, 2
"""Of the processor, for a whole picture and for its header."""
MOST_BYTES = 2_500_000_000
"""That one file may take."""
LONGEST_LINE = 8
"""Files that wait to be opened, or to be measured."""
LONGEST_SIDE = 2048
"""px of a picture that comes back; a larger one is brought to it where it is opened. A run at most
looks at a picture so large that is to be half of it: seven of 64 megapixels would take 1.4 GB."""
PATIENCE = 60.0, 15
"""Seconds until an answer must be there, and more for each that it may take of the processor."""
ADVICE = "save it anew as JPEG"
TRIES = 2
"""Processes that may end over one file before that counts as its own doing."""
MOST_KNOWN = 1000
"""Files whose size, or whose problem, is remembered: each is measured for many answers."""
Answer: TypeAlias = tuple[dict[str, Any], bytes]
"""What such a process answers: plain values, and pixels where there are any."""


class OpeningProcess:
    """Opens files as `open_image` and `image_size` do, in processes that start at first use.

    Both raise `ImageError` also for a file that takes too much, and `BusyError` behind a long line,
    or where the processes are ended from outside.
    """

    def __init__(
        self,
        picture_seconds: int = PICTURE_SECONDS,
        size_seconds: int = SIZE_SECONDS,
        most_bytes: int = MOST_BYTES,
        longest_side: int = LONGEST_SIDE,
    ) -> None:
        """
        Args:
            picture_seconds: of the processor, for a picture.
            size_seconds: the same for its header.
            most_bytes: of memory, for a file.
            longest_side: px of a picture that comes back, which knows what it was, see `digest`.
        """
        self._longest_side = longest_side
        self._pictures = Worker(__name__, picture_seconds, most_bytes, ADVICE)
        self._sizes = Worker(__name__, size_seconds, most_bytes, ADVICE)  # waits for no picture
        self._known = lru_cache(MOST_KNOWN)(self._measure)

    def open(
        self, path: Path, role: str, longest: int | None = None, ground: str = "white"
    ) -> Image.Image:
        source = str(path.absolute())
        request = {"source": source, "role": role, "longest": longest, "ground": ground}
        head, pixels = self._pictures.ask({**request, "side": self._longest_side})
        image = noted(Image.frombytes("RGB", _size(head), pixels), head.get(NOTE, ""))
        if "whole" in head:
            image.info[WHOLE] = head["whole"]
        return image

    def size(self, path: Path, role: str) -> Size:
        try:
            status = path.stat()
            stamp = status.st_mtime_ns, status.st_size
        except (OSError, ValueError):  # which its process will tell
            stamp = 0, 0
        return _size(self._known(str(path.absolute()), role, stamp))

    def _measure(self, path: str, role: str, _stamp: tuple[int, int]) -> dict[str, Any]:
        return self._sizes.ask({"source": path, "role": role})[0]

    def close(self) -> None:
        """End the processes."""
        self._pictures.close()
        self._sizes.close()


class Worker:
    """A process that answers one request after the other, and a new one when it is gone."""

    def __init__(self, module: str, seconds: int, most_bytes: int, advice: str) -> None:
        """
        Args:
            module: what runs in the process, which calls `serve` with the two that follow.
            seconds: of the processor, for an answer.
            most_bytes: of memory, for the same.
            advice: what to do with a file that takes more; the end of a sentence.
        """
        self._module, self._advice = module, advice
        self._limits = [str(seconds), str(most_bytes)]
        self._patience = PATIENCE[0] + PATIENCE[1] * seconds
        self._turn = Lock()
        self._line = BoundedSemaphore(LONGEST_LINE + 1)
        self._process: Child | None = None

    def ask(self, request: dict[str, Any]) -> Answer:
        """What is answered, or the "problem"; the request has a file's "source" and "role".

        Raises:
            BusyError: too many wait already, or the process is ended from outside.
        """
        if not self._line.acquire(blocking=False):
            raise BusyError("Too many pictures are being opened: try again in a moment.")
        try:
            with self._turn:
                return self._answer(request)
        finally:
            self._line.release()

    def _answer(self, request: dict[str, Any]) -> Answer:
        subject = f"The {request['role']} {shown(Path(request['source']).name)}"
        for _ in range(TRIES):
            if self._process is None:
                self._process = Child(self._module, *self._limits, quiet=True)
            try:
                return self._process.ask(_line(request), read_answer, self._patience)
            except LostError as lost:
                self.close()
                status = lost.status
            if status == -signal.SIGXCPU:  # its own doing, and once is long enough
                break
        if status == -signal.SIGKILL:  # from outside, as where the machine's memory runs out
            raise BusyError(f"{subject} can't be opened just now: try again in a moment.")
        problem = f"{subject} takes too long, or too much memory, to open: {self._advice}."
        return {"problem": problem}, b""

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()


def _line(request: dict[str, Any]) -> bytes:
    return json.dumps(request).encode() + b"\n"


def read_answer(answers: BinaryIO) -> Answer:
    """An answer of a process, as `write_answer` writes it; raises `EOFError` for half of one."""
    line = answers.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head = json.loads(line)
    pixels = answers.read(head["bytes"])
    if len(pixels) < head["bytes"]:
        raise EOFError
    return head, pixels


def _size(head: dict[str, Any]) -> Size:
    """Raises `ImageError` with what was told instead."""
    if "problem" in head:
        raise ImageError(head["problem"])
    width, height = head["size"]
    return width, height


def write_answer(answers: BinaryIO, head: dict[str, Any], pixels: bytes = b"") -> None:
    """Answer whoever reads by `read_answer`."""
    answers.write(json.dumps({**head, "bytes": len(pixels)}).encode() + b"\n" + pixels)
    answers.flush()


def serve(answer: Callable[[dict[str, Any]], Answer], seconds: int, most_bytes: int) -> None:
    """Answer the requests on the standard input, as many as come, each within these limits."""
    answers = own_answers()
    limit(resource.RLIMIT_AS, psutil.Process().memory_info().vms + most_bytes)
    for line in sys.stdin.buffer:
        limit_seconds(seconds)
        write_answer(answers, *answer(json.loads(line)))


def own_answers() -> BinaryIO:
    """The standard output of this process, which nothing else writes to from here on."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a decoder's own remarks are no answers
    limit(resource.RLIMIT_CORE, 0)
    return answers


def limit_seconds(seconds: int) -> None:
    """From now on this process may take so many of the processor."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)


def limit(what: int, most: int) -> None:
    """Have the system hold this process to `most` of a `resource.RLIMIT_…`."""
    with suppress(OSError, ValueError):  # a system that has no such limit
        resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _opened(request: dict[str, Any]) -> Answer:
    """Size and pixels, or the problem."""
    side = request.pop("side", None)
    try:
        if side is None:
            return {"size": image_size(**request)}, b""
        image = open_image(**request)
    except ImageError as problem:
        return {"problem": str(problem)}, b""
    head = {"size": image.size, NOTE: image.info.get(NOTE, "")}
    if max(image.size) <= side:
        return head, image.tobytes()
    smaller = resize(image, fit(image.size, side))
    return {**head, "size": smaller.size, "whole": pixels_sha256(image)}, smaller.tobytes()


if __name__ == "__main__":
    serve(_opened, *map(int, sys.argv[1:]))
