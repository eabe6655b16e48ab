"""Recipes as data: the rest of their table, changes, and what a recipe refuses."""

import dataclasses
import math
from typing import Any

import pytest
from helpers import noise

from nst_core import RECIPES, Backbone, Objective, Recipe, RecipeError, load_backbone
from nst_core.checks import shown
from nst_core.painting.stages import plan
from nst_core.recipe.adam import Adam
from nst_core.recipe.lbfgs import LBFGS

STUDIO = RECIPES["studio"]
OWN = {"studio", "moments"}
"""Recipes that nobody has published."""
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
        assert counting(recipe, style_strength=10) == recipe.style_weight * factor
        weaker = counting(recipe, style_strength=-10, style_weight=3.0)
        assert weaker == pytest.approx(3.0 / factor)
        assert recipe.changed(style_strength=0) == recipe
        middle = counting(recipe, style_strength=5) / recipe.style_weight
        bend = 1.85 if name == "studio" else 1.5
        assert middle == pytest.approx(factor ** (0.5**bend))


def counting(recipe: Recipe, **changes: float) -> float:
    """The weight with which the style counts in the loss after these changes."""
    found = {term.name: term.weight for term in recipe.changed(**changes).active_terms}
    return found["style"]


def test_a_strength_can_be_taken_back() -> None:
    strong = RECIPES["studio"].changed(style_strength=8)
    assert strong.style_weight == RECIPES["studio"].style_weight
    assert counting(strong, style_strength=3) == counting(RECIPES["studio"], style_strength=3)
    assert strong.changed(style_strength=0) == RECIPES["studio"]
