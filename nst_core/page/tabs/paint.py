"""The Paint tab: two images, the controls, and the picture; below them what there was before."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from inspect import getdoc
from pathlib import Path
from typing import Unpack, cast

import gradio as gr

from nst_core.errors import ImageError
from nst_core.images.film import TimeLapse
from nst_core.images.opening import image_size
from nst_core.page.hosting.limits import current
from nst_core.page.hosting.links import Links
from nst_core.page.hosting.loading import loading
from nst_core.page.hosting.operation import facts_of
from nst_core.page.inputs.drop import Drop
from nst_core.page.inputs.estimate import Estimate
from nst_core.page.inputs.faces import FacesBox
from nst_core.page.inputs.gallery import Gallery
from nst_core.page.inputs.inputs import Inputs
from nst_core.page.inputs.instant import Instant
from nst_core.page.inputs.mix import Mix
from nst_core.page.inputs.opening_queue import OpeningLine
from nst_core.page.inputs.panel import SettingsPanel
from nst_core.page.inputs.regions import Regions
from nst_core.page.inputs.titles import file_stem, photo_title, same_picture
from nst_core.page.inputs.undo import Undo
from nst_core.page.look.markup import aside, at_work, paragraph
from nst_core.page.look.parts import chart_data, picture_strip, scroll_to, sent_with
from nst_core.page.look.words import run_figures
from nst_core.page.run.latest import answer_last
from nst_core.page.run.problems import say_problem
from nst_core.page.run.running import (
    AT_ONCE,
    IN_ORDER,
    PRIVATE,
    Answers,
    EventOptions,
    Prepare,
    Prepared,
    RunTab,
    Updates,
    from_a_program,
)
from nst_core.page.settings.controls import Values, changed_recipe
from nst_core.page.settings.fields import fill
from nst_core.page.tabs.previews import Previews
from nst_core.page.tabs.result import (
    Result,
    can_go_on,
    larger_job,
    larger_size,
    larger_values,
)
from nst_core.page.visit.albums import Albums
from nst_core.page.visit.uploads import (
    Upload,
    check_disk,
    chosen_file,
    chosen_pair,
    new_folder,
    streamed,
)
from nst_core.page.visit.visits import Kept, Visit, files_of, pair_of
from nst_core.painting.budget import check_budget
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job, OpenedJob
from nst_core.serving.painter import Painter
from nst_core.serving.run_queue import RunQueue

RESTORED = """() => { document.dispatchEvent(new Event("restored")); }"""
"""Until then `opening.js` hides the page: what is tapped before would be undone by it."""
SIZE_BUTTON = '<button type="button" aria-expanded="false" aria-controls="size">Size</button>'
"""Brings the sizes near on a phone, see `size.js`, which has it name the one that is chosen."""
FRAMES_PER_CHART = 3
MOST_FILMS = 32
"""Runs whose pictures are held for a film: 20 MB each at most, and programs never ask for one."""
STILL_PAINTED = "Your picture is still being painted: it will be on the strip when it is done."
NOW_KEPT = "Your picture is done: it is on the strip."
WAIT_SECONDS = 0.5
LONGEST_WAIT = 120.0
"""Seconds that an opened page looks out for pictures still to come, every `WAIT_SECONDS`."""


class PaintTab(RunTab[Visit]):
    """Has the pair and the visit, which other tabs look at."""

    def __init__(
        self,
        backbone: str,
        gallery: Gallery,
        queue: RunQueue,
        painter: Painter,
        links: Links | None = None,
    ) -> None:
        self.queue, self.painter = queue, painter
        self.backbone = backbone
        self.gallery = gallery
        self.task = self.visit = gr.State(Visit())
        self.albums = Albums()
        opening_line = OpeningLine()
        instant = Instant(opening_line)
        self.films: deque[TimeLapse] = deque()
        self.secret = gr.BrowserState(storage_key="nst-shelf", secret="not a secret")
        with gr.Row(elem_id="studio"):
            with gr.Column(elem_id="left"):
                self.inputs = Inputs(gallery, opening_line, instant)
                self.pair = self.inputs.pair
                with gr.Row(elem_id="actions"):
                    self.go = gr.Button(
                        "Paint", variant="primary", min_width=80, elem_id="paint-go"
                    )
                    self.stop = gr.Button(
                        "Stop", interactive=False, min_width=80, elem_id="paint-stop"
                    )
                    self.again = gr.Button("Continue", interactive=False, min_width=80)
                    self.estimate = Estimate(backbone, gallery.folder)
                    gr.HTML(SIZE_BUTTON, label="Size", elem_id="size-button")
                    self.undo = Undo(gallery.folder)
                with gr.Column(elem_id="controls"):
                    self.faces = FacesBox(gallery.folder, opening_line)
                    self.panel = SettingsPanel(backbone, gallery.folder)
                    self.mix = Mix(gallery.folder)
                    self.regions = Regions(gallery.folder, opening_line)
            with gr.Column(elem_id="result"):
                self.result = Result(gallery, backbone, links)
            self.strip = picture_strip()
        others = {name.replace("_", "-"): each for name, each in self.mix.styles.items()}
        masks = {name: self.regions.components[name] for name in ("mask", "outside")}
        self.drop = Drop(gallery.folder, {**self.pair, **masks, **others})
        self.previews = Previews(instant, self.mix, self.regions, self.result, self._job)
        self.status, self.download = self.result.status, self.result.download
        self.cards = gallery.build()

    # -------- which function answers which event

    def wire(self, page: gr.Blocks) -> None:
        self.inputs.wire(page)
        choices = {
            **self.pair,
            **self.panel.controls,
            **self.mix.components,
            **self.regions.components,
            "visit": self.visit,
        }
        api: EventOptions = {"api_name": "stylize", "api_description": getdoc(self.paint)}
        private: EventOptions = {"api_visibility": "private"}
        self._wire_paint(self.go, self.paint, choices, **api)
        self._wire_paint(self.again, self.go_on, choices, self.begun_again, **private)
        larger, again = {"visit": self.visit}, self.begun_again
        self._wire_paint(self.result.larger, self.enlarge, larger, again, **private)
        self.result.wire(self.visit)
        self._wire_opening(page)
        photo = self.pair["content"]
        read = self.panel.wire(page, self.visit, self.status)
        regions = list(self.regions.components.values())
        read.success(self.bring_regions_back, self.visit, regions, **AT_ONCE)
        added = self.mix.wire(self.pair["style"])
        controls = self.panel.controls
        ticked = self.faces.wire(photo, controls["recipe"], controls["keep_faces"])
        self.regions.wire(self.pair["content"])
        self.estimate.wire(page, self.pair, self.panel)
        self.result.use.click(self.use_as_content, self.visit, self.pair["content"], **AT_ONCE)
        gr.on(
            [photo.upload, photo.clear, self.result.use.click],
            self.regions.fill,
            None,
            regions,
            **AT_ONCE,
        )
        dropped = self.drop.bell.select(
            self.dropped,
            self.visit,
            [*self.drop.targets.values(), self.regions.components["drawing"], *self._restored()],
            **AT_ONCE,
        )
        dropped.failure(say_problem, self.visit, self.status, **AT_ONCE)
        self.undo.wire(self.pair, self.panel.controls, self.panel.loaded, self.status)
        settings = [*self.pair.values(), *self.panel.controls.values()]
        more = [*self.mix.components.values(), *self.regions.components.values()]
        self.strip.select(
            self.bring_back, self.visit, [*self.changing(), *settings, *more], **IN_ORDER
        ).then(None, js=scroll_to("easel"))
        answer_last([photo.change], self.chosen, [photo, self.visit], [self.again], **AT_ONCE)
        self.previews.wire(self.pair, self.panel, choices, [added, ticked], self.again)
        for number, card in enumerate(self.cards):
            load = partial(self.gallery.load_pair, number)
            card.click(None, js=scroll_to("pair", "start"))
            card.click(load, None, settings, **AT_ONCE)
            card.click(self.filled, None, more, **AT_ONCE)

    def _wire_opening(self, page: gr.Blocks) -> None:
        """Have the pair and the pictures of the visit before come back."""
        opened = [self.secret, self.pair["content"], self.visit]
        chosen = [*self.mix.components.values(), *self.regions.components.values()]
        gives = [self.secret, self.strip, self.status, *self.pair.values(), *chosen]
        back = page.load(self.come_back, opened, gives, **IN_ORDER)
        back.then(None, js=RESTORED)
        back.success(self.look_out, self.visit, [self.strip, self.status], **IN_ORDER)

    def _wire_paint(
        self,
        button: gr.Button,
        prepare: Prepare,
        takes: dict[str, gr.components.Component],
        begun: Callable[[Visit], Updates] | None = None,
        **api: Unpack[EventOptions],
    ) -> None:
        button.click(None, js=scroll_to("easel"))
        result = self.result
        gives = [result.preview, self.status, self.download, result.chart, result.figures]
        done = self.wire_run(button, prepare, takes, gives, begun, **api)
        made = result.made_later()
        done.then(result.make_films, self.visit, made, concurrency_id="films", **PRIVATE)

    def changing(self) -> list[gr.components.Component]:
        return [*super().changing(), self.again, *self.result.changing(), self.strip]

    # -------- a run

    def paint(self, content: Upload, style: Upload, visit: Visit, **values: object) -> Prepared:
        """Paint the photo, which is `content`, in the manner of the style, streaming.

        Each answer is (picture, status as HTML, PNG file, chart of the losses, figures as HTML);
        the file is null in all but the last one. A parameter that is null or empty is as the recipe
        has it.
        recipe: what everything else starts from; null is studio. quality: draft, balanced or fine,
        for studio. size: "small", "medium", "large", or the picture's longest side, 128 to 1024 px;
        null is medium, or the recipe's own. style_strength: -10, nearly the photo, to 10, nearly
        the texture of the style; null is 0. content_layers and style_layers:
        "block1_conv1=0.75, block2_conv1".
        """
        return self._prepared(visit, self._job(content, style, values), values)

    def go_on(self, content: Upload, style: Upload, visit: Visit, **values: object) -> Prepared:
        """Go on from the picture in hand, with the style and the controls as they are now."""
        job, earlier = self._job(content, style, values), visit.in_hand()
        if not same_picture(cast(Path, job.content), earlier.pair[0]):
            raise ImageError("The picture was made from another photo: choose that one to go on.")
        return self._prepared(visit, replace(job, resume=visit.seen()), values)

    def enlarge(self, visit: Visit) -> Prepared:
        """Go on from the picture in hand at the next larger size."""
        kept = visit.in_hand()
        size = larger_size(kept)
        if size is None:
            raise ImageError("The picture is as large as it gets here.")
        job = larger_job(kept, size, self.backbone, visit.seen())
        return self._prepared(visit, job, larger_values(kept, size))

    def _job(self, content: Upload, style: Upload, values: Values) -> Job:
        """What the inputs, the controls and the mix say; its images are files."""
        changed_recipe(values)  # tells what is wrong with them before it is asked for images
        photo, first = chosen_pair(content, style, self.gallery.folder)
        recipe = changed_recipe(values, image_size(photo, "photo"))
        styles = self.mix.chosen(first, values)
        return Job.of(photo, styles, recipe=recipe, backbone=self.backbone)

    def _prepared(self, visit: Visit, job: Job, values: Values) -> Prepared:
        """A run that has room on the disk and within the budget."""
        check_disk(job)
        seconds = check_budget(job, loading(self.backbone).result(), current().max_seconds)
        asked_by = from_a_program()  # the work is done outside of the request
        return Prepared(seconds, partial(self._painted, visit, job, values, seconds, asked_by))

    def _painted(
        self, visit: Visit, job: Job, values: Values, seconds: float, for_a_program: bool
    ) -> Answers:
        """Paint, until the job is done or the visitor has it stopped."""
        job = self.regions.placed(job, values)
        opened = job.opened()
        photo = photo_title(pair_of(job), self.gallery.folder)
        visit.begin(seconds)
        self.hold(visit.film)
        keep = partial(self._keep, visit, job, opened, values)
        with visit.album.expecting(), closing(self.painter.paint(opened)) as frames:
            seen = None
            for number, frame in enumerate(frames):
                visit.add(frame)
                visit.facts = facts_of(frame)
                due = number % FRAMES_PER_CHART == 0
                chart = chart_data(visit.curve) if due else gr.skip()
                figures = aside(run_figures(frame, ""))
                # a browser may be at the file of a picture that would only be written again
                stays = frame.image == seen and not for_a_program
                picture, seen = gr.skip() if stays else streamed(frame.image), frame.image
                try:
                    yield picture, at_work(frame, photo, visit.left), None, chart, figures
                except GeneratorExit:  # nobody has come back to listen
                    visit.album.add_later(partial(keep, frame))
                    raise
                if visit.to_stop:
                    break
        kept = keep(replace(frame, message=f"{frame.message} {visit.outlasted}".strip()))
        file, curve = str(kept.file), chart_data(kept.curve)
        yield file, self.result.summary(kept), file, curve, aside(kept.figures)

    def hold(self, film: TimeLapse) -> None:
        """A run begins to fill a film; the pictures of the run that began `MOST_FILMS` ago go."""
        self.films.append(film)
        if len(self.films) > MOST_FILMS:
            self.films.popleft().clear()

    def _keep(
        self, visit: Visit, job: Job, opened: OpenedJob, values: Values, frame: Frame
    ) -> Kept:
        stem = file_stem(pair_of(job), max(frame.image.size), self.gallery.folder)
        return visit.keep(frame, job, opened, values, new_folder() / f"{stem}.png")

    def begun(self, visit: Visit) -> Updates:
        return {
            **super().begun(visit),
            **self.result.begun(visit),
            self.strip: gr.update(visible=True),  # its place is taken at the click, not at the end
            self.again: gr.update(interactive=False),
        }

    def begun_again(self, visit: Visit) -> Updates:
        """As `begun`, but it begins from the picture in hand."""
        kept = visit.current
        shown = {self.result.preview: gr.update(value=str(kept.file))} if kept else {}
        return {**self.begun(visit), **shown}

    def idle(self, visit: Visit) -> Updates:
        """The picture in hand, the strip, and what can be done with them."""
        return {
            **super().idle(visit),
            **self.result.idle(visit),
            self.again: gr.update(interactive=can_go_on(visit)),
            self.strip: self.result.strip(visit),
        }

    # -------- what is done with pictures

    def use_as_content(self, visit: Visit) -> str:
        return str(visit.seen())

    def bring_back(self, visit: Visit, event: gr.EventData) -> Updates:
        """A picture of the strip was clicked: it comes back with its pair and its settings."""
        if visit.under_way:
            raise ImageError("A picture is being painted: stop it first, or wait until it is done.")
        kept = visit.bring_back(sent_with(event, "index"))
        visit.photo = kept.pair[0]
        settings = dict(zip(self.panel.controls.values(), fill(kept.values), strict=True))
        status = {self.status: self.result.summary(kept)}
        return {**self.idle(visit), **status, **settings, **self._inputs_of(kept.job)}

    def _restored(self) -> list[gr.components.Component]:
        """What settings that are brought back change, and where they are told."""
        return [
            *self.panel.controls.values(),
            self.regions.components["brush_outside"],
            self.status,
        ]

    def dropped(self, visit: Visit, event: gr.EventData) -> Updates:
        """Pictures were dropped or pasted; one that was made here brings its settings back."""
        taken = self.drop.taken(event)
        settings = self.drop.settings_of(taken, event)
        if settings is not None:
            visit.restored = settings
            restored = self.panel.set_restored(visit)
            controls = [*self.panel.controls.values(), self.status]
            return {**dict(zip(controls, restored, strict=True)), **self.bring_regions_back(visit)}
        masks = self.regions.fill() if self.pair["content"] in taken else {}
        return {**masks, **taken}

    def bring_regions_back(self, visit: Visit) -> Updates:
        return {**self.regions.bring_back(visit.restored.place if visit.restored else None)}

    def _inputs_of(self, job: Job) -> Updates:
        """The pair of a job, its mix and its places."""
        pair = zip(self.pair.values(), map(str, pair_of(job)), strict=True)
        return {**dict(pair), **self.filled(job)}

    def filled(self, job: Job | None = None) -> Updates:
        """The mix and the places of a job; without one, one style everywhere."""
        return {**self.mix.fill(job), **self.regions.fill(job)}

    def come_back(self, secret: object, content: Upload, visit: Visit) -> Updates:
        """The page was opened, perhaps again: the pictures of this browser are on its shelf."""
        secret, visit.album = self.albums.find(secret)
        visit.photo = self._photo(content)
        job, chosen = visit.album.job, {}
        if job and all(file.exists() for file in files_of(job)):  # they are deleted after a day
            chosen = self._inputs_of(job)
        coming = {self.status: paragraph(STILL_PAINTED)} if visit.album.expected else {}
        return {self.secret: secret, self.strip: self.result.strip(visit), **chosen, **coming}

    async def look_out(self, visit: Visit) -> AsyncIterator[Updates]:
        """Wait for pictures of runs that go on without a listener: each brings one more."""
        yield {self.strip: gr.skip()}  # what answers nothing at all empties its components
        waited = 0.0
        while visit.album.expected and waited < LONGEST_WAIT:
            await asyncio.sleep(WAIT_SECONDS)
            waited += WAIT_SECONDS
        if waited and not visit.under_way:
            yield {self.strip: self.result.strip(visit), self.status: paragraph(NOW_KEPT)}

    def _photo(self, content: Upload) -> Path | None:
        with suppress(ImageError):
            return chosen_file(content, "content image", self.gallery.folder)
        return None

    def chosen(self, content: Upload, visit: Visit) -> Updates:
        """Another photo was chosen, and with it what can be gone on from."""
        visit.photo = self._photo(content)
        going_on = can_go_on(visit) and not visit.under_way
        return {self.again: gr.update(interactive=going_on)}
