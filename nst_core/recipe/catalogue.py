"""The recipes by name."""

from nst_core.checks import shown
from nst_core.errors import RecipeError
from nst_core.recipe.published import (
    COURSE,
    GATYS_LBFGS,
    KERAS_BOOK,
    NNST,
    TF_EAGER,
    WALKTHROUGH,
)
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.studio import MOMENTS, STUDIO

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (STUDIO, MOMENTS, NNST, KERAS_BOOK, WALKTHROUGH, GATYS_LBFGS, TF_EAGER, COURSE)
}


def find_recipe(recipe: "str | Recipe") -> Recipe:
    """The recipe called `recipe`, or `recipe` itself.

    Raises:
        RecipeError: there is none of that name; lists those there are.
    """
    if isinstance(recipe, Recipe):
        return recipe
    if recipe not in RECIPES:
        raise RecipeError(f"There is no recipe {shown(recipe)}; there are {', '.join(RECIPES)}.")
    return RECIPES[recipe]
