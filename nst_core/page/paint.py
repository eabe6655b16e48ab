"""The Paint tab: two images, the controls, and the picture; below them what there was before."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from inspect import getdoc
from pathlib import Path
from typing import Any

import gradio as gr

from nst_core.page.controls import changed_recipe
from nst_core.page.estimate import Estimate
from nst_core.page.fields import fill
from nst_core.page.gallery import Gallery
from nst_core.page.inputs import Inputs
from nst_core.page.look.markup import at_work, ended
from nst_core.page.look.parts import chart_data, picture_strip, scroll_to
from nst_core.page.panel import SettingsPanel
from nst_core.page.result import Result
from nst_core.page.running import AT_ONCE, PRIVATE, RunTab, Updates
from nst_core.page.uploads import Upload, chosen_pair, new_folder
from nst_core.page.visits import Visit
from nst_core.painting.job import Job
from nst_core.painting.run import paint

FRAMES_PER_CHART = 3


class PaintTab(RunTab[Visit]):
    """Has the pair and the visit, which other tabs look at."""

    def __init__(self, backbone: str, gallery: Gallery) -> None:
        self.backbone = backbone
        self.gallery = gallery
        self.task = self.visit = gr.State(Visit())
        with gr.Row(elem_id="studio"):
            with gr.Column(elem_id="left"):
                self.inputs = Inputs(gallery)
                self.pair = self.inputs.pair
                with gr.Row(elem_id="actions"):
                    self.go = gr.Button(
                        "Paint", variant="primary", min_width=90, elem_id="paint-go"
                    )
                    self.stop = gr.Button("Stop", interactive=False, min_width=90)
                    self.again = gr.Button("Continue", interactive=False, min_width=90)
                    self.estimate = Estimate(backbone, gallery.folder)
                with gr.Column(elem_id="controls"):
                    self.panel = SettingsPanel(backbone, gallery.folder)
            with gr.Column(elem_id="result"):
                self.result = Result()
            self.strip = picture_strip()
        self.status, self.download = self.result.status, self.result.download
        self.cards = gallery.build()

    # -------- which function answers which event

    def wire(self, page: gr.Blocks) -> None:
        self._wire_paint(self.go, resume=False, api_name="stylize")
        self._wire_paint(self.again, resume=True, api_visibility="private")
        self.inputs.wire(page)
        self.panel.wire(page, self.visit, self.status)
        self.estimate.wire(page, self.pair, self.panel.controls)
        self.result.use.click(self.use_as_content, self.visit, self.pair["content"], **AT_ONCE)
        choices = [*self.pair.values(), *self.panel.controls.values()]
        self.strip.select(self.bring_back, self.visit, [*self.changing(), *choices], **AT_ONCE)
        for number, card in enumerate(self.cards):
            load = partial(self.gallery.load_pair, number)
            card.click(None, js=scroll_to("pair", "start"))
            card.click(load, None, [*choices, self.status], **AT_ONCE)

    def _wire_paint(self, button: gr.Button, resume: bool, **api: Any) -> None:
        button.click(None, js=scroll_to("preview"))
        done = self.wire_run(
            button,
            partial(self.paint, resume=resume),
            {**self.pair, **self.panel.controls, "visit": self.visit},
            [self.result.preview, self.status, self.download, self.result.chart],
            api_description=getdoc(self.paint),
            **api,
        )
        make, films = self.result.make_films, self.result.film_parts()
        done.then(make, self.visit, films, concurrency_id="films", **PRIVATE)

    def changing(self) -> list[gr.components.Component]:
        return [*super().changing(), self.again, *self.result.changing(), self.strip]

    # -------- a run

    def paint(
        self, content: Upload, style: Upload, visit: Visit, resume: bool, **values: Any
    ) -> Iterator[tuple[Any, ...]]:
        """Paint the photo, which is `content`, in the manner of the style, streaming.

        Each answer is (picture, status as HTML, PNG file, chart of the losses); the file is null in
        all but the last one. A parameter that is null or empty is as the recipe has it.
        recipe: what everything else starts from; null is studio. quality: draft, balanced or fine,
        for studio. size: 128 to 1024 px; null is the recipe's own, or 512 where it takes the
        photo's. style_strength: -10, nearly the photo, to 10, nearly the texture of the style;
        null is 0. content_layers and style_layers: "block1_conv1=0.75, block2_conv1".
        """
        recipe = changed_recipe(values)
        pair = chosen_pair(content, style, self.gallery.folder)
        earlier = visit.in_hand().file if resume else None
        job = Job.of(*pair, recipe, self.backbone, resume=earlier).opened()
        visit.begin()
        with closing(paint(job)) as frames:
            for number, frame in enumerate(frames):
                visit.add(frame)
                due = number % FRAMES_PER_CHART == 0
                chart = chart_data(visit.curve) if due else gr.skip()
                yield frame.image, at_work(frame), None, chart
                if visit.stop_asked:
                    break
        file = str(new_folder() / "stylized.png")
        visit.keep(frame, job, pair, values, Path(file))
        yield file, ended(frame), file, chart_data(visit.curve)

    def begun(self, visit: Visit) -> Updates:
        return {
            **super().begun(visit),
            **self.result.begun(),
            self.again: gr.update(interactive=False),
        }

    def idle(self, visit: Visit) -> Updates:
        """The picture in hand, the strip, and what can be done with them."""
        strip = [(str(each.file), each.caption) for each in visit.strip]
        return {
            **super().idle(visit),
            **self.result.idle(visit),
            self.again: gr.update(interactive=visit.current is not None),
            self.strip: gr.update(visible=bool(strip), value=strip),
        }

    # -------- what is done with pictures

    def use_as_content(self, visit: Visit) -> str:
        return str(visit.in_hand().file)

    def bring_back(self, visit: Visit, event: gr.EventData) -> Updates:
        """A picture of the strip was clicked: it comes back with its pair and its settings."""
        told = event._data  # as it was sent; `gr.SelectData` fails on what a crafted request tells
        place: Any = told.get("index") if isinstance(told, dict) else None
        kept = visit.bring_back(place)
        pair = dict(zip(self.pair.values(), map(str, kept.pair), strict=True))
        settings = dict(zip(self.panel.controls.values(), fill(kept.values), strict=True))
        return {**self.idle(visit), **pair, **settings}
