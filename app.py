"""The page: two images in, a picture that paints itself, and ways to steer, keep and explain it.

`python app.py` starts it. Whatever is computed here, `nst_core` computes. From the page to its
parts: `build_page`; a class for each tab, with its layout, its wiring and its events; then what the
tabs are made of, and how it all looks.
"""

import argparse
import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from html import escape
from inspect import Parameter, Signature, getdoc
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.utils import get_upload_folder

from nst_core import RECIPES, BackboneError, Frame, ImageError, Recipe, RecipeError, stylize
from nst_core.errors import StyleTransferError
from nst_core.images.opening import open_image
from nst_core.images.saving import save_png
from nst_core.images.sheets import labelled_sheet
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.page import controls, words
from nst_core.page.controls import FIELDS, NAMES, Control, Values
from nst_core.page.curves import LossCurve
from nst_core.page.loading import loading
from nst_core.page.visits import Pair, Task, Visit
from nst_core.painting.cost import seconds_by_quality
from nst_core.painting.settings import read_settings
from nst_core.recipe.guide import (
    AT_HAND,
    GUIDE,
    HOW_IT_WORKS,
    SOURCES,
    Entry,
    controls_text,
    recipe_text,
)
from nst_core.study import experiments, explore
from nst_core.study.layers import activation_maps, gram_pictures

EXAMPLES_FOLDER = Path(__file__).resolve().parent / "examples"
EXAMPLES = json.loads((EXAMPLES_FOLDER / "pairs.json").read_text())
"""The first pair is in place when the page opens."""
FRAMES_PER_CHART = 3
USUAL_PHOTOGRAPH = (3, 2)
"""Its aspect, to tell how long a picture takes before there is one."""
ONE_DAY = 24 * 60 * 60  # seconds

PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""For events that only this page needs."""
AT_ONCE: dict[str, Any] = {**PRIVATE, "queue": False}
AT_WORK: dict[str, Any] = {
    "concurrency_id": "painting",
    "concurrency_limit": 1,
    "preprocess": False,
}
"""One picture at a time; `preprocess` would open any file that a crafted request names."""

log = logging.getLogger(__name__)


def build_page(backbone: str = "auto") -> gr.Blocks:
    """The page, not launched yet; `backbone` as in `nst_core.load_backbone`."""
    with gr.Blocks(
        title="Neural style transfer", analytics_enabled=False, delete_cache=(3600, ONE_DAY)
    ) as page:
        gr.Markdown(
            "# Neural style transfer\n"
            "Choose a photograph and a painting: the photograph is painted again in the manner "
            "of the painting, and you can watch."
        )
        with gr.Tabs():
            with gr.Tab("Paint"):
                paint_tab = PaintTab(backbone)
            with gr.Tab("Explore") as tab:
                ExploreTab(backbone, paint_tab).wire(tab)
            with gr.Tab("Learn"):
                LearnTab(backbone, paint_tab).wire()
        network = live_text("Loading the network …", elem_id="network")
        gr.Markdown(
            "Photographs stay in this server's temporary folder and are deleted after a day. "
            "Your browser remembers your settings, never your pictures."
        )
        paint_tab.wire(page)
        page.load(partial(announce, backbone), None, network, concurrency_limit=None, **PRIVATE)
    return page.queue(max_size=20, api_open=False)


async def announce(backbone: str) -> AsyncIterator[str]:
    """Say which weights are at work as soon as they are ready to be used."""
    yield paragraph("Loading the network …")
    try:
        network = await asyncio.shield(asyncio.wrap_future(loading(backbone)))
    except BackboneError as problem:
        yield paragraph(str(problem))
        return
    origin = paragraph(f"Network: {network.origin}")
    yield origin
    seconds = await asyncio.to_thread(seconds_by_quality, USUAL_PHOTOGRAPH, network)
    offer = words.draft_offered(seconds["balanced"], seconds["draft"])
    if offer:
        yield origin + paragraph(offer)


# ---------------------------------------------------------------- the Paint tab


class PaintTab:
    """Two images, the controls, and the picture; below them what there was before."""

    def __init__(self, backbone: str) -> None:
        self.backbone = backbone
        self.visit = gr.State(Visit())
        self.memory = gr.BrowserState(storage_key="nst-settings", secret="not a secret")
        with gr.Row(elem_id="studio"):
            with gr.Column(elem_id="left"):
                with gr.Row(elem_id="pair"):
                    self.content, self.style = image_input("content"), image_input("style")
                with gr.Row(elem_id="actions"):
                    self.go = gr.Button("Stylize", variant="primary", min_width=90)
                    self.stop = gr.Button("Stop", interactive=False, min_width=90)
                    self.again = gr.Button("Continue", interactive=False, min_width=90)
                with gr.Column(elem_id="controls"):
                    self.controls = build_controls()
                    self._build_below_controls()
            with gr.Column(elem_id="result"):
                self._build_result()
        self.strip = gr.Gallery(
            label="This visit's pictures: click one to bring it back",
            columns=6,
            fit_columns=False,
            height=230,
            object_fit="contain",
            allow_preview=False,
            interactive=False,
            visible=False,
            buttons=[],
            elem_id="strip",
        )
        self.cards = example_cards()

    def _build_below_controls(self) -> None:
        self.mark = live_text("Nothing is changed.", elem_id="mark")
        self.reset = gr.Button("Reset to the recipe", size="sm")
        self.restore = gr.File(
            label="Bring settings back (PNG made here)",
            file_types=[".png"],
            height=160,
            elem_id="restore",
        )
        self.restored = gr.JSON(label="Settings", visible=False)

    def _build_result(self) -> None:
        self.preview = picture(
            "preview", "Result", "The picture as far as it is painted", **STREAMED
        )
        self.slider = gr.ImageSlider(
            label="Before and after",
            type="filepath",
            interactive=False,
            visible=False,
            height="min(440px, 80vw)",
            max_height=440,
            slider_position=15,
            buttons=["fullscreen"],
            elem_id="slider",
        )
        self.status = live_text("Press Stylize to begin.", elem_id="status")
        small: dict[str, Any] = {"size": "md", "min_width": 120}
        with gr.Row():
            self.download = gr.DownloadButton("Download PNG", interactive=False, **small)
            self.use = gr.Button("Use as content", interactive=False, **small)
        self.chart = loss_chart("loss-chart")
        with gr.Group(visible=False) as self.films:
            self.video = gr.Video(
                label="Time-lapse", interactive=False, loop=True, height=260, elem_id="film"
            )
            with gr.Row():
                self.mp4 = gr.DownloadButton("Download MP4", **small)
                self.webp = gr.DownloadButton("Download WebP", **small)

    # -------- which function answers which event

    def wire(self, page: gr.Blocks) -> None:
        all_controls = list(self.controls.values())
        self._wire_run(self.go, self.paint, api_name="stylize")
        self._wire_run(self.again, partial(self.paint, resume=True), api_visibility="private")
        self.stop.click(ask_to_stop, self.visit, self.stop, **AT_ONCE)
        self.use.click(self.use_as_content, self.visit, self.content, **AT_ONCE)
        self.strip.select(self.bring_back, self.visit, self._all(), **AT_ONCE)
        for number, card in enumerate(self.cards):
            pair = [self.content, self.style]
            loaded = card.click(partial(load_pair, number), None, [*pair, *all_controls], **AT_ONCE)
            loaded.then(None, js=scroll_to("left"))
        page.load(self.remembered, self.memory, all_controls, **AT_ONCE)
        self._wire_controls(all_controls)
        self._wire_restore(all_controls)

    def _wire_run(self, button: gr.Button, runs: Callable[..., Any], **api: Any) -> None:
        button.click(self.begin, self.visit, self._all(), **AT_ONCE)
        button.click(None, js=scroll_to("preview"))
        run = button.click(
            with_names(runs, ["content", "style", *NAMES, "visit"]),
            [self.content, self.style, *self.controls.values(), self.visit],
            [self.preview, self.status, self.download, self.chart],
            api_description=getdoc(self.paint),
            show_progress_on=[self.status],
            **api,
            **AT_WORK,
        )
        done = run.success(self.show, self.visit, self._all(), **AT_ONCE)
        films = [self.films, self.video, self.mp4, self.webp]
        done.then(self.make_films, self.visit, films, concurrency_id="films", **PRIVATE)
        run.failure(self.fail, self.visit, self._all(), **AT_ONCE)

    def _wire_controls(self, all_controls: list[gr.components.Component]) -> None:
        gr.on(
            [control.change for control in all_controls],
            self.note,
            all_controls,
            [self.mark, self.memory],
            trigger_mode="always_last",
            preprocess=False,
            **AT_ONCE,
        )
        recipe, optimizer = self.controls["recipe"], self.controls["optimizer"]
        for event in (recipe.input, self.reset.click):
            event(self.as_the_recipe_has_it, recipe, all_controls, **AT_ONCE)
        rate = self.controls["learning_rate"]
        optimizer.input(
            self.offer_rate, [recipe, optimizer, rate], rate, preprocess=False, **AT_ONCE
        )

    def _wire_restore(self, all_controls: list[gr.components.Component]) -> None:
        read = self.restore.upload(
            self.read_picture,
            [self.restore, self.visit],
            self.restored,
            api_name="restore",
            api_description=getdoc(self.read_picture),
            preprocess=False,
            queue=False,
            show_progress="hidden",
        )
        read.success(self.set_restored, self.visit, [*all_controls, self.status], **AT_ONCE)
        read.failure(say_problem, self.visit, self.status, **AT_ONCE)

    def _all(self) -> list[gr.components.Component]:
        """What `begin`, `show`, `fail` and `bring_back` may change."""
        buttons = [self.go, self.stop, self.again, self.use, self.download]
        shown = [self.preview, self.slider, self.status, self.films, self.strip]
        return [*buttons, *shown, self.content, self.style, *self.controls.values()]

    # -------- painting

    def begin(self, visit: Visit) -> dict[Any, Any]:
        off = gr.update(interactive=False)
        return {
            **waiting(self, visit),
            self.again: off,
            self.use: off,
            self.preview: gr.update(visible=True),
            self.slider: gr.update(visible=False),
            self.films: gr.update(visible=False),
        }

    def paint(
        self, content: Any, style: Any, visit: Visit, resume: bool = False, **values: Any
    ) -> Iterator[tuple[Any, ...]]:
        """Paint the content image in the manner of the style image, streaming.

        Each answer is (picture, status as HTML, PNG file, chart of the losses); the file is null in
        all but the last one. A parameter that is null or empty is as the recipe has it.
        recipe: what everything else starts from. quality: draft, balanced or fine, for studio.
        size: 128 to 1024 px. style_strength: -10, nearly the photograph, to 10, nearly the texture
        of the style image. content_layers and style_layers: "block1_conv1=0.75, block2_conv1=0.25".
        """
        with plain_errors(visit):
            recipe = controls.changed_recipe(values)
            pair = chosen_pair(content, style)
            picture = visit.in_hand().file if resume else None
            run = stylize(*pair, recipe, self.backbone, resume=picture)
            visit.begin()
            with closing(run) as frames:
                for number, frame in enumerate(frames):
                    visit.add(frame)
                    due = number % FRAMES_PER_CHART == 0
                    chart = chart_data(visit.curve) if due else gr.skip()
                    yield frame.image, at_work(frame), None, chart
                    if visit.stop_asked:
                        break
            file = str(new_folder() / "stylized.png")
            visit.keep(frame, pair, values, Path(file))
            yield file, ended(frame), file, chart_data(visit.curve)

    def show(self, visit: Visit) -> dict[Any, Any]:
        """The picture in hand, and what can be done with it."""
        current = visit.current
        there = {"interactive": current is not None}
        file, compared = None, None
        if current:
            file = str(current.file)
            compared = current.before(), file
        strip = [(str(each.file), each.caption) for each in visit.strip]
        return {
            self.go: gr.update(interactive=True),
            self.stop: gr.Button("Stop", interactive=False),
            self.again: gr.update(**there),
            self.use: gr.update(**there),
            self.download: gr.update(value=file, **there),
            self.preview: gr.update(visible=current is None),
            self.slider: gr.update(visible=current is not None, value=compared),
            self.strip: gr.update(visible=bool(strip), value=strip),
        }

    def fail(self, visit: Visit) -> dict[Any, Any]:
        return {**self.show(visit), self.status: say_problem(visit)}

    def make_films(self, visit: Visit) -> list[Any]:
        """The time-lapse as MP4 and as animated WebP."""
        folder = new_folder()
        mp4, webp = folder / "time-lapse.mp4", folder / "time-lapse.webp"
        visit.film.write_mp4(mp4)
        visit.film.write_webp(webp)
        label = f"Time-lapse of {len(visit.film)} pictures"
        video = gr.update(value=str(mp4), label=label)
        return [gr.update(visible=True), video, str(mp4), str(webp)]

    def use_as_content(self, visit: Visit) -> str:
        with plain_errors(visit):
            current = visit.in_hand()
        return str(current.file)

    def bring_back(self, visit: Visit, event: gr.SelectData) -> dict[Any, Any]:
        """A picture of the strip was clicked: it comes back with its pair and its settings."""
        with plain_errors(visit):
            kept = visit.bring_back(event.index)
        pair = dict(zip((self.content, self.style), map(str, kept.pair), strict=True))
        settings = dict(zip(self.controls.values(), fill(kept.values), strict=True))
        return {**self.show(visit), **pair, **settings}

    # -------- settings

    def as_the_recipe_has_it(self, name: str) -> list[Any]:
        return fill(controls.own_values(RECIPES[name]))

    def offer_rate(self, recipe: str, optimizer: str, rate: Any) -> dict[str, Any]:
        """Another optimiser was chosen, which has a learning rate of its own, or none."""
        chosen = controls.at_hand({"recipe": recipe, "optimizer": optimizer})
        return gr.update(**shown(FIELDS["learning_rate"], rate, chosen))

    def note(self, *given: Any) -> list[Any]:
        """A control was changed: say so, and have the browser remember it, unless it can't work."""
        values = dict(zip(NAMES, given, strict=True))
        changed = paragraph(controls.changed_text(values))
        try:
            controls.changed_recipe(values)
        except RecipeError as problem:
            return [changed + paragraph(str(problem)), gr.skip()]
        return [changed, values]

    def remembered(self, values: Any) -> list[Any]:
        """The controls as this browser left them, unless they make no sense any more."""
        try:
            controls.changed_recipe(values)
            return fill(values)
        except (RecipeError, KeyError, TypeError, AttributeError):
            return fill(controls.own_values(RECIPES["studio"]))

    def read_picture(self, picture: dict[str, Any] | None, visit: Visit) -> dict[str, Any]:
        """The settings inside a PNG that this page or the command line made, as JSON.

        They name the recipe and what was changed in it, seed, size, steps, backbone, precision and
        version, and SHA-256 sums of the pixels of the content and style images.
        """
        with plain_errors(visit):
            visit.restored = read_settings(chosen_file(picture, "picture"))
        return vars(visit.restored)

    def set_restored(self, visit: Visit) -> list[Any]:
        assert visit.restored is not None
        values, lost = controls.values_of(visit.restored)
        text = f"The settings of that picture are in place: {visit.restored.recipe}."
        if lost:
            text += f" No control can hold {', '.join(lost)}, so the picture may differ."
        return [*fill(values), paragraph(text)]


