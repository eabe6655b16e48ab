"""Adam against Keras's and NumPy; L-BFGS against SciPy's; both on losses with known answers."""

import math
import threading
from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from nst_core import RecipeError
from nst_core.network.tensorflow import tf
from nst_core.recipe.adam import Adam
from nst_core.recipe.descent import Evaluate, Optimizer
from nst_core.recipe.lbfgs import LBFGS
from nst_core.recipe.optimizers import OPTIMIZERS, find_optimizer

SHAPE = (1, 5, 4, 3)
RANDOM = np.random.default_rng(0)
START = RANDOM.uniform(0, 255, SHAPE).astype(np.float32)
CURVATURE = RANDOM.uniform(0.5, 50, SHAPE)
BOTTOM = RANDOM.uniform(60, 200, SHAPE)


def tensor(array: Any) -> Any:
    return tf.constant(array, tf.float32)


class Quadratic:
    """scale · Σ c·(x − bottom)² / 2; notes every point where it was measured."""

    def __init__(self, scale: float = 1.0, bottom: np.ndarray = BOTTOM) -> None:
        self.scale = scale
        self.bottom = bottom
        self.points: list[np.ndarray] = []

    def __call__(self, image: Any, _step: int = 0) -> tuple[Any, Any]:
        self.points.append(image.numpy())
        total, gradient = self.exact(image.numpy().astype(np.float64))
        return tensor([total, 0, 0, 0]), tensor(gradient)

    def exact(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        away = x - self.bottom
        gradient = self.scale * CURVATURE * away
        return float((gradient * away).sum() / 2), gradient


def given(gradients: Sequence[np.ndarray]) -> Evaluate:
    """A loss whose gradient is the next of `gradients`, wherever it is measured."""
    rest = iter(gradients)
    return lambda _image, _step: (tf.zeros([4]), tensor(next(rest)))


def iterates(settings: Optimizer, evaluate: Evaluate, steps: int) -> list[np.ndarray]:
    descent = settings.start(tensor(START), evaluate, steps)
    found = []
    for _ in range(steps):
        descent.step()
        found.append(descent.ahead.numpy())
    return found


GRADIENTS = list(RANDOM.normal(scale=[[[[1e-3, 1.0, 1e3]]]], size=(6, *SHAPE)))


# Adam


@pytest.mark.parametrize(
    "numbers",
    [
        {"learning_rate": 5.0, "beta_1": 0.99, "epsilon": 1e-1},
        {"learning_rate": 2.0, "beta_1": 0.5},
        {"learning_rate": 2.0, "epsilon": 1e-8},
        {"learning_rate": 8.0, "beta_2": 0.9},
    ],
)
def test_adam_equals_keras(numbers: dict[str, Any]) -> None:
    keras, variable = tf.keras.optimizers.Adam(**numbers), tf.Variable(START)
    for gradient, ours in zip(
        GRADIENTS, iterates(Adam(**numbers), given(GRADIENTS), 6), strict=True
    ):
        keras.apply_gradients([(tensor(gradient), variable)])
        np.testing.assert_allclose(ours, variable.numpy(), rtol=1e-5, atol=1e-3)


def test_adam_defaults_are_those_of_keras_but_for_the_rate() -> None:
    keras = tf.keras.optimizers.Adam(learning_rate=Adam().learning_rate)
    for name in ("learning_rate", "beta_1", "beta_2", "epsilon"):
        assert float(getattr(keras, name)) == pytest.approx(getattr(Adam(), name))


def test_clip_keeps_pixels_in_range_after_each_step() -> None:
    free = iterates(Adam(learning_rate=100.0), given(GRADIENTS), 6)
    clipped = iterates(Adam(learning_rate=100.0, clip=True), given(GRADIENTS), 6)
    assert min(x.min() for x in free) < 0
    assert max(x.max() for x in free) > 255
    np.testing.assert_allclose(clipped[0], free[0].clip(0, 255), rtol=1e-5)
    assert all(x.min() >= 0 and x.max() <= 255 for x in clipped)


def test_decay_runs_from_the_whole_rate_to_its_share() -> None:
    settings = Adam(learning_rate=8.0, decay=0.1)
    rates = [settings.rate(step, 11) for step in range(11)]
    assert rates[0] == pytest.approx(8.0)
    assert rates[5] == pytest.approx((8.0 + 0.8) / 2)
    assert rates[10] == pytest.approx(0.8)
    assert rates == sorted(rates, reverse=True)


def test_decay_of_a_single_step() -> None:
    assert Adam(learning_rate=8.0, decay=0.1).rate(0, 1) == 8.0


def test_steps_grow_until_the_warm_up_is_over() -> None:
    settings = Adam(learning_rate=8.0, warm_up=3)
    assert [settings.rate(step, 6) for step in range(6)] == [2.0, 4.0, 6.0, 8.0, 8.0, 8.0]
    falling = Adam(learning_rate=8.0, warm_up=3, decay=0.1)
    whole = Adam(learning_rate=8.0, decay=0.1)
    assert falling.rate(1, 6) == whole.rate(1, 6) / 2
    assert falling.rate(5, 6) == whole.rate(5, 6)
    assert settings.rate(0, 1) == 2.0


def test_decaying_steps_are_taken() -> None:
    """With a constant gradient, Adam's step is the rate itself."""
    settings = Adam(learning_rate=8.0, decay=0.1)
    path = iterates(settings, given([np.ones(SHAPE)] * 5), 5)
    steps = -np.diff([START, *path], axis=0).mean(axis=(1, 2, 3, 4))
    assert steps == pytest.approx([settings.rate(step, 5) for step in range(5)], rel=1e-4)


def test_averaging_is_the_bias_corrected_mean() -> None:
    plain = iterates(Adam(), given(GRADIENTS), 6)
    averaged = iterates(Adam(averaging=0.8), given(GRADIENTS), 6)
    for count, ours in enumerate(averaged, start=1):
        weights = 0.2 * 0.8 ** np.arange(count)[::-1]
        expected = np.tensordot(weights, plain[:count], 1) / weights.sum()
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-2)


