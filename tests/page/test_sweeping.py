"""What visitors leave is deleted in time, whatever Gradio remembers of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import ROOT

from nst_core.page.hosting import sweeping
from nst_core.page.hosting.sweeping import STREAMED, OwnFolder, Sweeper
from nst_core.page.visit.uploads import new_folder, streamed


def aged(path: Path, seconds: float) -> Path:
    """The file, or the folder, as old as this."""
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)
    return path


def file_in(folder: Path, name: str, seconds: float) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return aged(path, seconds)


def test_what_is_old_goes_and_what_the_page_began_with_stays(tmp_path: Path) -> None:
    own = file_in(tmp_path, "style/blueprint.jpg", 1000)
    sweeper = Sweeper(tmp_path, age=100, streamed_age=10)
    old = [file_in(tmp_path, name, 101) for name in ("a/photo.png", "tmpabc", "b/c/d.mp4")]
    old.append(file_in(tmp_path / STREAMED, "1.jpg", 11))
    (tmp_path / "link").symlink_to("/etc/passwd")
    old.append(aged(tmp_path / "link", 101))
    fresh = [file_in(tmp_path, "a/other.png", 99), file_in(tmp_path / STREAMED, "2.jpg", 9)]
    sweeper.sweep()
    assert not any(path.exists() or path.is_symlink() for path in old)
    assert all(path.exists() for path in (own, *fresh))
    assert Path("/etc/passwd").exists()


def test_empty_folders_go_once_nobody_may_be_about_to_fill_them(tmp_path: Path) -> None:
    sweeper = Sweeper(tmp_path)
    for name, seconds in (("old", 1000), ("new", 0)):
        (tmp_path / name).mkdir()
        aged(tmp_path / name, seconds)
    sweeper.sweep()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_picture_that_another_one_follows_is_among_those_kept_for_an_hour(
    upload_folder: Path, page_url: str
) -> None:
    from PIL import Image

    file = Path(streamed(Image.new("RGB", (8, 8))))
    assert file.parent == upload_folder / STREAMED
    assert new_folder().parent == upload_folder


def test_a_folder_of_a_page_goes_with_it(tmp_path: Path) -> None:
    with OwnFolder(tmp_path) as own:
        (own.path / "photo.png").write_bytes(b"x")
        assert own.path.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from nst_core.page.hosting.sweeping import OwnFolder
own = OwnFolder(Path(sys.argv[1]))
(own.path / "photo.png").write_bytes(b"x")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sweeping.fcntl is None, reason="There are no such locks on this system.")
def test_what_a_page_has_left_that_was_killed_goes_when_the_next_begins(tmp_path: Path) -> None:
    """And what another page has that still runs does not, nor what is no page's."""
    subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=ROOT, check=False)
    (left,) = tmp_path.iterdir()
    foreign = file_in(tmp_path, "another programme/file.png", 10**6)
    with OwnFolder(tmp_path) as running:
        assert left.exists()  # it may only just begin
        for folder in (left, running.path):
            aged(folder, 1000)
        with OwnFolder(tmp_path):
            assert not left.exists()
            assert running.path.exists()
    assert foreign.exists()
