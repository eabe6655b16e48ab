"""Experiments on a pair, as data, and one labelled sheet that shows them and fills cell by cell.

The sheets are those of Gatys, Ecker & Bethge, "Image Style Transfer Using Convolutional Neural
Networks", CVPR 2016, and of the walk-through of 2022, for the pair in hand.
"""

import math
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from nst_core.backbone import POOLINGS, Backbone, load_backbone
from nst_core.checks import check_choice, check_whole, in_range
from nst_core.errors import RecipeError
from nst_core.images import ImageError, ImageSource, fit, open_image
from nst_core.objective import Objective, check_layers
from nst_core.precision import settled
from nst_core.pyramid import plan
from nst_core.recipes import RECIPES, Recipe, find_recipe
from nst_core.sheets import balanced_columns, labelled_sheet, panel
from nst_core.sizes import Size, longest_side
from nst_core.transfer import StyleSource, stylize

MAX_CELLS = 12
"""Most cells on a sheet."""
CELL_SIZES = (32, 512)
"""Smallest and largest `size` of a cell, in px."""
CELL_STEPS = (1, 1000)
OFFERED_SIZES = (64, 384)
"""Of cells that a visitor of a page may ask for, in px."""
OFFERED_STEPS = (1, 300)
DEFAULTS: Mapping[str, Any] = {"size": 192, "size_rule": longest_side, "steps": 100}
"""What every cell starts from, in place of the recipe's own: small, alike in size, and done in
seconds where the published recipes take up to 2000 steps. A cell is a sketch of the full run."""
MOST_COLUMNS = 3
"""More would be too small to see on a phone."""


@dataclass(frozen=True)
class Cell:
    """One run of an experiment.

    Attributes:
        label: what stands below its picture.
        recipe: a name in `RECIPES`, or a recipe.
        changes: fields of the recipe, or of its optimiser, to replace.
    """

    label: str
    recipe: str | Recipe
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """A sheet at one moment.

    Attributes:
        sheet: RGB; finished cells, the current one as it is now, grey for the rest. Its size never
            changes.
        finished, total: cells.
        elapsed, remaining: seconds since the work began, and an estimate of those until it ends;
            NaN before there is one.
        final: True for the last one only.
    """

    sheet: Image.Image
    finished: int
    total: int
    elapsed: float
    remaining: float
    final: bool


# ---------------------------------------------------------------- experiments


def sweep(recipe: str | Recipe, name: str, values: Sequence[float]) -> list[Cell]:
    """One cell per value of the field `name`, one of `number_fields(recipe)`.

    Raises:
        RecipeError: there is no such number in the recipe.
    """
    check_choice("The field to sweep", name, number_fields(recipe))
    return [Cell(f"{name} {value:.12g}", recipe, {name: value}) for value in values]


def number_fields(recipe: str | Recipe) -> list[str]:
    """Names of the numbers in a recipe and its optimiser: what `sweep` can run over."""
    recipe = find_recipe(recipe)
    return [
        entry.name
        for settings in (recipe, recipe.optimizer)
        for entry in fields(settings)
        if entry.type in (int, float, int | None, float | None)
    ]


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
        raise RecipeError(f"Values must be numbers, such as 1, 10, 0.5 or 1e-3, not {word[:20]!r}.")
    return int(value) if value.is_integer() else value


def style_weights(recipe: str | Recipe) -> list[Cell]:
    """The recipe's style weight times 1/100 to 100, in powers of ten.

    Gatys et al. 2016, figure 4 and section 3.1; the walk-through's sweep from 1e-5 to 1e-2.

    Raises:
        RecipeError: the recipe's style weight is 0.
    """
    own = find_recipe(recipe).style_weight
    if not own:
        raise RecipeError(
            "style_weight is 0, which has no powers of ten around it: raise it first."
        )
    return sweep(recipe, "style_weight", [own * 10.0**power for power in range(-2, 3)])


