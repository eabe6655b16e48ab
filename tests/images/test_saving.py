"""Files that are written whole or not at all."""

import os
import resource
import signal
import stat
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import ROOT, exif, make_endless_device, make_folder, make_pipe, without_privileges
from PIL import Image, PngImagePlugin

from nst_core.errors import OutputError
from nst_core.images.opening import open_image
from nst_core.images.saving import check_target, save_jpeg, save_png


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 48, 3), np.uint8))


# Writing


def test_a_large_print_can_be_opened_again(tmp_path: Path) -> None:
    save_png(Image.new("RGB", (8192, 5464), "red"), tmp_path / "print.png")
    assert open_image(tmp_path / "print.png").size == (8192, 5464)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write_refusal(path: Path) -> str:
    """The sentence that `save_png` and, ahead of it, `check_target` refuse `path` with."""
    with pytest.raises(OutputError) as early:
        check_target(path)
    with pytest.raises(OutputError) as caught:
        save_png(noise(), path)
    assert str(early.value) == str(caught.value)
    assert str(path.parent) not in str(caught.value)
    return str(caught.value)


def test_save_png_keeps_pixels_and_text(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    save_png(noise(), path, {"recipe": "studio", "note": "naïve ☕"})
    with Image.open(path) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert (image.format, image.mode) == ("PNG", "RGB")
        assert image.text == {"recipe": "studio", "note": "naïve ☕"}
        np.testing.assert_array_equal(np.asarray(image), np.asarray(noise()))
    assert list(files_in(tmp_path)) == ["out.png"]


def test_save_jpeg_is_for_looking_at_and_keeps_nothing_personal(tmp_path: Path) -> None:
    image, path = noise(), tmp_path / "out.jpg"
    image.info["comment"] = b"me at home"
    save_jpeg(image, path)
    with Image.open(path) as saved:
        assert (saved.format, saved.size, saved.info.get("comment")) == ("JPEG", (48, 40), None)
    assert list(files_in(tmp_path)) == ["out.jpg"]


def test_save_png_keeps_nothing_personal(tmp_path: Path) -> None:
    image = noise()
    image.info |= {
        "exif": exif(6).tobytes(),
        "icc_profile": b"mine",
        "comment": "me",
        "dpi": (9, 9),
    }
    save_png(image, tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as saved:
        assert saved.info == {"srgb": 0}
        assert saved.getexif() == {}
    assert image.info["comment"] == "me"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_save_png_marks_the_pixels_as_srgb(mode: str, tmp_path: Path) -> None:
    image = noise().convert(mode)
    save_png(image, tmp_path / "out.png")
    data = (tmp_path / "out.png").read_bytes()
    after_header = 8 + 25  # the signature, and IHDR with its length, name and checksum
    mark = b"\0\0\0\1sRGB\0" + struct.pack(">I", zlib.crc32(b"sRGB\0"))
    assert data[after_header:].startswith(mark)
    assert b"iCCP" not in data
    with Image.open(tmp_path / "out.png") as saved:
        np.testing.assert_array_equal(np.asarray(saved), np.asarray(image))


def test_save_png_replaces_a_file_and_follows_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.png", tmp_path / "link.png"
    target.write_bytes(b"old")
    link.symlink_to(target)
    save_png(noise(), link)
    assert link.is_symlink()
    np.testing.assert_array_equal(np.asarray(open_image(target)), np.asarray(noise()))


def test_save_png_respects_umask(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        save_png(noise(), tmp_path / "out.png")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "out.png").stat().st_mode) == 0o640


def test_save_png_that_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "out.png").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # bytes in one file
    try:
        with pytest.raises(OutputError, match=r"written to 'out\.png': File too large\.$"):
            save_png(noise(), tmp_path / "out.png")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files_in(tmp_path) == {"out.png": b"old"}


def test_check_target_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "old.png").write_bytes(b"old")
    check_target(tmp_path / "old.png")
    check_target(tmp_path / "new.png")
    assert files_in(tmp_path) == {"old.png": b"old"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()])
