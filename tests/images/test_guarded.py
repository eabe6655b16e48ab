"""Files that take too much end a process of their own, and the next one is opened as ever."""

import io
import os
import signal
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers import CAT
from PIL import Image

from nst_core import ImageError
from nst_core.errors import BusyError
from nst_core.images.guarded import LONGEST_LINE, Guard
from nst_core.images.opening import guarded_by, image_size, open_image

MEGABYTE = 10**6


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard]:
    guard = Guard(picture_seconds=1, size_seconds=1, most_bytes=500 * MEGABYTE)
    yield guard
    guard.close()


def endless_comment() -> bytes:
    """A GIF whose comment Pillow puts together byte by byte, for minutes."""
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "GIF")
    data = file.getvalue()
    start = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    comment = b"!\xfe" + (b"\xff" + b"x" * 255) * 100_000 + b"\0"
    return data[:start] + comment + data[start:]


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


def refusal(guard: Guard, path: Path) -> str:
    with pytest.raises(ImageError) as header:
        guard.size(path, "photo")
    with pytest.raises(ImageError) as whole:
        guard.open(path, "photo")
    assert str(header.value) == str(whole.value)
    return str(header.value)


def test_pixels_and_size_are_those_of_the_door(guard: Guard) -> None:
    np.testing.assert_array_equal(np.asarray(guard.open(CAT, "photo")), np.asarray(open_image(CAT)))
    smaller = guard.open(CAT, "photo", longest=100)
    np.testing.assert_array_equal(np.asarray(smaller), np.asarray(open_image(CAT, longest=100)))
    assert guard.size(CAT, "photo") == image_size(CAT)


def test_sentences_are_those_of_the_door(guard: Guard, text_as_png: str) -> None:
    for name in (text_as_png, "no such.png", "a\0b", "/dev/zero"):
        with pytest.raises(ImageError) as plain:
            open_image(name, "photo")
        assert refusal(guard, Path(name)) == str(plain.value)


def test_a_file_that_takes_too_much_memory_is_refused(guard: Guard, tmp_path: Path) -> None:
    path = tmp_path / "bomb.jpg"
    path.write_bytes(greedy_fields())
    assert refusal(guard, path).startswith("The photo 'bomb.jpg' ")
    assert guard.open(CAT, "photo", longest=100).size == open_image(CAT, longest=100).size


def test_a_file_that_takes_too_long_is_refused_and_measured_once(
    guard: Guard, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.gif"
    path.write_bytes(endless_comment())
    assert "takes too long, or too much memory, to open" in refusal(guard, path)
    for _ in range(100):  # of a second each
        with pytest.raises(ImageError, match="takes too long"):
            guard.size(path, "photo")
    path.write_bytes(CAT.read_bytes())
    assert guard.size(path, "photo") == image_size(CAT)


def test_a_process_that_was_ended_from_outside_is_replaced(guard: Guard) -> None:
    guard.open(CAT, "photo")
    process = guard._pictures._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(ImageError, match="takes too long"):
        guard.open(CAT, "photo")
    assert guard.open(CAT, "photo").size == image_size(CAT)


def test_a_long_line_is_refused(guard: Guard) -> None:
    line = guard._pictures._line
    for _ in range(LONGEST_LINE + 1):
        line.acquire()
    with pytest.raises(BusyError, match="Too many pictures are being opened"):
        guard.open(CAT, "photo")
    line.release(LONGEST_LINE + 1)


def test_every_file_goes_through_the_guard_that_is_set() -> None:
    class Told:
        def open(self, path: Path, role: str, longest: int | None) -> Image.Image:
            return Image.new("RGB", (3, 2))

        def size(self, path: Path, role: str) -> tuple[int, int]:
            return 3, 2

    with guarded_by(Told()):
        assert open_image(CAT).size == image_size(CAT) == (3, 2)
        assert open_image(Image.new("L", (5, 5))).size == (5, 5)
    assert image_size(CAT) != (3, 2)