def content_reconstruction(recipe: str | Recipe) -> list[Cell]:
    """From noise, by the content term alone: what one layer of each block knows of the content.

    Gatys et al. 2016, figure 1 (content reconstructions) and section 2.1.
    """
    layers = [f"block{block}_conv2" for block in range(1, 6)]
    return [
        Cell(layer, recipe, {**_FROM_NOISE, "reconstruct": "content", "content_layers": {layer: 1}})
        for layer in layers
    ]


def style_reconstruction(recipe: str | Recipe) -> list[Cell]:
    """From noise, by the style term alone: the texture that growing sets of layers stand for.

    Gatys et al. 2016, figure 1 (style reconstructions) and section 2.2: the first of the recipe's
    style layers, the first two, and so on, with equal weights.
    """
    layers = sorted(find_recipe(recipe).style_layers)
    sets = [layers[:count] for count in range(1, len(layers) + 1)]
    return [
        Cell(
            f"+ {chosen[-1]}" if chosen[1:] else chosen[-1],
            recipe,
            {
                **_FROM_NOISE,
                "reconstruct": "style",
                "style_layers": dict.fromkeys(chosen, 1 / len(chosen)),
            },
        )
        for chosen in sets
    ]


def start_images(recipe: str | Recipe) -> list[Cell]:
    """The same run from the content, from the style and from noise.

    Gatys et al. 2016, figure 6 and section 3.3.
    """
    starts = ("content", "style", "noise")
    return [Cell(f"from {start}", recipe, {**_ONE_SIZE, "start": start}) for start in starts]


def poolings(recipe: str | Recipe) -> list[Cell]:
    """Max against average pooling (Gatys et al. 2016, section 2)."""
    return [Cell(f"{pooling} pooling", recipe, {"pooling": pooling}) for pooling in POOLINGS]


def all_recipes(_recipe: str | Recipe) -> list[Cell]:
    """Every recipe in `RECIPES`, as it is published but for size and steps (see `DEFAULTS`)."""
    return [Cell(name, name) for name in RECIPES]


_ONE_SIZE: Mapping[str, Any] = {"coarsest": None}
"""Going from size to size gives the content's detail back, which must not help what is shown."""
_FROM_NOISE: Mapping[str, Any] = {**_ONE_SIZE, "start": "grey-noise", "pooling": "average"}
"""The walk-through's faint noise and the paper's pooling. What stronger noise and max pooling leave
behind, a hundred steps do not remove."""


@dataclass(frozen=True)
class Experiment:
    """What a page can offer.

    Attributes:
        description: one sentence for people.
        cells: makes the cells for a recipe.
    """

    description: str
    cells: Callable[[str | Recipe], list[Cell]]


EXPERIMENTS: dict[str, Experiment] = {
    "style-weight": Experiment(
        "The style weight in powers of ten around the recipe's own.", style_weights
    ),
    "content-reconstruction": Experiment(
        "The content painted from noise by one layer of each block: deeper ones forget detail.",
        content_reconstruction,
    ),
    "style-reconstruction": Experiment(
        "The style painted from noise by more and more layers: deeper ones add larger shapes.",
        style_reconstruction,
    ),
    "start-images": Experiment("The same run from the content, the style and noise.", start_images),
    "poolings": Experiment("Max against average pooling in the network.", poolings),
    "recipes": Experiment("All recipes on this pair, in short runs.", all_recipes),
}
"""Those that need nothing but a recipe; `SWEEP` asks for a field and values besides."""
SWEEP = "sweep"