def test_adam_reports_the_picture_it_measured() -> None:
    quadratic = Quadratic()
    descent = Adam().start(tensor(START), quadratic, 4)
    for count in range(1, 5):
        before = descent.ahead
        descent.step()
        assert descent.steps == count
        np.testing.assert_array_equal(descent.image, before)
        np.testing.assert_array_equal(descent.image, quadratic.points[-1])
        expected = quadratic.exact(descent.image.numpy().astype(float))[0]
        assert float(descent.losses[0]) == pytest.approx(expected, rel=1e-5)


def test_adam_finds_the_bottom() -> None:
    last = iterates(Adam(learning_rate=20.0, decay=0.0), Quadratic(), 150)[-1]
    np.testing.assert_allclose(last, BOTTOM, atol=0.5)


# L-BFGS


def scipy_round(quadratic: Quadratic, x: np.ndarray, **options: Any) -> Any:
    """One round as the sources write it, but without SciPy's tests for convergence."""

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        values, gradient = quadratic(tensor(x.reshape(SHAPE)))
        return float(values[0]), gradient.numpy().ravel().astype(np.float64)

    return minimize(
        value_and_gradient,
        x.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"ftol": 0.0, "gtol": 0.0, **options},
    )


def test_ten_evaluations_equal_scipys() -> None:
    ours, scipys = Quadratic(), Quadratic()
    descent = LBFGS(round_steps=100).start(tensor(START), ours, 100)
    while len(ours.points) < 10:
        descent.step()
    descent.close()
    scipy_round(scipys, START, maxfun=100)
    np.testing.assert_allclose(ours.points, scipys.points[:10], rtol=1e-5)


@pytest.mark.parametrize(
    ("counting", "limit"), [("evaluation", "maxfun"), ("iteration", "maxiter")]
)
def test_rounds_begin_with_an_empty_memory(counting: str, limit: str) -> None:
    ours, scipys = Quadratic(), Quadratic()
    descent = LBFGS(counting, round_steps=5).start(tensor(START), ours, 15)
    run_out(descent, 15)
    x = START
    for _ in range(3):
        x = scipy_round(scipys, x, **{limit: 5}).x
    count = len(scipys.points)
    np.testing.assert_allclose(ours.points[:count], scipys.points[: len(ours.points)], rtol=1e-5)
    np.testing.assert_allclose(descent.ahead.numpy().ravel(), x, rtol=1e-5)


def run_out(descent: Any, steps: int, limit: int = 1000) -> None:
    """Step to the end as `stylize` does."""
    for _ in range(limit):
        if descent.over or descent.steps >= steps:
            break
        descent.step()
    else:
        pytest.fail(f"no end after {limit} evaluations")
    descent.close()


def test_a_huge_loss_does_not_stop_it_at_once() -> None:
    quadratic = Quadratic(scale=1e12)
    descent = LBFGS(round_steps=40).start(tensor(START), quadratic, 40)
    run_out(descent, 40)
    assert quadratic.exact(START)[0] > 1e12
    np.testing.assert_allclose(descent.ahead, BOTTOM, atol=0.5)
    assert descent.message == ""


def test_bounds_hold_at_every_evaluation() -> None:
    quadratic = Quadratic(bottom=BOTTOM * 4 - 400)
    descent = LBFGS(clip=True, round_steps=40).start(tensor(START), quadratic, 40)
    run_out(descent, 40)
    assert min(x.min() for x in quadratic.points) == 0
    assert max(x.max() for x in quadratic.points) == 255
    np.testing.assert_allclose(descent.ahead, quadratic.bottom.clip(0, 255), atol=0.5)


