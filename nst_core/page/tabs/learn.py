"""The Learn tab: how it works, with pictures from the pair in hand."""

from functools import partial

import gradio as gr

from nst_core.images.sheets import labelled_sheet
from nst_core.network.backbone import Backbone
from nst_core.page.hosting.loading import loading
from nst_core.page.look.markup import paragraph
from nst_core.page.look.parts import DOWNLOADABLE, chart_data, live_text, loss_chart, picture
from nst_core.page.run.running import Answers, Prepared, Shared, SideTab
from nst_core.page.visit.uploads import Upload, chosen_pair
from nst_core.page.visit.visits import Pair, Task, Visit
from nst_core.recipe.guide import HOW_IT_WORKS, SOURCES, controls_text
from nst_core.study.activation_pictures import activation_maps, gram_pictures
from nst_core.study.neighbour_pictures import neighbour_pictures

LOOK_SECONDS = 5.0
"""What a look inside takes, about."""


class LearnTab(SideTab[Task]):
    """Looks inside the pair and the picture of the Paint tab."""

    def __init__(
        self,
        shared: Shared,
        visit: gr.State,
    ) -> None:
        super().__init__(shared)
        self.visit = visit
        self.task = gr.State(Task())  # not the visit, whose run may be under way
        gr.Markdown(HOW_IT_WORKS)
        gr.Markdown("## Look inside\nMade from the pair, and the picture, on the Paint tab.")
        self.go = gr.Button("Look inside with this pair", variant="primary", elem_id="look")
        self.status = live_text("Nothing is computed until you ask.", elem_id="look-status")
        alt_text = "Maps of the photo, four from each block of layers"
        self.maps = picture("maps", "Layers", alt_text, visible=False, **DOWNLOADABLE)
        alt_text = "Places of the photo, and the places of the style that they go by"
        self.nearest = picture("neighbours", "Neighbours", alt_text, visible=False, **DOWNLOADABLE)
        alt_text = "Gram matrices of the images and their differences"
        self.grams = picture("grams", "Gram matrices", alt_text, visible=False, **DOWNLOADABLE)
        with gr.Column(visible=False) as self.losses:
            gr.Markdown("Losses of the last run")
            self.chart = loss_chart("learn-chart")
        gr.Markdown(controls_text())
        gr.Markdown(SOURCES)

    def wire(self) -> None:
        self.wire_run(
            self.go,
            self.look_inside,
            {**self.pair, "visit": self.visit, "task": self.task},
            [self.maps, self.nearest, self.grams, self.losses, self.chart, self.status],
            api_visibility="private",
        )

    def look_inside(self, content: Upload, style: Upload, visit: Visit, task: Task) -> Prepared:
        """Answers once: maps, neighbours and Gram matrices, the losses, and what to look for."""
        pair = chosen_pair(content, style, self.examples)
        network = loading(self.backbone).result()
        return Prepared(LOOK_SECONDS, partial(self._seen, pair, visit, network))

    def _seen(self, pair: Pair, visit: Visit, network: Backbone) -> Answers:
        maps = activation_maps(pair[0], network)
        neighbours = neighbour_pictures(*pair, network)
        kept = visit.current
        painted = kept.file if kept and kept.pair == pair else None
        grams = gram_pictures(*pair, painted, network)
        text = "White is where a map answers most, or which two maps answer together most often."
        if not painted:
            text += " Paint this pair to see what changed in the picture."
        sheets = [
            labelled_sheet(maps, columns=4),
            labelled_sheet(neighbours, columns=3),
            labelled_sheet(grams, columns=5),
        ]
        shown = [gr.update(value=sheet, visible=True) for sheet in sheets]
        chart = chart_data(visit.curve)
        yield [*shown, gr.update(visible=bool(chart["data"])), chart, paragraph(text)]
