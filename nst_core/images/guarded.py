"""The one door in a process of its own: a file that takes too much ends that process, and no other.

No limit on bytes and pixels bounds what decoding takes. A GIF of 10 MB whose comment has 40,000
parts keeps Pillow busy for 15 s before the first pixel, and a TIFF whose fields all claim the whole
file takes its length times the number of fields; neither can be stopped from within. The slowest
sound file of each format, at the largest size that is allowed, takes 0.2 to 4 s and 1.3 GB at most.
"""

import json
import os
import resource
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

import psutil
from PIL import Image

from nst_core.checks import shown
from nst_core.errors import BusyError, ImageError
from nst_core.images.opening import image_size, open_image
from nst_core.images.sizes import Size

PICTURE_SECONDS, SIZE_SECONDS = 20, 2
"""Of the processor, for a whole picture and for its header."""
MOST_BYTES = 2_500_000_000
"""That one file may take."""
LONGEST_LINE = 8
"""Files that wait to be opened, or to be measured."""
MOST_KNOWN = 1000
"""Files whose size, or whose problem, is remembered: each is measured for many answers."""


class Guard:
    """Opens files as `open_image` and `image_size` do, in processes that start at first use.

    Both raise `ImageError` also for a file that takes too much, and `BusyError` behind a long line.
    """

    def __init__(
        self,
        picture_seconds: int = PICTURE_SECONDS,
        size_seconds: int = SIZE_SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """
        Args:
            picture_seconds: of the processor, for a picture.
            size_seconds: the same for its header.
            most_bytes: of memory, for a file.
        """
        self._pictures = _Worker(picture_seconds, most_bytes)
        self._sizes = _Worker(size_seconds, most_bytes)  # which need not wait for pictures
        self._known = lru_cache(MOST_KNOWN)(self._measure)

    def open(self, path: Path, role: str, longest: int | None = None) -> Image.Image:
        request = {"source": str(path.absolute()), "role": role, "longest": longest}
        told, pixels = self._pictures.ask(request)
        return Image.frombytes("RGB", _size(told), pixels)

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


class _Worker:
    """A process that answers one request after the other, and a new one when it is gone."""

    def __init__(self, seconds: int, most_bytes: int) -> None:
        self._limits = [str(seconds), str(most_bytes)]
        self._turn = Lock()
        self._line = BoundedSemaphore(LONGEST_LINE + 1)
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The "size" of an image, and its pixels where they are asked for; or the "problem"."""
        if not self._line.acquire(blocking=False):
            raise BusyError("Too many pictures are being opened: try again in a moment.")
        try:
            with self._turn:
                return self._answer(request)
        finally:
            self._line.release()

    def _answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        line = b""
        with suppress(OSError):  # it was ended from outside: as when it ends by itself
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        told = json.loads(line) if line.endswith(b"\n") else {}
        pixels = process.stdout.read(told.get("bytes", 0))
        if told and len(pixels) == told.get("bytes", 0):
            return told, pixels
        self.close()
        subject = f"The {request['role']} {shown(Path(request['source']).name)}"
        problem = f"{subject} takes too long, or too much memory, to open: save it anew as JPEG."
        return {"problem": problem}, b""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, *self._limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
                start_new_session=True,  # Ctrl-C is not for it
            )
        return self._process

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _size(told: dict[str, Any]) -> Size:
    """Raises `ImageError` with what was told instead."""
    if "problem" in told:
        raise ImageError(told["problem"])
    width, height = told["size"]
    return width, height


def serve(seconds: int, most_bytes: int) -> None:
    """Answer the requests on the standard input, as many as come, each within these limits."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a decoder's own remarks are no answers
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_AS, psutil.Process().memory_info().vms + most_bytes)
    for line in sys.stdin.buffer:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)
        told, pixels = _opened(json.loads(line))
        answers.write(json.dumps({**told, "bytes": len(pixels)}).encode() + b"\n" + pixels)
        answers.flush()


def _limit(what: int, most: int) -> None:
    with suppress(OSError, ValueError):  # a system that has no such limit
        resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _opened(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Size and pixels, or the problem."""
    try:
        if "longest" not in request:
            return {"size": image_size(**request)}, b""
        image = open_image(**request)
    except ImageError as problem:
        return {"problem": str(problem)}, b""
    return {"size": image.size}, image.tobytes()


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))
