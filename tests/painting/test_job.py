"""A job: made from what people give, opened, sent elsewhere, repeated with changes, costed."""

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, STUDIO, noise, photo
from PIL import Image

from nst_core import (
    RECIPES,
    Backbone,
    BackboneError,
    ImageError,
    Job,
    RecipeError,
    Style,
    stylize,
)
from nst_core.images.saving import save_png
from nst_core.objective.setup import Setup
from nst_core.painting.cost import predict_bytes, run_seconds
from nst_core.painting.run import paint
from nst_core.painting.settings import read_settings, recipe_of, to_text

QUICK: dict[str, Any] = {"size": 48, "steps": 3}


def test_paths_stay_paths_until_the_job_is_opened() -> None:
    job = Job.of(CAT, CHURCH, recipe=STUDIO, backbone="embedded", **QUICK)
    assert (job.content, job.styles) == (CAT, (Style(CHURCH),))
    opened = job.opened()
    assert opened.content.mode == "RGB"
    (style,) = opened.styles
    assert (style.image.size, style.weight) == (Image.open(CHURCH).size, 1.0)
    assert opened.resume is None
    assert opened.recipe == job.recipe


def test_a_job_paints_the_same_in_another_process() -> None:
    job = Job.of(
        CAT, [(CHURCH, 0.5), (CAT, 0.5)], recipe=STUDIO, backbone="embedded", **QUICK
    ).opened()
    *_, here = paint(job)
    *_, there = paint(pickle.loads(pickle.dumps(job)))
    assert np.abs(np.array(here.image, int) - np.array(there.image, int)).max() <= 1
    assert here.losses == pytest.approx(there.losses, rel=1e-3)


def test_stylize_paints_the_job_of_its_arguments(backbone: Backbone) -> None:
    *_, expected = stylize(CAT, CHURCH, STUDIO, backbone, **QUICK)
    *_, found = paint(Job.of(CAT, CHURCH, recipe=STUDIO, backbone=backbone, **QUICK).opened())
    assert found.recipe == expected.recipe
    assert np.abs(np.array(found.image, int) - np.array(expected.image, int)).max() <= 1


def test_a_job_repeated_with_one_field_changed() -> None:
    job = Job.of(CAT, CHURCH, recipe="course", backbone="embedded")
    again = job.changed(style_weight=7.0)
    assert again.recipe == RECIPES["course"].changed(style_weight=7.0)
    assert (again.content, again.styles, again.backbone) == (job.content, job.styles, job.backbone)


def test_a_picture_to_go_on_from_leaves_the_last_size_only() -> None:
    for recipe in ("studio", "moments"):
        job = Job.of(Image.new("RGB", (600, 400)), CHURCH, recipe=recipe, size=512)
        resumed = replace(job, resume=CHURCH)
        assert resumed.scales() == job.scales()[-1:]
    assert len(job.scales()) == 3


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize(
    ("content", "sizes"),
    [
        ((600, 400), (32, 97, 512, 777)),
        ((401, 599), (33, 250)),
        ((300, 301), (64, 511)),
        ((400, 9), (32, 513)),
        ((7, 1000), (33,)),
        ((5, 5), (100,)),
    ],
)
def test_every_result_can_be_gone_on_from(
    recipe: str, content: tuple[int, int], sizes: tuple[int, ...]
) -> None:
    photograph = Image.new("RGB", content)
    for size in sizes:
        result = Image.new("RGB", RECIPES[recipe].changed(size=size).generated_size(content))
        job = Job.of(photograph, CHURCH, recipe=recipe, backbone="embedded", resume=result)
        assert job.opened().resume == result


@pytest.mark.parametrize(
    ("picture", "content"),
    [
        ((48, 32), (32, 48)),
        ((48, 36), (600, 400)),
        ((512, 343), (600, 400)),  # 341.3 is right
        ((32, 32), (600, 400)),
        ((512, 18), (1000, 9)),  # 16, the least, is right
    ],
)
def test_a_picture_to_go_on_from_is_never_stretched(
    picture: tuple[int, int], content: tuple[int, int]
) -> None:
    job = Job.of(Image.new("RGB", content), CHURCH, recipe=STUDIO, resume=Image.new("RGB", picture))
    with pytest.raises(ImageError) as refusal:
        job.opened()
    for width, height in (picture, content):
        assert f"{width} × {height} px" in str(refusal.value)
    assert "proportions" in str(refusal.value)


def test_the_cost_is_told_from_the_header_alone(backbone: Backbone, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.fromarray(noise(300, 400, seed=1)).save(path)
    path.write_bytes(path.read_bytes()[:4000])  # its pixels are cut short
    job = Job.of(path, CHURCH, recipe=STUDIO, backbone=backbone, size=256, steps=20)
    cost, setup = job.cost(), Setup(STUDIO.changed(size=256, steps=20), backbone)
    assert cost.bytes == predict_bytes(setup, (256, 192))
    assert cost.seconds == run_seconds(setup, job.scales())
    with pytest.raises(ImageError):
        job.opened()


def test_more_steps_and_pixels_cost_more(backbone: Backbone) -> None:
    job = Job.of(photo(CAT, 60, 90), CHURCH, recipe=STUDIO, backbone=backbone, size=256, steps=20)
    costs = [each.cost() for each in (job, job.changed(steps=40), job.changed(size=512))]
    assert costs[0].seconds < costs[1].seconds
    assert costs[0].bytes == costs[1].bytes < costs[2].bytes
    larger = job.changed(supersampling=2.0).cost()
    assert larger.seconds == pytest.approx(costs[2].seconds, rel=0.01)
    assert larger.bytes == pytest.approx(costs[2].bytes, rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"recipe": "nope"}, RecipeError),
        ({"backbone": "vgg11"}, BackboneError),
        ({"style": [(CHURCH, -1.0)]}, RecipeError),
        ({"style": [CHURCH]}, RecipeError),
        ({"steps": 0}, RecipeError),
    ],
)
def test_what_can_not_work_is_refused_before_any_image_is_opened(
    arguments: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Job.of(**{"content": "missing.jpg", "style": CHURCH, **arguments})


def test_a_style_strength_comes_back_as_it_was_asked_for(
    backbone: Backbone, tmp_path: Path
) -> None:
    recipe = STUDIO.changed(start="content")  # what the decoder paints goes by the strength, too
    strong = {"recipe": recipe, "backbone": backbone, "style_strength": 4, **QUICK}
    job = Job.of(CAT, CHURCH, **strong).opened()
    *_, frame = paint(job)
    save_png(frame.image, tmp_path / "out.png", to_text(job.settings(frame)))
    settings = read_settings(tmp_path / "out.png")
    assert settings.changes["style_strength"] == 4
    assert "style_weight" not in settings.changes
    assert recipe_of(settings) == job.recipe
    flat = job.recipe.weights_at(4)  # as pictures of version 0.3 tell it
    *_, same = paint(job.changed(style_strength=0, **flat))
    assert same.losses == frame.losses
    assert same.image == frame.image
