"""What a person may change about a recipe: there and back, and each refusal's sentence."""

import json
from math import inf, nan
from typing import Any

import pytest
from helpers import ROOT

from nst_core import RECIPES, RecipeError
from nst_core.kinds import Choice
from nst_core.loss.comparisons import fitting
from nst_core.page.settings.controls import (
    FIELDS,
    NAMES,
    SIZES,
    at_hand,
    changed_recipe,
    changed_text,
    changes_of,
    completed,
    own_values,
    size_of,
    values_for,
    values_of,
)
from nst_core.painting.settings import Settings

PAIRS = json.loads((ROOT / "examples" / "pairs.json").read_text())


def values(recipe: str = "studio", **changed: Any) -> dict[str, Any]:
    """The controls as a page sends them: all of them, most of them empty."""
    return {**dict.fromkeys(NAMES), **own_values(RECIPES[recipe]), **changed}


def settings(recipe: str = "studio", seed: int = 0, **changes: Any) -> Settings:
    return Settings(
        recipe=recipe,
        changes=changes,
        seed=seed,
        size=(300, 200),
        steps=5,
        backbone="embedded",
        precision="auto",
        content_sha256="0" * 64,
        style_sha256=("1" * 64,),
        style_weights=(1.0,),
        style_brushes=(1.0,),
    )


def refusal(recipe: str = "course", **given: Any) -> str:
    with pytest.raises(RecipeError) as error:
        changed_recipe(values(recipe, **given))
    return str(error.value)


# What stands in the controls


def test_colours_and_brush_there_and_back() -> None:
    given = values(keep_colours="matched", keep_colours_share=0.5, brush_size=2)
    recipe = changed_recipe(given)
    assert (recipe.keep_colours, recipe.keep_colours_share, recipe.brush_size) == (
        "matched",
        0.5,
        2,
    )
    assert changed_text(given) == (
        "Changed: colours A matched palette (own: The style's) · how much of the photo's colours "
        "0.5 (own: 1) · brush size 2 (own: 1)"
    )
    assert refusal("studio", brush_size=3) == "Brush size must be a number from 0.25 to 2, not 3."


def test_strokes_shift_the_style_layers() -> None:
    given = values(strokes="coarse")
    recipe = RECIPES["studio"].changed(size=512)
    assert changed_recipe(given) == recipe.changed(strokes="coarse")
    assert changed_text(given) == "Changed: strokes coarse"
    assert "strokes must be one of fine, balanced, coarse" in refusal("studio", strokes="wild")


def test_another_comparison_comes_back_with_nothing_lost() -> None:
    changes = {"size": 512, "style_comparison": "gram-relative"}
    held, lost = values_for(RECIPES["studio"], changes)
    assert (held["style_comparison"], lost) == ("gram-relative", [])
    changed = changed_recipe(values(style_comparison="gram-relative"))
    assert changed == RECIPES["studio"].changed(**changes)
    _, lost = values_for(RECIPES["studio"], {**changes, "content_comparison": "activations-mean"})
    assert lost == ["content_comparison activations-mean"]


def test_every_choice_has_a_label() -> None:
    for name, control in FIELDS.items():
        kind = RECIPES["studio"].field_kinds.get(name)
        if isinstance(kind, Choice):
            names = fitting("style") if name == "style_comparison" else kind.names
            assert set(control.choices) == set(names)


@pytest.mark.parametrize("name", RECIPES)
def test_own_values_change_nothing_but_the_size(name: str) -> None:
    own = values(name)
    assert changed_text(own) == "Nothing is changed."
    assert changed_recipe(own) == RECIPES[name].changed(size=size_of(own))
    assert SIZES[0] <= size_of(own) <= SIZES[1]


def test_own_values_are_known() -> None:
    both = {"style_strength": 0, "strokes": "balanced"}
    known = {"recipe": "studio", "quality": "balanced", "size": "medium", **both}
    assert own_values(RECIPES["studio"]) == known
    known = {"recipe": "walkthrough", "quality": None, "size": 300, **both}
    assert own_values(RECIPES["walkthrough"]) == known
    assert own_values(RECIPES["gatys-lbfgs"])["size"] == 512  # the content's own, in the recipe


