"""What the style asks for: of several styles, of the places that were chosen, at each step."""

from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, STUDIO, noise, photo

from nst_core import Backbone, Objective, RecipeError
from nst_core.loss.neighbours import POOL
from nst_core.loss.terms import LAYOUT
from nst_core.network.tensorflow import tf
from nst_core.objective import targets as module
from nst_core.objective.graph import Graph, as_a_whole
from nst_core.objective.regions import Region
from nst_core.objective.targets import LEAST, Pools, StyleTargets, looks_of

CONTENT, STYLE, OTHER = photo(CAT, 48, 64), photo(CHURCH, 64, 48), noise(40, 56, 3)
IMAGE = noise(48, 64, 5)
PHASES = pytest.mark.parametrize("phase", ["layout", "detail"])


@PHASES
def test_the_same_style_twice_is_that_style_once(backbone: Backbone, phase: str) -> None:
    once, twice = (
        Objective(CONTENT, styles, STUDIO, backbone, phase=phase)(IMAGE)
        for styles in (STYLE, [(STYLE, 0.3), (STYLE.copy(), 0.7)])
    )
    assert twice == pytest.approx(once, rel=1e-6)


@PHASES
def test_the_order_of_styles_does_not_matter(backbone: Backbone, phase: str) -> None:
    one, other = (
        Objective(CONTENT, styles, STUDIO, backbone, phase=phase).value_and_gradient(IMAGE, 3)
        for styles in ([(STYLE, 1.0), (OTHER, 0.4)], [(OTHER, 0.4), (STYLE, 1.0)])
    )
    assert one[0] == other[0]
    np.testing.assert_array_equal(one[1], other[1])


@PHASES
def test_a_style_without_weight_is_not_looked_at(backbone: Backbone, phase: str) -> None:
    plain, mixed = (
        Objective(CONTENT, styles, STUDIO, backbone, phase=phase)(IMAGE)
        for styles in (STYLE, [(STYLE, 2.0), (OTHER, 0.0)])
    )
    assert mixed == plain


def test_with_more_styles_no_position_is_farther_from_its_neighbour(backbone: Backbone) -> None:
    """Each may choose among all, and here all positions are looked at."""
    alone, both = (
        Objective(CONTENT, styles, STUDIO, backbone)(IMAGE).style
        for styles in (STYLE, [(STYLE, 1.0), (OTHER, 1.0)])
    )
    assert both < alone


def test_quarter_turns_are_looked_at_as_styles_of_the_same_weight() -> None:
    looks = looks_of([(STYLE, 2.0), (OTHER, 1.0)], turned=True)
    assert sorted(look.weight for look in looks) == [1.0] * 4 + [2.0] * 4
    found = {look.pixels.numpy().tobytes() for look in looks}
    expected = (np.rot90(style, k).astype(np.float32) for style in (STYLE, OTHER) for k in range(4))
    assert found == {np.ascontiguousarray(each[None]).tobytes() for each in expected}


def test_each_step_looks_at_another_part_of_the_pool() -> None:
    numbers = tf.reshape(tf.range(POOL * 100, dtype=tf.float32), [1, -1, 1, 1])
    pools = Pools({"style": {"a": (numbers,), "few": (numbers[:, :70],)}}, {"style": 100})
    seen = set()
    for step in range(40):
        found = pools.thinned(np.random.default_rng(step))["style"]
        assert found["few"][0].shape[1] == 70  # no more than a step looks at
        part = found["a"][0].numpy().ravel()
        assert len(part) == 100
        assert len({*np.diff(part)}) == 1
        seen.add(part[0])
    assert seen == {0.0, 1.0, 2.0, 3.0}


def test_moments_of_the_chosen_places_against_numpy(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mean and covariance of the style's first maps, each position as often as it was chosen."""
    times = np.random.default_rng(1).uniform(0, 3, (64, 48)).astype(np.float32)
    monkeypatch.setattr(module, "choices", lambda *_: [times])
    recipe = STUDIO.changed(
        content_weight=0.0, style_weight=0.0, palette_layers={"block1_conv1": 1.0}
    )
    graph = Graph.of(recipe, backbone)
    made = StyleTargets(graph, as_a_whole, recipe)
    content = tf.constant(CONTENT[None], tf.float32)
    found, _ = made.of([Region(STYLE)], content, content)
    weights = times.astype(np.float64) / times.mean() + LEAST
    maps = backbone.activations(
        tf.constant(STYLE[None], tf.float32), ["block1_conv1"], "max", "reflect"
    )["block1_conv1"]
    flat = maps.numpy().astype(np.float64).reshape(-1, 64)
    mean = np.average(flat, axis=0, weights=weights.ravel())
    covariance = np.cov(flat.T, aweights=weights.ravel(), bias=True)
    (target,) = found["palette"]["block1_conv1"]
    scale = np.abs(covariance).max()
    np.testing.assert_allclose(target[0, :, :-1], covariance, atol=1e-4 * scale)
    np.testing.assert_allclose(target[0, :, -1], mean, rtol=1e-3, atol=1e-2)


def test_a_plain_ground_asks_for_the_plain_places_of_a_style(backbone: Backbone) -> None:
    """A style of white paper and a black scrawl, a photograph that is white: hardly any black."""
    paper = np.full((64, 64, 3), 240, np.uint8)
    paper[:, 40:] = noise(64, 24, 2) // 8
    white = np.full((48, 64, 3), 250, np.uint8)
    recipe = STUDIO.changed(content_weight=0.0, style_weight=0.0, variation_weight=0.0)
    chosen, whole = (
        Objective(white, paper, recipe.changed(palette_comparison=name), backbone)(white).palette
        for name in ("chosen-moments", "moments")
    )
    assert chosen < whole / 4


def test_images_of_a_batch_have_targets_of_their_own(backbone: Backbone) -> None:
    contents, images = (np.stack([noise(48, 64, s), photo(CAT, 48, 64)]) for s in (1, 3))
    both = Objective(contents, STYLE, STUDIO, backbone, phase=LAYOUT)(images)
    alone = [
        Objective(content, STYLE, STUDIO, backbone, phase=LAYOUT)(image)
        for content, image in zip(contents, images, strict=True)
    ]
    for name, value in both.items():
        assert value == pytest.approx(np.mean([losses[name] for losses in alone]), rel=1e-4)


@PHASES
@pytest.mark.parametrize("style", [np.full((16, 16, 3), 255, np.uint8), noise(16, 300, 1)])
def test_styles_of_one_colour_and_narrow_ones(backbone: Backbone, phase: str, style: Any) -> None:
    losses, gradient = Objective(CONTENT, style, STUDIO, backbone, phase=phase).value_and_gradient(
        IMAGE
    )
    assert np.isfinite(losses.total)
    assert np.isfinite(gradient).all()


def test_weights_that_leave_no_style_are_refused() -> None:
    with pytest.raises(RecipeError, match="style weights"):
        looks_of([(STYLE, 0.0)])
