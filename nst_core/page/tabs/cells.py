"""The cells of a sheet, from what a visitor chose."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nst_core.checks import check_choice, in_range, shown, spoken_time
from nst_core.errors import BudgetError, RecipeError
from nst_core.images.sizes import Size
from nst_core.network.backbone import Backbone
from nst_core.page.hosting.limits import current
from nst_core.page.settings.controls import Values, changed_recipe, chosen_recipe
from nst_core.recipe.catalogue import RECIPES
from nst_core.study.experiments import EXPERIMENTS, MAX_CELLS, Cell, sweep
from nst_core.study.sheet import expected_seconds

OFFERED_SIZES = (64, 384)
"""Of a cell, in px."""
OFFERED_STEPS = (1, 300)
DRAFT_SIZE = 256
"""px; four of them fill a desktop's window, and are done in seconds."""
DRAFT_STEPS = 100
"""At most."""
SWEEP = "sweep"
"""The experiment that asks for a field and its values; `EXPERIMENTS` has the others."""


def chosen_cells(
    experiment: object,
    recipe: object,
    number: object,
    values: object,
    size: object,
    steps: object,
) -> list[Cell]:
    """The cells of an experiment as a visitor chose it, each with its size and steps.

    Args:
        experiment: a name in `EXPERIMENTS`, or `SWEEP`.
        recipe: a name in `RECIPES`.
        number: for `SWEEP` alone, one of `number_fields(recipe)`.
        values: of that number, for `parse_values`. Those of size or steps win over what follows.
        size: px of a cell, within `OFFERED_SIZES`.
        steps: of a cell, within `OFFERED_STEPS`.

    Raises:
        RecipeError: an unknown name, or a number out of range.
    """
    cells = experiment_cells(experiment, recipe, number, values)
    common = {
        "size": round(in_range("The cell size", size, OFFERED_SIZES)),
        "steps": round(in_range("The number of steps", steps, OFFERED_STEPS)),
    }
    return [replace(cell, changes={**common, **cell.changes}) for cell in cells]


def experiment_cells(
    experiment: object, recipe: object, number: object, values: object
) -> list[Cell]:
    """The same with what the experiment changes alone; raises as `chosen_cells`."""
    recipe = check_choice("The recipe", recipe, RECIPES)
    experiment = check_choice("The experiment", experiment, [*EXPERIMENTS, SWEEP])
    if experiment == SWEEP:
        return sweep(recipe, number, parse_values(str(values)))
    return EXPERIMENTS[experiment].cells(recipe)


def draft_cells(styles: Mapping[str, Path | None], values: Values) -> list[Cell]:
    """A small, short run for each style, with the controls of the Paint tab.

    Args:
        styles: what to call it -> its file.
        values: of the controls. Size and quality do not count, nor steps beyond `DRAFT_STEPS`.

    Raises:
        RecipeError: the controls can't work.
    """
    recipe = chosen_recipe(values)
    quality = "draft" if "draft" in recipe.qualities else None
    recipe = changed_recipe({**values, "quality": quality, "size": None})
    changes = {"size": DRAFT_SIZE, "steps": min(recipe.steps, DRAFT_STEPS)}
    return [Cell(name, recipe, changes, style) for name, style in styles.items()]


def seconds_within_budget(cells: Sequence[Cell], content: Size, network: Backbone) -> float:
    """How long a sheet will take, if it may.

    Raises:
        BudgetError: it would take longer than the operator allows.
    """
    seconds = expected_seconds(cells, content, network)
    if seconds > current().max_seconds:
        raise BudgetError(
            f"These {len(cells)} pictures would take about {spoken_time(seconds)} here, and may "
            f"take {spoken_time(current().max_seconds)}: choose fewer steps or a smaller size."
        )
    return seconds


def parse_values(text: str) -> list[float]:
    """The numbers in what a person typed, such as "1, 10, 1e2"; whole ones come as int.

    Raises:
        RecipeError: a word that is no finite number, no number at all, or more than `MAX_CELLS`.
    """
    words = text.replace(",", " ").replace(";", " ").split()
    if not 1 <= len(words) <= MAX_CELLS:
        raise RecipeError(
            f"Values must be 1 to {MAX_CELLS} numbers, such as 1, 10, 100; there are {len(words)}."
        )
    return [_number(word) for word in words]


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RecipeError(f"Values must be numbers, such as 1, 10, 0.5 or 1e-3, not {shown(word)}.")
    return int(value) if value.is_integer() else value