@pytest.mark.parametrize(
    ("recipe", "optimizer", "name", "hint", "limits"),
    [
        ("course", "", "style_weight", "40 (the recipe's own)", "From 0 to 40\u00a0000."),
        ("course", "", "variation_weight", "0 (the recipe's own)", "From 0 to 40."),
        ("walkthrough", None, "content_weight", "1e-05 (the recipe's own)", "From 0 to 0.01."),
        ("walkthrough", None, "steps", "2000 (the recipe's own)", "From 1 to 10\u00a0000."),
        ("keras-book", None, "steps", "400 (the recipe's own)", "From 1 to 2000."),
        ("walkthrough", "adam", "learning_rate", "2 (the recipe's own)", "From 0.02 to 200."),
        ("tf-eager", "adam", "learning_rate", "5 (the recipe's own)", "From 0.05 to 500."),
        ("keras-book", "adam", "learning_rate", "2 (Adam's own)", "From 0.02 to 200."),
        ("keras-book", "adam", "optimizer", "L-BFGS (the recipe's own)", ""),
        ("gatys-lbfgs", None, "pooling", "Average (the recipe's own)", ""),
        ("keras-book", None, "content_layers", "block5_conv2=1 (the recipe's own)", ""),
    ],
)
def test_a_control_tells_the_own_value_and_the_range(
    recipe: str, optimizer: str | None, name: str, hint: str, limits: str
) -> None:
    control, chosen = FIELDS[name], at_hand({"recipe": recipe, "optimizer": optimizer})
    assert control.hint(chosen) == hint
    sentence = f"{control.entry.sentence} {limits}".strip()
    assert control.sentence(chosen).replace("\u00a0", " ") == sentence.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("recipe", "optimizer", "applies"),
    [
        ("studio", None, True),
        ("studio", "lbfgs", False),
        ("keras-book", "", False),
        ("keras-book", "adam", True),
    ],
)
def test_a_learning_rate_applies_to_adam_alone(
    recipe: str, optimizer: str | None, applies: bool
) -> None:
    recipe_at_hand = at_hand({"recipe": recipe, "optimizer": optimizer})
    assert FIELDS["learning_rate"].applies(recipe_at_hand) is applies
    assert FIELDS["steps"].applies(recipe_at_hand)


# From the controls to a recipe


def test_what_is_given_is_changed() -> None:
    given = values(
        "course",
        size=200,
        steps=3,
        seed=7,
        pooling="max",
        style_layers="block1_conv1=0.5, block2_conv1",
        learning_rate=4,
    )
    assert changes_of(given) == {
        "size": 200,
        "steps": 3,
        "seed": 7,
        "pooling": "max",
        "style_layers": {"block1_conv1": 0.5, "block2_conv1": 1},
        "learning_rate": 4,
    }


NUMBERS = ("content_weight", "style_weight", "variation_weight", "seed", "steps", "learning_rate")


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("recipe", RECIPES)
def test_what_is_empty_is_as_the_recipe_has_it(recipe: str, empty: Any) -> None:
    own = values(recipe)
    given = {**dict.fromkeys(NAMES, empty), "recipe": recipe}
    assert completed(given).items() >= {"recipe": recipe, "size": own["size"]}.items()
    assert changed_recipe(given) == changed_recipe(own)
    assert changed_text(given) == "Nothing is changed."


@pytest.mark.parametrize("empty", [None, ""])
def test_no_recipe_is_the_first(empty: Any) -> None:
    assert changed_recipe(dict.fromkeys(NAMES, empty)) == changed_recipe(values("studio"))


@pytest.mark.parametrize("end", [0, 1])
def test_both_ends_of_a_range_are_allowed(end: int) -> None:
    limits = {name: FIELDS[name].limits(RECIPES["course"]) or () for name in NUMBERS}
    given = {name: ends[end] for name, ends in limits.items()} | {"content_weight": 1}
    assert changes_of(values("course", **given)) == {**given, "size": 400}


def test_quality_counts_where_the_recipe_has_it() -> None:
    draft = RECIPES["studio"].qualities["draft"]["steps"]
    assert changed_recipe(values(quality="draft")).steps == draft
    assert changed_recipe(values(quality="draft", steps=5)).steps == 5
    assert "quality" not in changes_of(values("course", quality="draft"))


