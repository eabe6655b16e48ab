"""The optimisers by name."""

from dataclasses import is_dataclass

from nst_core.checks import check_choice
from nst_core.recipe.adam import Adam
from nst_core.recipe.descent import Optimizer
from nst_core.recipe.lbfgs import LBFGS

OPTIMIZERS: dict[str, Optimizer] = {"adam": Adam(), "lbfgs": LBFGS()}
"""Name -> default settings."""


def find_optimizer(optimizer: "str | Optimizer") -> Optimizer:
    """The default settings of the optimiser called `optimizer`, or `optimizer` itself.

    Raises:
        RecipeError: there is none of that name; lists those there are.
    """
    if is_dataclass(optimizer):
        return optimizer
    check_choice("optimizer", optimizer, OPTIMIZERS)
    return OPTIMIZERS[optimizer]
