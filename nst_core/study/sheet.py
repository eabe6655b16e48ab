"""Experiments on a pair, as data, and one labelled sheet that shows them and fills cell by cell.

The sheets are those of Gatys, Ecker & Bethge, "Image Style Transfer Using Convolutional Neural
Networks", CVPR 2016, and of the walk-through of 2022, for the pair in hand.
"""

import math
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from PIL import Image

from nst_core.checks import check_whole
from nst_core.errors import RecipeError, StyleTransferError
from nst_core.images.opening import ImageSource
from nst_core.images.sheets import balanced_columns, labelled_sheet, panel
from nst_core.images.sizes import Size, fit
from nst_core.kinds import Value
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.objective.setup import check_layers, set_up
from nst_core.painting.cost import run_seconds
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job, OpenedJob, StyleSource
from nst_core.painting.run import paint
from nst_core.painting.stages import plan
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe
from nst_core.study.experiments import CELL_SIZES, CELL_STEPS, MAX_CELLS, Cell

DEFAULTS: Mapping[str, Value] = {"size": 192, "size_rule": "longest-side", "steps": 100}
"""What every cell starts from, in place of the recipe's own: small, alike in size, and done in
seconds where the published recipes take up to 2000 steps. A cell is a sketch of the full run."""
MOST_COLUMNS = 3
"""More would be too small to see on a phone."""
Paint = Callable[[OpenedJob], Generator[Frame, None, None]]
"""Paints a job as `nst_core.painting.run.paint` does, perhaps elsewhere."""


@dataclass(frozen=True)
class CellProgress:
    """A cell at one moment.

    Attributes:
        label: as `Cell` has it.
        picture: RGB, as it is now; grey before there is one, with words over it where it failed.
        done: the part of its steps that is done, from 0 to 1, which it is also where it failed.
    """

    label: str
    picture: Image.Image
    done: float = 0.0


@dataclass(frozen=True)
class SheetProgress:
    """A sheet at one moment.

    Attributes:
        sheet: RGB; finished cells, the current one as it is now, grey for the rest. Its size never
            changes.
        finished, total: cells.
        elapsed, remaining: seconds since the work began, and an estimate of those until it ends;
            NaN before there is one.
        final: True for the last one only.
        cells: what the sheet shows, one by one.
    """

    sheet: Image.Image
    finished: int
    total: int
    elapsed: float
    remaining: float
    final: bool
    cells: tuple[CellProgress, ...]


def explore(
    content: ImageSource,
    style: StyleSource | None,
    cells: Sequence[Cell],
    backbone: str | Backbone = "auto",
    painted_by: Paint = paint,
    **common: Value,
) -> Generator[SheetProgress, None, None]:
    """Run the cells one after the other, yielding the sheet on the way.

    The arguments are checked at once; the work begins with the second `SheetProgress` asked for.
    Closing the generator stops it within one step. A cell that can't run or ends before its time
    says why on the sheet, and the next one follows.

    Args:
        content: as for `stylize`.
        style: as for `stylize`; None where every cell has its own.
        cells: 1 to `MAX_CELLS`.
        backbone: see `load_backbone`.
        painted_by: what paints a cell.
        common: changes to every cell's recipe; they replace `DEFAULTS`, and a cell's own go first.

    Raises:
        ImageError: an image can't be used.
        RecipeError: no or too many cells, no such recipe or field, or a value that can't work.
        BackboneError: the weights are not to be had; raised by the generator.
    """
    recipes = _settle(cells, common, backbone)
    jobs = _open(content, style, cells, recipes, backbone)
    return _Exploration(jobs, [cell.label for cell in cells], painted_by).progress()


def expected_seconds(
    cells: Sequence[Cell], content: Size, backbone: str | Backbone = "auto", **common: Value
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
    network = load_backbone(backbone)
    recipes = _settle(cells, common, network)
    return sum(run_seconds(set_up(each, network), plan(each, content)) for each in recipes)


def _open(
    content: ImageSource,
    style: StyleSource | None,
    cells: Sequence[Cell],
    recipes: Sequence[Recipe],
    backbone: str | Backbone,
) -> list[OpenedJob]:
    """One job a cell; an image that several have is opened once."""
    opened: dict[int, OpenedJob] = {}
    jobs = []
    for cell, recipe in zip(cells, recipes, strict=True):
        own = style if cell.style is None else cell.style
        if own is None:
            raise RecipeError(f"{cell.label}: there is no style image, on the sheet neither.")
        if id(own) not in opened:
            opened[id(own)] = job = Job.of(content, own, recipe=recipe, backbone=backbone).opened()
            content = job.content
        jobs.append(replace(opened[id(own)], recipe=recipe))
    return jobs


def _settle(
    cells: Sequence[Cell], common: Mapping[str, Value], backbone: str | Backbone
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

    def __init__(self, jobs: Sequence[OpenedJob], labels: Sequence[str], painted_by: Paint) -> None:
        self._jobs, self._painted_by = jobs, painted_by
        self._box = fit(jobs[0].content.size, max(job.recipe.size or 0 for job in jobs))
        self._cells = [CellProgress(label, panel(self._box)) for label in labels]

    def progress(self) -> Generator[SheetProgress, None, None]:
        self._began = time.monotonic()
        yield self._progress(0, math.nan)
        network = load_backbone(self._jobs[0].backbone)
        expected = [job.cost(network).seconds for job in self._jobs]
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
        try:
            with closing(self._painted_by(self._jobs[number])) as frames:
                for frame in frames:
                    note = frame.message if frame.final else ""
                    part = 1.0 if frame.final else frame.step / frame.total_steps
                    self._show(number, frame.image, note, part)
                    if not frame.final:
                        yield frame.remaining
        except StyleTransferError as error:  # such as a layer that the backbone lacks
            self._show(number, None, f"failed: {error}", 1.0)

    def _show(self, number: int, picture: Image.Image | None, note: str, done: float) -> None:
        now = panel(self._box, picture, note)
        self._cells[number] = replace(self._cells[number], picture=now, done=done)

    def _progress(self, finished: int, remaining: float) -> SheetProgress:
        cells = [(cell.label, cell.picture) for cell in self._cells]
        columns = balanced_columns(len(cells), MOST_COLUMNS)
        return SheetProgress(
            sheet=labelled_sheet(cells, columns, height=self._box[1]),
            finished=finished,
            total=len(cells),
            elapsed=time.monotonic() - self._began,
            remaining=remaining,
            final=finished == len(cells),
            cells=tuple(self._cells),
        )