def test_style_strength_multiplies_the_weight() -> None:
    for strength, weight, counting in ((10, None, 400), (-10, 7, 0.7), (0, None, 40)):
        recipe = changed_recipe(values("course", style_strength=strength, style_weight=weight))
        assert recipe.style_weight == (weight or RECIPES["course"].style_weight)
        found = {term.name: term.weight for term in recipe.active_terms}
        assert found["style"] == pytest.approx(counting)


def test_a_slider_comes_back_where_it_stood() -> None:
    for strength in (-7, 0, 3):
        made = changes_of(values(style_strength=strength, style_weight=5))
        held, lost = values_for(RECIPES["studio"], made)
        assert (held["style_strength"], held["style_weight"], lost) == (strength, 5, [])


def test_the_recipe_s_own_optimizer_keeps_the_recipe_s_settings() -> None:
    assert changed_recipe(values(optimizer="adam")).optimizer == RECIPES["studio"].optimizer
    assert changed_recipe(values("keras-book", optimizer="adam", learning_rate=3)) == (
        RECIPES["keras-book"].changed(size=400, optimizer="adam", learning_rate=3)
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"size": 127}, "The size must be a number from 128 to 1024, not 127."),
        (
            {"size": "huge"},
            "The size, where it is no number, must be one of small, medium, large, not 'huge'.",
        ),
        ({"size": []}, "The size must be a number from 128 to 1024, not []."),
        ({"steps": 2001}, "Steps must be a number from 1 to 2000, not 2001."),
        ({"steps": nan}, "Steps must be a number from 1 to 2000, not nan."),
        (
            {"content_weight": inf},
            "Content weight must be a number from 0 to 10\u00a0000, not inf.",
        ),
        (
            {"style_weight": "<b>"},
            "Style weight must be a number from 0 to 40\u00a0000, not '<b>'.",
        ),
        ({"variation_weight": 41}, "Smoothness weight must be a number from 0 to 40, not 41."),
        ({"learning_rate": 0}, "Learning rate must be a number from 0.02 to 200, not 0."),
        ({"style_strength": 11}, "The style strength must be a number from -10 to 10, not 11."),
        (
            {"style_weight": 6000, "style_strength": 10},
            "The style weight at this strength must be a number from 0 to 40\u00a0000, "
            "not 60000.0.",
        ),
        (
            {"optimizer": "lbfgs", "learning_rate": 3},
            "L-BFGS has no learning rate: leave Learning rate empty, or choose Adam as the "
            "optimiser.",
        ),
        ({"optimizer": "sgd"}, "optimizer must be one of adam, lbfgs, not 'sgd'."),
        ({"optimizer": ["adam"]}, "optimizer must be one of adam, lbfgs, not ['adam']."),
        ({"pooling": "median"}, "pooling must be one of max, average, not 'median'."),
        (
            {"recipe": "studio", "quality": "best"},
            "quality must be one of draft, balanced, fine, not 'best'.",
        ),
        (
            {"style_layers": 2**70},
            "Style layers must be text such as block4_conv2=1, block5_conv2=0.5, "
            "not 1180591620717411303424.",
        ),
        (
            {"style_layers": "block1_conv1=x"},
            "The weight of 'block1_conv1' must be a number, not 'x'.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], sentence: str) -> None:
    assert refusal(**given) == sentence


@pytest.mark.parametrize("recipe", ["<b>", ["studio"], 2**70])
def test_an_unknown_recipe_is_refused(recipe: Any) -> None:
    with pytest.raises(RecipeError, match=r"^The recipe must be one of studio, "):
        changed_recipe({**values(), "recipe": recipe})


def test_a_recipe_without_a_learning_rate_says_so() -> None:
    with pytest.raises(RecipeError, match=r"^L-BFGS has no learning rate: "):
        changes_of(values("gatys-lbfgs", learning_rate=2))


# From settings to the controls


@pytest.mark.parametrize(
    ("recipe", "changes"),
    [
        ("studio", {"size": 200}),
        ("course", {"size": 128, "steps": 3, "seed": 5, "start": "noise"}),
        ("walkthrough", {"size": 300, "style_layers": {"block1_conv1": 1 / 3}}),
        ("keras-book", {"size": 400, "optimizer": "adam", "learning_rate": 0.1 + 0.2}),
        ("tf-eager", {"size": 512, "precision": "bfloat16", "reconstruct": "style"}),
    ],
)
def test_settings_and_back(recipe: str, changes: dict[str, Any]) -> None:
    seed = changes.get("seed", 0)
    others = {name: value for name, value in changes.items() if name != "seed"}
    restored, lost = values_of(settings(recipe, seed, **others))
    assert lost == []
    assert changed_recipe(restored) == RECIPES[recipe].changed(**changes)


QUALITIES = RECIPES["studio"].qualities


@pytest.mark.parametrize(
    ("changes", "quality", "steps"),
    [
        (QUALITIES["draft"], "draft", None),
        ({**QUALITIES["fine"], "pooling": "average"}, "fine", None),
        ({"steps": QUALITIES["fine"]["steps"]}, "balanced", QUALITIES["fine"]["steps"]),
        ({}, "balanced", None),
        ({"steps": 49}, "balanced", 49),
    ],
)
def test_a_quality_is_recognised(changes: dict[str, Any], quality: str, steps: int | None) -> None:
    restored, lost = values_of(settings(**changes))
    assert (restored["quality"], restored.get("steps"), lost) == (quality, steps, [])
    assert restored.get("content_weight") is None
    assert changed_recipe(restored) == RECIPES["studio"].changed(**changes)


def test_a_size_the_recipe_takes_from_the_content_is_the_picture_s() -> None:
    restored, lost = values_of(settings("gatys-lbfgs"))
    assert (restored["size"], lost) == (300, [])


def test_what_no_control_can_hold_is_told() -> None:
    restored, lost = values_of(settings(size=2048, beta_1=0.5, coarsest=None))
    assert restored["size"] == 1024
    assert sorted(lost) == ["beta_1 0.5", "coarsest None", "size 2048"]


def test_a_number_out_of_range_stays_to_be_refused() -> None:
    restored, lost = values_of(settings("course", steps=5000))
    assert (restored["steps"], lost) == (5000, [])
    assert changed_text(restored) == "Changed: steps 5000 (own: 200)"
    with pytest.raises(RecipeError, match=r"^Steps must be a number from 1 to 2000, not 5000\.$"):
        changes_of(restored)


def check_pair(changes: dict[str, Any]) -> None:
    """The changes of an example pair load into controls, which then mean the same."""
    loaded, lost = values_for(RECIPES["studio"], changes)
    assert lost == []
    recipe = RECIPES["studio"]
    assert changed_recipe(loaded) == recipe.changed(**changes)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['content']}-{pair['style']}")
