"""Every recipe against its source: each term by its printed formula in NumPy float64, over
activations of a plain Keras model; its optimiser against Keras's or SciPy's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, Maps, keras_maps, noise, photo
from scipy.optimize import minimize

from nst_core import RECIPES, Backbone, Objective, Recipe
from nst_core.network.tensorflow import tf

MOMENTS = RECIPES["moments"]
STYLE_LAYERS = [f"block{number}_conv1" for number in range(1, 6)]


# The formulas as printed. F, P: M×N activations of the generated and the content image. G = FᵀF and
# A = SᵀS, not divided, over their own M and M_s positions; hw: pixels of the generated image.


@dataclass(frozen=True)
class Formula:
    pooling: str
    content_layer: str
    content: Callable[[np.ndarray, np.ndarray], float]
    style: Callable[[np.ndarray, np.ndarray, int], float]
    """Of F, S and hw."""
    variation: Callable[[np.ndarray, np.ndarray], float] = lambda image, style: 0.0
    """Of the generated and the style image."""
    layer_weights: tuple[float, ...] = (1 / 5,) * 5
    margin: int = 0
    """px of mirrored margin in front of the first layer, in place of zeros."""


def squares(difference: np.ndarray) -> float:
    return float((difference**2).sum())


def pairs(x: np.ndarray) -> np.ndarray:
    """a + b for i < h − 1, j < w − 1 and every channel."""
    corner = x[:-1, :-1]
    return (corner - x[1:, :-1]) ** 2 + (corner - x[:-1, 1:]) ** 2


def rough(x: np.ndarray) -> float:
    """Squared differences of all neighbours, over the number of values."""
    return (squares(x[1:] - x[:-1]) + squares(x[:, 1:] - x[:, :-1])) / x.size


def of_grams(
    formula: Callable[[np.ndarray, np.ndarray, int, int, int], float],
) -> Callable[[np.ndarray, np.ndarray, int], float]:
    """From a formula of G, A, M, M_s and hw."""
    return lambda f, s, hw: formula(f.T @ f, s.T @ s, len(f), len(s), hw)


def gatys_style(weight: float) -> Callable[[np.ndarray, np.ndarray, int], float]:
    return of_grams(lambda g, a, m, m_s, hw: weight * squares(g - a) / (4 * len(g) ** 2 * m**2))


def moments_style(f: np.ndarray, s: np.ndarray, _hw: int) -> float:
    """|C − C'|²/|C'|² + 8·|μ − μ'|²/|μ'|², the covariance C over positions, not over one fewer."""
    wanted, found = (np.cov(each.T, bias=True) for each in (s, f))
    covariance = squares(found - wanted) / squares(wanted)
    mean = squares(f.mean(0) - s.mean(0)) / squares(s.mean(0))
    return MOMENTS.style_weight * (covariance + 8 * mean)


FORMULAS = {
    "moments": Formula(  # the project's own: its weights may be tuned, its formulas stay
        MOMENTS.pooling,
        "block4_conv2",
        lambda f, p: MOMENTS.content_weight * squares(f - p) / squares(p),
        moments_style,
        lambda image, style: MOMENTS.variation_weight * rough(image) / (rough(style) + 100),
        tuple(MOMENTS.style_layers[layer] for layer in STYLE_LAYERS),
        margin=1,
    ),
    "keras-book": Formula(
        "max",
        "block5_conv2",
        lambda f, p: 0.025 * squares(f - p),
        of_grams(lambda g, a, m, m_s, hw: 1.0 * squares(g - a) / (4 * 3**2 * hw**2)),
        lambda image, _style: 1e-4 * (pairs(image) ** 1.25).sum(),
    ),
    "walkthrough": Formula(
        "max",
        "block2_conv2",
        lambda f, p: 1e-5 * squares(f - p),
        of_grams(lambda g, a, m, m_s, hw: 2.5e-3 * squares(g - a) / (4 * 3**2 * hw**2)),
        lambda image, _style: 1e-6 * pairs(image).sum(),
    ),
    "gatys-lbfgs": Formula(
        "average",
        "block4_conv2",
        lambda f, p: squares(f - p) / (2 * f.shape[1] ** 0.5 * f.shape[0] ** 0.5),
        gatys_style(2e2),
    ),
    "tf-eager": Formula(
        "max",
        "block5_conv2",
        lambda f, p: 1e3 * squares(f - p) / f.size,
        of_grams(lambda g, a, m, m_s, hw: 1e-2 * squares(g / m - a / m_s) / g.size),
    ),
    "course": Formula(
        "average",
        "block4_conv2",
        lambda f, p: 10 * squares(f - p) / (4 * f.shape[0] * f.shape[1]),
        gatys_style(40),
    ),
}


def flat(maps: Maps, layer: str) -> np.ndarray:
    return maps[layer].reshape(-1, maps[layer].shape[-1])


class Reference:
    """The terms of one formula for one content and style image, in float64."""

    def __init__(
        self, formula: Formula, backbone: Backbone, content: np.ndarray, style: np.ndarray
    ) -> None:
        self._formula = formula
        self._network = keras_maps(backbone, formula.pooling, formula.margin)
        self._content = self._network(content)
        self._style = self._network(style)
        self._pixels = style.astype(np.float64)

    def __call__(self, image: np.ndarray) -> dict[str, float]:
        formula, maps = self._formula, self._network(image)
        content = formula.content(*(flat(m, formula.content_layer) for m in (maps, self._content)))
        style = sum(
            weight * self._style_term(maps, layer, image.shape[0] * image.shape[1])
            for layer, weight in zip(STYLE_LAYERS, formula.layer_weights, strict=True)
        )
        variation = formula.variation(image.astype(np.float64), self._pixels)
        total = content + style + variation
        return {"total": total, "content": content, "style": style, "variation": variation}

    def _style_term(self, maps: Maps, layer: str, pixels: int) -> float:
        return self._formula.style(flat(maps, layer), flat(self._style, layer), pixels)


@dataclass(frozen=True)
class Case:
    """A recipe's objective, and the same computed by its formula."""

    recipe: Recipe
    objective: Objective
    reference: Reference
    image: np.ndarray


