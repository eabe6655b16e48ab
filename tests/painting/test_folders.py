"""A folder of photographs: what is painted, where to, and what does not stop the others."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import CAT, CHURCH, noise
from PIL import Image

from nst_core import Backbone, ImageError, OutputError
from nst_core import __main__ as command
from nst_core.painting.folders import is_folder, photographs, targets
from nst_core.painting.settings import read_settings

QUICK = ["--size", "32", "--steps", "3", "--precision", "float32", "--backbone", "embedded"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate(("b.png", "a.jpg", "c.tiff")):
        Image.fromarray(noise(30, 40, number)).save(folder / name)
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.png").write_bytes(b"")
    (folder / "folder.png").mkdir()
    return folder


@pytest.fixture
def paint(photos: Path, tmp_path: Path, backbone: Backbone) -> Callable[..., int]:
    def paint(*more: str) -> int:
        return command.main([str(photos), str(CHURCH), "-o", str(tmp_path / "out"), *QUICK, *more])

    return paint


def test_images_by_name_in_order_without_the_hidden(photos: Path) -> None:
    assert [path.name for path in photographs(photos)] == ["a.jpg", "b.png", "c.tiff"]


def test_an_empty_name_is_no_folder(tmp_path: Path) -> None:
    """As a shell has it for a variable that nobody set, where the working folder isn't meant."""
    assert is_folder(tmp_path)
    assert not is_folder("")
    assert not is_folder("a\0")


def test_two_photographs_of_one_name_get_two_results(tmp_path: Path) -> None:
    named = targets([Path("cat.jpg"), Path("cat.png"), Path("dog.jpg")], tmp_path)
    assert [path.name for path in named.values()] == ["cat.jpg.png", "cat.png.png", "dog.png"]


def test_no_image_and_no_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="There is no image in the folder"):
        photographs(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="can't be made"):
        targets([CAT], tmp_path / "file")


def test_each_photograph_gets_its_result_and_a_line(
    paint: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert paint("--json") == 0
    out, err = capsys.readouterr()
    reports = [json.loads(line) for line in out.splitlines()]
    names = ["a.png", "b.png", "c.png"]
    assert [Path(report["output"]).name for report in reports] == names
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == names
    assert "2 of 3, b.png:" in err


def test_what_is_done_is_not_painted_again_unless_it_differs(
    paint: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert paint() == 0
    (tmp_path / "out" / "b.png").unlink()
    Image.new("RGB", (8, 8)).save(tmp_path / "out" / "c.png")
    capsys.readouterr()
    assert paint() == 0
    out, err = capsys.readouterr()
    assert [Path(line.split(": ")[0]).name for line in out.splitlines()] == ["b.png", "c.png"]
    assert "1 of 3, a.jpg: done already" in err
    assert paint("--style-strength", "5") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert read_settings(tmp_path / "out" / "a.png").changes["style_strength"] == 5


@pytest.mark.slow
def test_one_mask_serves_all_and_counts_for_what_is_done(
    paint: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mask = tmp_path / "mask.png"
    Image.fromarray(noise(30, 40, 7)[..., 0]).save(mask)
    painted = []
    for more in ((), ("--mask", str(mask)), ("--mask", str(mask)), ("--mask", str(CAT))):
        assert paint(*more) == 0
        painted.append(len(capsys.readouterr().out.splitlines()))
    assert painted == [3, 3, 0, 3]


def test_a_photograph_that_can_not_be_used_does_not_stop_the_others(
    paint: Callable[..., int], photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "b.png").write_bytes(b"no picture")
    assert paint() == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert "nst_core: b.png: " in err


def test_mistakes_that_concern_all_stop_at_once(
    paint: Callable[..., int], photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more, word in (
        (["--steps", "0"], "steps"),
        (["--resume", str(CAT)], "--resume is for one picture"),
        (["--snapshots", str(tmp_path)], "--snapshots is for one picture"),
    ):
        assert paint(*more) == 2
        assert word in capsys.readouterr().err
    bad = tmp_path / "style.png"
    bad.write_bytes(b"no picture")
    assert command.main([str(photos), str(bad), "-o", str(tmp_path / "out"), *QUICK]) == 2
    assert not (tmp_path / "out").exists()


def test_a_result_in_the_folder_of_the_photographs_never_replaces_one(
    photos: Path, backbone: Backbone, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (photos / "b.png").read_bytes()
    assert command.main([str(photos), str(CHURCH), "-o", str(photos), *QUICK]) == 2
    assert "would overwrite the input" in capsys.readouterr().err
    assert (photos / "b.png").read_bytes() == before
