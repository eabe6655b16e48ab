"""The command line: checkpoints, and the pictures that are kept at them."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command.calls import OLD, Run, frame
from helpers import CAT, CHURCH, noise, without_privileges
from PIL import Image

from nst_core import Frame
from nst_core import __main__ as command


def test_checkpoints_print_losses_and_seconds(call: Callable[..., Run], output: Path) -> None:
    lines = call("-o", output, "--checkpoint", "1").err.splitlines()
    for step, term in ((1, "layout "), (4, "style ")):
        (line,) = [line for line in lines if f"step {step}:" in line]
        for word in ("total ", "content ", term, " s"):
            assert word in line


def test_snapshots_are_kept(call: Callable[..., Run], output: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "snapshots"
    run = call("-o", output, "--checkpoint", "2", "--snapshots", folder)
    assert run.status == 0
    assert sorted(path.name for path in folder.iterdir()) == ["step-00002.png", "step-00004.png"]
    with Image.open(folder / "step-00004.png") as last, Image.open(output) as result:
        np.testing.assert_array_equal(np.asarray(last), np.asarray(result))


def test_snapshots_folder_that_can_not_be_made(
    call: Callable[..., Run], output: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    call("-o", output, "--snapshots", tmp_path / "file").check_refused("snapshots")


@pytest.mark.parametrize("role", ["content", "style"])
@pytest.mark.parametrize("way", ["same path", "link"])
def test_snapshot_that_would_replace_an_input(
    role: str, way: str, call: Callable[..., Run], output: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    image = snapshot = folder / "step-00002.png"
    if way == "link":
        image = tmp_path / "image.png"
        snapshot.symlink_to(image)
    Image.fromarray(noise(20, 20, 1)).save(image)
    before = image.read_bytes()
    given = (image, CHURCH) if role == "content" else (CAT, image)
    call("-o", output, "--snapshots", folder, given=given).check_refused("overwrite", image.name)
    assert image.read_bytes() == before
    assert not output.exists()


def test_snapshot_that_would_replace_an_input_called_in_other_letters(
    call: Callable[..., Run], output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where case counts for nothing, both names reach a file and one of them is listed."""
    folder = tmp_path / "snapshots"
    folder.mkdir()
    image = folder / "STEP-00002.PNG"
    Image.fromarray(noise(20, 20, 1)).save(image)
    os.link(image, folder / "step-00002.png")
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([image]))
    run = call("-o", output, "--snapshots", folder, given=(image, CHURCH))
    run.check_refused("overwrite", image.name)


def test_earlier_snapshots_are_replaced(
    call: Callable[..., Run], output: Path, tmp_path: Path
) -> None:
    (tmp_path / "step-00004.png").write_bytes(OLD)
    assert call("-o", output, "--checkpoint", "4", "--snapshots", tmp_path).status == 0
    Image.open(tmp_path / "step-00004.png").verify()


def test_snapshots_folder_that_can_not_be_written_is_refused(
    call: Callable[..., Run], public_folder: Path
) -> None:
    """The result, in another folder, could be."""
    folder, results = public_folder / "locked", public_folder / "results"
    folder.mkdir(mode=0o555)
    results.mkdir()
    results.chmod(0o777)
    with without_privileges():
        run = call("-o", results / "out.png", "--snapshots", folder)
    run.check_refused("snapshots", "locked'", "Permission denied")
    assert list(results.iterdir()) == []


def test_snapshots_that_fail_on_the_way_do_not_cost_the_result(
    call: Callable[..., Run], output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "snapshots"

    def fake(*_arguments: Any, **_changes: Any) -> Iterator[Frame]:
        yield frame(1, checkpoint=True)
        shutil.rmtree(folder)
        yield frame(2, checkpoint=True)
        yield frame(3, checkpoint=True)
        yield frame(4, colour="blue", final=True, checkpoint=True)

    monkeypatch.setattr(command, "paint", fake)
    run = call("-o", output, "--snapshots", folder)
    assert run.status == 0
    with Image.open(output) as image:
        assert image.getpixel((0, 0)) == (0, 0, 255)
    (warning,) = [line for line in run.err.splitlines() if line.startswith("nst_core: ")]
    assert "step-00002.png" in warning
    assert "goes on" in warning
