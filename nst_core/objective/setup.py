"""A recipe and its network, as they work: the one place where an "auto" precision is settled."""

from dataclasses import dataclass

from nst_core.checks import shown
from nst_core.errors import RecipeError
from nst_core.loss.comparison import IMAGE
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.precision import faster_dtype
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe


@dataclass(frozen=True)
class Setup:
    """What works; `set_up` makes it.

    Attributes:
        recipe: its precision is "float32" or "bfloat16", and never "auto".
        network: it may lack a layer, see `check_layers`.
    """

    recipe: Recipe
    network: Backbone


def set_up(recipe: str | Recipe, backbone: str | Backbone) -> Setup:
    """Load the network, and settle the precision on this machine.

    Args:
        recipe: a name in `RECIPES`, or a recipe; one whose precision is settled stays as it is.
        backbone: see `load_backbone`.

    Raises:
        RecipeError: there is no such recipe.
        BackboneError: the weights are not to be had.
    """
    network, asked = load_backbone(backbone), find_recipe(recipe)
    if asked.precision == "auto":
        asked = asked.changed(precision=faster_dtype(network))
    return Setup(asked, network)


def check_layers(recipe: Recipe, backbone: Backbone) -> None:
    """Raise `RecipeError` if the recipe looks at a layer that the backbone lacks."""
    for term in recipe.terms:
        for layer in term.layers:
            if layer not in (*backbone.layers, IMAGE):
                raise RecipeError(
                    f"{term.name}_layers: the backbone {backbone.name} has no layer "
                    f"{shown(layer)}; it has {', '.join(backbone.layers)}."
                )