def with_names(runs: Callable[..., Iterator[Any]], names: Sequence[str]) -> Callable[..., Any]:
    """`runs` with these parameters: Gradio takes the names for its API from the signature."""

    def call(*values: Any) -> Iterator[Any]:
        yield from runs(**dict(zip(names, values, strict=True)))

    kind = Parameter.POSITIONAL_OR_KEYWORD
    parameters = [Parameter(name, kind, default=None) for name in names]
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return call


# ---------------------------------------------------------------- the controls


def build_controls() -> dict[str, gr.components.Component]:
    """By the names in `NAMES` and in their order, as the recipe `studio` has them."""
    studio = RECIPES["studio"]
    qualities = [(name.capitalize(), name) for name in studio.qualities]
    size = controls.own_values(studio)["size"]
    no_quality = None  # what the API then takes for granted is right for every recipe
    built: dict[str, gr.components.Component] = {
        "recipe": gr.Dropdown(
            list(RECIPES),
            value="studio",
            label="Recipe",
            info=recipe_text(studio),
            filterable=False,
        ),
        "quality": gr.Radio(qualities, value=no_quality, **told(AT_HAND["quality"])),
        "size": gr.Slider(*controls.SIZES, size, step=4, **told(AT_HAND["size"])),
        "style_strength": gr.Slider(
            *controls.STRENGTHS, 0, step=1, **told(AT_HAND["style_strength"])
        ),
    }
    with gr.Accordion("All settings", open=False, elem_id="more"):
        for group, entries in GUIDE.items():
            gr.Markdown(f"### {group}")
            built |= {name: build_field(FIELDS[name], studio) for name in entries}
    return built


