"""A term as a value: added in one place, seen in losses, chart, settings and by its flat names."""

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, MOMENTS, noise, photo
from PIL import Image

from nst_core import RECIPES, Backbone, Losses, Objective, RecipeError, stylize
from nst_core.images.saving import save_png
from nst_core.loss.comparison import IMAGE, WholeMaps
from nst_core.loss.comparisons import COMPARISONS
from nst_core.loss.scalings import mean
from nst_core.loss.terms import Term
from nst_core.page.look.curves import LossCurve
from nst_core.painting.settings import read_settings, recipe_of, settings_of, to_text
from nst_core.painting.style import OpenedStyle


def mean_colour(maps: Any) -> Any:
    """B×3."""
    from nst_core.network.tensorflow import tf

    return tf.reduce_mean(maps, axis=[1, 2])


@pytest.fixture
def with_tint(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a recipe with a term of its own: the picture's mean colour is the style's."""
    colour = WholeMaps(
        label="Mean colour",
        subjects=("style",),
        target="style",
        scaling=mean,
        statistic=mean_colour,
    )
    monkeypatch.setitem(COMPARISONS, "mean-colour", colour)
    tint = Term(name="tint", weight=0.5, layers={IMAGE: 1.0}, comparison="mean-colour")
    terms = (*MOMENTS.terms, tint)
    changes = {"name": "tinted", "story": "One more term.", "source": "Here.", "terms": terms}
    monkeypatch.setitem(RECIPES, "tinted", MOMENTS.changed(**changes))
    return "tinted"


def test_a_new_term_is_seen_everywhere(with_tint: str, backbone: Backbone, tmp_path: Path) -> None:
    content, style = Image.fromarray(photo(CAT, 32, 48)), Image.fromarray(photo(CHURCH, 48, 32))
    run = stylize(content, style, with_tint, backbone, size=48, steps=3, tint_weight=2.0)
    curve = LossCurve()
    for frame in run:
        curve.add(frame.step, frame.losses)
    colours = [np.array(image, float).mean((0, 1)) for image in (frame.image, style)]
    expected = 2.0 * float(((colours[0] - colours[1]) ** 2).mean())
    assert frame.losses.tint == pytest.approx(expected, rel=0.1)  # pixels are rounded, styles sized
    assert "tint" in {term for _, _, term in curve.points()}
    save_png(
        frame.image,
        tmp_path / "out.png",
        to_text(settings_of(frame, content, [OpenedStyle(style)])),
    )
    settings = read_settings(tmp_path / "out.png")
    assert settings.changes["tint_weight"] == 2.0
    assert recipe_of(settings) == frame.recipe


def test_flat_names_read_and_change_a_term() -> None:
    assert MOMENTS.style_weight == {term.name: term.weight for term in MOMENTS.terms}["style"]
    changed = MOMENTS.changed(style_weight=3.0, content_layers={"block2_conv1": 1.0})
    assert (changed.style_weight, changed.content_layers) == (3.0, {"block2_conv1": 1.0})
    assert MOMENTS.style_weight != 3.0


@pytest.mark.parametrize("name", ["style_colour", "stylish_weight", "_weight", "weight"])
def test_other_names_are_no_fields(name: str) -> None:
    with pytest.raises(AttributeError):
        getattr(MOMENTS, name)
    with pytest.raises(RecipeError, match="has no field"):
        MOMENTS.changed(**{name: 1.0})


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("style_comparison", "median", "gram-relative, .*moments, .*neighbours, "),
        ("content_comparison", None, "activations-relative, activations-mean, activations-sum"),
        ("variation_comparison", "none", "variation, variation-chollet, roughness"),
        ("variation_weight", -1.0, "of 0 or more"),
    ],
)
def test_a_term_refuses_what_can_not_work(field: str, value: Any, allowed: str) -> None:
    with pytest.raises(RecipeError, match=f"^{field} must be .*{allowed}"):
        MOMENTS.changed(**{field: value})


@pytest.mark.parametrize(
    ("field", "comparison"),
    [
        ("style_comparison", "activations-relative"),
        ("style_comparison", "roughness-ratio"),
        ("content_comparison", "gram-relative"),
        ("variation_comparison", "moments"),
    ],
)
def test_a_comparison_stays_with_the_subject_of_its_term(field: str, comparison: str) -> None:
    """So a style is not compared place by place: a style image has other places."""
    assert comparison in COMPARISONS
    with pytest.raises(RecipeError, match=f"^{field} must be one of .*, not '{comparison}'"):
        MOMENTS.changed(**{field: comparison})


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_can_be_sent_elsewhere(name: str) -> None:
    assert pickle.loads(pickle.dumps(RECIPES[name])) == RECIPES[name]


def test_a_batch_has_the_mean_of_its_images_losses(backbone: Backbone) -> None:
    contents, images = (np.stack([noise(32, 48, seed=s + k) for k in (0, 1)]) for s in (1, 3))
    style = noise(40, 32, seed=5)
    both = Objective(contents, style, MOMENTS, backbone)
    alone = [Objective(content, style, MOMENTS, backbone) for content in contents]
    expected = [objective(image) for objective, image in zip(alone, images, strict=True)]
    for name, value in both(images).items():
        assert value == pytest.approx(np.mean([losses[name] for losses in expected]), rel=1e-4)
    _, gradient = both.value_and_gradient(images)
    _, first = alone[0].value_and_gradient(images[0])
    assert gradient.shape == images.shape
    np.testing.assert_allclose(2 * gradient[0], first, atol=1e-3 * np.abs(first).max())


def test_losses_are_a_mapping_with_attributes() -> None:
    losses = Losses(6.0, content=1.0, style=2.0, variation=3.0)
    assert list(losses) == ["total", "content", "style", "variation"]
    assert (losses.total, losses["style"], losses.variation) == (6.0, 2.0, 3.0)
    assert losses == {"total": 6.0, "content": 1.0, "style": 2.0, "variation": 3.0}
    assert pickle.loads(pickle.dumps(losses)) == losses
    with pytest.raises(AttributeError, match="no loss 'tint'"):
        _ = losses.tint


def test_losses_before_anything_is_measured() -> None:
    losses = Losses.unmeasured(["content", "style"])
    assert list(losses) == ["total", "content", "style"]
    assert all(map(math.isnan, losses.values()))
