"""Every comparison that people can write: it paints a finite picture, or says one sentence."""

import re
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, noise, photo

from nst_core import RECIPES, Backbone, Recipe, RecipeError, stylize
from nst_core.loss.comparison import IMAGE, SUBJECTS
from nst_core.loss.comparisons import COMPARISONS, fitting
from nst_core.loss.terms import Term

LAYERS = {"block1_conv1": 1.0, "block2_conv1": 0.5}
CONTENT, STYLE = photo(CAT, 32, 48), photo(CHURCH, 48, 32)
QUICK: dict[str, Any] = {"size": 48, "steps": 3}


def alone(recipe: Recipe, name: str, **changes: Any) -> Recipe:
    """The recipe with one term, in one or two layers, that weighs little, and the others nothing.

    Little, so that sums of squares are something finite as well.
    """
    weights = {f"{term.name}_weight": 0.0 for term in recipe.terms} | {f"{name}_weight": 1e-3}
    own = {f"{name}_{field}": value for field, value in changes.items()}
    return recipe.changed(**weights, **own, optimizer="adam", precision="float32")


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("name", COMPARISONS)
def test_a_term_takes_what_is_about_its_subject_and_names_that_else(
    subject: str, name: str
) -> None:
    """Whatever its recipe; from the command line as well, which changes a recipe likewise."""
    for recipe in RECIPES.values():
        for term in recipe.terms:
            changes = {f"{term.name}_comparison": name}
            if term.subject != subject:
                continue
            if name in fitting(subject):
                assert recipe.changed(**changes).terms != ()
                continue
            with pytest.raises(RecipeError) as caught:
                recipe.changed(**changes)
            assert str(caught.value) == (
                f"{term.name}_comparison must be one of {', '.join(fitting(subject))}, "
                f"not {name!r}."
            )


@pytest.mark.slow
@pytest.mark.parametrize("layers", [LAYERS, {IMAGE: 1.0}], ids=["network", "image"])
@pytest.mark.parametrize("name", COMPARISONS)
def test_it_paints_a_finite_picture(
    backbone: Backbone, name: str, layers: dict[str, float]
) -> None:
    recipe, subject = RECIPES["studio"], COMPARISONS[name].subjects[0]
    term = next(each for each in recipe.terms if each.subject == subject)
    own: dict[str, Any] = {"layers": layers} if term.of_the_network else {}
    changed = alone(recipe, term.name, comparison=name, **own)
    *_, last = stylize(CONTENT, STYLE, changed, backbone, **QUICK)
    assert last.final
    assert all(np.isfinite(value) for value in last.losses.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPARISONS)
def test_it_goes_with_masks_mixes_and_strips(
    backbone: Backbone, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nst_core.painting import run

    term = Term(name="own", weight=1e-3, layers=LAYERS, comparison=name)
    recipe = RECIPES["moments"].changed(terms=(term,), precision="float32")
    mask = np.zeros((32, 48), np.uint8)
    mask[:, :20] = 255
    styles = [(STYLE, 0.7), (noise(40, 40, 3), 0.3)]
    pictures = []
    for in_strips in (False, True):
        monkeypatch.setattr(run, "needs_strips", lambda *_, chosen=in_strips: chosen)
        *_, last = stylize(
            CONTENT, styles, recipe, backbone, mask=mask, outside=noise(32, 32, 4), **QUICK
        )
        assert last.final
        assert np.isfinite(last.losses.total)
        pictures.append(np.asarray(last.image, int))
    assert np.abs(pictures[0] - pictures[1]).max() <= 1


@pytest.mark.parametrize("name", COMPARISONS)
def test_it_says_what_it_is(name: str) -> None:
    comparison = COMPARISONS[name]
    assert {*comparison.subjects} <= {*SUBJECTS}
    assert comparison.target in ("content", "style", "none")
    assert re.fullmatch(r"[A-Z].{4,50}", comparison.label)
    assert sum(each.label == comparison.label for each in COMPARISONS.values()) == 1