def told(entry: Entry) -> dict[str, str]:
    return {"label": entry.label, "info": entry.sentence}


def build_field(control: Control, recipe: Recipe) -> gr.components.Component:
    kind = gr.Dropdown if control.choices else gr.Textbox if control.layers else gr.Number
    return kind(label=control.entry.label, **shown(control, None, recipe))


def shown(control: Control, value: Any, recipe: Recipe) -> dict[str, Any]:
    """What a field's component shows for the recipe: what is its own, and what may be given."""
    if not control.applies(recipe):
        return {"visible": False, "value": None}
    hint, limits = control.hint(recipe), control.limits(recipe)
    always = {"visible": True, "info": control.sentence(recipe)}
    if limits:
        ends = {"minimum": limits[0], "maximum": limits[1]}
        return {**always, "value": value, "placeholder": hint, **ends}
    choices = [(hint, ""), *((label, name) for name, label in control.choices.items())]
    offered = {"choices": choices} if control.choices else {"placeholder": hint}
    return {**always, "value": value or "", **offered}


def fill(values: Values) -> list[Any]:
    """Every control with its value, and with ranges and choices of the recipe."""
    recipe = controls.at_hand(values)
    return [
        gr.update(value=recipe.name, info=recipe_text(recipe)),
        gr.update(value=values["quality"], visible=bool(recipe.qualities)),
        gr.update(value=values["size"]),
        gr.update(value=values["style_strength"]),
        *(gr.update(**shown(each, values.get(each.name), recipe)) for each in FIELDS.values()),
    ]


# ---------------------------------------------------------------- the gallery


def example_cards() -> list[gr.Button]:
    """One card per example pair; the button below it puts the pair in place."""
    gr.Markdown("## Gallery")
    buttons = []
    with gr.Row(elem_id="cards"):
        for pair in EXAMPLES:
            with gr.Column():
                gr.HTML(card(pair["content"], pair["style"]))
                label = f"Use {title(pair['content'])} + {title(pair['style'])}"
                buttons.append(gr.Button(label, size="sm"))
    return buttons


