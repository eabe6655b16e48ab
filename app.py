"""The page: two images in, a picture that paints itself, and ways to steer, keep and explain it.

`python app.py` starts it. Whatever is computed here, `nst_core` computes.
"""

import argparse
import asyncio
import json
import logging
import math
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from html import escape
from inspect import Parameter, Signature, getdoc
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.utils import get_upload_folder
from PIL import Image

from nst_core import (
    RECIPES,
    Backbone,
    BackboneError,
    Frame,
    ImageError,
    Recipe,
    RecipeError,
    load_backbone,
    stylize,
)
from nst_core.checks import check_choice
from nst_core.curves import LossCurve
from nst_core.explain import activation_maps, gram_pictures
from nst_core.explore import (
    EXPERIMENTS,
    MAX_CELLS,
    Cell,
    Progress,
    expected_seconds,
    explore,
    number_fields,
    parse_values,
    sweep,
)
from nst_core.guide import GUIDE, Entry
from nst_core.images import open_image, resize, save_png
from nst_core.layer_text import layers_text, parse_layers
from nst_core.optimizers import OPTIMIZERS
from nst_core.recipes import CHOICES
from nst_core.settings import Settings, SettingsError, read_settings, settings_of, to_text
from nst_core.sheets import labelled_sheet
from nst_core.timelapse import TimeLapse

EXAMPLES_FOLDER = Path(__file__).resolve().parent / "examples"
EXAMPLES = json.loads((EXAMPLES_FOLDER / "pairs.json").read_text())
"""The first pair is in place when the page opens."""
SIZES = (128, 1024)  # px
STRENGTHS = (-10, 10)
STEPS = (1, 2000)
SEEDS = (0, 2**53)  # what a browser's numbers hold exactly
CELL_SIZES = (64, 384)  # px
CELL_STEPS = (1, 300)
FIRST_SIZE = 384  # px; `studio` at its own 512 takes twice as long
LONGEST_STRIP = 12
FRAMES_PER_CHART = 3
ONE_DAY = 24 * 60 * 60  # seconds
UNSEEN = {"show_progress": "hidden", "api_visibility": "private"}
"""For events that only this page needs."""
AT_WORK = {"concurrency_id": "painting", "concurrency_limit": 1, "preprocess": False}
"""One picture at a time; `preprocess` would open any file that a crafted request names."""

CSS = """
#studio { display: grid; align-items: start; }
#left, #result { min-width: 0; }
#actions { position: sticky; z-index: 20; top: 0; padding: 8px 0; }
#actions { background: var(--body-background-fill); }
@media (width >= 768px) { #studio { grid-template-columns: 1fr 1fr; } }
@media (width < 768px) {
  #studio { display: flex; flex-direction: column; }
  #left { display: contents; }
  #result { order: 1; width: 100%; }
  #controls { order: 2; }
  #actions { position: fixed; top: auto; bottom: 0; left: 0; right: 0; padding: 8px 16px; }
  #actions { border-top: 1px solid var(--border-color-primary); }
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
  const name = () => document.querySelectorAll(".empty[aria-label]:not([role])")
    .forEach(empty => empty.setAttribute("role", "img"));
  new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
  name();
}"""
"""Gradio labels what is empty, but such a label needs a role to be spoken."""
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

NOTHING = "Nothing was painted. If the server is full, try again in a minute."

log = logging.getLogger(__name__)


@dataclass
class Task:
    """What the events of one visitor's work tell each other while it goes on."""

    stop_asked: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Kept:
    """A finished picture: the files, the controls that made it, and its name in the strip."""

    file: str
    content: Path
    style: Path
    values: Mapping[str, Any]
    caption: str


@dataclass
class Visit(Task):
    """What one visitor has painted so far."""

    current: Kept | None = None
    strip: list[Kept] = field(default_factory=list)
    film: TimeLapse = field(default_factory=TimeLapse)
    curve: LossCurve = field(default_factory=LossCurve)
    restored: Settings | None = None


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
        page.load(partial(announce, backbone), None, network, concurrency_limit=None, **UNSEEN)
    return page.queue(max_size=20, api_open=False)


# ---------------------------------------------------------------- the controls


