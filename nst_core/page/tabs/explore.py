"""The Explore tab: many small pictures of the pair in hand, on a sheet that fills cell by cell."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from inspect import getdoc

import gradio as gr

from nst_core.checks import check_choice, check_whole, spoken_time
from nst_core.errors import ImageError, StyleTransferError
from nst_core.images.opening import image_size
from nst_core.images.saving import save_png
from nst_core.page.hosting.loading import loading
from nst_core.page.look import words
from nst_core.page.look.markup import filling, paragraph
from nst_core.page.look.parts import live_text, sent_with
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, PRIVATE, Answers, Prepared, Shared, SideTab, Updates
from nst_core.page.settings.controls import values_for
from nst_core.page.settings.fields import fill
from nst_core.page.tabs.cells import (
    OFFERED_SIZES,
    OFFERED_STEPS,
    SWEEP,
    chosen_cells,
    experiment_cells,
    seconds_within_budget,
)
from nst_core.page.visit.uploads import Upload, chosen_file, chosen_pair, new_folder, streamed
from nst_core.page.visit.visits import Pair, Task
from nst_core.recipe.catalogue import RECIPES, find_recipe
from nst_core.recipe.guide import recipe_title
from nst_core.study.experiments import EXPERIMENTS, MAX_CELLS, Cell, number_fields
from nst_core.study.sheet import SheetProgress, expected_seconds, explore

ANY_NUMBER = "Any number of the recipe, with values of your own."
SHEET: dict[str, object] = {
    "label": "Sheet: tap or click a picture to see it large",
    "columns": 3,
    "height": "auto",
    "object_fit": "contain",
    "format": "jpeg",
    "interactive": False,
    "visible": False,
    "buttons": ["fullscreen"],
    "elem_id": "sheet",
}
CLEARED = "() => ''"
IN_VIEW = """() => {
    const began = Date.now(), work = document.getElementById("explore-work");
    const show = () => work.querySelector("#sheet")
        ? work.scrollIntoView({block: "start", behavior: "smooth"})
        : Date.now() - began < 5000 && setTimeout(show, 50);
    show();
}"""
"""The sheet comes into view as soon as there is one."""
TO_PAINT = """() => {
    document.querySelector("#tabs [role=tab][data-tab-id=paint]").click();
}"""


@dataclass
class ExploreTask(Task):
    """What a visitor explores.

    Attributes:
        cells: of the sheet under way, or else of the last one, with what the experiment changes
            alone: neither size nor steps of a sketch.
        chosen: the place of the cell that is shown large.
    """

    cells: list[Cell] = field(default_factory=list)
    chosen: int | None = None


class ExploreTab(SideTab[ExploreTask]):
    """Works on the pair of the Paint tab, and can set its controls."""

    def __init__(
        self,
        shared: Shared,
        controls: Mapping[str, gr.components.Component],
        paint_status: gr.HTML,
    ) -> None:
        super().__init__(shared)
        self.controls = controls
        self.paint_status = paint_status
        self.task = gr.State(ExploreTask())
        gr.Markdown(
            "Small, short runs of the pair on the Paint tab, side by side. "
            "Each shows what one choice does."
        )
        self.wanted = self._build_choices()
        self.estimate = live_text("", elem_id="estimate")
        with gr.Column(elem_id="explore-work"):
            with gr.Row(elem_id="explore-actions"):
                self.go = gr.Button("Start", variant="primary", min_width=90, elem_id="explore")
                self.stop = gr.Button(
                    "Stop", interactive=False, min_width=90, elem_id="explore-stop"
                )
                self.download = gr.DownloadButton(
                    "Download sheet", interactive=False, min_width=110
                )
            self.status = live_text("Press Start to begin.", elem_id="sheet-status")
            self.sheet = gr.Gallery(**SHEET)
            self.take = gr.Button("Take to Paint", visible=False, elem_id="explore-take")

    def _build_choices(self) -> dict[str, gr.components.Component]:
        """By the names of the parameters of `chosen_cells`."""
        known = [(each.title, name) for name, each in EXPERIMENTS.items()]
        built = {}
        with gr.Row():
            built["experiment"] = gr.Dropdown(
                [*known, ("Any number", SWEEP)],
                value="style-weight",
                label="Experiment",
                info=EXPERIMENTS["style-weight"].description,
                filterable=False,
                min_width=280,
            )
            built["recipe"] = gr.Dropdown(
                [(recipe_title(each), name) for name, each in RECIPES.items()],
                value="studio",
                label="Recipe",
                filterable=False,
            )
        with gr.Row(visible=False) as self.sweep:
            built["number"] = gr.Dropdown(
                number_fields("studio"), value="learning_rate", label="Number"
            )
            how_many = f"Up to {MAX_CELLS} numbers with commas between them."
            built["values"] = gr.Textbox("4, 16, 64", label="Values", info=how_many)
        with gr.Row():
            built["size"] = gr.Slider(
                *OFFERED_SIZES, 192, step=16, label="Cell size (px)", min_width=240
            )
            built["steps"] = gr.Slider(
                *OFFERED_STEPS, 100, step=1, label="Steps per cell", min_width=240
            )
        return built

    # -------- which function answers which event

    def wire(self, tab: gr.Tab) -> None:
        wanted = list(self.wanted.values())
        takes = [self.pair["content"], *wanted]
        changes = [tab.select, *(each.change for each in takes)]
        gr.on(changes, None, None, self.estimate, js=CLEARED, **AT_ONCE)
        answer_last(changes, self.estimate_time, takes, [self.estimate], **PRIVATE)
        experiment, recipe = self.wanted["experiment"], self.wanted["recipe"]
        experiment.change(self.offer_sweep, experiment, [self.sweep, experiment], **AT_ONCE)
        recipe.change(self.offer_numbers, recipe, self.wanted["number"], **AT_ONCE)
        self.go.click(None, js=IN_VIEW)
        self.wire_run(
            self.go,
            self.fill_sheet,
            {**self.pair, **self.wanted, "task": self.task},
            [self.sheet, self.status, self.download],
            api_name="explore",
            api_description=getdoc(self.fill_sheet),
        )
        self.sheet.select(self.open_cell, self.task, self.take, **AT_ONCE)
        self.sheet.preview_close(self.close_cell, self.task, self.take, **AT_ONCE)
        settings = [*self.controls.values(), self.paint_status]
        taken = self.take.click(self.take_cell, self.task, settings, **AT_ONCE)
        taken.success(None, js=TO_PAINT)

    def changing(self) -> list[gr.components.Component]:
        return [*super().changing(), self.sheet, self.take]

    def offer_sweep(self, experiment: str) -> list[object]:
        check_choice("The experiment", experiment, [*EXPERIMENTS, SWEEP])
        known = EXPERIMENTS.get(experiment)
        info = known.description if known else ANY_NUMBER
        return [gr.update(visible=known is None), gr.update(info=info)]

    def offer_numbers(self, recipe: str) -> dict[str, object]:
        check_choice("The recipe", recipe, RECIPES)
        return gr.update(choices=number_fields(recipe), value="style_weight")

    def estimate_time(self, content: Upload, *wanted: object) -> str:
        """How long it will take, or what is wrong with the choices."""
        try:
            cells = chosen_cells(*wanted)
            size = image_size(chosen_file(content, "photo", self.examples))
            seconds = expected_seconds(cells, size, loading(self.backbone).result())
        except StyleTransferError as error:
            return paragraph(str(error))
        return paragraph(f"{len(cells)} cells, about {spoken_time(seconds)}.")

    # -------- a run

    def fill_sheet(
        self, content: Upload, style: Upload, task: ExploreTask, **wanted: object
    ) -> Prepared:
        """Run an experiment on the pair and stream its pictures, which fill one by one.

        Each answer is (pictures with their labels, status as HTML, PNG file of one labelled sheet);
        the file is null in all but the last one.
        number and values count for the experiment "sweep" alone: a field of the recipe, and up to
        twelve values for it such as "1, 10, 1e2". size: of a cell, 64 to 384 px. steps: 1 to 300.
        """
        cells = chosen_cells(**wanted)
        names = ("experiment", "recipe", "number", "values")
        task.cells = experiment_cells(**{name: wanted[name] for name in names})
        pair = chosen_pair(content, style, self.examples)
        network = loading(self.backbone).result()
        seconds = seconds_within_budget(cells, image_size(pair[0]), network)
        return Prepared(seconds, partial(self._filled, pair, cells, task))

    def _filled(self, pair: Pair, cells: Sequence[Cell], task: ExploreTask) -> Answers:
        task.facts = {"recipe": "explore", "cells": len(cells)}
        with closing(explore(*pair, cells, self.backbone, self.painter.paint)) as run:
            for now in run:
                yield _gallery(now), filling(now), None
                if task.to_stop:
                    break
        file = str(new_folder() / "sheet.png")
        save_png(now.sheet, file)
        yield _gallery(now), paragraph(words.sheet_summary(now, why=task.outlasted)), file

    def begun(self, task: ExploreTask) -> Updates:
        task.chosen = None
        return {
            **super().begun(task),
            self.sheet: gr.update(visible=True, value=None, selected_index=None),
            self.take: gr.update(visible=False),
        }

    def finished(self, task: ExploreTask) -> Updates:
        return {**super().finished(task), self.download: gr.update(interactive=True)}

    def failed(self, task: ExploreTask) -> Updates:
        return {**super().failed(task), self.sheet: gr.update(visible=False)}

    # -------- what is done with a cell

    def open_cell(self, task: ExploreTask, event: gr.EventData) -> dict[str, object]:
        """A cell was clicked, and is shown large."""
        task.chosen = None
        if not task.cells:
            raise ImageError("There is no sheet yet: press Start first.")
        index = sent_with(event, "index")
        index = check_whole("The cell's place on the sheet", index, 0, len(task.cells) - 1)
        task.chosen = index
        return gr.update(visible=True, value=f"Take {task.cells[index].label} to Paint")

    def close_cell(self, task: ExploreTask) -> dict[str, object]:
        task.chosen = None
        return gr.update(visible=False)

    def take_cell(self, task: ExploreTask) -> list[object]:
        """The controls of the Paint tab as the cell has them, and what is said of it there."""
        if task.chosen is None or task.chosen >= len(task.cells):
            raise ImageError("No cell is chosen: choose one on the sheet first.")
        cell = task.cells[task.chosen]
        values, lost = values_for(find_recipe(cell.recipe), cell.changes)
        text = f"The settings of the cell {cell.label} are in place: press Paint."
        if lost:
            text += f" No control can hold {', '.join(lost)}, so the picture may differ."
        return [*fill(values), paragraph(text)]


def _gallery(now: SheetProgress) -> list[tuple[object, str]]:
    """Each cell's picture, with its label."""
    return [
        (streamed(cell.picture) if 0 < cell.done < 1 else cell.picture, cell.label)
        for cell in now.cells
    ]
