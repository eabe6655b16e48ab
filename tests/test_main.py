"""The command line: what it writes, says and returns."""

import fcntl
import json
import math
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT, noise, without_privileges
from PIL import Image
from starting import NO_ENTRY, environment, free_port

from nst_core import RECIPES, Backbone, Frame, ImageError, Job, Losses, Style
from nst_core import __main__ as command
from nst_core.images.opening import open_image
from nst_core.images.sizes import resize
from nst_core.painting.settings import read_settings

QUICK = ["--size", "32", "--steps", "4", "--precision", "float32", "--backbone", "embedded"]
OLD = b"what was there before"


class Run:
    """What one call left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def report(self) -> dict[str, Any]:
        """The JSON line, which must be all of standard output, and strict JSON."""
        (line,) = self.out.splitlines()
        return json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))

    def check_refused(self, *words: str) -> None:
        """One line for the user's mistake, and status 2."""
        assert self.status == 2
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("nst_core: ")
        assert all(word in line for word in words)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], backbone: Backbone) -> Callable[..., Run]:
    """Run the command line on the example pair, quickly; more arguments may follow."""

    def run(*arguments: str | Path, given: tuple[Path | str, ...] = (CAT, CHURCH)) -> Run:
        capsys.readouterr()
        try:
            status = command.main([*map(str, given), *QUICK, *map(str, arguments)])
        except SystemExit as exit:  # as argparse ends
            status = int(exit.code or 0)
        except KeyboardInterrupt:  # would end the tests themselves
            pytest.fail("KeyboardInterrupt gets out")
        return Run(status, *capsys.readouterr())

    return run


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.png"


def frame(step: int = 1, loss: float = 1.0, colour: str = "red", **changes: Any) -> Frame:
    settings = {
        "image": Image.new("RGB", (20, 30), colour),
        "step": step,
        "total_steps": 9,
        "losses": Losses(loss, content=loss, style=loss, variation=loss),
        "elapsed": 1.0,
        "remaining": 2.0,
        "final": False,
        "checkpoint": False,
        "recipe": RECIPES["studio"],
        "backbone": "embedded",
    }
    return Frame(**{**settings, **changes})