def test_save_png_that_is_interrupted_leaves_the_old_file(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(image: Image.Image, path: Path, *_: Any, **__: Any) -> None:
        path.write_bytes(b"half")
        raise error

    (tmp_path / "out.png").write_bytes(b"old")
    monkeypatch.setattr(Image.Image, "save", write_half)
    with pytest.raises(type(error)):
        save_png(noise(), tmp_path / "out.png")
    assert files_in(tmp_path) == {"out.png": b"old"}


def test_save_png_refuses_a_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    for folder in ("missing", "file"):
        assert write_refusal(tmp_path / folder / "out.png") == (
            "The result could not be written to 'out.png': the folder does not exist."
        )
    assert files_in(tmp_path) == {"file": b"old"}


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (make_folder, "a folder has that name"),
        (make_pipe, "it is not a regular file"),
        (make_endless_device, "it is not a regular file"),
    ],
)
def test_save_png_refuses_what_is_no_file(
    make: Callable[[Path], None], named: str, tmp_path: Path
) -> None:
    make(tmp_path / "out.png")
    sentence = write_refusal(tmp_path / "out.png")
    assert sentence == f"The result could not be written to 'out.png': {named}."
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
    assert not (tmp_path / "out.png").is_file()


def test_save_png_refuses_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    sentence = write_refusal(tmp_path / "a\0.png")
    assert (
        sentence == r"The result could not be written to 'a\x00.png': no file can have that name."
    )


def test_save_png_refuses_a_file_that_is_read_only(tmp_path: Path, public_folder: Path) -> None:
    """Whoever asks: root may write to it, and its folder's permissions let anybody replace it."""
    (tmp_path / "out.png").write_bytes(b"kept")
    (tmp_path / "out.png").chmod(0o444)
    (tmp_path / "link.png").symlink_to("out.png")
    for name in ("out.png", "link.png"):
        sentence = write_refusal(tmp_path / name)
        assert sentence == (
            f"The result could not be written to '{name}': the file there is read-only."
        )
    (public_folder / "out.png").write_bytes(b"kept")
    (public_folder / "out.png").chmod(0o644)  # of somebody else, in a folder for all
    public_folder.chmod(0o777)
    with without_privileges():
        assert "the file there is read-only" in write_refusal(public_folder / "out.png")
    assert (tmp_path / "out.png").read_bytes() == b"kept"
    assert (public_folder / "out.png").read_bytes() == b"kept"


def test_save_png_without_permission(public_folder: Path) -> None:
    public_folder.chmod(0o555)
    with without_privileges():
        sentence = write_refusal(public_folder / "out.png")
    assert sentence == "The result could not be written to 'out.png': Permission denied."
    assert files_in(public_folder) == {}


# What killed processes leave

HALF_WAY = """
import sys, time
from nst_core.images.saving import beside

with beside(sys.argv[1]) as (part, target):
    part.write_bytes(b"half")
    print("writing", flush=True)
    time.sleep(600)
"""


@contextmanager
def half_way(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has written half of a file."""
    program = [sys.executable, "-c", HALF_WAY, str(path)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_halves_of_killed_processes_are_swept_and_no_others(tmp_path: Path) -> None:
    with half_way(tmp_path / "other.png") as living:
        (kept,) = tmp_path.iterdir()
        with half_way(tmp_path / "out.png") as process:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert len(files_in(tmp_path)) == 2
        save_png(noise(), tmp_path / "out.png")
        assert files_in(tmp_path).keys() == {kept.name, "out.png"}
        living.kill()
        living.wait()
        check_target(tmp_path / "out.png")
    assert files_in(tmp_path).keys() == {"out.png"}


def test_nothing_else_is_swept(tmp_path: Path) -> None:
    names = (".part", ".0123456789abcdef.PART", "0123456789abcdef.part", ".movie.part")
    for name in names:
        (tmp_path / name).write_bytes(b"mine")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_bytes(b"mine")
    (tmp_path / ".0123456789abcdef.part").symlink_to(elsewhere / "mine")
    os.mkfifo(tmp_path / ".1123456789abcdef.part")
    (tmp_path / ".2123456789abcdef.part").mkdir()
    before = {path.name for path in tmp_path.iterdir()}
    check_target(tmp_path / "out.png")
    assert {path.name for path in tmp_path.iterdir()} == before
    assert (elsewhere / "mine").read_bytes() == b"mine"