@dataclass(frozen=True)
class Control:
    """One field of a recipe that may be changed; left empty, the recipe's own value counts.

    Attributes:
        name: of the recipe's or the optimiser's field.
        entry: what it is called, and what it does to the picture.
        choices: name -> label, where there is a choice.
        limits: of a whole number.
    """

    name: str
    entry: Entry
    choices: Mapping[str, str]
    limits: tuple[int, int] | None

    @property
    def layers(self) -> bool:
        """Whether the value is a text of layers and weights."""
        return self.name.endswith("_layers")

    def build(self) -> gr.components.Component:
        kind = gr.Dropdown if self.choices else gr.Textbox if self.layers else gr.Number
        words = {"label": self.entry.label, "info": self.entry.sentence}
        return kind(value=self._value(None), **words, **self._own(RECIPES["studio"]))

    def update(self, value: Any, recipe: Recipe) -> dict[str, Any]:
        """The component with a value, showing what the recipe's own is."""
        return gr.update(value=self._value(value), **self._own(recipe))

    def _value(self, value: Any) -> Any:
        return "" if value is None and (self.choices or self.layers) else value

    def _own(self, recipe: Recipe) -> dict[str, Any]:
        own = f"{self.own(recipe)} (the recipe's own)"
        if not self.choices:
            return {"placeholder": own}
        return {"choices": [(own, ""), *((label, name) for name, label in self.choices.items())]}

    def own(self, recipe: Recipe) -> str:
        """The recipe's value, for people."""
        if self.name == "optimizer":
            names = {type(settings): name for name, settings in OPTIMIZERS.items()}
            return self.choices[names[type(recipe.optimizer)]]
        if self.layers:
            return layers_text(getattr(recipe, self.name), digits=2)
        value = getattr(recipe, self.name, getattr(recipe.optimizer, self.name, "none"))
        return self.choices.get(value, f"{value:.10g}" if isinstance(value, float) else str(value))

    def read(self, value: Any) -> Any:
        """The field's value from what the component sent."""
        if self.limits:
            return round(in_range(self.entry.label, value, self.limits))
        return parse_layers(str(value)) if self.layers else value


def labels(*names: str, **others: str) -> dict[str, str]:
    return {name: name.replace("-", " ").capitalize() for name in names} | others


LABELS = {
    "start": labels(*CHOICES["start"]),
    "pooling": labels(*CHOICES["pooling"]),
    "reconstruct": labels(both="Content and style", content="Content alone", style="Style alone"),
    "optimizer": labels(adam="Adam", lbfgs="L-BFGS"),
    "precision": labels(auto="The faster one", float32="float32", bfloat16="bfloat16"),
}
LIMITS = {"steps": STEPS, "seed": SEEDS}
FIELDS = {
    name: Control(name, entry, LABELS.get(name, {}), LIMITS.get(name))
    for group in GUIDE.values()
    for name, entry in group.items()
}
NAMES = ["recipe", "quality", "size", "style_strength", *FIELDS]
"""Of all controls, in the order in which events get their values."""


def own_values(recipe: Recipe) -> dict[str, Any]:
    """The controls as the recipe has them."""
    size = FIRST_SIZE if recipe.name == "studio" else recipe.size or FIRST_SIZE
    as_it_is = [name for name in recipe.qualities if recipe.changed(quality=name) == recipe]
    return {
        "recipe": recipe.name,
        "quality": next(iter(as_it_is), None),
        "size": min(max(size, SIZES[0]), SIZES[1]),
        "style_strength": 0,
    }


def fill(values: Mapping[str, Any]) -> list[Any]:
    """Every control with its value, and with ranges and choices of the recipe."""
    recipe = RECIPES[values["recipe"]]
    return [
        gr.update(value=recipe.name, info=story(recipe)),
        gr.update(value=values["quality"], visible=bool(recipe.qualities)),
        gr.update(value=values["size"]),
        gr.update(value=values["style_strength"]),
        *(control.update(values.get(name), recipe) for name, control in FIELDS.items()),
    ]


def changes_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Field -> new value, for `Recipe.changed`.

    Raises:
        RecipeError: an unknown name, or a number out of range.
    """
    check_choice("The recipe", values["recipe"], RECIPES)
    recipe = RECIPES[values["recipe"]]
    given = {name: values.get(name) for name in FIELDS}
    changes = {
        name: FIELDS[name].read(value) for name, value in given.items() if value not in (None, "")
    }
    changes["size"] = round(in_range("The size", values["size"], SIZES))
    if values.get("quality") and recipe.qualities:
        changes["quality"] = values["quality"]
    if isinstance(recipe.optimizer, type(OPTIMIZERS.get(str(changes.get("optimizer"))))):
        del changes["optimizer"]  # it would bring that optimiser's defaults, not the recipe's
    strength = in_range("The style strength", values["style_strength"], STRENGTHS)
    if strength:
        weight = recipe.changed(**changes).style_weight
        changes["style_weight"] = weight * 10 ** (strength / 10)
    return changes


def changed_recipe(values: Mapping[str, Any]) -> Recipe:
    changes = changes_of(values)
    return RECIPES[values["recipe"]].changed(**changes)


def values_of(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """The controls for a picture's settings, and the fields there is no control for."""
    changes = {**settings.changes, "seed": settings.seed}
    values = own_values(RECIPES[settings.recipe])
    values["size"] = changes.pop("size", RECIPES[settings.recipe].size) or max(settings.size)
    values["size"] = min(max(values["size"], SIZES[0]), SIZES[1])
    for name in FIELDS.keys() & changes.keys():
        value = changes.pop(name)
        values[name] = layers_text(value) if FIELDS[name].layers else value
    if values["seed"] == RECIPES[settings.recipe].seed:
        del values["seed"]
    return values, sorted(changes)