def load_pair(number: int) -> list[Any]:
    """An example pair, and the settings its result was made with."""
    pair = EXAMPLES[number]
    files = [str(EXAMPLES_FOLDER / role / pair[role]) for role in ("content", "style")]
    values, _ = controls.values_for(RECIPES["studio"], pair["changes"])
    return [*files, *fill(values)]


def card(content: str, style: str) -> str:
    """The pair, and the picture made from it where that was rendered."""
    result = f"gallery/{Path(content).stem}--{Path(style).stem}.jpg"
    images = {
        f"content/{content}": f"Content: {title(content)}",
        f"style/{style}": f"Style: {title(style)}",
        result: f"Result: {title(content)} in the manner of {title(style)}",
    }
    return '<div class="images">{}</div>'.format(
        "".join(
            f'<img src="gradio_api/file={quote(str(EXAMPLES_FOLDER / path))}" alt="{escape(text)}">'
            for path, text in images.items()
            if (EXAMPLES_FOLDER / path).exists()
        )
    )


def title(file_name: str) -> str:
    return Path(file_name).stem.replace("-", " ")


# ---------------------------------------------------------------- the Explore tab


class ExploreTab:
    """Many small pictures of the pair in hand, on one sheet that fills cell by cell."""

    def __init__(self, backbone: str, paint_tab: PaintTab) -> None:
        self.backbone = backbone
        self.pair = [paint_tab.content, paint_tab.style]
        self.task = gr.State(Task())
        gr.Markdown(
            "Small, short runs of the pair on the Paint tab, side by side. "
            "Each shows what one choice does."
        )
        self.wanted = self._build_choices()
        with gr.Row():
            self.go = gr.Button("Start", variant="primary", min_width=90, elem_id="explore")
            self.stop = gr.Button("Stop", interactive=False, min_width=90, elem_id="explore-stop")
            self.download = gr.DownloadButton("Download sheet", interactive=False, min_width=140)
        self.status = live_text("Press Start to begin.", elem_id="sheet-status")
        alt_text = "The experiment's pictures with their labels"
        self.sheet = picture("sheet", "Sheet", alt_text, **STREAMED)

    def _build_choices(self) -> dict[str, gr.components.Component]:
        """By the names of the parameters of `experiments.chosen_cells`."""
        known = [(each.description, name) for name, each in experiments.EXPERIMENTS.items()]
        sweep = ("Any number of the recipe, with values of your own.", experiments.SWEEP)
        with gr.Row():
            experiment = gr.Dropdown(
                [*known, sweep],
                value="style-weight",
                label="Experiment",
                filterable=False,
                scale=2,
                min_width=280,
            )
            recipe = gr.Dropdown(list(RECIPES), value="studio", label="Recipe", filterable=False)
        with gr.Row(visible=False) as self.sweep:
            number = gr.Dropdown(
                experiments.number_fields("studio"), value="learning_rate", label="Number"
            )
            how_many = f"Up to {experiments.MAX_CELLS} numbers with commas between them."
            values = gr.Textbox("4, 16, 64", label="Values", info=how_many)
        with gr.Row():
            size = gr.Slider(*experiments.OFFERED_SIZES, 192, step=16, label="Cell size (px)")
            steps = gr.Slider(*experiments.OFFERED_STEPS, 100, step=1, label="Steps per cell")
        self.estimate = live_text("", elem_id="estimate")
        return {
            "experiment": experiment,
            "recipe": recipe,
            "number": number,
            "values": values,
            "size": size,
            "steps": steps,
        }

    def wire(self, tab: gr.Tab) -> None:
        wanted = list(self.wanted.values())
        gr.on(
            [tab.select, *(each.change for each in wanted)],
            self.estimate_time,
            [self.pair[0], *wanted],
            self.estimate,
            preprocess=False,
            trigger_mode="always_last",
            **PRIVATE,
        )
        experiment, recipe, number, *_ = wanted
        experiment.change(self.offer_sweep, experiment, self.sweep, **AT_ONCE)
        recipe.change(self.offer_numbers, recipe, number, **AT_ONCE)
        changing = [self.go, self.stop, self.download, self.status]
        self.go.click(self.begin, self.task, changing, **AT_ONCE)
        self.stop.click(ask_to_stop, self.task, self.stop, **AT_ONCE)
        run = self.go.click(
            with_names(self.explore, ["content", "style", *self.wanted, "task"]),
            [*self.pair, *wanted, self.task],
            [self.sheet, self.status, self.download],
            api_name="explore",
            api_description=getdoc(self.explore),
            show_progress_on=[self.status],
            **AT_WORK,
        )
        run.success(self.finish, None, changing, **AT_ONCE)
        run.failure(self.fail, self.task, changing, **AT_ONCE)

    def offer_sweep(self, experiment: str) -> dict[str, Any]:
        return gr.update(visible=experiment == experiments.SWEEP)

    def offer_numbers(self, recipe: str) -> dict[str, Any]:
        return gr.update(choices=experiments.number_fields(recipe), value="style_weight")

    def estimate_time(self, content: Any, *wanted: Any) -> str:
        """How long it will take, or what is wrong with the choices."""
        try:
            cells = experiments.chosen_cells(*wanted)
            size = open_image(chosen_file(content, "content image")).size
            seconds = explore.expected_seconds(cells, size, loading(self.backbone).result())
        except StyleTransferError as error:
            return paragraph(str(error))
        return paragraph(
            f"{len(cells)} cells, about {words.spoken_time(seconds)} on a free server."
        )

    def begin(self, task: Task) -> dict[Any, Any]:
        return waiting(self, task)

    def explore(
        self, content: Any, style: Any, task: Task, **wanted: Any
    ) -> Iterator[tuple[Any, ...]]:
        """Run an experiment on the pair and stream one labelled sheet of its pictures.

        Each answer is (sheet, status as HTML, PNG file); the file is null in all but the last one.
        number and values count for the experiment "sweep" alone: a field of the recipe, and up to
        twelve values for it such as "1, 10, 1e2". size: of a cell, 64 to 384 px. steps: 1 to 300.
        """
        with plain_errors(task):
            pair = chosen_pair(content, style)
            cells = experiments.chosen_cells(**wanted)
            with closing(explore.explore(*pair, cells, self.backbone)) as run:
                for now in run:
                    yield now.sheet, filling(now), None
                    if task.stop_asked:
                        break
            file = str(new_folder() / "sheet.png")
            save_png(now.sheet, file)
            yield file, paragraph(words.sheet_summary(now)), file

    def finish(self) -> dict[Any, Any]:
        on = gr.update(interactive=True)
        stop = gr.Button("Stop", interactive=False)
        return {self.go: on, self.stop: stop, self.download: on}

    def fail(self, task: Task) -> dict[Any, Any]:
        return {**self.finish(), self.download: gr.skip(), self.status: say_problem(task)}