@pytest.fixture
def yielding(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put frames, and an exception after them, in the place of a real run."""

    def install(*frames: Frame, then: BaseException | None = None) -> None:
        def fake(*_arguments: Any, **_changes: Any) -> Iterator[Frame]:
            yield from frames
            if then is not None:
                raise then

        monkeypatch.setattr(command, "paint", fake)

    return install


# Results


def test_writes_the_picture_and_one_line_of_json(call: Callable[..., Run], output: Path) -> None:
    run = call("-o", output, "--json")
    assert run.status == 0
    with Image.open(output) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (32, 21))
    report = run.report
    assert report["output"] == str(output)
    assert report["size"] == [32, 21]
    assert report["steps"] == 4
    assert report["recipe"] == "studio"
    assert report["backbone"] == "embedded"
    assert report["seconds"] > 0
    terms = ("content", "style", "layout", "palette", "variation")
    assert set(report["losses"]) == {"total", *terms}


def test_style_strength_is_an_option(call: Callable[..., Run], output: Path) -> None:
    assert call("-o", output, "--style-strength", "-10").status == 0
    studio = RECIPES["studio"]
    expected = studio.style_weight / studio.strength_factor
    assert read_settings(output).changes["style_weight"] == pytest.approx(expected)


def test_the_picture_tells_the_precision_asked_for_and_the_one_at_work(
    call: Callable[..., Run], output: Path
) -> None:
    run = call("-o", output, "--json", "--precision", "auto")
    settings = read_settings(output)
    assert "precision" not in settings.changes
    assert settings.precision == run.report["precision"] != "auto"


def test_says_which_backbone_is_at_work(call: Callable[..., Run], output: Path) -> None:
    assert "ImageNet's weights" in call("-o", output).err


def test_progress_shows_losses_and_time_left(call: Callable[..., Run], output: Path) -> None:
    err = call("-o", output).err
    for word in ("4/4", "32×21 px", "total ", "content ", "style ", " s left"):
        assert word in err


def test_without_json_one_line_for_people(call: Callable[..., Run], output: Path) -> None:
    (line,) = call("-o", output).out.splitlines()
    assert str(output) in line


def test_leaves_nothing_but_the_picture(call: Callable[..., Run], output: Path) -> None:
    call("-o", output)
    assert list(output.parent.iterdir()) == [output]


def test_replaces_an_older_result(call: Callable[..., Run], output: Path) -> None:
    output.write_bytes(OLD)
    assert call("-o", output).status == 0
    Image.open(output).verify()


def test_same_seed_same_file(call: Callable[..., Run], tmp_path: Path) -> None:
    paths = [tmp_path / "one.png", tmp_path / "two.png"]
    for path in paths:
        call("-o", path, "--start", "noise", "--seed", "7")
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_several_styles(call: Callable[..., Run], output: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    Image.fromarray(noise(30, 30, 1)).save(other)
    run = call("-o", output, "--json", given=(CAT, CHURCH, other))
    assert run.status == 0
    alone = call("-o", output, "--json")
    assert run.report["losses"] != alone.report["losses"]


def test_style_weights_are_the_parts_of_the_mixture(
    call: Callable[..., Run], output: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    Image.fromarray(noise(30, 30, 1)).save(other)
    words = ("-o", output, "--json", "--style-weights")
    mixed = call(*words, "0.75", "0.25", given=(CAT, CHURCH, other))
    assert mixed.status == 0
    assert read_settings(output).style_weights == pytest.approx((0.75, 0.25))
    first = call(*words, "1", "0", given=(CAT, CHURCH, other)).report
    alone = call("-o", output, "--json").report
    assert first["losses"] == pytest.approx(alone["losses"], rel=1e-3)
    assert mixed.report["losses"] != first["losses"]


def test_style_brushes_are_those_of_each_style(call: Callable[..., Run], output: Path) -> None:
    words = ("-o", output, "--style-brushes")
    assert call(*words, "0.5", "1", given=(CAT, CHURCH, CHURCH)).status == 0
    assert read_settings(output).style_brushes == (0.5, 1.0)
    call(*words, "1", given=(CAT, CHURCH, CHURCH)).check_refused("style image: 2, not 1")
    call(*words, "0.5", "3", given=(CAT, CHURCH, CHURCH)).check_refused("from 0.25 to 2, not 3.0")


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


def test_resume_goes_on_from_a_picture(
    call: Callable[..., Run], output: Path, tmp_path: Path
) -> None:
    """With a learning rate that leaves it as it is."""
    earlier = tmp_path / "earlier.png"
    Image.new("RGB", (32, 21), "white").save(earlier)
    assert call("-o", output, "--resume", earlier, "--learning-rate", "1e-6").status == 0
    with Image.open(output) as image:
        assert image.size == (32, 21)
        assert np.asarray(image).min() >= 254


def test_mask_leaves_the_rest_or_has_a_style_outside(
    call: Callable[..., Run], output: Path, tmp_path: Path
) -> None:
    mask = tmp_path / "mask.png"
    Image.fromarray(np.repeat(np.array([[255] * 40 + [0] * 40], np.uint8), 50, axis=0)).save(mask)
    size = RECIPES["studio"].changed(size=32).generated_size(Image.open(CAT).size)
    photograph = np.asarray(resize(open_image(CAT), size))
    equal = []
    for more in ((), ("--outside", CAT)):
        assert call("-o", output, "--mask", mask, *more).status == 0
        with Image.open(output) as image:
            equal.append(np.array_equal(np.asarray(image)[:, 22:], photograph[:, 22:]))
        place = read_settings(output).place
        assert place is not None
        assert len(place.outside_sha256) == len(more) // 2
    assert equal == [True, False]


def test_places_that_can_not_be(call: Callable[..., Run], output: Path, tmp_path: Path) -> None:
    call("-o", output, "--outside", CAT).check_refused("outside need a mask")
    call("-o", output, "--mask", "missing.png").check_refused("mask 'missing.png'", "not exist")
    call("-o", output, "--mask", CAT, "--outside", "no.png").check_refused("style image 'no.png'")
    mask = tmp_path / "mask.png"
    mask.write_text("no picture")
    call("-o", output, "--mask", mask).check_refused("mask 'mask.png'", "not an image")
    Image.new("L", (16, 16)).save(mask)
    call("-o", mask, "--mask", mask).check_refused("overwrite", "mask.png")


def test_a_mask_that_is_kept_smaller_is_told(
    call: Callable[..., Run], output: Path, tmp_path: Path
) -> None:
    mask = tmp_path / "mask.png"
    Image.fromarray(noise(400, 500, 1)[..., 0]).save(mask)
    assert "mask inside the picture is a smaller one" in call("-o", output, "--mask", mask).err


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


def test_message_of_the_run_is_shown(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    yielding(frame(final=True, message="It stopped early."))
    run = call("-o", output)
    assert run.status == 0
    assert "It stopped early." in run.err.splitlines()


def test_losses_that_were_never_measured_are_null_in_json(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    yielding(frame(loss=math.nan, final=True, message="No good."))
    assert set(call("-o", output, "--json").report["losses"].values()) == {None}


# Options


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """What the command line has painted."""
    found: list[Job] = []

    def fake(job: Job) -> Iterator[Frame]:
        found.append(job)
        yield frame(final=True)

    monkeypatch.setattr(command, "paint", fake)
    return found


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        (["--style-weight", "2e3"], {"style_weight": 2000.0}),
        (["--seed", "3"], {"seed": 3}),
        (["--strokes", "coarse"], {"strokes": "coarse"}),
        (["--pooling", "average"], {"pooling": "average"}),
        (["--reconstruct", "style"], {"reconstruct": "style"}),
        (["--learning-rate", "0.5"], {"learning_rate": 0.5}),
        (["--beta-1", "0.5"], {"beta_1": 0.5}),
        (["--no-clip"], {"clip": False}),
        (["--keep-best"], {"keep_best": True}),
        (["--optimizer", "lbfgs", "--memory", "3"], {"optimizer": "lbfgs", "memory": 3}),
        (["--coarsest", "64"], {"coarsest": 64}),
        (
            ["--content-layers", "block4_conv2, block5_conv2=0.5"],
            {"content_layers": {"block4_conv2": 1.0, "block5_conv2": 0.5}},
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_are_changes_to_the_recipe(
    words: list[str],
    changes: dict[str, Any],
    call: Callable[..., Run],
    output: Path,
    received: list[Job],
) -> None:
    assert call("-o", output, *words).status == 0
    quick = {"size": 32, "steps": 4, "precision": "float32"}
    (job,) = received
    assert job.recipe == RECIPES["studio"].changed(**quick | changes)


@pytest.mark.parametrize("name", RECIPES)
def test_images_and_recipe_are_handed_on(
    name: str, call: Callable[..., Run], output: Path, received: list[Job]
) -> None:
    call("-o", output, "--recipe", name)
    (job,) = received
    assert job.recipe.name == name
    assert job.content == open_image(CAT)
    assert job.styles == (Style(open_image(CHURCH)),)


def test_help_names_recipes_and_their_stories(call: Callable[..., Run]) -> None:
    run = call("--help")
    assert run.status == 0
    told = " ".join(run.out.split())
    for recipe in RECIPES.values():
        assert recipe.name in told
        assert recipe.story in told


# Checkpoints


def test_checkpoints_print_losses_and_seconds(call: Callable[..., Run], output: Path) -> None:
    lines = call("-o", output, "--checkpoint", "2").err.splitlines()
    for step, term in ((2, "layout "), (4, "style ")):
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


# Mistakes


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
        ("out.jpg", ".png"),
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


# Ctrl-C


def test_interrupt_keeps_the_picture_reached(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    changes: Any = {"recipe": RECIPES["studio"].changed(size=32)}
    reached = frame(2, image=Image.new("RGB", (32, 21), "blue"), **changes)
    yielding(frame(1, **changes), reached, then=KeyboardInterrupt())
    run = call("-o", output, "--json")
    assert run.status == 130
    with Image.open(output) as image:
        assert image.getpixel((0, 0)) == (0, 0, 255)
    assert run.report["steps"] == 2


def test_interrupt_at_a_coarse_size_gives_the_size_asked_for(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    coarse = Image.new("RGB", (32, 21), "white")
    recipe = RECIPES["studio"].changed(size=128, coarsest=32)
    yielding(frame(image=coarse, recipe=recipe), then=KeyboardInterrupt())
    run = call("-o", output, "--json")
    assert run.status == 130
    size = recipe.generated_size(open_image(CAT).size)
    with Image.open(output) as image:
        assert image.size == size
        assert np.asarray(image).mean() > 200  # the picture still, with the photograph's detail
    assert read_settings(output).size == size
    assert run.report["size"] == list(size)
    assert "32 × 21 px" in run.err


def test_interrupt_at_a_coarse_size_leaves_the_rest_as_it_is(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None], tmp_path: Path
) -> None:
    Image.new("L", (20, 20)).save(tmp_path / "mask.png")
    recipe = RECIPES["studio"].changed(size=128, coarsest=32)
    coarse = Image.new("RGB", (32, 21), "white")
    yielding(frame(image=coarse, recipe=recipe), then=KeyboardInterrupt())
    assert call("-o", output, "--mask", tmp_path / "mask.png").status == 130
    with Image.open(output) as image:
        photograph = resize(open_image(CAT), image.size)
        assert np.array_equal(np.asarray(image), np.asarray(photograph))


def test_interrupt_before_the_first_frame_leaves_the_old_result(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    output.write_bytes(OLD)
    yielding(then=KeyboardInterrupt())
    run = call("-o", output)
    assert run.status == 130
    assert "Traceback" not in run.err
    assert output.read_bytes() == OLD


def test_interrupt_while_the_backbone_loads(
    call: Callable[..., Run], output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_name: str) -> Backbone:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "load_backbone", interrupted)
    assert call("-o", output).status == 130


# Other signals

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_keeps_the_picture_reached(
    number: signal.Signals,
    call: Callable[..., Run],
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also when it comes twice, as from a terminal and its shell."""

    def fake(*_arguments: Any, **_changes: Any) -> Iterator[Frame]:
        yield frame(1)
        try:
            os.kill(os.getpid(), number)
            time.sleep(10)
        finally:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(command, "paint", fake)
    earlier = signal.signal(number, signal.SIG_DFL)  # ignored where the tests have no terminal
    try:
        run = call("-o", output, "--json")
    finally:
        signal.signal(number, earlier)
    assert run.status == 128 + number
    assert run.report["steps"] == 1
    Image.open(output).verify()


@pytest.mark.parametrize("end", [None, KeyboardInterrupt(), ImageError("No more.")])
def test_handlers_are_put_back(
    end: BaseException | None,
    call: Callable[..., Run],
    output: Path,
    yielding: Callable[..., None],
) -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    yielding(frame(final=True), then=end)
    call("-o", output)
    assert [signal.getsignal(number) for number in NUMBERS] == before


def test_signal_that_was_ignored_stays_ignored(
    call: Callable[..., Run], output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SIGHUP is under nohup."""

    def fake(*_arguments: Any, **_changes: Any) -> Iterator[Frame]:
        yield frame(1)
        os.kill(os.getpid(), signal.SIGHUP)
        yield frame(2, final=True)

    monkeypatch.setattr(command, "paint", fake)
    earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert call("-o", output).status == 0
    finally:
        signal.signal(signal.SIGHUP, earlier)


# The real thing, in a process of its own


def subprocess_run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nst_core", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_process(output: Path) -> None:
    run = subprocess_run(CAT, CHURCH, "-o", output, *QUICK, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["size"] == [32, 21]
    assert Image.open(output).size == (32, 21)


def test_process_tells_a_mistake_in_one_line(output: Path) -> None:
    """TensorFlow's own greetings must not stand beside it."""
    run = subprocess_run(CAT, CHURCH, "-o", output, *QUICK, "--content-layers", "block9_conv9")
    Run(run.returncode, run.stdout, run.stderr).check_refused("block9_conv9")


def test_process_whose_output_lacks_a_character(output: Path) -> None:
    run = subprocess_run(CAT, CHURCH, "-o", output, *QUICK, PYTHONIOENCODING="ascii")
    assert run.returncode == 0, run.stderr
    assert "32?21 px" in run.stdout
    Image.open(output).verify()


NOISY = """
import logging, sys, warnings
from nst_core import __main__ as command

def noisy(*arguments, **changes):
    warnings.warn("This will change.")
    yield next(quiet := real(*arguments, **changes))
    for name in ("tensorflow", "absl"):
        logging.getLogger(name).warning("5 out of the last 5 calls triggered retracing.")
    warnings.warn("This will change, too.", FutureWarning)
    yield from quiet

real, command.paint = command.paint, noisy
sys.exit(command.main())
"""


def test_process_shows_nobody_elses_remarks(output: Path) -> None:
    """Neither TensorFlow's, nor absl's, nor Python's: a status line is one of ours."""
    run = subprocess.run(
        [sys.executable, "-c", NOISY, CAT, CHURCH, "-o", output, *QUICK],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = [line.strip() for line in run.stderr.splitlines() if line.strip()]
    assert lines
    assert not [line for line in lines if not re.match(r"Backbone: |step \d|\d+% \|", line)]


def test_process_without_a_home(output: Path, tmp_path: Path) -> None:
    """Nor an entry for its user: VGG19 is looked for where it can't be, and VGG16 paints."""
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "sitecustomize.py").write_text(NO_ENTRY)
    variables = environment(
        PYTHONPATH=os.pathsep.join([str(tmp_path / "start"), str(ROOT)]),
        TMPDIR=str(tmp_path),
        https_proxy=f"http://127.0.0.1:{free_port()}",
    )
    variables.pop("HOME", None)
    quick = ["-o", str(output), "--size", "32", "--steps", "2", "--precision", "float32"]
    run = subprocess.run(
        [sys.executable, "-m", "nst_core", CAT, CHURCH, *quick],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = run.stderr.splitlines()[0]
    assert re.match(r"Backbone: VGG16 .* VGG19 can't be fetched \(.*refused", told)
    assert (tmp_path / ".keras" / "models").is_dir()
    assert not (tmp_path / "~").exists()
    Image.open(output).verify()


@pytest.mark.parametrize("program", [["-m", "nst_core"], ["app.py"]])
def test_help_warns_of_nothing(program: list[str]) -> None:
    """Even where each warning of what it imports would be an error."""
    words = [sys.executable, "-W", "error", *program, "--help"]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("usage: ")


LONG = ["--size", "64", "--steps", "5000", "--precision", "float32", "--backbone", "embedded"]


@contextmanager
def long_run(output: Path, terminal: int | None = None, **streams: Any) -> Iterator[Any]:
    """A process that paints for minutes; `terminal`, if given, is the one it depends on."""

    def settle() -> None:
        for number in NUMBERS:  # ignored where the tests run in the background
            signal.signal(number, signal.SIG_DFL)
        if terminal is not None:
            os.setsid()
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    words = map(str, (CAT, CHURCH, "-o", output, *LONG, "--checkpoint", "5"))
    run = subprocess.Popen(
        [sys.executable, "-m", "nst_core", *words], cwd=ROOT, preexec_fn=settle, **streams
    )
    try:
        yield run
    finally:
        run.kill()
        run.wait()


def wait_for_step(read: Callable[[], bytes]) -> None:
    seen = b""
    while b"step 5:" not in seen:
        new = read()
        assert new, seen
        seen += new


@pytest.mark.parametrize("number", NUMBERS)
def test_process_that_is_told_to_stop(number: signal.Signals, output: Path) -> None:
    with long_run(output, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        wait_for_step(run.stderr.readline)
        run.send_signal(number)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 128 + number
    assert b"Traceback" not in err
    assert str(output).encode() in out
    assert read_settings(output).steps >= 5


def test_process_whose_terminal_is_closed(output: Path) -> None:
    ours, theirs = pty.openpty()
    with long_run(output, theirs, stdin=theirs, stdout=theirs, stderr=theirs) as run:
        os.close(theirs)
        wait_for_step(lambda: os.read(ours, 1000))
        os.close(ours)
        assert run.wait(timeout=60) == 128 + signal.SIGHUP
    assert read_settings(output).steps >= 5
