"""A folder of photographs: no input is ever written to, and what is left out is told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import CAT, CHURCH
from PIL import Image

from nst_core.__main__ import main
from nst_core.fast.network import FastNetwork
from nst_core.fast.network_files import save_network
from nst_core.fast.network_pass import initial

Call = Callable[..., int]
MODES = ("run", "decoder", "network")
QUICK = ["--size", "32", "--steps", "2", "--precision", "float32", "--backbone", "embedded"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


@pytest.fixture
def call(folder: Path, tmp_path: Path) -> Call:
    """Paint the folder into another one, or what `more` says, in a mode."""

    def call(mode: str, output: Path, *more: str, content: Path = folder) -> int:
        network = tmp_path / "dots.npz"
        if not network.exists():
            save_network(FastNetwork(("dots",), initial(1, 0)), network)
        words = {
            "run": [str(CHURCH), *QUICK],
            "decoder": [str(CHURCH), "--fast", "--size", "32"],
            "network": ["--fast", str(network), "--size", "32"],
        }[mode]
        return main([str(content), *words, "-o", str(output), *more])

    return call


def photograph(path: Path, colour: str = "teal") -> bytes:
    """Make one; what is in its file."""
    path.parent.mkdir(exist_ok=True, parents=True)
    Image.new("RGB", (40, 30), colour).save(path)
    return path.read_bytes()


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("mode", MODES)
def test_results_never_replace_photographs_of_their_folder(
    mode: str, folder: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    before = photograph(folder / "holiday.png")
    assert call(mode, folder) == 2
    assert "'holiday.png' would overwrite the input 'holiday.png'" in capsys.readouterr().err
    assert (folder / "holiday.png").read_bytes() == before
    assert names(folder) == ["holiday.png"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", ["folder", "link to the folder", "path"])
def test_results_among_the_photographs_would_be_photographs_next_time(
    mode: str, way: str, folder: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph(folder / "holiday.jpg")
    output = {
        "folder": folder,
        "link to the folder": folder.parent / "link",
        "path": folder / ".." / "photos",
    }[way]
    if way.startswith("link"):
        output.symlink_to(folder)
    assert call(mode, output) == 2
    assert "among the photographs" in capsys.readouterr().err
    assert names(folder) == ["holiday.jpg"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_result_that_is_a_photograph_by_a_link(
    mode: str,
    link: Callable[[Path, Path], None],
    folder: Path,
    tmp_path: Path,
    call: Call,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A hard link has one file under two names, as other letters have where case is ignored."""
    before = photograph(folder / "Holiday.PNG")
    photograph(folder / "a.png")
    (tmp_path / "out").mkdir()
    link(folder / "Holiday.PNG", tmp_path / "out" / "Holiday.png")
    assert call(mode, tmp_path / "out") == 2
    assert "'Holiday.png' would overwrite the input 'Holiday.PNG'" in capsys.readouterr().err
    assert (folder / "Holiday.PNG").read_bytes() == before
    assert names(tmp_path / "out") == ["Holiday.png"]  # nor is a.png painted


