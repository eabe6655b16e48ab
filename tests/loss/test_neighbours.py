"""Neighbours: known answers in float64, and what thinning out leaves."""

from typing import Any

import numpy as np
import pytest
from helpers import CHURCH, noise, photo

from nst_core import RECIPES, Backbone, Objective
from nst_core.loss.comparisons import COMPARISONS
from nst_core.loss.neighbours import gathered, nearest_distances
from nst_core.network.tensorflow import tf

RANDOM = np.random.default_rng(3)
PICTURE, STYLE = RANDOM.uniform(-1, 1, (1, 20, 7)), RANDOM.uniform(-1, 1, (1, 30, 7))
PLAIN = RECIPES["studio"].changed(
    precision="float32",
    content_weight=0.0,
    palette_weight=0.0,
    variation_weight=0.0,
    style_weight=1.0,
    style_layers={"block1_conv2": 1.0, "block2_conv1": 0.5},
)
"""The neighbours alone, in two layers."""


def in_float64(picture: np.ndarray, style: np.ndarray, share: Any, centred: float) -> float:
    """Mean 1 − cosine to the nearest, from the printed formula."""
    weights = np.ones(len(picture)) if share is None else share
    picture = picture - centred * np.average(picture, axis=0, weights=weights)
    style = style - centred * style.mean(0)
    cosines = (picture @ style.T) / np.outer(
        np.linalg.norm(picture, axis=1), np.linalg.norm(style, axis=1)
    )
    return float(np.average(1 - cosines.max(axis=1), weights=weights))


@pytest.mark.parametrize("centred", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_distance_against_numpy(centred: float, weighted: bool) -> None:
    share = RANDOM.uniform(0, 1, 20) if weighted else None
    given = None if share is None else tf.constant(share[None], tf.float32)
    found = nearest_distances(float32(PICTURE), float32(STYLE), given, centred).numpy()
    assert found == pytest.approx([in_float64(PICTURE[0], STYLE[0], share, centred)], rel=1e-5)


def test_a_batch_has_a_style_each_or_one_together() -> None:
    pictures = np.concatenate([PICTURE, -PICTURE])
    expected = [in_float64(each, STYLE[0], None, 0.0) for each in pictures]
    for style in (STYLE, np.concatenate([STYLE, STYLE])):
        found = nearest_distances(float32(pictures), float32(style), None, 0.0).numpy()
        assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("centred", [0.0, 0.5, 1.0])
def test_what_is_the_style_itself_has_no_distance(centred: float) -> None:
    found = nearest_distances(float32(STYLE[:, ::-1]), float32(STYLE), None, centred)
    assert float(found[0]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("centred", [0.0, 0.5, 1.0])
def test_gradient_by_finite_differences_with_the_choice_held(centred: float) -> None:
    picture = float32(PICTURE)
    with tf.GradientTape() as tape:
        tape.watch(picture)
        distance = nearest_distances(picture, float32(STYLE), None, centred)
    gradient = tape.gradient(distance, picture).numpy()[0]
    for position, channel in ((0, 0), (7, 3), (19, 6)):
        step = np.zeros_like(PICTURE[0])
        step[position, channel] = 1e-5
        rise = [in_float64(PICTURE[0] + sign * step, STYLE[0], None, centred) for sign in (1, -1)]
        assert gradient[position, channel] == pytest.approx((rise[0] - rise[1]) / 2e-5, abs=1e-5)


def test_activations_of_nothing_are_no_trouble() -> None:
    """A black picture's, and a style's."""
    nothing = tf.zeros((1, 5, 7))
    for picture, style in ((nothing, float32(STYLE)), (float32(PICTURE), nothing)):
        with tf.GradientTape() as tape:
            tape.watch(picture)
            distance = nearest_distances(picture, style, None, 0.0)
        assert float(distance[0]) == pytest.approx(1)
        assert np.isfinite(tape.gradient(distance, picture).numpy()).all()


def test_positions_are_numbered_row_by_row_in_each_image() -> None:
    maps = RANDOM.uniform(0, 1, (2, 3, 4, 5)).astype(np.float32)
    found = gathered(tf.constant(maps), tf.constant([0, 5, 11])).numpy()
    np.testing.assert_array_equal(found[:, :, 0], maps.reshape(2, 12, 5)[:, [0, 5, 11]])


def test_a_picture_that_is_the_style_has_neighbours_of_distance_0(backbone: Backbone) -> None:
    """At a size at which every position is looked at."""
    style = photo(CHURCH, 40, 36)
    losses, gradient = Objective(style, style, PLAIN, backbone).value_and_gradient(style)
    assert losses.total == losses.style == pytest.approx(0, abs=1e-5)
    assert np.abs(gradient).max() < 1e-6


def test_the_loss_of_an_image_against_numpy(backbone: Backbone) -> None:
    image, style = noise(32, 48, 1), photo(CHURCH, 40, 36)
    expected = 0.0
    for layer, weight in PLAIN.style_layers.items():
        maps = [
            backbone.activations(tf.constant(each[None], tf.float32), [layer], "max", "reflect")
            for each in (image, style)
        ]
        one, other = (
            each[layer].numpy().astype(np.float64).reshape(-1, each[layer].shape[-1])
            for each in maps
        )
        expected += weight * in_float64(one, other, None, 0.5)
    assert Objective(image, style, PLAIN, backbone)(image).style == pytest.approx(
        expected, rel=1e-4
    )


def test_other_positions_at_each_step_and_the_same_for_a_seed(backbone: Backbone) -> None:
    image, style = noise(96, 112, 1), photo(CHURCH, 100, 90)
    one, same, other = (
        Objective(image, style, PLAIN.changed(seed=seed), backbone) for seed in (0, 0, 1)
    )
    steps = [one.value_and_gradient(image, step)[0].total for step in range(3)]
    assert steps == [same.value_and_gradient(image, step)[0].total for step in range(3)]
    assert len({*steps, other.value_and_gradient(image, 0)[0].total}) == 4
    assert max(steps) == pytest.approx(min(steps), rel=0.1)


@pytest.mark.parametrize(
    ("width", "height", "times"), [(64, 64, 1), (512, 512, 1), (1024, 512, 2), (4096, 2304, 8)]
)
def test_of_a_large_picture_more_positions_are_looked_at(
    width: int, height: int, times: int
) -> None:
    neighbours = COMPARISONS["neighbours"]
    assert neighbours.thinned == 48 * 48  # of the style
    assert neighbours.looked_at(width * height) == times * 48 * 48


def float32(values: np.ndarray) -> Any:
    return tf.constant(np.ascontiguousarray(values), tf.float32)
