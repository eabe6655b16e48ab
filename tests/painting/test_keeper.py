"""Which picture of a size is kept, and when there can't be another."""

import math

import pytest

from nst_core import Losses, RecipeError
from nst_core.network.tensorflow import Tensor, tf
from nst_core.painting.keeper import Keeper, Picture

BEFORE = 7
"""Steps of earlier sizes."""


def image(value: float) -> Tensor:
    return tf.fill([1, 16, 16, 3], value)


def losses(total: float) -> Losses:
    return Losses(total, content=total)


def keeper(best: bool = False, before: int = BEFORE) -> Keeper:
    return Keeper(Picture(image(0.0), Losses.unmeasured(["content"]), before), best)


@pytest.mark.parametrize(("best", "kept"), [(True, 1.0), (False, 3.0)])
def test_the_best_or_the_last_one_is_kept(best: bool, kept: float) -> None:
    pictures = keeper(best)
    for step, total in enumerate((2.0, 1.0, 3.0), start=1):
        pictures.take(image(total), losses(total), step)
    assert pictures.now.losses.total == 3.0
    assert (pictures.result.losses.total, pictures.result.step) == (kept, BEFORE + 3)


@pytest.mark.parametrize(("value", "total"), [(1.0, math.nan), (1.0, math.inf), (math.nan, 1.0)])
def test_what_is_no_number_is_not_kept_and_ends_the_run(value: float, total: float) -> None:
    pictures = keeper()
    pictures.take(image(5.0), losses(5.0), 1)
    pictures.take(image(value), losses(total), 2)
    assert pictures.over
    assert pictures.message.startswith("The loss stopped being a finite number at step 9;")
    assert (pictures.now.losses.total, pictures.result.step) == (5.0, BEFORE + 1)


def test_a_size_that_begins_badly_keeps_what_it_began_with() -> None:
    pictures = keeper()
    pictures.take(image(1.0), losses(math.nan), 1)
    assert pictures.over
    assert pictures.result.step == BEFORE


def test_a_run_that_begins_badly_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"^Nothing was painted: the loss was no finite number"):
        keeper(before=0).take(image(1.0), losses(math.nan), 1)