def mark(values: Mapping[str, Any]) -> str:
    """One sentence on what differs from the recipe."""
    recipe = RECIPES.get(str(values["recipe"]), RECIPES["studio"])
    own = own_values(recipe)
    parts = [
        f"{name.replace('_', ' ')} {values[name]}"
        for name in ("quality", "style_strength")
        if values[name] not in (None, own[name])
    ]
    parts += [
        f"{control.entry.label.lower()} {control.choices.get(str(values[name]), values[name])}"
        f" (own: {control.own(recipe)})"
        for name, control in FIELDS.items()
        if values.get(name) not in (None, "")
    ]
    changed = "Changed: " + " · ".join(parts) if parts else "Nothing is changed."
    return paragraph(changed)


# ---------------------------------------------------------------- the Paint tab


class PaintTab:
    """Layout in `__init__`, wiring in `wire`, then one method per event."""

    def __init__(self, backbone: str) -> None:
        self.backbone = backbone
        self.visit = gr.State(Visit())
        self.memory = gr.BrowserState(storage_key="nst-settings", secret="not a secret")
        with gr.Row(elem_id="studio"):
            with gr.Column(elem_id="left"):
                self.content, self.style = image_inputs()
                with gr.Row(elem_id="actions"):
                    self.go = gr.Button("Stylize", variant="primary", min_width=90)
                    self.stop = gr.Button("Stop", interactive=False, min_width=90)
                    self.again = gr.Button("Continue", interactive=False, min_width=90)
                self._build_controls()
            with gr.Column(elem_id="result"):
                self._build_result()
        self.strip = gr.Gallery(
            label="This visit's pictures: click one to bring it and its settings back",
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

    def _build_controls(self) -> None:
        own = own_values(RECIPES["studio"])
        self.controls: dict[str, gr.components.Component] = {}
        with gr.Column(elem_id="controls"):
            self.controls["recipe"] = gr.Dropdown(
                list(RECIPES),
                value=own["recipe"],
                label="Recipe",
                info=story(RECIPES["studio"]),
                filterable=False,
            )
            self.controls["quality"] = gr.Radio(
                [(name.capitalize(), name) for name in RECIPES["studio"].qualities],
                value=None,  # which for other recipes, by way of the API, means none
                label="Quality",
                info="How many steps: a draft shows where it goes, fine takes its time.",
            )
            self.controls["size"] = gr.Slider(
                *SIZES,
                own["size"],
                step=4,
                label="Size (px)",
                info="Longest side in most recipes. Twice the size takes four times as long.",
            )
            self.controls["style_strength"] = gr.Slider(
                *STRENGTHS,
                0,
                step=1,
                label="Style strength",
                info="Left: closer to the photograph. Right: closer to the painting.",
            )
            with gr.Accordion("All settings", open=False, elem_id="more"):
                for group, entries in GUIDE.items():
                    gr.Markdown(f"### {group}")
                    for name in entries:
                        self.controls[name] = FIELDS[name].build()
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
        self.preview = result_image("preview", "Result", "The picture as far as it is painted")
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
        with gr.Row():
            self.download = gr.DownloadButton(
                "Download PNG", interactive=False, size="md", min_width=120
            )
            self.use = gr.Button("Use as content", interactive=False, size="md", min_width=120)
        self.chart = loss_chart("loss-chart")
        with gr.Group(visible=False) as self.films:
            self.video = gr.Video(
                label="Time-lapse", interactive=False, loop=True, height=260, elem_id="film"
            )
            with gr.Row():
                self.mp4 = gr.DownloadButton("Download MP4", size="md", min_width=120)
                self.webp = gr.DownloadButton("Download WebP", size="md", min_width=120)

    def wire(self, page: gr.Blocks) -> None:
        """Say which function answers which event."""
        controls = list(self.controls.values())
        for button, runs, name in ((self.go, self.paint, "stylize"), (self.again, self.go_on, "")):
            self._wire_run(button, with_names(runs, ["content", "style", *NAMES, "visit"]), name)
        self.stop.click(ask_to_stop, self.visit, self.stop, queue=False, **UNSEEN)
        self.use.click(self.use_as_content, self.visit, self.content, queue=False, **UNSEEN)
        self.strip.select(self.bring_back, self.visit, self._shown(), queue=False, **UNSEEN)
        page.load(self.remembered, self.memory, controls, queue=False, **UNSEEN)
        gr.on(
            [control.change for control in controls],
            self.note,
            controls,
            [self.mark, self.memory],
            trigger_mode="always_last",
            preprocess=False,
            queue=False,
            **UNSEEN,
        )
        recipe = self.controls["recipe"]
        for event in (recipe.input, self.reset.click):
            event(self.as_the_recipe_has_it, recipe, controls, queue=False, **UNSEEN)
        self._wire_restore(controls)
        for number, card in enumerate(self.cards):
            loaded = card.click(
                partial(load_pair, number),
                None,
                [self.content, self.style, *controls],
                queue=False,
                **UNSEEN,
            )
            loaded.then(None, js=scroll_to("left"))

    def _wire_run(self, button: gr.Button, runs: Callable[..., Any], name: str) -> None:
        begun = [self.go, self.stop, self.again, self.use, self.download, self.status]
        begun += [self.preview, self.slider, self.films]
        button.click(self.begin, self.visit, begun, queue=False, **UNSEEN)
        button.click(None, js=scroll_to("preview"))
        run = button.click(
            runs,
            [self.content, self.style, *self.controls.values(), self.visit],
            [self.preview, self.status, self.download, self.chart],
            api_name=name or None,
            api_description=getdoc(self.paint),
            api_visibility="public" if name else "private",
            show_progress_on=[self.status],
            **AT_WORK,
        )
        done = run.success(self.show, self.visit, self._shown(), queue=False, **UNSEEN)
        films = [self.films, self.video, self.mp4, self.webp]
        done.then(self.make_films, self.visit, films, concurrency_id="films", **UNSEEN)
        run.failure(self.fail, self.visit, [*self._shown(), self.status], queue=False, **UNSEEN)

    def _wire_restore(self, controls: list[gr.components.Component]) -> None:
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
        to_set = [*controls, self.status]
        read.success(self.set_restored, self.visit, to_set, queue=False, **UNSEEN)
        read.failure(self.say_problem, self.visit, self.status, queue=False, **UNSEEN)

    def _shown(self) -> list[gr.components.Component]:
        """What `show` and `bring_back` may change."""
        buttons = [self.go, self.stop, self.again, self.use, self.download]
        shown = [self.preview, self.slider, self.strip, self.content, self.style]
        return [*buttons, *shown, *self.controls.values()]

    # -------- events

    def begin(self, visit: Visit) -> dict[Any, Any]:
        """Stylize was clicked: there may be a queue to wait in before `paint` is called."""
        visit.stop_asked, visit.problem = False, ""
        waiting = {button: gr.update(interactive=False) for button in (self.go, self.again)}
        return {
            **waiting,
            self.stop: gr.Button("Stop", interactive=True),
            self.use: gr.update(interactive=False),
            self.download: gr.update(value=None, interactive=False),
            self.status: paragraph("Waiting to begin …"),
            self.preview: gr.update(visible=True),
            self.slider: gr.update(visible=False),
            self.films: gr.update(visible=False),
        }

    def paint(self, content: Any, style: Any, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Paint the content image in the manner of the style image, streaming.

        Each answer is (picture, status as HTML, PNG file, chart of the losses); the file is null in
        all but the last one. A parameter that is null or empty is as the recipe has it.
        recipe: what everything else starts from. quality: draft, balanced or fine, for studio.
        size: 128 to 1024 px. style_strength: -10 to 10; each step of ten multiplies the weight of
        the style by ten. content_layers and style_layers: "block1_conv1=0.75, block2_conv1=0.25".
        """
        *numbers, visit = values
        yield from self._run(content, style, dict(zip(NAMES, numbers, strict=True)), visit, False)

    def go_on(self, content: Any, style: Any, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Paint on from the picture in hand, with the controls as they are now."""
        *numbers, visit = values
        yield from self._run(content, style, dict(zip(NAMES, numbers, strict=True)), visit, True)

    def _run(
        self, content: Any, style: Any, values: dict[str, Any], visit: Visit, resume: bool
    ) -> Iterator[tuple[Any, ...]]:
        with plain_errors(visit):
            recipe = changed_recipe(values)
            pair = chosen_file(content, "content image"), chosen_file(style, "style image")
            picture = in_hand(visit).file if resume else None
            run = stylize(*pair, recipe, self.backbone, resume=picture)
            visit.film, visit.curve = TimeLapse(), LossCurve()
            with closing(run) as frames:
                for number, frame in enumerate(frames):
                    visit.film.add(frame.image)
                    visit.curve.add(frame.step, frame.losses)
                    due = number % FRAMES_PER_CHART == 0
                    chart = chart_data(visit.curve) if due else gr.skip()
                    yield frame.image, progress(frame), None, chart
                    if visit.stop_asked:
                        break
            visit.current = keep(frame, *pair, values)
            visit.strip = [visit.current, *visit.strip][:LONGEST_STRIP]
            file = visit.current.file
            yield file, summary(frame), file, chart_data(visit.curve)

    def show(self, visit: Visit) -> dict[Any, Any]:
        """The picture in hand, and what can be done with it."""
        current = visit.current
        there = {"interactive": current is not None}
        return {
            self.go: gr.update(interactive=True),
            self.stop: gr.Button("Stop", interactive=False),
            self.again: gr.update(**there),
            self.use: gr.update(**there),
            self.download: gr.update(value=current.file if current else None, **there),
            self.preview: gr.update(visible=current is None),
            self.slider: gr.update(visible=current is not None, value=compare(current)),
            self.strip: gr.update(
                visible=bool(visit.strip), value=[(each.file, each.caption) for each in visit.strip]
            ),
        }

    def fail(self, visit: Visit) -> dict[Any, Any]:
        status = paragraph(visit.problem or NOTHING)
        return {**self.show(visit), self.status: status}

    def say_problem(self, visit: Visit) -> str:
        return paragraph(visit.problem)

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
            return in_hand(visit).file
        raise AssertionError

    def bring_back(self, visit: Visit, event: gr.SelectData) -> dict[Any, Any]:
        """A picture of the strip was clicked: it comes back with its pair and its settings."""
        with plain_errors(visit):
            kept = visit.strip[event.index]
            if not all(Path(each).exists() for each in (kept.file, kept.content, kept.style)):
                raise ImageError("That picture was deleted, as pictures are after a day.")
            visit.current = kept
        pair = {self.content: str(kept.content), self.style: str(kept.style)}
        controls = dict(zip(self.controls.values(), fill(kept.values), strict=True))
        return {**self.show(visit), **pair, **controls}

    # -------- settings

    def as_the_recipe_has_it(self, name: str) -> list[Any]:
        return fill(own_values(RECIPES.get(name, RECIPES["studio"])))

    def note(self, *values: Any) -> list[Any]:
        """A control was changed: say so, and have the browser remember."""
        now = dict(zip(NAMES, values, strict=True))
        return [mark(now), now]

    def remembered(self, values: Any) -> list[Any]:
        """The controls as this browser left them, unless they make no sense any more."""
        try:
            changed_recipe(values)
            return fill(values)
        except (RecipeError, KeyError, TypeError, AttributeError):
            return fill(own_values(RECIPES["studio"]))

    def read_picture(self, picture: dict[str, Any] | None, visit: Visit) -> dict[str, Any]:
        """The settings inside a PNG that this page or the command line made, as JSON.

        They name the recipe and what was changed in it, seed, size, steps, backbone and version,
        and SHA-256 sums of the pixels of the content and style images.
        """
        with plain_errors(visit):
            visit.restored = read_settings(chosen_file(picture, "picture"))
        return vars(visit.restored)

    def set_restored(self, visit: Visit) -> list[Any]:
        assert visit.restored is not None
        values, others = values_of(visit.restored)
        text = f"The settings of that picture are in place: {visit.restored.recipe}."
        if others:
            text += f" There is no control for {', '.join(others)}, so the picture may differ."
        return [*fill(values), paragraph(text)]


def with_names(runs: Callable[..., Iterator[Any]], names: Sequence[str]) -> Callable[..., Any]:
    """`runs` with named parameters: Gradio takes the names for its API from the signature."""

    def call(*values: Any) -> Iterator[Any]:
        yield from runs(*values)

    kind = Parameter.POSITIONAL_OR_KEYWORD
    parameters = [Parameter(name, kind, default=None) for name in names]
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return call


def scroll_to(elem_id: str) -> str:
    return f"() => document.getElementById('{elem_id}')?.scrollIntoView({{block: 'nearest'}})"


def image_inputs() -> list[gr.Image]:
    with gr.Row(elem_id="pair"):
        return [
            gr.Image(
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
            for role in ("content", "style")
        ]


def result_image(elem_id: str, label: str, alt_text: str) -> gr.Image:
    return gr.Image(
        label=label,
        alt_text=alt_text,
        format="jpeg",  # a tenth of a PNG's size; the finished picture replaces it as PNG
        height="min(440px, 80vw)",
        interactive=False,
        buttons=["fullscreen"],
        elem_id=elem_id,
    )


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
        color_map=dict(zip(("total", "content", "style", "variation"), CHART_COLOURS, strict=True)),
        label="Losses, logarithmic",
        show_label=False,  # it would push the legend out of the box
        height=240,
        elem_id=elem_id,
    )


CHART_COLOURS = ("#64748b", "#0284c7", "#d97706", "#059669")
"""Each with a contrast of 3 or more against the page in both themes."""


def chart_data(curve: LossCurve) -> dict[str, Any]:
    return {
        "columns": ["step", "loss", "term"],
        "data": curve.points(),
        "datatypes": {"step": "quantitative", "loss": "quantitative", "term": "nominal"},
        "mark": "line",
    }


def in_hand(visit: Visit) -> Kept:
    if visit.current is None or not Path(visit.current.file).exists():
        raise ImageError("There is no picture to go on from: press Stylize first.")
    return visit.current


def compare(kept: Kept | None) -> tuple[Image.Image, str] | None:
    """The photograph at the picture's size, and the picture."""
    if kept is None:
        return None
    with Image.open(kept.file) as picture:
        size = picture.size
    return resize(open_image(kept.content, longest=max(size)), size), kept.file


def keep(frame: Frame, content: Path, style: Path, values: Mapping[str, Any]) -> Kept:
    """Save the picture with its settings inside."""
    settings = settings_of(frame, open_image(content), [open_image(style)])
    file = new_folder() / "stylized.png"
    save_png(frame.image, file, to_text(settings))
    width, height = frame.image.size
    caption = f"{frame.recipe.name}, {width} × {height} px, step {frame.step}"
    return Kept(str(file), content, style, values, caption)


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
    values = {**own_values(RECIPES["studio"]), **pair["changes"]}
    return [
        *(str(EXAMPLES_FOLDER / role / pair[role]) for role in ("content", "style")),
        *fill(values),
    ]


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

SWEEP = "sweep"
CELLS_WANTED = ["experiment", "recipe", "number", "values", "size", "steps"]


class ExploreTab:
    """Many small pictures of the pair in hand, on one sheet that fills cell by cell."""

    def __init__(self, backbone: str, paint_tab: PaintTab) -> None:
        self.backbone = backbone
        self.paint_tab = paint_tab
        self.task = gr.State(Task())
        gr.Markdown(
            "Small, short runs of the pair on the Paint tab, side by side. "
            "Each shows what one choice does."
        )
        self._build_choices()
        with gr.Row():
            self.go = gr.Button("Start", variant="primary", min_width=90, elem_id="explore")
            self.stop = gr.Button("Stop", interactive=False, min_width=90, elem_id="explore-stop")
            self.download = gr.DownloadButton("Download sheet", interactive=False, min_width=140)
        self.status = live_text("Press Start to begin.", elem_id="sheet-status")
        self.sheet = result_image("sheet", "Sheet", "The experiment's pictures with their labels")

    def _build_choices(self) -> None:
        choices = [(experiment.description, name) for name, experiment in EXPERIMENTS.items()]
        with gr.Row():
            self.experiment = gr.Dropdown(
                [*choices, ("Any number of the recipe, with values of your own.", SWEEP)],
                value="style-weight",
                label="Experiment",
                filterable=False,
                scale=2,
                min_width=280,
            )
            self.recipe = gr.Dropdown(
                list(RECIPES), value="studio", label="Recipe", filterable=False
            )
        with gr.Row(visible=False) as self.sweep:
            self.number = gr.Dropdown(
                number_fields("studio"), value="learning_rate", label="Number", filterable=True
            )
            self.values = gr.Textbox(
                "6, 24, 96",
                label="Values",
                info=f"Up to {MAX_CELLS} numbers with commas between them.",
            )
        with gr.Row():
            self.size = gr.Slider(*CELL_SIZES, 192, step=16, label="Cell size (px)")
            self.steps = gr.Slider(*CELL_STEPS, 100, step=1, label="Steps per cell")
        self.estimate = live_text("", elem_id="estimate")

    def wire(self, tab: gr.Tab) -> None:
        wanted = [self.experiment, self.recipe, self.number, self.values, self.size, self.steps]
        pair = [self.paint_tab.content, self.paint_tab.style]
        gr.on(
            [tab.select, *(each.change for each in wanted)],
            self.estimate_time,
            [pair[0], *wanted],
            self.estimate,
            preprocess=False,
            trigger_mode="always_last",
            **UNSEEN,
        )
        self.experiment.change(
            lambda name: gr.update(visible=name == SWEEP), self.experiment, self.sweep, **UNSEEN
        )
        self.recipe.change(self.numbers_of, self.recipe, self.number, **UNSEEN)
        buttons = [self.go, self.stop, self.download]
        self.go.click(self.begin, self.task, [*buttons, self.status], queue=False, **UNSEEN)
        run = self.go.click(
            self.explore,
            [*pair, *wanted, self.task],
            [self.sheet, self.status, self.download],
            api_name="explore",
            api_description=getdoc(self.explore),
            show_progress_on=[self.status],
            **AT_WORK,
        )
        run.success(self.finish, None, buttons, queue=False, **UNSEEN)
        run.failure(self.fail, self.task, [*buttons, self.status], queue=False, **UNSEEN)
        self.stop.click(ask_to_stop, self.task, self.stop, queue=False, **UNSEEN)

    def numbers_of(self, recipe: str) -> dict[str, Any]:
        return gr.update(choices=number_fields(recipe), value="style_weight")

    def begin(self, task: Task) -> list[Any]:
        task.stop_asked, task.problem = False, ""
        off = gr.update(interactive=False)
        waiting = paragraph("Waiting to begin …")
        return [off, gr.Button("Stop", interactive=True), off, waiting]

    def finish(self) -> list[Any]:
        on = gr.update(interactive=True)
        return [on, gr.Button("Stop", interactive=False), on]

    def fail(self, task: Task) -> list[Any]:
        return [*self.finish()[:2], gr.skip(), paragraph(task.problem or NOTHING)]

    def estimate_time(self, content: Any, *wanted: Any) -> str:
        """How long it will take, or what is wrong with the choices."""
        try:
            cells, common = chosen_cells(dict(zip(CELLS_WANTED, wanted, strict=True)))
            size = open_image(chosen_file(content, "content image")).size
            seconds = expected_seconds(cells, size, loading(self.backbone).result(), **common)
        except (ImageError, RecipeError, BackboneError) as error:
            return paragraph(str(error))
        return paragraph(f"{len(cells)} cells, about {spoken_time(seconds)} on a free server.")

    def explore(
        self,
        content: Any,
        style: Any,
        experiment: str,
        recipe: str,
        number: str,
        values: str,
        size: float,
        steps: float,
        task: Task,
    ) -> Iterator[tuple[Any, ...]]:
        """Run an experiment on the pair and stream one labelled sheet of its pictures.

        Each answer is (sheet, status as HTML, PNG file); the file is null in all but the last one.
        number and values count for the experiment "sweep" alone: a field of the recipe, and up to
        twelve values for it such as "1, 10, 1e2". size: of a cell, 64 to 384 px. steps: 1 to 300.
        """
        wanted = (experiment, recipe, number, values, size, steps)
        with plain_errors(task):
            pair = chosen_file(content, "content image"), chosen_file(style, "style image")
            cells, common = chosen_cells(dict(zip(CELLS_WANTED, wanted, strict=True)))
            with closing(explore(*pair, cells, self.backbone, **common)) as run:
                for now in run:
                    yield now.sheet, sheet_progress(now), None
                    if task.stop_asked:
                        break
            file = new_folder() / "sheet.png"
            save_png(now.sheet, file)
            yield str(file), sheet_summary(now), str(file)


def chosen_cells(wanted: Mapping[str, Any]) -> tuple[list[Cell], dict[str, Any]]:
    """The cells of an experiment, and the changes common to all.

    Raises:
        RecipeError: an unknown name, or a number out of range.
    """
    check_choice("The recipe", wanted["recipe"], RECIPES)
    check_choice("The experiment", wanted["experiment"], [*EXPERIMENTS, SWEEP])
    common = {
        "size": round(in_range("The cell size", wanted["size"], CELL_SIZES)),
        "steps": round(in_range("The number of steps", wanted["steps"], CELL_STEPS)),
    }
    if wanted["experiment"] == SWEEP:
        values = parse_values(str(wanted["values"]))
        return sweep(wanted["recipe"], wanted["number"], values), common
    return EXPERIMENTS[wanted["experiment"]].cells(wanted["recipe"]), common


# ---------------------------------------------------------------- the Learn tab

HOW_IT_WORKS = """
## How it works

A network that was trained to name what is in a photograph looks at three images: the content, the
style, and the picture that is being painted. Nothing is trained here. What changes are the pixels.

1. **What layers see.** Each layer of the network turns the image into maps. The first ones answer
   to edges and colours, later ones to textures, the last ones to parts of things.
2. **The content term** compares one deep map of the picture with that of the photograph: the same
   things should be in the same places, in whatever colour or stroke.
3. **The style term** compares *Gram matrices*. Such a table says for every two maps how often they
   answer together, and forgets where. It describes a texture: strokes, colours, patterns.
4. **Total variation**, the third term, is small when neighbouring pixels are alike. It keeps the
   picture free of speckles.

The three are added with their weights. At each step the network tells for every pixel which way to
change to make the sum smaller, and the optimiser goes a little that way.
"""
SOURCES = """
## Sources

- L. A. Gatys, A. S. Ecker, M. Bethge, [A Neural Algorithm of Artistic
  Style](https://arxiv.org/abs/1508.06576), 2015, and *Image Style Transfer Using Convolutional
  Neural Networks*, CVPR 2016: the method, and most of the experiments on the Explore tab.
- K. Simonyan, A. Zisserman, [Very Deep Convolutional Networks for Large-Scale Image
  Recognition](https://arxiv.org/abs/1409.1556), 2014: the network.
- A. Mahendran, A. Vedaldi, [Understanding Deep Image Representations by Inverting
  Them](https://arxiv.org/abs/1412.0035), CVPR 2015: total variation as a term.
"""


class LearnTab:
    """How it works, with pictures from the pair in hand."""

    def __init__(self, backbone: str, paint_tab: PaintTab) -> None:
        self.backbone = backbone
        self.paint_tab = paint_tab
        gr.Markdown(HOW_IT_WORKS)
        gr.Markdown("## Look inside\nMade from the pair, and the picture, on the Paint tab.")
        self.look = gr.Button("Look inside with this pair", variant="primary")
        self.status = live_text("Nothing is computed until you ask.", elem_id="look-status")
        self.maps = sheet_image(
            "maps", "Layers", "Maps of the content image, four from each block of layers"
        )
        self.grams = sheet_image(
            "grams", "Gram matrices", "Gram matrices of the images and their differences"
        )
        self.chart = loss_chart("learn-chart")
        gr.Markdown(guide())
        gr.Markdown(SOURCES)

    def wire(self) -> None:
        tab = self.paint_tab
        run = self.look.click(
            self.look_inside,
            [tab.content, tab.style, tab.visit],
            [self.maps, self.grams, self.chart, self.status],
            show_progress_on=[self.status],
            api_visibility="private",
            **AT_WORK,
        )
        run.failure(tab.say_problem, tab.visit, self.status, queue=False, **UNSEEN)

    def look_inside(self, content: Any, style: Any, visit: Visit) -> list[Any]:
        with plain_errors(visit):
            pair = chosen_file(content, "content image"), chosen_file(style, "style image")
            network = loading(self.backbone).result()
            maps = activation_maps(pair[0], network)
            kept = visit.current
            painted = kept is not None and (kept.content, kept.style) == pair
            grams = gram_pictures(*pair, kept.file if kept and painted else pair[0], network)
        text = "White is where a map answers most, or which two maps answer together most often."
        if not painted:
            grams = [gram for gram in grams if not gram[0].startswith("result")]
            text += " Paint this pair to see what changed in the picture."
        sheets = [labelled_sheet(maps, columns=4), labelled_sheet(grams, columns=5)]
        return [*sheets, chart_data(visit.curve), paragraph(text)]


def sheet_image(elem_id: str, label: str, alt_text: str) -> gr.Image:
    return gr.Image(
        label=label,
        alt_text=alt_text,
        format="png",
        interactive=False,
        buttons=["fullscreen", "download"],
        elem_id=elem_id,
    )


def guide() -> str:
    lines = ["## A guide to the controls"]
    for group, entries in GUIDE.items():
        lines += [f"\n**{group}**\n", *(f"- *{label}*: {text}" for label, text in entries.values())]
    return "\n".join(lines)


# ---------------------------------------------------------------- the network


async def announce(backbone: str) -> AsyncIterator[str]:
    """Say which weights are at work as soon as they are ready to be used."""
    yield paragraph("Loading the network …")
    try:
        network = await asyncio.shield(asyncio.wrap_future(loading(backbone)))
    except BackboneError as problem:
        yield paragraph(str(problem))
    else:
        yield paragraph(f"Network: {network.origin}")


@cache
def loading(backbone: str) -> Future[Backbone]:
    """The backbone, loaded and warmed up in the background, once per process."""
    return ThreadPoolExecutor(1).submit(load_and_warm_up, backbone)


def load_and_warm_up(backbone: str) -> Backbone:
    network = load_backbone(backbone)
    grey = Image.new("RGB", (32, 32), "grey")
    for _ in stylize(grey, grey, "studio", network, size=32, steps=1):
        pass
    return network


# ---------------------------------------------------------------- untrusted input


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


def in_range(name: str, value: Any, allowed: tuple[int, int]) -> float:
    low, high = allowed
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RecipeError(f"{name} must be a number from {low} to {high}, not {value!r}.")
    return value


@contextmanager
def plain_errors(task: Task) -> Iterator[None]:
    """Turn every error into one sentence on the page; only the unexpected ones are logged."""
    try:
        yield
    except (ImageError, RecipeError, BackboneError, SettingsError) as error:
        task.problem = str(error)
    except Exception:
        log.exception("An event failed")
        task.problem = "Something went wrong on the server, and the picture was not finished."
    else:
        return
    raise gr.Error(escape(task.problem, quote=False), print_exception=False)


def ask_to_stop(task: Task) -> gr.Button:
    """The run looks at this after each frame; cancelling it would lose the picture."""
    task.stop_asked = True
    return gr.Button("Stopping …", interactive=False)


def new_folder() -> Path:
    """Where Gradio serves files from and deletes them after a day; the path is a secret."""
    folder = Path(get_upload_folder()) / secrets.token_hex(20)
    folder.mkdir(parents=True)
    return folder


# ---------------------------------------------------------------- words


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def story(recipe: Recipe) -> str:
    """What kind of recipe it is and where it comes from, as Markdown."""
    source = re.sub(r"https://\S+", lambda match: f"[{match[0]}]({match[0]})", recipe.source)
    return f"{recipe.story} Source: {source}"


def progress(frame: Frame) -> str:
    width, height = frame.image.size
    return (
        paragraph(f"Painting at {width} × {height} px.")
        + bar(frame.step, frame.total_steps)
        + figures(frame, time_left(frame.remaining))
    )


def bar(done: int, total: int) -> str:
    percent = round(100 * done / total)
    return (
        '<div class="bar" role="progressbar" aria-label="Done" aria-live="off" '
        f'aria-valuenow="{percent}"><div style="width: {percent}%"></div></div>'
    )


def time_left(seconds: float) -> str:
    return "" if math.isnan(seconds) else f"{spoken_time(seconds)} left"


def spoken_time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def summary(frame: Frame) -> str:
    width, height = frame.image.size
    how = "Finished" if frame.final else "Stopped; the picture so far is kept"
    text = f"{how}: {width} × {height} px. {frame.message}"
    return paragraph(text) + figures(frame, f"{frame.elapsed:.0f} s")


def figures(frame: Frame, time: str) -> str:
    parts = [f"step {frame.step} of {frame.total_steps}", time]
    if math.isfinite(frame.losses.total):
        losses = frame.losses
        parts += [
            f"loss {losses.total:.3g} = content {losses.content:.3g} + style {losses.style:.3g} "
            f"+ variation {losses.variation:.2g}"
        ]
    return f'<p class="figures" aria-live="off">{" · ".join(filter(None, parts))}</p>'


def sheet_progress(now: Progress) -> str:
    cell = min(now.finished + 1, now.total)
    left = paragraph(time_left(now.remaining))
    return paragraph(f"Painting cell {cell} of {now.total}.") + bar(now.finished, now.total) + left


def sheet_summary(now: Progress) -> str:
    how = "Finished" if now.final else "Stopped; the finished cells are kept"
    return paragraph(f"{how}: {now.finished} of {now.total} cells, {spoken_time(now.elapsed)}.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the style transfer page.")
    parser.add_argument("--share", action="store_true", help="make a public link")
    parser.add_argument(
        "--backbone", default="auto", help="auto, vgg19, embedded or the path of a .h5 file"
    )
    options = parser.parse_args()
    page = build_page(options.backbone)
    page.launch(share=options.share or None, prevent_thread_lock=True, **LAUNCH)
    loading(options.backbone)  # only now, so that the first visitor need not wait for it
    page.block_thread()


if __name__ == "__main__":
    main()
