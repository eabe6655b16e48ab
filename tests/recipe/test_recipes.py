"""Every recipe against its source: each term by its printed formula in NumPy float64, over
activations of a plain Keras model; its optimiser against Keras's or SciPy's; what a recipe refuses.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT, Maps, keras_maps, noise, photo
from scipy.optimize import minimize

from nst_core import (
    RECIPES,
    Backbone,
    Objective,
    Recipe,
    RecipeError,
    load_backbone,
    stylize,
)
from nst_core.checks import shown
from nst_core.network.tensorflow import tf
from nst_core.painting.stages import plan
from nst_core.recipe.adam import Adam
from nst_core.recipe.lbfgs import LBFGS

EXAMPLES = ROOT / "examples"
STUDIO, MOMENTS = RECIPES["studio"], RECIPES["moments"]
OWN = {"studio", "moments"}
"""Recipes that nobody has published."""
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


# The rest of the table

CONTENT_SIZE, STYLE_SIZE = (640, 427), (385, 488)


@pytest.mark.parametrize(
    ("name", "generated", "style"),
    [
        ("moments", (512, 342), (372, 471)),
        ("nnst", (512, 342), (404, 512)),
        ("keras-book", (600, 400), (600, 400)),
        ("walkthrough", (450, 300), (450, 300)),
        ("gatys-lbfgs", (640, 427), (640, 427)),
        ("tf-eager", (512, 342), (404, 512)),
        ("course", (400, 300), (400, 300)),
    ],
)
def test_sizes(name: str, generated: tuple[int, int], style: tuple[int, int]) -> None:
    size = plan(RECIPES[name], CONTENT_SIZE)[-1].size
    assert size == generated
    assert RECIPES[name].style_size(STYLE_SIZE, size) == style


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("nnst", {"steps": 1000, "checkpoint": 200, "start": "content"}),
        ("nnst", {"coarsest": 64, "keep_detail": 0.0, "turned": True}),
        ("keras-book", {"steps": 400, "checkpoint": 20, "start": "content"}),
        ("walkthrough", {"steps": 2000, "checkpoint": 100, "start": "content"}),
        ("walkthrough", {"resampling": "bicubic"}),
        ("gatys-lbfgs", {"steps": 100, "checkpoint": 10, "start": "noisy-content"}),
        ("tf-eager", {"steps": 1000, "start": "content", "keep_best": True}),
        ("course", {"steps": 200, "checkpoint": 20, "start": "mostly-noise"}),
        ("nnst", {"optimizer": Adam(2e-3 * 255, epsilon=1e-8 * 255, pyramid=True)}),
        ("keras-book", {"optimizer": LBFGS("evaluation", round_steps=20)}),
        ("gatys-lbfgs", {"optimizer": LBFGS("iteration", round_steps=10)}),
        ("walkthrough", {"optimizer": Adam(2.0, beta_1=0.5)}),
        ("tf-eager", {"optimizer": Adam(5.0, beta_1=0.99, epsilon=0.1, clip=True)}),
        ("course", {"optimizer": Adam(2.0, epsilon=1e-8)}),
    ],
)
def test_row_of_the_table(name: str, fields: dict[str, Any]) -> None:
    assert {field: getattr(RECIPES[name], field) for field in fields} == fields


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - OWN))
def test_published_recipes_work_as_published(name: str) -> None:
    """In float32, with zeros around the picture, without this project's additions; all but one,
    which says so itself, at one size.
    """
    recipe = RECIPES[name]
    coarsest = 64 if name == "nnst" else None
    assert (recipe.coarsest, recipe.precision, recipe.padding) == (coarsest, "float32", "zero")
    assert recipe.reconstruct == "both"
    if isinstance(recipe.optimizer, Adam):
        assert (recipe.optimizer.decay, recipe.optimizer.averaging) == (1.0, 0.0)


@pytest.mark.parametrize("name", RECIPES)
def test_says_what_it_is(name: str) -> None:
    recipe = RECIPES[name]
    assert recipe.name == name
    assert recipe.story.endswith(".")
    assert recipe.source


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("pooling", ["max", "average"])
def test_either_pooling_for_every_recipe(name: str, pooling: str) -> None:
    assert RECIPES[name].changed(pooling=pooling).pooling == pooling


@pytest.mark.parametrize("name", RECIPES)
def test_reconstruct_for_every_recipe(name: str) -> None:
    recipe = RECIPES[name].changed(content_weight=3.0)  # `nnst` has none
    content, style = (recipe.changed(reconstruct=each) for each in ("content", "style"))
    terms = {term.name: term for term in recipe.terms}
    of_style = {"studio": ["style", "layout"], "nnst": ["layout", "style"]}
    assert content.active_terms == (terms["content"],)
    assert style.active_terms == tuple(terms[each] for each in of_style.get(name, ["style"]))


# Changes

BASE = RECIPES["walkthrough"]


def test_changed_leaves_the_recipe_itself_alone() -> None:
    before = dataclasses.asdict(BASE)
    BASE.changed(size=64, learning_rate=9.0, style_layers={"block1_conv1": 1.0})
    assert dataclasses.asdict(BASE) == before


def test_nothing_changed_is_the_same() -> None:
    assert BASE.changed() == BASE


def test_changed_reaches_own_fields_and_the_optimizers() -> None:
    changed = BASE.changed(size=64, seed=5, learning_rate=9.0, clip=True)
    assert (changed.size, changed.seed) == (64, 5)
    assert changed.optimizer == Adam(9.0, beta_1=0.5, clip=True)
    assert changed == dataclasses.replace(
        BASE, size=64, seed=5, optimizer=Adam(9.0, beta_1=0.5, clip=True)
    )


def test_another_optimizer_by_name_with_its_settings() -> None:
    assert BASE.changed(optimizer="lbfgs", memory=5).optimizer == LBFGS(memory=5)
    book = RECIPES["keras-book"].changed(optimizer="adam", learning_rate=3.0)
    assert book.optimizer == Adam(3.0)


def test_quality_stands_for_the_changes_it_means() -> None:
    for name, changes in STUDIO.qualities.items():
        assert STUDIO.changed(quality=name) == STUDIO.changed(**changes)


def test_other_changes_win_over_those_of_a_quality() -> None:
    assert STUDIO.changed(quality="draft", steps=7).steps == 7


def test_qualities_cost_more_as_they_get_better() -> None:
    steps = [STUDIO.changed(quality=name).steps for name in ("draft", "balanced", "fine")]
    assert steps == sorted(set(steps))


@pytest.mark.parametrize("name", ["best", None])
def test_unknown_quality_lists_the_known(name: Any) -> None:
    with pytest.raises(RecipeError, match=r"quality.*draft, balanced, fine"):
        STUDIO.changed(quality=name)


def test_quality_of_a_recipe_that_has_none() -> None:
    with pytest.raises(RecipeError, match=r"walkthrough.*'draft'"):
        BASE.changed(quality="draft")


def test_unknown_field_lists_the_known() -> None:
    with pytest.raises(RecipeError, match=r"'style_wieght'.*learning_rate.*style_weight"):
        BASE.changed(style_wieght=1.0)


def test_field_of_the_other_optimizer_is_unknown() -> None:
    with pytest.raises(RecipeError, match=r"'memory'.*learning_rate"):
        BASE.changed(memory=5)


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_frozen(name: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RECIPES[name].size = 64  # type: ignore[misc]


# Refusals


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("size", 8, "32 to 8192 px"),
        ("size", 31, "32 to 8192 px"),
        ("size", 8193, "32 to 8192 px"),
        ("size", 256.5, "whole number"),
        ("size", "256", "whole number"),
        ("size", True, "whole number"),
        ("size", math.nan, "whole number"),
        ("coarsest", 8, "32 to 8192 px"),
        ("steps", 0, "1 to 100000"),
        ("steps", -1, "1 to 100000"),
        ("steps", 100_001, "1 to 100000"),
        ("steps", None, "1 to 100000"),
        ("checkpoint", 0, "1 to 100000"),
        ("seed", -1, "0 to"),
        ("seed", 0.5, "whole number"),
        ("content_weight", -1.0, "0 or more"),
        ("style_weight", -1e-9, "0 or more"),
        ("style_weight", math.nan, "finite"),
        ("style_weight", math.inf, "finite"),
        ("style_weight", "1", "finite"),
        pytest.param("style_weight", 10**400, "finite", id="huge"),
        ("variation_weight", -1, "0 or more"),
        ("content_layers", {"block4_conv2": -1.0}, "0 or more"),
        ("style_layers", {"block1_conv1": math.nan}, "finite"),
        ("style_layers", {"block1_conv1": "1"}, "finite"),
        ("style_layers", ["block1_conv1"], "map"),
        ("style_layers", None, "map"),
        ("pooling", "min", "max, average"),
        ("padding", "same", "zero, reflect"),
        ("precision", "float16", "auto, float32, bfloat16"),
        ("reconstruct", "nothing", "both, content, style"),
        ("start", "black", "content, style, decoder, noise"),
        ("start", None, "content, style, decoder, noise"),
        ("start", ["content"], "content, style, decoder, noise"),
        ("resampling", "nearest", "bicubic"),
        ("optimizer", "sgd", "adam, lbfgs"),
        ("learning_rate", -2.0, "1e-06 to 1e\\+06"),
        ("beta_1", 1.0, "0 to 0.9999"),
        ("step_ratio", 0.0, "0.1 to 10"),
        ("style_strength", 11, "-10 to 10"),
        ("style_strength", "strong", "-10 to 10"),
    ],
)
def test_bad_value_names_the_field_and_what_is_allowed(
    field: str, value: Any, allowed: str
) -> None:
    with pytest.raises(RecipeError, match=allowed) as caught:
        BASE.changed(**{field: value})
    message = str(caught.value)
    assert field in message
    worst = next(iter(value.values())) if isinstance(value, dict) else value
    assert shown(worst) in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "changes",
    [
        {"content_weight": 0, "style_weight": 0, "variation_weight": 0},
        {"content_layers": {}, "style_layers": {}, "variation_weight": 0},
        {"content_layers": {"block1_conv1": 0.0}, "reconstruct": "content"},
        {"style_weight": 0.0, "reconstruct": "style"},
    ],
)
def test_nothing_to_minimise(changes: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=r"All weights are 0.*content_weight.*style_weight"):
        BASE.changed(**changes)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("field", ["content_layers", "style_layers"])
def test_layer_that_the_backbone_lacks(name: str, field: str, backbone: Backbone) -> None:
    recipe = RECIPES[name].changed(precision="float32", **{field: {"block3_conv4": 1.0}})
    image = noise(16, 16, seed=1)
    with pytest.raises(RecipeError, match=f"{field}.*'block3_conv4'.*block3_conv3"):
        Objective(image, image, recipe, backbone)


@pytest.mark.parametrize("name", ["nope", "", "Studio", None])
def test_unknown_recipe_lists_the_known(name: Any) -> None:
    image = noise(16, 16, seed=1)
    with pytest.raises(RecipeError, match=r"studio, moments, nnst, keras-book, walkthrough"):
        Objective(image, image, name, load_backbone("embedded"))


def test_strength_multiplies_the_weight_by_the_recipes_factor_at_its_ends() -> None:
    for name in ("course", "studio", "moments"):
        recipe = RECIPES[name]
        factor = 10 if name == "course" else recipe.strength_factor
        assert recipe.changed(style_strength=10).style_weight == recipe.style_weight * factor
        weaker = recipe.changed(style_strength=-10, style_weight=3.0).style_weight
        assert weaker == pytest.approx(3.0 / factor)
        assert recipe.changed(style_strength=0) == recipe
        middle = recipe.changed(style_strength=5).style_weight / recipe.style_weight
        bend = 1.85 if name == "studio" else 1.5
        assert middle == pytest.approx(factor ** (0.5**bend))


STRENGTH_PAIRS = [
    ("castle", "cafe-terrace-at-night"),
    ("astronaut", "stained-glass"),
]


@pytest.mark.parametrize(("content", "style"), STRENGTH_PAIRS)
def test_style_strength_goes_from_the_photograph_to_the_texture(
    content: str, style: str, backbone: Backbone
) -> None:
    files = EXAMPLES / "content" / f"{content}.jpg", EXAMPLES / "style" / f"{style}.jpg"
    found = []
    for strength in (-10, -5, 0, 5, 10):
        changes: dict[str, Any] = {"size": 128, "quality": "draft", "style_strength": strength}
        *_, frame = stylize(*files, STUDIO, backbone, **changes)
        found.append(frame.losses.content / STUDIO.content_weight)
    assert found[0] <= 0.15
    assert found[-1] >= 1.0
    assert min(np.diff(found)) >= 0.15 * (found[-1] - found[0])


def test_studio_runs_on_the_shape_of_vgg19() -> None:
    """Whose weights can't be had everywhere; these are random."""
    model = tf.keras.applications.VGG19(include_top=False, weights=None)
    layers = [layer for layer in model.layers if "_conv" in layer.name]
    network = Backbone("vgg19", "", {layer.name: layer.get_weights() for layer in layers})
    image = noise(48, 64, seed=1)
    *_, frame = stylize(image, noise(40, 40, seed=2), STUDIO, network, size=64, steps=3)
    assert len(network.layers) == 16
    assert frame.final
    assert math.isfinite(frame.losses.total)