# ---------------------------------------------------------------- the Learn tab


class LearnTab:
    """How it works, with pictures from the pair in hand."""

    def __init__(self, backbone: str, paint_tab: PaintTab) -> None:
        self.backbone = backbone
        self.pair = [paint_tab.content, paint_tab.style]
        self.visit = paint_tab.visit
        gr.Markdown(HOW_IT_WORKS)
        gr.Markdown("## Look inside\nMade from the pair, and the picture, on the Paint tab.")
        self.look = gr.Button("Look inside with this pair", variant="primary")
        self.status = live_text("Nothing is computed until you ask.", elem_id="look-status")
        alt_text = "Maps of the content image, four from each block of layers"
        self.maps = picture("maps", "Layers", alt_text, **DOWNLOADABLE)
        alt_text = "Gram matrices of the images and their differences"
        self.grams = picture("grams", "Gram matrices", alt_text, **DOWNLOADABLE)
        self.chart = loss_chart("learn-chart")
        gr.Markdown(controls_text())
        gr.Markdown(SOURCES)

    def wire(self) -> None:
        run = self.look.click(
            self.look_inside,
            [*self.pair, self.visit],
            [self.maps, self.grams, self.chart, self.status],
            show_progress_on=[self.status],
            api_visibility="private",
            **AT_WORK,
        )
        run.failure(say_problem, self.visit, self.status, **AT_ONCE)

    def look_inside(self, content: Any, style: Any, visit: Visit) -> list[Any]:
        with plain_errors(visit):
            pair = chosen_pair(content, style)
            network = loading(self.backbone).result()
            maps = activation_maps(pair[0], network)
            kept = visit.current
            painted = kept.file if kept and kept.pair == pair else None
            grams = gram_pictures(*pair, painted, network)
        text = "White is where a map answers most, or which two maps answer together most often."
        if not painted:
            text += " Paint this pair to see what changed in the picture."
        sheets = [labelled_sheet(maps, columns=4), labelled_sheet(grams, columns=5)]
        return [*sheets, chart_data(visit.curve), paragraph(text)]


# ---------------------------------------------------------------- parts of the tabs


def image_input(role: str) -> gr.Image:
    return gr.Image(
        EXAMPLES_FOLDER / role / EXAMPLES[0][role],
        label=f"{role.capitalize()} image",
        alt_text=f"The {role} image",
        type="filepath",
        image_mode=None,
        height="min(260px, 50vw)",
        min_width=120,
        sources=["upload", "clipboard"],
        buttons=[],
        elem_id=role,
    )