def test_a_style_or_a_mask_in_the_results_folder_is_an_input(
    folder: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph(folder / "a.jpg")
    output = tmp_path / "out"
    before = photograph(output / "a.png")
    given = [str(output / "a.png"), "-o", str(output), "--size", "32"]
    assert main([str(folder), *given, "--fast"]) == 2
    assert main([str(folder), *given]) == 2
    assert call("decoder", output, "--mask", str(output / "a.png")) == 2
    assert capsys.readouterr().err.count("'a.png' would overwrite the input 'a.png'") == 3
    assert (output / "a.png").read_bytes() == before


def test_results_that_a_link_makes_one_file(
    folder: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jpg", "b.jpg"):
        photograph(folder / name)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").symlink_to("b.png")
    assert call("network", tmp_path / "out") == 2
    assert "would be one file, by a link" in capsys.readouterr().err
    assert names(tmp_path / "out") == []


def test_photographs_whose_short_names_meet_get_a_result_each_and_the_same_again(
    folder: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    colours = {"cat.jpg": "red", "cat.tiff": "lime", "cat.jpg.webp": "blue", "cat.jpg.png": "teal"}
    for name, colour in colours.items():
        photograph(folder / name, colour)
    output = tmp_path / "out"
    assert call("run", output) == 0
    painted = {name: (output / name).stat().st_mtime_ns for name in names(output)}
    assert set(painted) == {f"{name}.png" for name in colours}
    capsys.readouterr()
    assert call("run", output) == 0
    assert capsys.readouterr().err.count("done already") == 4
    assert {name: (output / name).stat().st_mtime_ns for name in names(output)} == painted


@pytest.mark.parametrize("mode", ["run", "network"])
def test_what_is_left_out_is_told_with_a_count(
    mode: str, folder: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph(folder / "a.jpg")
    photograph(folder / "inside" / "b.jpg")
    for name in ("x.jxl", "y.NEF", "z.jpg_large", "none", ".hidden.jpg"):
        (folder / name).write_bytes(b"")
    assert call(mode, tmp_path / "out") == 0
    assert (
        "Left out: 4 files without an image's suffix ('none', 'x.jxl', 'y.NEF', …), "
        "1 folder not looked into ('inside'), 1 hidden. With --recursive, "
    ) in capsys.readouterr().err
    assert names(tmp_path / "out") == ["a.png"]


def test_a_folder_without_images_tells_what_there_is(
    folder: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a\x1b[31m.nef").write_bytes(b"")
    assert call("network", tmp_path / "out") == 2
    told = capsys.readouterr().err
    assert "There is no image in the folder" in told
    assert r"1 file without an image's suffix ('a\x1b[31m.nef')" in told
    assert "\x1b" not in told
    assert not (tmp_path / "out").exists()


def test_recursive_keeps_folders_and_leaves_out_that_of_the_results(
    folder: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph(folder / "a.jpg")
    photograph(folder / "inside" / "deep" / "a.jpg")
    (folder / "link").symlink_to(folder)
    for _ in range(2):  # the second time, the results are there
        assert call("network", folder / "results", "--recursive") == 0
        assert names(folder / "results") == ["a.png", "inside/deep/a.png"]
    told = capsys.readouterr()
    assert told.err.count("Left out: 1 folder not looked into ('link').\n") == 2
    assert len(told.out.splitlines()) == 4


def test_recursive_with_results_that_fall_among_the_photographs(
    tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph(tmp_path / "x" / "x" / "a.jpg")
    assert call("network", tmp_path, "--recursive", content=tmp_path / "x") == 2
    assert "among the photographs" in capsys.readouterr().err
    assert names(tmp_path / "x") == ["x/a.jpg"]


@pytest.mark.parametrize("mode", ["run", "network"])
def test_a_result_that_is_read_only_is_left_alone_and_the_others_are_painted(
    mode: str, folder: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jpg", "b.jpg"):
        photograph(folder / name)
    output = tmp_path / "out"
    before = photograph(output / "a.png", "white")
    (output / "a.png").chmod(0o444)
    assert call(mode, output) == 1
    assert "a.jpg: The result could not be written to 'a.png'" in capsys.readouterr().err
    assert (output / "a.png").read_bytes() == before
    assert names(output) == ["a.png", "b.png"]


def test_a_done_result_may_be_read_only(folder: Path, tmp_path: Path, call: Call) -> None:
    photograph(folder / "a.jpg")
    assert call("run", tmp_path / "out") == 0
    (tmp_path / "out" / "a.png").chmod(0o444)
    assert call("run", tmp_path / "out") == 0


def test_control_characters_in_names_are_escaped(
    folder: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph(folder / "a\x1b[31m\n.jpg")
    (folder / "b\x9b\u202e.jpg").write_bytes(b"no image")
    assert call("run", tmp_path / "out") == 1
    told = "".join(capsys.readouterr())
    assert r"a\x1b[31m\n.jpg" in told
    assert r"b\x9b\u202e.jpg: The content image" in told
    assert not {"\x1b", "\x9b", "\u202e"} & set(told)


@pytest.mark.parametrize("output", ["-", ""])
def test_a_folder_needs_a_folder_for_its_results(
    output: str, folder: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph(folder / "a.jpg")
    assert main([str(folder), str(CAT), "--fast", "-o", output]) == 2
    assert "needs one for its results" in capsys.readouterr().err
