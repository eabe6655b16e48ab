"""The Explore tab: many small pictures of the pair in hand, on a sheet that fills cell by cell."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from inspect import getdoc
from pathlib import Path
from typing import Any

import gradio as gr

from nst_core.checks import check_choice
from nst_core.errors import StyleTransferError
from nst_core.images.opening import image_size
from nst_core.images.saving import save_png
from nst_core.page import words
from nst_core.page.cells import OFFERED_SIZES, OFFERED_STEPS, SWEEP, chosen_cells
from nst_core.page.loading import loading
from nst_core.page.look.markup import filling, paragraph
from nst_core.page.look.parts import STREAMED, live_text, picture
from nst_core.page.running import AT_ONCE, PRIVATE, RunTab, Updates
from nst_core.page.uploads import Upload, chosen_file, chosen_pair, new_folder
from nst_core.page.visits import Task
from nst_core.recipe.catalogue import RECIPES
from nst_core.study.experiments import EXPERIMENTS, MAX_CELLS, number_fields
from nst_core.study.explore import expected_seconds, explore


class ExploreTab(RunTab[Task]):
    """Works on the pair of the Paint tab."""

    def __init__(
        self, backbone: str, examples: Path, pair: Mapping[str, gr.components.Component]
    ) -> None:
        self.backbone = backbone
        self.examples = examples
        self.pair = pair
        self.task = gr.State(Task())
        gr.Markdown(
            "Small, short runs of the pair on the Paint tab, side by side. "
            "Each shows what one choice does."
        )
        self.wanted = self._build_choices()
        self.estimate = live_text("", elem_id="estimate")
        with gr.Row():
            self.go = gr.Button("Start", variant="primary", min_width=90, elem_id="explore")
            self.stop = gr.Button("Stop", interactive=False, min_width=90, elem_id="explore-stop")
            self.download = gr.DownloadButton("Download sheet", interactive=False, min_width=140)
        self.status = live_text("Press Start to begin.", elem_id="sheet-status")
        alt_text = "The experiment's pictures with their labels"
        self.sheet = picture("sheet", "Sheet", alt_text, **STREAMED)

    def _build_choices(self) -> dict[str, gr.components.Component]:
        """By the names of the parameters of `chosen_cells`."""
        known = [(each.description, name) for name, each in EXPERIMENTS.items()]
        sweep = ("Any number of the recipe, with values of your own.", SWEEP)
        built = {}
        with gr.Row():
            built["experiment"] = gr.Dropdown(
                [*known, sweep],
                value="style-weight",
                label="Experiment",
                filterable=False,
                scale=2,
                min_width=280,
            )
            built["recipe"] = gr.Dropdown(
                list(RECIPES), value="studio", label="Recipe", filterable=False
            )
        with gr.Row(visible=False) as self.sweep:
            built["number"] = gr.Dropdown(
                number_fields("studio"), value="learning_rate", label="Number"
            )
            how_many = f"Up to {MAX_CELLS} numbers with commas between them."
            built["values"] = gr.Textbox("4, 16, 64", label="Values", info=how_many)
        with gr.Row():
            built["size"] = gr.Slider(*OFFERED_SIZES, 192, step=16, label="Cell size (px)")
            built["steps"] = gr.Slider(*OFFERED_STEPS, 100, step=1, label="Steps per cell")
        return built

    # -------- which function answers which event

    def wire(self, tab: gr.Tab) -> None:
        wanted = list(self.wanted.values())
        gr.on(
            [tab.select, *(each.change for each in wanted)],
            self.estimate_time,
            [self.pair["content"], *wanted],
            self.estimate,
            trigger_mode="always_last",
            **PRIVATE,
        )
        experiment, recipe = self.wanted["experiment"], self.wanted["recipe"]
        experiment.change(self.offer_sweep, experiment, self.sweep, **AT_ONCE)
        recipe.change(self.offer_numbers, recipe, self.wanted["number"], **AT_ONCE)
        self.wire_run(
            self.go,
            self.fill_sheet,
            {**self.pair, **self.wanted, "task": self.task},
            [self.sheet, self.status, self.download],
            api_name="explore",
            api_description=getdoc(self.fill_sheet),
        )

    def offer_sweep(self, experiment: str) -> dict[str, Any]:
        check_choice("The experiment", experiment, [*EXPERIMENTS, SWEEP])
        return gr.update(visible=experiment == SWEEP)

    def offer_numbers(self, recipe: str) -> dict[str, Any]:
        check_choice("The recipe", recipe, RECIPES)
        return gr.update(choices=number_fields(recipe), value="style_weight")

    def estimate_time(self, content: Upload, *wanted: Any) -> str:
        """How long it will take, or what is wrong with the choices."""
        try:
            cells = chosen_cells(*wanted)
            size = image_size(chosen_file(content, "content image", self.examples))
            seconds = expected_seconds(cells, size, loading(self.backbone).result())
        except StyleTransferError as error:
            return paragraph(str(error))
        return paragraph(
            f"{len(cells)} cells, about {words.spoken_time(seconds)} on a free server."
        )

    # -------- a run

    def fill_sheet(
        self, content: Upload, style: Upload, task: Task, **wanted: Any
    ) -> Iterator[tuple[Any, ...]]:
        """Run an experiment on the pair and stream one labelled sheet of its pictures.

        Each answer is (sheet, status as HTML, PNG file); the file is null in all but the last one.
        number and values count for the experiment "sweep" alone: a field of the recipe, and up to
        twelve values for it such as "1, 10, 1e2". size: of a cell, 64 to 384 px. steps: 1 to 300.
        """
        cells = chosen_cells(**wanted)
        pair = chosen_pair(content, style, self.examples)
        with closing(explore(*pair, cells, self.backbone)) as run:
            for now in run:
                yield now.sheet, filling(now), None
                if task.stop_asked:
                    break
        file = str(new_folder() / "sheet.png")
        save_png(now.sheet, file)
        yield file, paragraph(words.sheet_summary(now)), file

    def finished(self, task: Task) -> Updates:
        return {**super().finished(task), self.download: gr.update(interactive=True)}
