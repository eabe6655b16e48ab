"""stylize(): images in every form, and what it refuses."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, noise
from painting.evaluations import CONTENT, QUICK, STYLE, check_same, pixels
from PIL import Image

from nst_core import Backbone, BackboneError, ImageError, RecipeError, stylize

pytestmark = pytest.mark.usefixtures("no_clock")

# Sources


def test_content_in_every_form(run: Callable, tmp_path: Path) -> None:
    path = tmp_path / "content.png"
    Image.fromarray(CONTENT).save(path)
    expected = run()[-1]
    for content in (path, str(path), Image.fromarray(CONTENT)):
        check_same(run(content=content)[-1], expected)


def test_style_in_every_form(run: Callable, tmp_path: Path) -> None:
    path = tmp_path / "style.png"
    Image.fromarray(STYLE).save(path)
    expected = run()[-1]
    for style in (path, str(path), Image.fromarray(STYLE), [(STYLE, 2.0)], ((path, 1),)):
        check_same(run(style=style)[-1], expected)


def test_style_of_weight_zero_does_not_count(run: Callable) -> None:
    check_same(run(style=[(STYLE, 1.0), (noise(30, 30, 1), 0.0)])[-1], run()[-1])


def test_several_styles_are_mixed(run: Callable) -> None:
    other = noise(30, 30, 1)
    mixed = run(style=[(STYLE, 1.0), (other, 1.0)])[-1]
    for alone in (STYLE, other):
        assert not np.array_equal(pixels(mixed), pixels(run(style=alone)[-1]))


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (1, 1)])
def test_strips(shape: tuple[int, int], run: Callable) -> None:
    strip = noise(*shape, seed=1)
    final = run(content=strip, style=strip, steps=1, size=64)[-1]
    assert min(final.image.size) >= 16


@pytest.mark.parametrize("name", ["black", "white"])
def test_plain_images(name: str, run: Callable) -> None:
    plain = Image.new("RGB", (48, 32), name)
    final = run(content=plain, style=plain)[-1]
    assert all(math.isfinite(loss) for loss in final.losses.values())


# Refusals: by the call itself, before the first frame is asked for


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recipe": "nope"}, ["'nope'", "studio"]),
        ({"colour": 1}, ["'colour'", "style_weight"]),
        ({"size": 8}, ["size", "8", "32"]),
        ({"steps": 0}, ["steps", "0", "1"]),
        ({"style_weight": math.nan}, ["style_weight", "nan"]),
        ({"content_weight": -1.0}, ["content_weight", "-1.0"]),
        ({"learning_rate": "fast"}, ["learning_rate", "'fast'"]),
        ({"recipe": "moments", "reconstruct": "style", "style_weight": 0}, ["All weights are 0"]),
        ({"content_layers": {"block9_conv9": 1.0}}, ["content_layers", "block9_conv9"]),
        ({"style_layers": {"conv1": 1.0}}, ["style_layers", "'conv1'", "block1_conv1"]),
    ],
)
def test_bad_recipe(backbone: Backbone, changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(RecipeError) as caught:
        stylize(CONTENT, STYLE, backbone=backbone, **changes)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    "style",
    [
        [],
        [(STYLE, 0.0)],
        [(STYLE, -1.0), (STYLE, 2.0)],
        [(STYLE, math.nan)],
        [(STYLE, math.inf)],
        [(STYLE, 1e308), (STYLE, 1e308)],
        [(STYLE, "1")],
        [CHURCH, CAT],
        (STYLE, 1.0),
    ],
    ids=["none", "zero", "negative", "nan", "inf", "huge", "text", "bare", "one pair"],
)
def test_bad_styles(backbone: Backbone, style: Any) -> None:
    with pytest.raises(RecipeError, match=r"[Ss]tyle"):
        stylize(CONTENT, style, QUICK, backbone)


def test_bad_images(backbone: Backbone, tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    for bad in (tmp_path / "missing.png", text, CONTENT.astype(float), None, 5):
        with pytest.raises(ImageError, match="content image"):
            stylize(bad, STYLE, QUICK, backbone)  # type: ignore[arg-type]
        with pytest.raises(ImageError, match="style image"):
            stylize(CONTENT, [(STYLE, 1.0), (bad, 1.0)], QUICK, backbone)  # type: ignore[list-item]


def test_unknown_backbone() -> None:
    with pytest.raises(BackboneError, match="'resnet'"):
        stylize(CONTENT, STYLE, QUICK, "resnet")


def test_given_arrays_are_left_alone(run: Callable) -> None:
    content, style = CONTENT.copy(), STYLE.copy()
    run(content=content, style=style)
    np.testing.assert_array_equal(content, CONTENT)
    np.testing.assert_array_equal(style, STYLE)
