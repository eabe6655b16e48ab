"""stylize(): how a run ends, also when a loss or the memory gives out."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from painting.evaluations import ONE_PHASE, TWO_SIZES, Change, Evaluations, check_same, pixels
from scipy.optimize import minimize

from nst_core import OutOfMemoryError, RecipeError
from nst_core.network.tensorflow import tf

pytestmark = pytest.mark.usefixtures("no_clock")


@pytest.mark.parametrize("weight", [1e39, 1e300])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    ("recipe", "field"), [("moments", "style_weight"), ("studio", "layout_weight")]
)
def test_loss_that_overflows_at_once_is_refused(
    recipe: str, field: str, optimizer: str, weight: float, run: Callable
) -> None:
    """The photograph as it was is no result."""
    changes = {"size": 48, "steps": 4, "precision": "float32", field: weight}
    with pytest.raises(RecipeError, match=r"^Nothing was painted: .* finite .* smaller weight"):
        run(recipe, optimizer=optimizer, **changes)


def not_finite_from(number: int, value: float) -> Change:
    return lambda count, losses, gradient: (losses * (value if count >= number else 1.0), gradient)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_loss_that_stops_being_finite_ends_the_run(
    optimizer: str, value: float, run: Callable, evaluations: Evaluations
) -> None:
    evaluations.report = not_finite_from(4, value)
    frames = run(optimizer=optimizer, steps=20)
    assert evaluations.count == 4
    assert "finite" in frames[-1].message
    assert [frame.final for frame in frames].count(True) == 1
    assert all(math.isfinite(frame.losses.total) for frame in frames)
    check_same(frames[-1], frames[-2])


def take_all_memory(_number: int, losses: Any, gradient: Any) -> tuple[Any, Any]:
    """TensorFlow itself is asked for 2⁴⁷ bytes, which no machine gives."""
    return losses, gradient + tf.zeros([2**45])


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_memory_that_runs_out_ends_the_run_with_a_sentence(
    optimizer: str, run: Callable, evaluations: Evaluations
) -> None:
    honest, evaluations.report = evaluations.report, take_all_memory
    with pytest.raises(
        OutOfMemoryError, match="memory ran out at 48 × 32 px; a smaller size may fit"
    ):
        run(optimizer=optimizer)
    evaluations.report = honest
    assert run(optimizer=optimizer)[-1].final


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize("number", [1, 2, 4])
def test_gradient_that_is_not_finite_never_reaches_the_picture(
    optimizer: str, number: int, run: Callable, evaluations: Evaluations
) -> None:
    """Also in the last of the four steps, after which only the result is measured."""

    def report(count: int, losses: Any, gradient: Any) -> tuple[Any, Any]:
        return losses, gradient * (math.nan if count >= number else 1.0)

    evaluations.report = report
    final = run(optimizer=optimizer)[-1]
    assert final.final
    assert math.isfinite(final.losses.total)
    assert optimizer == "lbfgs" or "finite" in final.message


def test_losses_that_end_at_the_coarse_size(run: Callable, evaluations: Evaluations) -> None:
    evaluations.report = not_finite_from(2, math.nan)
    final = run(TWO_SIZES)[-1]
    assert final.final
    assert final.image.size == (32, 22)


def test_large_learning_rate_ends_in_a_picture_whatever_happens(run: Callable) -> None:
    final = run(learning_rate=1e6, clip=False, steps=8)[-1]
    assert final.final
    assert math.isfinite(final.losses.total) or final.message


def test_abnormal_end_of_lbfgs_is_told(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def abnormal(*arguments: Any, **options: Any) -> Any:
        result = minimize(*arguments, **options)
        result.update(status=2, nit=0, message="ABNORMAL")
        return result

    monkeypatch.setattr("scipy.optimize.minimize", abnormal)
    frames = run(optimizer="lbfgs", round_steps=4, steps=200)
    assert "abnormal" in frames[-1].message
    assert frames[-1].final
    assert frames[-1].step < 200
    assert frames[-1].losses.total == min(frame.losses.total for frame in frames)


def praise_the_third(count: int, losses: Any, gradient: Any) -> tuple[Any, Any]:
    return losses * (1e-3 if count == 3 else 1.0), gradient


def test_best_picture_is_kept_where_the_recipe_says_so(
    run: Callable, evaluations: Evaluations
) -> None:
    evaluations.report = praise_the_third
    frames = run(ONE_PHASE, keep_best=True, steps=6)
    check_same(frames[-1], frames[2])
    assert frames[-1].losses == frames[2].losses
    assert frames[-1].step == 6


def test_last_picture_counts_where_the_recipe_does_not_say_so(
    run: Callable, evaluations: Evaluations
) -> None:
    evaluations.report = praise_the_third
    frames = run(ONE_PHASE, keep_best=False, steps=6)
    assert not np.array_equal(pixels(frames[-1]), pixels(frames[2]))
