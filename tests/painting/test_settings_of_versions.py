"""Settings inside a picture: those that earlier versions wrote."""

from pathlib import Path
from typing import Any

import pytest
from painting.described import changes, other, read_text, text_refusal

from nst_core import RECIPES
from nst_core.painting.settings import recipe_of
from nst_core.recipe.adam import Adam
from nst_core.recipe.lbfgs import LBFGS

FROM_THE_PHOTO = {
    "start": "content",
    "coarsest": 64,
    "steps": 165,
    "step_ratio": 0.85,
    "style_weight": 1.6,
}
"""`studio` up to version 0.7."""


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, {"style_weight": 50.0, "steps": 120, "step_ratio": 2.0, "variation_weight": 1e-4}),
        ({"steps": 48, "style_weight": 7.0}, {"style_weight": 7.0, "steps": 48, "step_ratio": 2.0}),
        ({"optimizer": "lbfgs"}, {"style_weight": 50.0, "optimizer": LBFGS()}),
    ],
    ids=["plain", "changed", "other optimiser"],
)
def test_pictures_of_version_0_1_keep_the_studio_of_their_time(
    changes: dict[str, Any], known: dict[str, Any], tmp_path: Path
) -> None:
    recipe = recipe_of(read_text(other(version="0.1.0", changes=changes), tmp_path))
    assert {name: getattr(recipe, name) for name in known} == known
    comparisons = (recipe.style_comparison, recipe.variation_comparison)
    assert (recipe.name, *comparisons) == ("moments", "gram-relative", "roughness")
    layers = [weight * 341 for weight in recipe.style_layers.values()]
    assert layers == pytest.approx([256, 64, 16, 4, 1])
    if "optimizer" not in changes:
        expected = Adam(16.0, beta_1=0.8, beta_2=0.7, clip=True, decay=0.2, averaging=0.8)
        assert recipe.optimizer == expected


@pytest.mark.parametrize(
    ("version", "changes", "was"),
    [
        ("0.4.0", {}, {**FROM_THE_PHOTO, "keep_faces": 0.0, "warm_up": 0, "decay": 0.3}),
        ("0.4.0", {"optimizer": "lbfgs"}, {**FROM_THE_PHOTO, "keep_faces": 0.0}),
        ("0.5.0", {}, {**FROM_THE_PHOTO, "warm_up": 0, "decay": 0.3}),
        ("0.5.0", {"optimizer": "lbfgs"}, FROM_THE_PHOTO),
        ("0.6.0", {"steps": 9}, {**FROM_THE_PHOTO, "steps": 9, "decay": 0.3}),
        ("0.7.0", {"start": "decoder"}, {**FROM_THE_PHOTO, "start": "decoder", "decay": 0.3}),
        ("0.8.0", {"steps": 9}, {}),
    ],
)
def test_pictures_of_earlier_versions_keep_the_studio_of_their_time(
    version: str, changes: dict[str, Any], was: dict[str, Any], tmp_path: Path
) -> None:
    """They began with the photograph; before, each size began with a whole step; before, faces were
    painted as all else is."""
    recipe = recipe_of(read_text(other(version=version, changes=changes), tmp_path))
    assert recipe == RECIPES["studio"].changed(**{**changes, **was})


def test_other_recipes_of_version_0_1_are_as_they_were(tmp_path: Path) -> None:
    text = other(version="0.1.0", recipe="course", changes={"steps": 9})
    assert read_text(text, tmp_path).changes == {"steps": 9}


def test_pictures_of_version_0_2_keep_the_studio_of_their_time(tmp_path: Path) -> None:
    recipe = recipe_of(read_text(other(version="0.2.0", changes={"steps": 9}), tmp_path))
    assert recipe == RECIPES["moments"].changed(steps=9)


@pytest.mark.parametrize(
    ("recipe", "told", "comparison"),
    [
        ("studio", {"style_statistic": "gram", "style_scaling": "gatys"}, "gram-gatys"),
        ("course", {"style_statistic": "moments", "style_scaling": "moments-relative"}, "moments"),
        ("keras-book", {"style_scaling": "mean"}, "gram-mean"),
    ],
)
def test_what_a_term_compared_up_to_version_0_2_has_one_name_now(
    recipe: str, told: dict[str, str], comparison: str, tmp_path: Path
) -> None:
    text = other(version="0.2.0", recipe=recipe, changes={**told, "steps": 9})
    assert read_text(text, tmp_path).changes == {"style_comparison": comparison, "steps": 9}


@pytest.mark.parametrize("name", ["roughness", "median", 3, None, ["gram"]])
def test_what_a_term_no_longer_compares_is_refused(name: Any, tmp_path: Path) -> None:
    text = other(version="0.2.0", **changes(style_statistic=name))
    assert "that only versions up to 0.2 know" in text_refusal(text, tmp_path)