@pytest.fixture(scope="module", params=["random", "real"])
def images(request: pytest.FixtureRequest) -> Mapping[str, np.ndarray]:
    """Odd sizes; `other` is a style image of another aspect."""
    if request.param == "random":
        return {
            "content": noise(35, 43, seed=1),
            "style": noise(35, 43, seed=2),
            "other": noise(41, 27, seed=3),
            "image": noise(35, 43, seed=4),
        }
    content = photo(CAT, 33, 47)
    return {
        "content": content,
        "style": photo(CHURCH, 33, 47),
        "other": photo(CHURCH, 47, 37),
        "image": (0.6 * content + 0.4 * noise(33, 47, seed=5)).astype(np.uint8),
    }


@pytest.fixture(scope="module", params=FORMULAS)
def case(
    request: pytest.FixtureRequest, images: Mapping[str, np.ndarray], backbone: Backbone
) -> Case:
    recipe = RECIPES[request.param].changed(precision="float32")
    stretched = recipe.style_size((10, 20), (30, 30)) == (30, 30)
    style = images["style" if stretched else "other"]
    return Case(
        recipe,
        Objective(images["content"], style, recipe, backbone),
        Reference(FORMULAS[request.param], backbone, images["content"], style),
        images["image"],
    )


def test_every_recipe_has_a_formula_here() -> None:
    """But those that match places: tests/loss/ has what they compare, with numbers of their own."""
    assert [name for name in RECIPES if name not in ("studio", "nnst")] == list(FORMULAS)


def test_each_term_by_its_formula(case: Case) -> None:
    assert case.objective(case.image) == pytest.approx(case.reference(case.image), rel=1e-4)


def test_gradient_by_central_differences(case: Case) -> None:
    """Differences of the float64 reference. Its step is small, so that hardly any ReLU or maximum
    flips in between, yet ten orders of magnitude above the rounding of float64.
    """
    image = case.image.astype(np.float64)
    _, gradient = case.objective.value_and_gradient(case.image)
    steepest = np.argsort(np.abs(gradient), axis=None)[[-1, -500, -1500]]
    for place in zip(*np.unravel_index(steepest, gradient.shape), strict=True):
        step = np.zeros_like(image)
        step[place] = 1e-4
        rise = case.reference(image + step)["total"] - case.reference(image - step)["total"]
        assert gradient[place] == pytest.approx(rise / 2e-4, rel=1e-3)


# The optimisers


def path(case: Case, count: int) -> Iterator[tuple[np.ndarray, Any, Any]]:
    """The first iterates of the recipe's own descent, each with its losses and gradient."""
    found: list[tuple[np.ndarray, Any, Any]] = []

    def evaluate(image: Any, step: int) -> tuple[Any, Any]:
        losses, gradient = case.objective.evaluate(image, step)
        found.append((image.numpy(), losses, gradient))
        return losses, gradient

    start = tf.constant(case.image[None], tf.float32)
    descent = case.recipe.optimizer.start(start, evaluate, case.recipe.steps)
    while len(found) < count:
        descent.step()
    descent.close()
    return iter(found)


ADAMS: dict[str, dict[str, float]] = {
    "walkthrough": {"learning_rate": 2.0, "beta_1": 0.5},
    "tf-eager": {"learning_rate": 5.0, "beta_1": 0.99, "epsilon": 1e-1},
    "course": {"learning_rate": 2.0, "epsilon": 1e-8},
}


@pytest.mark.parametrize("case", ADAMS, indirect=True)
def test_adam_takes_kerass_steps(case: Case) -> None:
    keras = tf.keras.optimizers.Adam(**ADAMS[case.recipe.name])
    variable = tf.Variable(case.image[None].astype(np.float32))
    for image, _, gradient in path(case, 4):
        np.testing.assert_allclose(image, variable.numpy(), rtol=1e-5, atol=1e-3)
        keras.apply_gradients([(gradient, variable)])
        if case.recipe.name == "tf-eager":
            variable.assign(tf.clip_by_value(variable, 0.0, 255.0))


@pytest.mark.parametrize("case", ["keras-book", "gatys-lbfgs"], indirect=True)
def test_lbfgs_asks_for_the_points_that_scipy_asks_for(case: Case) -> None:
    """Ten evaluations with SciPy's own settings; they end long before its tests for convergence."""
    asked: list[np.ndarray] = []

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        asked.append(x.copy())
        image = tf.constant(x.reshape(1, *case.image.shape), tf.float32)
        losses, gradient = case.objective.evaluate(image)
        return float(losses[0]), gradient.numpy().ravel().astype(np.float64)

    start = case.image.ravel().astype(np.float64)
    minimize(value_and_gradient, start, jac=True, method="L-BFGS-B", options={"maxfun": 10})
    assert len(asked) >= 10
    for (ours, _, _), scipys in zip(path(case, 10), asked, strict=False):
        np.testing.assert_allclose(ours.ravel(), scipys, atol=0.01)