def picture(elem_id: str, label: str, alt_text: str, **look: Any) -> gr.Image:
    return gr.Image(label=label, alt_text=alt_text, interactive=False, elem_id=elem_id, **look)


STREAMED: dict[str, Any] = {
    "format": "jpeg",  # a tenth of a PNG's size; the finished picture replaces it as PNG
    "height": "min(440px, 80vw)",
    "buttons": ["fullscreen"],
}
DOWNLOADABLE: dict[str, Any] = {"format": "png", "buttons": ["fullscreen", "download"]}


def live_text(text: str, elem_id: str) -> gr.HTML:
    """Text that a screen reader speaks when it changes."""
    return gr.HTML(
        paragraph(text),
        html_template='<div role="status" aria-live="polite">${value}</div>',
        label=elem_id.capitalize(),
        elem_id=elem_id,
        elem_classes="words",
    )


def loss_chart(elem_id: str) -> gr.LinePlot:
    return gr.LinePlot(
        x="step",
        y="loss",
        color="term",
        x_title="step",
        y_title="loss (log₁₀)",
        color_title="term",
        color_map=TERM_COLOURS,
        label="Losses, logarithmic",
        show_label=False,  # it would push the legend out of the box
        height=240,
        elem_id=elem_id,
    )


TERM_COLOURS = {
    "total": "#64748b",
    "content": "#0284c7",
    "style": "#d97706",
    "variation": "#059669",
}
"""Each with a contrast of 3 or more against the page in both themes."""


def chart_data(curve: LossCurve) -> dict[str, Any]:
    return {
        "columns": ["step", "loss", "term"],
        "data": curve.points(),
        "datatypes": {"step": "quantitative", "loss": "quantitative", "term": "nominal"},
        "mark": "line",
    }


def scroll_to(elem_id: str) -> str:
    return f"() => document.getElementById('{elem_id}')?.scrollIntoView({{block: 'nearest'}})"


def waiting(tab: PaintTab | ExploreTab, task: Task) -> dict[Any, Any]:
    """A run was asked for: there may be a queue to wait in before it begins."""
    task.stop_asked, task.problem = False, ""
    return {
        tab.go: gr.update(interactive=False),
        tab.stop: gr.Button("Stop", interactive=True),
        tab.download: gr.update(value=None, interactive=False),
        tab.status: paragraph("Waiting to begin …"),
    }


def ask_to_stop(task: Task) -> gr.Button:
    """The run looks at this after each frame; cancelling it would lose the picture."""
    task.stop_asked = True
    return gr.Button("Stopping …", interactive=False)


# ---------------------------------------------------------------- untrusted input, and problems


def chosen_pair(content: dict[str, Any] | None, style: dict[str, Any] | None) -> Pair:
    """As `chosen_file`, for the content and the style image."""
    return chosen_file(content, "content image"), chosen_file(style, "style image")


def chosen_file(upload: dict[str, Any] | None, role: str) -> Path:
    """The file of an image component's raw value, if a visitor may have it opened.

    Raises:
        ImageError: there is none, or it is neither an upload nor an example.
    """
    if not upload or not upload.get("path"):
        raise ImageError(f"There is no {role}: choose one first.")
    try:
        path: Path | None = Path(upload["path"]).resolve()  # where links really lead
    except (OSError, ValueError, RuntimeError):  # too long, a NUL byte, a circle of links
        path = None
    allowed = Path(get_upload_folder()).resolve(), EXAMPLES_FOLDER
    if path is None or not any(path.is_relative_to(folder) for folder in allowed):
        raise ImageError(f"The {role} was not uploaded to this page: upload it first.")
    return path


def new_folder() -> Path:
    """Where Gradio serves files from and deletes them after a day; the path is a secret."""
    folder = Path(get_upload_folder()) / secrets.token_hex(20)
    folder.mkdir(parents=True)
    return folder


@contextmanager
def plain_errors(task: Task) -> Iterator[None]:
    """Turn every error into one sentence on the page; only the unexpected ones are logged."""
    try:
        yield
    except StyleTransferError as error:
        task.problem = str(error)
    except Exception:
        log.exception("An event failed")
        task.problem = "Something went wrong on the server, and the picture was not finished."
    else:
        return
    raise gr.Error(escape(task.problem, quote=False), print_exception=False)


def say_problem(task: Task) -> str:
    full = "Nothing was painted. If the server is full, try again in a minute."
    return paragraph(task.problem or full)


# ---------------------------------------------------------------- words


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def at_work(frame: Frame) -> str:
    doing, left = paragraph(words.run_progress(frame)), words.time_left(frame.remaining)
    return doing + bar(frame.step, frame.total_steps) + aside(words.run_figures(frame, left))


def ended(frame: Frame) -> str:
    figures = words.run_figures(frame, f"{frame.elapsed:.0f} s")
    return paragraph(words.run_summary(frame)) + aside(figures)