def chosen_cells(
    experiment: str, recipe: str, number: str, values: str, size: float, steps: float
) -> list[Cell]:
    """The cells of an experiment as a visitor of a page chose it, each with its size and steps.

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
    check_choice("The recipe", recipe, RECIPES)
    check_choice("The experiment", experiment, [*EXPERIMENTS, SWEEP])
    common = {
        "size": round(in_range("The cell size", size, OFFERED_SIZES)),
        "steps": round(in_range("The number of steps", steps, OFFERED_STEPS)),
    }
    if experiment == SWEEP:
        cells = sweep(recipe, number, parse_values(str(values)))
    else:
        cells = EXPERIMENTS[experiment].cells(recipe)
    return [replace(cell, changes={**common, **cell.changes}) for cell in cells]


# ---------------------------------------------------------------- the sheet


def explore(
    content: ImageSource,
    style: StyleSource,
    cells: Sequence[Cell],
    backbone: str | Backbone = "auto",
    **common: Any,
) -> Generator[Progress, None, None]:
    """Run the cells one after the other, yielding the sheet on the way.

    The arguments are checked at once; the work begins with the second `Progress` asked for.
    Closing the generator stops it within one step. A cell that can't run or ends before its time
    says why on the sheet, and the next one follows.

    Args:
        content: as for `stylize`.
        style: as for `stylize`.
        cells: 1 to `MAX_CELLS`.
        backbone: see `load_backbone`.
        common: changes to every cell's recipe; they replace `DEFAULTS`, and a cell's own go first.

    Raises:
        ImageError: an image can't be used.
        RecipeError: no or too many cells, no such recipe or field, or a value that can't work.
        BackboneError: the weights are not to be had; raised by the generator.
    """
    recipes = _settle(cells, common, backbone)
    image = open_image(content, "content image")
    stylize(image, style, recipes[0], backbone).close()  # raises what is wrong with the style
    labels = [cell.label for cell in cells]
    return _Exploration(image, style, labels, recipes, backbone).progress()


def expected_seconds(
    cells: Sequence[Cell], content: Size, backbone: str | Backbone = "auto", **common: Any
) -> float:
    """How long `explore` will take: an estimate, from one small step timed once per process.

    Loads the network if that is still to be done. On a machine with other work to do the sheet may
    take several times as long.

    Args:
        cells: as for `explore`.
        content: (width, height) px of the content image.
        backbone: see `load_backbone`.
        common: as for `explore`.

    Raises:
        RecipeError, BackboneError: as for `explore`.
    """
    network = load_backbone(backbone) if isinstance(backbone, str) else backbone
    recipes = _settle(cells, common, network)
    return sum(_expected(recipe, content, network) for recipe in recipes)


def _settle(
    cells: Sequence[Cell], common: Mapping[str, Any], backbone: str | Backbone
) -> list[Recipe]:
    """The recipe of each cell, with all changes, checked as far as can be before the start."""
    if not 1 <= len(cells) <= MAX_CELLS:
        raise RecipeError(f"A sheet has 1 to {MAX_CELLS} cells, not {len(cells)}.")
    recipes = []
    for cell in cells:
        try:
            recipe = find_recipe(cell.recipe).changed(**{**DEFAULTS, **common, **cell.changes})
            check_whole("size", recipe.size, *CELL_SIZES, unit=" px on a sheet")
            check_whole("steps", recipe.steps, *CELL_STEPS, unit=" on a sheet")
            if isinstance(backbone, Backbone):
                check_layers(recipe, backbone)
        except RecipeError as error:
            raise RecipeError(f"{cell.label}: {error}") from error
        recipes.append(recipe)
    return recipes


class _Exploration:
    """One sheet: what its cells show now."""

    def __init__(
        self,
        content: Image.Image,
        style: StyleSource,
        labels: Sequence[str],
        recipes: Sequence[Recipe],
        backbone: str | Backbone,
    ) -> None:
        self._content = content
        self._style = style
        self._labels = labels
        self._recipes = recipes
        self._backbone = backbone
        self._box = fit(content.size, max(recipe.size or 0 for recipe in recipes))
        self._panels = [panel(self._box) for _ in recipes]

    def progress(self) -> Generator[Progress, None, None]:
        self._began = time.monotonic()
        yield self._progress(0, math.nan)
        if isinstance(self._backbone, str):
            self._backbone = load_backbone(self._backbone)
        expected = [_expected(each, self._content.size, self._backbone) for each in self._recipes]
        began = time.monotonic()
        for number, seconds in enumerate(expected):
            past = sum(expected[:number])
            pace = (time.monotonic() - began) / past if past else 1.0
            later = pace * sum(expected[number + 1 :])
            for left in self._paint(number):
                here = pace * seconds if math.isnan(left) else left
                yield self._progress(number, here + later)
            yield self._progress(number + 1, later)

    def _paint(self, number: int) -> Generator[float, None, None]:
        """Work on one cell; yields the seconds that it still needs, NaN before that is known."""
        recipe = self._recipes[number]
        try:
            with closing(stylize(self._content, self._style, recipe, self._backbone)) as frames:
                for frame in frames:
                    note = frame.message if frame.final else ""
                    self._panels[number] = panel(self._box, frame.image, note)
                    if not frame.final:
                        yield frame.remaining
        except (RecipeError, ImageError) as error:  # such as a layer that the backbone lacks
            self._panels[number] = panel(self._box, note=f"failed: {error}")

    def _progress(self, finished: int, remaining: float) -> Progress:
        cells = list(zip(self._labels, self._panels, strict=True))
        columns = balanced_columns(len(cells), MOST_COLUMNS)
        return Progress(
            sheet=labelled_sheet(cells, columns, height=self._box[1]),
            finished=finished,
            total=len(cells),
            elapsed=time.monotonic() - self._began,
            remaining=remaining,
            final=finished == len(cells),
        )


# ---------------------------------------------------------------- the expected time


def seconds_by_quality(size: Size, backbone: Backbone) -> dict[str, float]:
    """Seconds that `studio` takes on this machine for a photograph of `size`, at each quality."""
    studio = RECIPES["studio"]
    recipes = {name: studio.changed(quality=name) for name in studio.qualities}
    return {name: _expected(recipe, size, backbone) for name, recipe in recipes.items()}


TRIAL_SIZE = 96
"""px of the step that is timed."""
TRIALS = 3
START_SECONDS = 1.5
"""What a cell takes besides its steps, for tracing and targets."""


def _expected(recipe: Recipe, content: Size, backbone: Backbone) -> float:
    """Seconds that a run will take."""
    dtype = settled(recipe, backbone).precision
    work = _multiplications(recipe, content, backbone)
    return START_SECONDS + work * _seconds_per_multiplication(backbone, dtype)


def _multiplications(recipe: Recipe, content: Size, backbone: Backbone) -> float:
    """Of the convolutions, in one direction, over all steps of a run."""
    wanted = {*recipe.active_content_layers, *recipe.active_style_layers} & {*backbone.layers}
    per_pixel = sum(
        backbone.kernels[layer][0].size / 4 ** (int(layer[5]) - 1)  # a block halves both sides
        for layer in backbone.up_to_deepest(wanted)
    )
    return per_pixel * sum(scale.pixels * scale.steps for scale in plan(recipe, content))


@lru_cache(maxsize=4)
def _seconds_per_multiplication(backbone: Backbone, dtype: str) -> float:
    """Seconds of a whole step over `_multiplications`, which knows of the way forward only."""
    recipe = RECIPES["studio"].changed(size=TRIAL_SIZE, coarsest=None, steps=1, precision=dtype)
    noise = np.random.default_rng(0).uniform(0, 255, (TRIAL_SIZE, TRIAL_SIZE, 3))
    objective = Objective(noise, noise, recipe, backbone)
    objective.value_and_gradient(noise)  # traces
    times = []
    for _ in range(TRIALS):
        began = time.perf_counter()
        objective.value_and_gradient(noise)
        times.append(time.perf_counter() - began)
    return min(times) / _multiplications(recipe, (TRIAL_SIZE, TRIAL_SIZE), backbone)
