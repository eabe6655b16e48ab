"""The command line: what it refuses, before the work and on the way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command.calls import OLD, Run, frame
from helpers import CAT, CHURCH, noise
from PIL import Image

from nst_core import ImageError
from nst_core import __main__ as command


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (["1"], "one number for each style image: 2, not 1"),
        (["1", "2", "3"], "one number for each style image: 2, not 3"),
        (["1", "-1"], "not -1.0"),
        (["1", "nan"], "not nan"),
        (["1", "x"], "'x'"),
        (["0", "0"], "at least one must be above 0"),
    ],
)
def test_style_weights_that_can_not_be(
    weights: list[str], told: str, call: Callable[..., Run], output: Path
) -> None:
    run = call("-o", output, "--style-weights", *weights, given=(CAT, CHURCH, CHURCH))
    run.check_refused(told)


def test_places_that_can_not_be(call: Callable[..., Run], output: Path, tmp_path: Path) -> None:
    call("-o", output, "--outside", CAT).check_refused("outside need a mask")
    call("-o", output, "--mask", "missing.png").check_refused("mask 'missing.png'", "not exist")
    call("-o", output, "--mask", CAT, "--outside", "no.png").check_refused("style image 'no.png'")
    mask = tmp_path / "mask.png"
    mask.write_text("no picture")
    call("-o", output, "--mask", mask).check_refused("mask 'mask.png'", "not an image")
    Image.new("L", (16, 16)).save(mask)
    call("-o", mask, "--mask", mask).check_refused("overwrite", "mask.png")


def test_resume_that_can_not_be(call: Callable[..., Run], output: Path, tmp_path: Path) -> None:
    call("-o", output, "--resume", "missing.png").check_refused("go on from", "missing.png")
    tall = tmp_path / "tall.png"
    Image.new("RGB", (21, 32)).save(tall)
    call("-o", output, "--resume", tall).check_refused("21 × 32 px", "proportions")
    call("-o", tall, "--resume", tall).check_refused("overwrite", "tall.png")
    snapshot = tall.rename(tmp_path / "step-00004.png")
    words = ("--snapshots", tmp_path, "--resume", snapshot)
    call("-o", output, *words).check_refused("overwrite", "step-00004.png")


def test_a_print_that_the_disk_has_no_room_for(
    call: Callable[..., Run], output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """32 × 21 px with 3 bytes each."""
    free = shutil.disk_usage(output.parent)._replace(free=2015)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    call("-o", output).check_refused("out.png", "32 × 21 px", "disk")
    assert not output.exists()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free._replace(free=2016))
    assert call("-o", output).status == 0


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.png"
    path.write_text("not a picture")
    return path


def test_missing_file(call: Callable[..., Run], output: Path) -> None:
    call("-o", output, given=("missing.jpg", CHURCH)).check_refused("content", "missing.jpg")
    call("-o", output, given=(CAT, "missing.jpg")).check_refused("style", "missing.jpg")
    assert not output.exists()


def test_text_named_png(call: Callable[..., Run], output: Path, text: Path) -> None:
    call("-o", output, given=(text, CHURCH)).check_refused("text.png", "not an image")


def test_name_too_long_for_a_file(call: Callable[..., Run], output: Path) -> None:
    output.write_bytes(OLD)
    call("-o", output, given=("x" * 300, CHURCH)).check_refused("can't be opened")


MOMENTS = ["--recipe", "moments"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--size", "8"], ["size", "8", "32"]),
        (["--size", "big"], ["size", "big"]),
        (["--size", "1e3"], ["size", "1e3"]),
        (["--recipe", "nope"], ["nope", "studio"]),
        (["--style-weight", "nan"], ["style_weight", "nan"]),
        (["--style-weight", "inf"], ["style_weight", "inf"]),
        (["--content-weight", "-1"], ["content_weight", "-1.0"]),
        (["--steps", "0"], ["steps", "0"]),
        (["--seed", "-1"], ["seed", "-1"]),
        (["--pooling", "min"], ["pooling", "min", "average"]),
        (["--optimizer", "sgd"], ["sgd", "adam"]),
        (["--memory", "3"], ["memory"]),  # a field of L-BFGS, where Adam is at work
        (["--content-layers", "block4_conv2=x"], ["content-layers", "block4_conv2=x"]),
        (["--content-layers", "block9_conv9"], ["content_layers", "block9_conv9"]),
        (
            [*MOMENTS, "--style-weight", "0", "--content-weight", "0", "--variation-weight", "0"],
            ["weights"],
        ),
        (["--backbone", "resnet"], ["resnet", "embedded"]),
        (["--backbone", "missing.h5"], ["missing.h5"]),
        (["--colour"], ["--colour"]),
        ([*MOMENTS, "--style-weight", "1e300"], ["finite", "smaller weight"]),
        (["--layout-weight", "1e300"], ["finite", "smaller weight"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_bad_option(
    words: list[str], told: list[str], call: Callable[..., Run], output: Path
) -> None:
    output.write_bytes(OLD)
    call("-o", output, *words).check_refused(*told)
    assert output.read_bytes() == OLD
    assert list(output.parent.iterdir()) == [output]


def test_no_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main([])
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(word in line for word in ("CONTENT", "STYLE", "-o"))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("missing/out.png", "folder"),
        ("out.webp", ".png or .jpg or .jpeg"),
        ("out", ".png"),
        ("folder.png", "folder"),
        ("x" * 300 + ".png", "could not be written"),
    ],
)
def test_output_that_can_not_be(
    name: str, word: str, call: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "folder.png").mkdir()
    call("-o", tmp_path / name).check_refused(word)


@pytest.mark.parametrize("role", ["content", "style"])
@pytest.mark.parametrize("way", ["same path", "link"])
def test_output_that_is_an_input(
    role: str, way: str, call: Callable[..., Run], tmp_path: Path
) -> None:
    image = tmp_path / "image.png"
    Image.fromarray(noise(20, 20, 1)).save(image)
    before = image.read_bytes()
    output = image
    if way == "link":
        output = tmp_path / "link.png"
        output.symlink_to(image)
    given = (image, CHURCH) if role == "content" else (CAT, image)
    call("-o", output, given=given).check_refused("overwrite", "image.png")
    assert image.read_bytes() == before


def test_mistakes_are_told_before_the_backbone_is_loaded(
    call: Callable[..., Run], output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading takes seconds, and up to ten more where the network swallows packets."""
    monkeypatch.setattr(command, "load_backbone", lambda _name: pytest.fail("loaded"))
    call("-o", output, given=("missing.jpg", CHURCH)).check_refused("missing.jpg")
    call("-o", output, "--size", "8").check_refused("size")


def test_failure_on_the_way_leaves_the_old_result(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    output.write_bytes(OLD)
    yielding(frame(), then=ImageError("No more."))
    run = call("-o", output)
    assert run.status == 2
    assert run.err.splitlines()[-1] == "nst_core: No more."
    assert output.read_bytes() == OLD
    assert list(output.parent.iterdir()) == [output]