def test_example_pairs_load(pair: dict[str, Any]) -> None:
    check_pair(pair["changes"])


def test_every_kind_of_change_loads() -> None:
    check_pair(
        {
            "quality": "fine",
            "size": 256,
            "style_weight": 100.0,
            "style_layers": {"block1_conv1": 1 / 3, "block3_conv1": 1},
            "start": "noise",
            "seed": 3,
            "learning_rate": 12,
        }
    )
    check_pair({"optimizer": "lbfgs", "steps": 60})


# In words


def test_changes_in_words() -> None:
    changed = values(
        "keras-book", style_strength=-3, optimizer="adam", learning_rate=5, style_layers="block1"
    )
    assert changed_text(changed) == (
        "Changed: style strength -3 · style layers block1 (own: block1_conv1=0.2, "
        "block2_conv1=0.2, block3_conv1=0.2, block4_conv1=0.2, block5_conv1=0.2) · "
        "optimiser Adam (own: L-BFGS) · learning rate 5 (own: 2)"
    )
    assert changed_text(values(quality="draft")) == "Changed: quality draft"
    assert changed_text(values(size=256)) == "Changed: size 256"
    assert changed_text(values(size="large")) == "Changed: size large"
    assert changed_text(values("walkthrough", size=300)) == "Nothing is changed."


@pytest.mark.parametrize("sent", [10**400, "y" * 10**5, "y " * 10**5, [1] * 10**5])
def test_what_is_sent_does_not_come_back_in_full(sent: Any) -> None:
    for name in ("quality", "style_strength", "style_layers", "pooling", "seed"):
        assert len(changed_text(values(**{name: sent}))) < 1000, name


def test_a_field_the_optimizer_has_not_is_no_change() -> None:
    assert changed_text(values("keras-book", learning_rate=5)) == "Nothing is changed."