def filling(now: explore.Progress) -> str:
    left = paragraph(words.time_left(now.remaining))
    return paragraph(words.sheet_progress(now)) + bar(now.finished, now.total) + left


def bar(done: int, total: int) -> str:
    percent = round(100 * done / total)
    return (
        '<div class="bar" role="progressbar" aria-label="Done" aria-live="off" '
        f'aria-valuenow="{percent}"><div style="width: {percent}%"></div></div>'
    )


def aside(figures: str) -> str:
    """Small, and not spoken, as it changes all the time."""
    return f'<p class="figures" aria-live="off">{escape(figures)}</p>'


# ---------------------------------------------------------------- looks


CSS = """
#studio { display: grid; align-items: start; }
#left, #result { min-width: 0; }
#actions { position: sticky; z-index: 100; top: 0; padding: 8px 0; }
#actions { background: var(--body-background-fill); }
@media (width >= 768px) { #studio { grid-template-columns: 1fr 1fr; } }
@media (width < 768px) {
  #studio { display: flex; flex-direction: column; }
  #left { display: contents; }
  #result { order: 1; width: 100%; }
  #controls { order: 2; }
  #more .icon-wrap { right: 4px; }
  #actions { position: fixed; top: auto; bottom: 0; left: 0; right: 0; padding: 8px 16px; }
  #actions { border-top: 1px solid var(--border-color-primary); }
  #strip .grid-container { grid-template-columns: repeat(3, 1fr); }
  footer { padding-bottom: 72px !important; }
}
#preview img { width: 100%; height: 100%; object-fit: contain; }
#network .html-container, .words .html-container, #cards .html-container { padding: 0; }
#status, #sheet-status { min-height: 6em; }
#status .generating, #sheet-status .generating { border: none; }
.words .figures { font-size: var(--text-sm); font-variant-numeric: tabular-nums; }
.words .bar { height: 8px; margin-bottom: 4px; background: var(--border-color-primary); }
.words .bar div { height: 100%; background: var(--color-accent); }
#strip .caption-label { max-width: 100%; white-space: normal; font-size: var(--text-xs); }
#cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); }
#cards .images { display: grid; height: 190px; gap: 4px; }
#cards .images { grid-template-rows: 1fr 1fr; grid-auto-columns: 1fr 2fr; }
#cards img { width: 100%; height: 100%; min-height: 0; object-fit: cover; border-radius: 4px; }
#cards img:nth-child(3) { grid-area: 1 / 2 / span 2; }
"""
THEME = gr.themes.Default(
    primary_hue="indigo",
    secondary_hue="indigo",
    neutral_hue="slate",
    font=["system-ui", "sans-serif"],
    font_mono=["monospace"],
).set(  # darker than the theme's own, for contrast
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    block_title_text_color="*body_text_color",
    block_info_text_color="*neutral_600",
    block_info_text_color_dark="*neutral_300",
    block_label_text_color="*neutral_700",
    input_placeholder_color="*neutral_500",
    input_placeholder_color_dark="*neutral_400",
    link_text_color="*primary_700",
    link_text_color_visited="*primary_700",
    link_text_color_hover="*primary_800",
    link_text_color_active="*primary_800",
    link_text_color_dark="*primary_300",
    link_text_color_visited_dark="*primary_300",
    link_text_color_hover_dark="*primary_200",
    link_text_color_active_dark="*primary_200",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
)
JS = """() => {
  const name = () => {
    document.querySelectorAll(".empty[aria-label]:not([role])")
      .forEach(empty => empty.setAttribute("role", "img"));
    document.querySelectorAll("#slider img")
      .forEach((image, number) => { image.alt = number ? "The painting" : "The photograph"; });
  };
  new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
  name();
}"""
"""Gradio labels what is empty, but such a label needs a role to be spoken; its slider has none."""
LAUNCH: dict[str, Any] = {
    "theme": THEME,
    "css": CSS,
    "js": JS,
    "allowed_paths": [str(EXAMPLES_FOLDER)],
    "max_file_size": "50mb",
    "show_error": False,
    "enable_monitoring": False,
    "run_history": False,
    "footer_links": ["api", "gradio", "settings"],
}
"""What `Blocks.launch` must be told for this page."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the style transfer page.")
    parser.add_argument("--share", action="store_true", help="make a public link")
    parser.add_argument(
        "--backbone", default="auto", help="auto, vgg19, embedded or the path of a .h5 file"
    )
    options = parser.parse_args()
    page = build_page(options.backbone)
    page.launch(share=options.share or None, prevent_thread_lock=True, **LAUNCH)
    load_tensorflow_quietly()  # only now, for the page answers without it
    loading(options.backbone)  # so that the first visitor need not wait for it
    page.block_thread()


if __name__ == "__main__":
    main()
