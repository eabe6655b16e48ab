"""The number type that a recipe's "auto" stands for on this machine."""

from nst_core.network.backbone import Backbone
from nst_core.network.precision import faster_dtype
from nst_core.recipe.recipe import Recipe


def settled(recipe: Recipe, backbone: Backbone) -> Recipe:
    """The recipe with "float32" or "bfloat16" in the place of "auto"."""
    if recipe.precision != "auto":
        return recipe
    return recipe.changed(precision=faster_dtype(backbone))
