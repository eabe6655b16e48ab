"""Files that take too much end a process of their own, and the next one is opened as ever."""

import os
import signal
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, noise
from images.encoded import endless_comment
from PIL import Image

from nst_core import ImageError
from nst_core.child import Child
from nst_core.errors import BusyError
from nst_core.images.guarded import LONGEST_LINE, OpeningProcess
from nst_core.images.opening import guarded_by, image_size, open_image
from nst_core.images.sizes import resize
from nst_core.painting.image_settings import pixels_sha256

MEGABYTE = 10**6


@pytest.fixture(scope="module")
def guard() -> Iterator[OpeningProcess]:
    guard = OpeningProcess(picture_seconds=1, size_seconds=1, most_bytes=500 * MEGABYTE)
    yield guard
    guard.close()


def greedy_fields(length: int = 5 * MEGABYTE, count: int = 200) -> bytes:
    """A TIFF with fields that each claim all of it: so many times its length in memory."""
    short, long, byte = 3, 4, 1
    picture = {256: 16, 257: 16, 258: 8, 259: 1, 262: 1, 277: 1, 278: 16}
    fields = [struct.pack("<HHIHH", tag, short, 1, value, 0) for tag, value in picture.items()]
    fields += [struct.pack("<HHII", 273, long, 1, 8), struct.pack("<HHII", 279, long, 1, 256)]
    fields += [struct.pack("<HHII", 40_000 + n, byte, length - 8, 8) for n in range(count)]
    directory = struct.pack("<H", len(fields)) + b"".join(sorted(fields)) + bytes(4)
    start = length - len(directory)
    return b"II*\0" + struct.pack("<I", start) + bytes(start - 8) + directory


def refusal(guard: OpeningProcess, path: Path) -> str:
    with pytest.raises(ImageError) as header:
        guard.size(path, "photo")
    with pytest.raises(ImageError) as whole:
        guard.open(path, "photo")
    assert str(header.value) == str(whole.value)
    return str(header.value)


def test_pixels_and_size_are_those_of_the_door(guard: OpeningProcess) -> None:
    np.testing.assert_array_equal(np.asarray(guard.open(CAT, "photo")), np.asarray(open_image(CAT)))
    smaller = guard.open(CAT, "photo", longest=100)
    np.testing.assert_array_equal(np.asarray(smaller), np.asarray(open_image(CAT, longest=100)))
    assert guard.size(CAT, "photo") == image_size(CAT)


def test_sentences_are_those_of_the_door(guard: OpeningProcess, text_as_png: str) -> None:
    for name in (text_as_png, "no such.png", "a\0b", "/dev/zero"):
        with pytest.raises(ImageError) as plain:
            open_image(name, "photo")
        assert refusal(guard, Path(name)) == str(plain.value)


def test_a_file_that_takes_too_much_memory_is_refused(
    guard: OpeningProcess, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.jpg"
    path.write_bytes(greedy_fields())
    assert refusal(guard, path).startswith("The photo 'bomb.jpg' ")
    assert guard.open(CAT, "photo", longest=100).size == open_image(CAT, longest=100).size


def test_a_file_that_takes_too_long_is_refused_and_measured_once(
    guard: OpeningProcess, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.gif"
    path.write_bytes(endless_comment())
    assert "takes too long, or too much memory, to open" in refusal(guard, path)
    for _ in range(100):  # of a second each
        with pytest.raises(ImageError, match="takes too long"):
            guard.size(path, "photo")
    path.write_bytes(CAT.read_bytes())
    assert guard.size(path, "photo") == image_size(CAT)


def end_from_outside(guard: OpeningProcess) -> None:
    """As the system does where the memory runs out."""
    process = guard._pictures._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)


def test_a_process_that_was_ended_from_outside_is_replaced_unnoticed(guard: OpeningProcess) -> None:
    size = guard.open(CAT, "photo").size
    end_from_outside(guard)
    assert guard.open(CAT, "photo").size == size


def test_a_file_is_not_blamed_for_what_comes_from_outside(
    guard: OpeningProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends it again is heard again."""
    ask = Child.ask

    def killed(child: Child, *rest: Any) -> Any:
        os.kill(child.pid, signal.SIGKILL)
        return ask(child, *rest)

    monkeypatch.setattr(Child, "ask", killed)
    for _ in range(2):
        with pytest.raises(BusyError, match=r"'cat\.jpg' can't be opened just now: try again"):
            guard.open(CAT, "photo")
        with pytest.raises(BusyError, match="can't be opened just now"):
            guard.size(CAT, "a photo of its own")
    monkeypatch.undo()
    assert guard.size(CAT, "a photo of its own") == image_size(CAT)


def test_a_file_that_breaks_two_processes_is_remembered(
    guard: OpeningProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    ask = Child.ask

    def broken(child: Child, *rest: Any) -> Any:
        tried.append(child.pid)
        os.kill(child.pid, signal.SIGSEGV)
        return ask(child, *rest)

    monkeypatch.setattr(Child, "ask", broken)
    for _ in range(3):
        with pytest.raises(ImageError, match="takes too long, or too much memory, to open"):
            guard.size(CAT, "a photo that breaks")
    assert len(set(tried)) == 2


def test_a_large_picture_comes_back_as_large_as_a_run_looks_at_it(tmp_path: Path) -> None:
    """And knows what it was, for its settings tell."""
    with closing(OpeningProcess(longest_side=100)) as guard:
        path = tmp_path / "large.png"
        whole = Image.fromarray(noise(300, 200, 1))
        whole.save(path)
        opened = guard.open(path, "photo")
        assert (opened.size, guard.size(path, "photo")) == ((67, 100), (200, 300))
        np.testing.assert_array_equal(np.asarray(opened), np.asarray(resize(whole, (67, 100))))
        assert pixels_sha256(opened) == pixels_sha256(whole)
        whole.crop((0, 0, 100, 50)).save(path)
        assert guard.open(path, "photo").size == (100, 50)


def test_a_long_line_is_refused(guard: OpeningProcess) -> None:
    line = guard._pictures._line
    for _ in range(LONGEST_LINE + 1):
        line.acquire()
    with pytest.raises(BusyError, match="Too many pictures are being opened"):
        guard.open(CAT, "photo")
    line.release(LONGEST_LINE + 1)


def test_every_file_goes_through_the_guard_that_is_set() -> None:
    class Told:
        def open(self, path: Path, role: str, longest: int | None, ground: str) -> Image.Image:
            return Image.new("RGB", (3, 2))

        def size(self, path: Path, role: str) -> tuple[int, int]:
            return 3, 2

    with guarded_by(Told()):
        assert open_image(CAT).size == image_size(CAT) == (3, 2)
        assert open_image(Image.new("L", (5, 5))).size == (5, 5)
    assert image_size(CAT) != (3, 2)
