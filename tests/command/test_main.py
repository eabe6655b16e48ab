"""The command line: what it writes, says and returns."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command.calls import OLD, Run, frame
from helpers import CAT, CHURCH, noise
from PIL import Image

from nst_core import RECIPES, Frame, Job
from nst_core import __main__ as command
from nst_core.images.opening import open_image
from nst_core.images.sizes import resize
from nst_core.painting.settings import read_settings
from nst_core.painting.style import OpenedStyle

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
    settings = read_settings(output)
    assert settings.changes["style_strength"] == -10
    assert "style_weight" not in settings.changes


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
    assert "nan" not in err  # before the first step of a size nothing is measured


def test_a_jpeg_holds_its_settings_too(call: Callable[..., Run], output: Path) -> None:
    jpeg = output.with_suffix(".JPG")
    call("-o", jpeg, "--style-weight", "300")
    with Image.open(jpeg) as picture:
        assert picture.format == "JPEG"
    assert read_settings(jpeg).changes["style_weight"] == 300


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


def test_a_mask_that_is_kept_smaller_is_told(
    call: Callable[..., Run], output: Path, tmp_path: Path
) -> None:
    mask = tmp_path / "mask.png"
    Image.fromarray(noise(400, 500, 1)[..., 0]).save(mask)
    assert "mask inside the picture is a smaller one" in call("-o", output, "--mask", mask).err


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
    assert job.styles == (OpenedStyle(open_image(CHURCH)),)


def test_help_names_recipes_and_their_stories(call: Callable[..., Run]) -> None:
    run = call("--help")
    assert run.status == 0
    told = " ".join(run.out.split())
    for recipe in RECIPES.values():
        assert recipe.name in told
        assert recipe.story in told
