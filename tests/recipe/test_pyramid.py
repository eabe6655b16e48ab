"""The pyramid of a picture: put together again, and its gradient."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nst_core.network.tensorflow import tf
from nst_core.recipe.adam import Adam
from nst_core.recipe.pyramid import composed, decomposed, gradients_of_levels

RANDOM = np.random.default_rng(2)


@pytest.mark.parametrize("size", [(16, 16), (37, 50), (3, 129), (1, 1)])
def test_what_is_taken_apart_is_put_together(size: tuple[int, int]) -> None:
    image = picture(size)
    levels = decomposed(image)
    np.testing.assert_allclose(composed(levels), image, atol=1e-3)
    assert max(levels[-1].shape[1:3]) <= 2
    for finer, coarser in pairwise(levels):
        halves = [max(side // 2, 1) for side in finer.shape[1:3]]
        assert list(coarser.shape[1:3]) == halves


def test_a_picture_of_one_colour_is_in_its_last_level() -> None:
    *finer, last = decomposed(tf.fill((1, 40, 24, 3), 93.0))
    assert all(np.abs(level).max() == 0 for level in finer)
    assert np.unique(last) == 93


def test_no_levels_are_the_picture_itself() -> None:
    image = picture((20, 30))
    assert [*decomposed(image, 0)] == [image]
    assert gradients_of_levels([image], image) == [image]


def test_gradients_of_levels_are_those_of_what_each_number_adds() -> None:
    """Composing is linear: a level's gradient is how the image's changes with each number in it."""
    levels, gradient = decomposed(picture((9, 14))), picture((9, 14)).numpy()
    found = gradients_of_levels(levels, tf.constant(gradient))
    for number, (row, column) in ((0, (3, 5)), (1, (0, 6)), (len(levels) - 1, (0, 0))):
        step = [np.zeros(level.shape, np.float32) for level in levels]
        step[number][0, row, column, 1] = 1
        expected = (composed([*map(tf.constant, step)]).numpy() * gradient).sum()
        assert float(found[number][0, row, column, 1]) == pytest.approx(expected, rel=1e-4)


def test_adam_moves_a_whole_area_in_one_step_and_stays_within_range() -> None:
    """Each level moves by the learning rate, so an even gradient moves pixels by all of them."""
    image, rate = tf.fill((1, 32, 32, 3), 100.0), 3.0
    levels = len(decomposed(image))

    def evaluate(image: Any, _step: int) -> tuple[Any, Any]:
        return tf.constant([0.0]), tf.ones_like(image)

    plain = Adam(rate).start(image, evaluate, 1)
    whole = Adam(rate, pyramid=True).start(image, evaluate, 1)
    bounded = Adam(40.0, pyramid=True, clip=True).start(image, evaluate, 1)
    for descent in (plain, whole, bounded):
        descent.step()
    np.testing.assert_allclose(plain.ahead, 97.0, atol=1e-3)
    np.testing.assert_allclose(whole.ahead, 100.0 - rate * levels, atol=1e-2)
    np.testing.assert_allclose(bounded.ahead, 0.0, atol=1e-3)


def picture(size: tuple[int, int]) -> Any:
    return tf.constant(RANDOM.uniform(0, 255, (1, *size, 3)), tf.float32)