def test_pixels_are_free_without_bounds() -> None:
    quadratic = Quadratic(bottom=BOTTOM * 4 - 400)
    descent = LBFGS(round_steps=40).start(tensor(START), quadratic, 40)
    run_out(descent, 40)
    np.testing.assert_allclose(descent.ahead, quadratic.bottom, atol=0.5)


def test_each_step_is_one_evaluation() -> None:
    quadratic = Quadratic()
    descent = LBFGS().start(tensor(START), quadratic, 20)
    for count in range(1, 11):
        descent.step()
        assert len(quadratic.points) == count
    descent.close()


def test_the_picture_never_gets_worse() -> None:
    quadratic = Quadratic()
    descent = LBFGS(round_steps=7).start(tensor(START), quadratic, 30)
    totals = []
    while descent.steps < 30 and not descent.over:
        descent.step()
        totals.append(float(descent.losses[0]))
        expected = quadratic.exact(descent.image.numpy().astype(float))[0]
        assert totals[-1] == pytest.approx(expected, rel=1e-4, abs=1e-3)
    descent.close()
    assert totals == sorted(totals, reverse=True)


def test_steps_count_iterations_where_asked_to() -> None:
    quadratic = Quadratic()
    descent = LBFGS("iteration", round_steps=10).start(tensor(START), quadratic, 10)
    run_out(descent, 10)
    assert descent.steps == 10
    assert len(quadratic.points) >= 11  # the start, and one or more for each iteration


def test_abnormal_end_says_so_and_keeps_the_best_picture() -> None:
    """A gradient that points uphill makes every line search fail."""

    def uphill(image: Any, _step: int) -> tuple[Any, Any]:
        values, gradient = quadratic(image)
        return values, gradient if len(quadratic.points) <= 3 else -gradient

    quadratic = Quadratic()
    descent = LBFGS(round_steps=50).start(tensor(START), uphill, 100)
    run_out(descent, 100)
    assert descent.over
    assert "abnormal" in descent.message.lower()
    totals = [quadratic.exact(x.astype(float))[0] for x in quadratic.points]
    best = quadratic.exact(descent.ahead.numpy().astype(float))[0]
    assert best == pytest.approx(min(totals), rel=1e-4)


def test_an_error_in_the_loss_reaches_the_caller() -> None:
    def broken(_image: Any, _step: int) -> tuple[Any, Any]:
        raise ZeroDivisionError

    descent = LBFGS().start(tensor(START), broken, 10)
    with pytest.raises(ZeroDivisionError):
        descent.step()
    descent.close()


@pytest.mark.parametrize("settings", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_close_may_come_at_any_time_and_twice(settings: Optimizer) -> None:
    for steps in (0, 1, 2, 50):
        descent = settings.start(tensor(START), Quadratic(), 100)
        for _ in range(steps):
            descent.step()
        descent.close()
        descent.close()


def test_close_ends_the_thread() -> None:
    before = set(threading.enumerate())
    descent = LBFGS().start(tensor(START), Quadratic(), 20)
    descent.step()
    (thread,) = set(threading.enumerate()) - before
    descent.close()
    thread.join(10)
    assert not thread.is_alive()


# Settings


@pytest.mark.parametrize("settings", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_settings_are_frozen(settings: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        settings.clip = True


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("learning_rate", 0),
        ("learning_rate", -1.0),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("learning_rate", "2"),
        ("learning_rate", None),
        ("learning_rate", True),
        ("beta_1", 1.0),
        ("beta_1", -0.1),
        ("beta_2", 1.0),
        ("epsilon", 0.0),
        ("decay", 1.5),
        ("decay", -0.5),
        ("warm_up", -1),
        ("warm_up", 1.5),
        ("averaging", 1.0),
        ("averaging", -0.5),
        ("clip", "no"),
    ],
)
def test_bad_setting_of_adam(field: str, value: Any) -> None:
    check_refused(Adam, field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("counting", "step"),
        ("counting", None),
        ("round_steps", 0),
        ("round_steps", 2.5),
        ("memory", 0),
        ("clip", "no"),
    ],
)
def test_bad_setting_of_lbfgs(field: str, value: Any) -> None:
    check_refused(LBFGS, field, value)


def check_refused(settings: Any, field: str, value: Any) -> None:
    with pytest.raises(RecipeError) as caught:
        settings(**{field: value})
    assert field in str(caught.value)
    assert repr(value) in str(caught.value)


def test_names() -> None:
    assert find_optimizer("adam") == Adam()
    assert find_optimizer("lbfgs") == LBFGS()
    assert find_optimizer(Adam(learning_rate=3.0)) == Adam(learning_rate=3.0)


@pytest.mark.parametrize("name", ["sgd", "", None])
def test_unknown_name_lists_the_known(name: Any) -> None:
    with pytest.raises(RecipeError, match="adam, lbfgs") as caught:
        find_optimizer(name)
    assert repr(name) in str(caught.value)
