"""What a person may choose: several styles, colours of their own, and how large strokes are."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, MOMENTS, STUDIO, noise, photo

from nst_core import RECIPES, Backbone, Frame, Recipe, RecipeError, Style, stylize
from nst_core.images.own_colours import YIQ
from nst_core.recipe.recipe import STROKES

CONTENT, STYLE = photo(CAT, 32, 48), photo(CHURCH, 70, 56)
OTHER = noise(50, 60, seed=3)
QUICK = STUDIO.changed(size=48, steps=4)


@pytest.fixture
def run(backbone: Backbone) -> Callable[..., list[Frame]]:
    def run(**changes: Any) -> list[Frame]:
        return list(stylize(CONTENT, STYLE, QUICK, backbone, **changes))

    return run


def chroma(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(float) @ YIQ[1:].T


def test_luminance_keeps_the_photographs_colours_in_every_frame(run: Callable) -> None:
    frames = run(keep_colours="luminance")
    assert np.abs(np.asarray(frames[-1].image).astype(int) - CONTENT).max() > 10
    for frame in frames:
        pixels = np.asarray(frame.image)
        within = ((pixels > 0) & (pixels < 255)).all(axis=2)
        assert within.mean() > 0.5
        assert np.abs(chroma(pixels) - chroma(CONTENT))[within].max() <= 1.0


def test_matched_colours_bring_the_picture_nearer_to_the_photographs(run: Callable) -> None:
    plain, matched = (run(keep_colours=name, steps=12)[-1].image for name in ("none", "matched"))
    far, near = (
        np.abs(np.mean(np.asarray(each) - CONTENT.mean((0, 1)), axis=(0, 1))).max()
        for each in (plain, matched)
    )
    assert near < far / 2


def test_a_share_of_nothing_is_the_plain_run(run: Callable) -> None:
    plain = run()[-1].image
    for name in ("luminance", "matched"):
        assert run(keep_colours=name, keep_colours_share=0.0)[-1].image == plain


def test_brush_size_scales_the_style_image_alone() -> None:
    generated = (64, 48)
    sizes = {
        brush: STUDIO.changed(brush_size=brush).style_size((300, 200), generated)
        for brush in (0.5, 1.0, 2.0)
    }
    width, height = sizes[1.0]
    assert sizes[0.5] == (round(width / 2), round(height / 2))
    assert sizes[2.0] == (2 * width, 2 * height)
    assert STUDIO.changed(brush_size=2.0).generated_size((300, 200)) == STUDIO.generated_size(
        (300, 200)
    )


def test_a_brush_beyond_the_styles_own_pixels_is_told(run: Callable) -> None:
    assert "enlarged" not in run()[-1].message
    small = photo(CHURCH, 40, 32)
    frames = stylize(CONTENT, small, QUICK, "embedded", brush_size=2.0)
    assert "had to be enlarged 2.2 times" in list(frames)[-1].message


def test_each_style_may_have_a_brush_of_its_own(run: Callable, backbone: Backbone) -> None:
    """A brush on a style is that of the recipe, where there is one style alone."""
    recipe_s = run(brush_size=0.5)[-1].image
    own = list(stylize(CONTENT, [Style(STYLE, brush=0.5)], QUICK, backbone))[-1].image
    assert own == recipe_s
    both = [Style(STYLE, 0.5, brush=0.5), Style(STYLE, 0.5)]
    mixed = list(stylize(CONTENT, both, QUICK, backbone))[-1].image
    assert mixed not in (recipe_s, run()[-1].image)


def test_a_brush_that_can_not_be() -> None:
    with pytest.raises(RecipeError, match=r"brush must be a number from 0\.25 to 2, not 3"):
        Style(STYLE, brush=3)
    with pytest.raises(RecipeError, match=r"brush must be a number from 0\.25 to 2, not 2\.25"):
        stylize(CONTENT, [Style(STYLE, brush=1.5)], QUICK, brush_size=1.5)


# Several styles


def test_a_style_of_all_the_weight_is_the_run_of_it_alone(
    run: Callable, backbone: Backbone
) -> None:
    alone = run()[-1].image
    for mix in ([(STYLE, 1.0)], [(STYLE, 1.0), (OTHER, 0.0)], [(STYLE, 0.5), (STYLE, 0.5)]):
        assert list(stylize(CONTENT, mix, QUICK, backbone))[-1].image == alone


@pytest.mark.parametrize("start", ["content", "style"])
@pytest.mark.parametrize("recipe", [STUDIO, MOMENTS], ids=["studio", "moments"])
def test_the_order_of_styles_does_not_matter(
    backbone: Backbone, recipe: Recipe, start: str
) -> None:
    recipe = recipe.changed(size=48, steps=4, start=start)
    mix = [(STYLE, 0.5), (OTHER, 0.2), (CONTENT, 0.3)]
    one, other = (
        np.asarray(list(stylize(CONTENT, each, recipe, backbone))[-1].image).astype(int)
        for each in (mix, mix[::-1])
    )
    assert np.abs(one - other).max() <= 1


@pytest.mark.parametrize(
    ("weights", "told"),
    [((1.0, -0.5), "not -0.5"), ((0.0, 0.0), "at least one"), ((-1.0, 1.0), "not -1.0")],
)
def test_weights_of_styles_that_can_not_be(weights: tuple[float, float], told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        stylize(CONTENT, list(zip((STYLE, OTHER), weights, strict=True)), QUICK)


# Strokes


@pytest.mark.parametrize("name", RECIPES)
def test_strokes_shift_the_layers_and_keep_their_sum(name: str) -> None:
    recipe = RECIPES[name]
    assert recipe.changed(strokes="balanced") == recipe
    own, *_ = layers = [
        recipe.changed(strokes=each).style_layers for each in ("balanced", "fine", "coarse")
    ]
    for each in layers:
        assert each.keys() == own.keys()
        assert sum(each.values()) == pytest.approx(sum(own.values()))
    first, last = min(own), max(own)
    balanced, fine, coarse = (each[first] / each[last] for each in layers)
    assert (fine > balanced > coarse) or first == last


def test_strokes_go_on_top_of_other_changes() -> None:
    layers = {"block1_conv1": 3.0, "block2_conv1": 1.0}
    changed = STUDIO.changed(style_layers=layers, strokes="coarse", style_strength=5)
    assert (changed.style_weight, changed.style_strength) == (STUDIO.style_weight, 5)
    ratio = changed.style_layers["block2_conv1"] / changed.style_layers["block1_conv1"]
    assert ratio == pytest.approx(STROKES["coarse"] / 3)


def test_strokes_that_are_not_there() -> None:
    with pytest.raises(RecipeError, match="strokes must be one of fine, balanced, coarse"):
        STUDIO.changed(strokes="bold")
