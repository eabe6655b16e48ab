"""The Four styles tab: the photo in four styles as drafts, of which one is taken to Paint."""

import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from filecmp import cmp
from functools import partial
from pathlib import Path

import gradio as gr

from nst_core.checks import shown, spoken_time
from nst_core.errors import BusyError, ImageError, StyleTransferError
from nst_core.images.opening import image_size
from nst_core.images.saving import save_png
from nst_core.page.hosting.loading import loading
from nst_core.page.inputs.names import known_styles, title
from nst_core.page.inputs.panel import SettingsPanel
from nst_core.page.inputs.regions import Regions
from nst_core.page.look import words
from nst_core.page.look.markup import bar, filling, paragraph
from nst_core.page.look.parts import live_text, picture
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, PRIVATE, Answers, Prepared, Shared, SideTab, Updates
from nst_core.page.settings.controls import NAMES, Values
from nst_core.page.tabs.cells import draft_cells, seconds_within_budget
from nst_core.page.visit.uploads import Upload, chosen_file, new_folder, streamed
from nst_core.page.visit.visits import Task
from nst_core.painting.job import Job
from nst_core.study.experiments import Cell
from nst_core.study.sheet import CellProgress, Paint, expected_seconds, explore

COUNT = 4
OWN = "your style"
"""What a style that a visitor uploaded is called."""
SHEET = "four-styles.png"
NOTHING_SAVED = {"value": None, "interactive": False}
"""Of the button that saves all four: these are not painted yet."""
IN_VIEW = """() => {
    document.getElementById("four-work").scrollIntoView({block: "start", behavior: "smooth"});
}"""
PAINT_NOW = """() => {
    document.querySelector("#tabs [role=tab][data-tab-id=paint]").click();
    requestAnimationFrame(() => document.getElementById("paint-go").click());
}"""
"""The style is in place: go where it is painted, and begin."""


@dataclass
class FourTask(Task):
    """A visitor's four styles.

    Attributes:
        styles: files of the styles, in the order of the cells; empty at first.
        content: the file of the photo that the cells were offered for.
        own: the style that the visitor uploaded last, if that is in place on Paint, or was.
        chosen: whether the visitor has chosen some of the styles, which then stay.
    """

    styles: list[Path] = field(default_factory=list)
    content: Path | None = None
    own: Path | None = None
    chosen: bool = False


class FourTab(SideTab[FourTask]):
    """Works on the photo, the style and the settings of the Paint tab."""

    def __init__(
        self,
        shared: Shared,
        panel: SettingsPanel,
        regions: Regions,
    ) -> None:
        super().__init__(shared)
        self.controls, self.regions = panel.controls, regions
        self.task = gr.State(FourTask())
        gr.Markdown(
            "Your photo in four styles, as small drafts with the settings of the Paint tab, and "
            "only in the part that is chosen there. Tap or click the one you like: it is painted "
            "on that tab, in the size that is chosen there."
        )
        self.estimate = live_text("", elem_id="four-estimate")
        with gr.Column(elem_id="four-work"):
            with gr.Row(elem_id="four-actions"):
                self.go = gr.Button("Paint four", variant="primary", min_width=90, elem_id="four")
                self.stop = gr.Button("Stop", interactive=False, min_width=90, elem_id="four-stop")
                self.others = gr.Button("Four others", min_width=90, elem_id="four-others")
            self.status = live_text("Press Paint four to begin.", elem_id="four-status")
            with gr.Row(elem_id="four-cells"):
                built = [self._build_cell(number) for number in range(COUNT)]
            self.download = save = gr.DownloadButton(
                "Save all four", interactive=False, size="md", elem_id="four-save"
            )
            save.click(None, save, self.status, js="file => window.savedPicture(file)", **AT_ONCE)
        self.pictures, self.choices, self.notes, self.buttons = map(list, zip(*built, strict=True))

    def _build_cell(self, number: int) -> tuple[gr.Image, gr.Dropdown, gr.HTML, gr.Button]:
        with gr.Column(elem_classes="four-cell", min_width=120):
            alt_text = f"Draft {number + 1} of {COUNT}, or its style before it is painted"
            shown = picture(
                f"four-{number}",
                f"Draft {number + 1}",
                alt_text,
                show_label=False,
                format="jpeg",
                height="min(24vh, 42vw)",
                buttons=[],
            )
            choice = gr.Dropdown(
                [],
                label=f"Style {number + 1}",
                show_label=False,
                container=False,
                filterable=False,  # it would bring up a phone's keyboard
                elem_classes="four-choice",
            )
            note = gr.HTML("", elem_classes=["words", "four-note"])
            button = gr.Button("Paint this one", size="md", min_width=90, elem_classes="four-take")
        return shown, choice, note, button

    # -------- which function answers which event

    def wire(self, tab: gr.Tab) -> None:
        images = [self.pair["content"], self.pair["style"]]
        shown = [*self.pictures, *self.notes, *self.buttons, *self.choices, self.download]
        chosen = [tab.select, *(each.change for each in images)]
        answer_last(chosen, self.offer, [*images, self.task], shown, **PRIVATE)
        self.others.click(self.offer_others, self.task, shown, **AT_ONCE)
        for number, choice in enumerate(self.choices):
            choice.input(partial(self.choose, number), [choice, self.task], shown, **AT_ONCE)
        wanted = [self.pair["content"], *self.controls.values()]
        changes = [tab.select, *(each.change for each in wanted)]
        gr.on(changes, None, None, self.estimate, js="() => ''", **AT_ONCE)
        answer_last(changes, self.estimate_time, wanted, [self.estimate], **PRIVATE)
        self.go.click(None, js=IN_VIEW)
        self.wire_run(
            self.go,
            self.paint_four,
            {
                "content": self.pair["content"],
                **self.controls,
                **self.regions.components,
                "task": self.task,
            },
            [*self.pictures, *self.notes, self.status, self.download],
            api_visibility="private",
        )
        for number, button in enumerate(self.buttons):
            taken = button.click(
                partial(self.take, number), self.task, self.pair["style"], **AT_ONCE
            )
            taken.success(None, js=PAINT_NOW)

    def changing(self) -> list[gr.components.Component]:
        return [*super().changing(), self.others, *self.choices]

    # -------- which four

    def offer(self, content: Upload, style: Upload, task: FourTask) -> list[object]:
        """Show four styles, that in place among them; drafts stay while they fit the pair.

        Styles that the visitor has chosen stay, whatever is in place.
        """
        photo, own = self._file(content, "content"), self._file(style, "style")
        if own is not None and not self._is_example(own):
            task.own = own
        known = own is None or own in task.styles or task.chosen
        if task.under_way or (task.styles and known and photo == task.content):
            return [gr.skip()] * (4 * COUNT + 1)
        if not task.styles or not known:
            first = [] if own is None else [own]
            task.styles = first + self._pick(COUNT - len(first), first)
        task.content = photo
        return self._styles_shown(task)

    def offer_others(self, task: FourTask) -> list[object]:
        """Show four styles that were not on offer."""
        task.styles, task.chosen = self._pick(COUNT, task.styles), False
        return self._styles_shown(task)

    def choose(self, number: int, value: object, task: FourTask) -> list[object]:
        """Another style for a cell; a cell that has that one gets this cell's in exchange.

        Raises:
            BusyError: drafts are being painted.
            ImageError: there is no such style.
        """
        if task.under_way:
            raise BusyError("The drafts are being painted: stop them first.")
        offered = self._offered(task)
        if not isinstance(value, str) or value not in offered:
            raise ImageError(f"The style {shown(value)} is none of those offered: choose another.")
        chosen = offered[value]
        before = [*task.styles]
        if chosen in before:
            task.styles[before.index(chosen)] = before[number]
        task.styles[number], task.chosen = chosen, True
        updates = self._styles_shown(task)
        for cell in range(COUNT):
            if task.styles[cell] == before[cell]:  # its draft stays
                updates[cell] = updates[COUNT + cell] = gr.skip()
        return updates

    def _offered(self, task: FourTask) -> dict[str, Path]:
        """What a cell's style may be -> its file: the examples, and the visitor's own."""
        own = next((each for each in task.styles if not self._is_example(each)), task.own)
        examples = {stem: style.file for stem, style in known_styles(self.examples).items()}
        return {**examples, **({OWN: own} if own else {})}

    def _is_example(self, style: Path) -> bool:
        return style.is_relative_to(self.examples)

    def _file(self, upload: Upload, folder: str) -> Path | None:
        """What is in place, the example itself for a copy of one; None where nothing can be had."""
        try:
            path = chosen_file(upload, "image", self.examples)
            example = self.examples / folder / path.name
            return example if cmp(path, example, shallow=False) else path
        except ImageError:
            return None
        except OSError:  # no such example, or none that can be read
            return path

    def _pick(self, count: int, without: Sequence[Path]) -> list[Path]:
        every = sorted((self.examples / "style").glob("*.jpg"))
        return random.sample([path for path in every if path not in without], count)

    def _styles_shown(self, task: FourTask) -> list[object]:
        names = [self._name(path) for path in task.styles]
        offered = self._offered(task)
        choices = [(self._name(file), value) for value, file in offered.items()]
        values = {file: value for value, file in offered.items()}
        return [
            *map(str, task.styles),
            *(paragraph(f"Style: {name}") for name in names),
            *(gr.update(value=f"Paint {name}") for name in names),
            *(gr.update(choices=choices, value=values.get(path)) for path in task.styles),
            gr.update(**NOTHING_SAVED),
        ]

    def _name(self, style: Path) -> str:
        return title(style.name, self.examples) if self._is_example(style) else OWN

    def estimate_time(self, content: Upload, *given: object) -> str:
        """How long it will take, or what is wrong with the choices."""
        try:
            cells = draft_cells(dict.fromkeys(map(str, range(COUNT))), _values(given))
            size = image_size(chosen_file(content, "photo", self.examples))
            seconds = expected_seconds(cells, size, loading(self.backbone).result())
        except StyleTransferError as error:
            return paragraph(str(error))
        return paragraph(f"Four drafts: about {spoken_time(seconds)}.")

    # -------- a run

    def paint_four(self, content: Upload, task: FourTask, **values: object) -> Prepared:
        """Answers have the pictures that changed, what stands below each, the status and a file.

        That one, of all four on one sheet, is null in all but the last answer.
        """
        photo = chosen_file(content, "photo", self.examples)
        if not task.styles:
            raise ImageError("There are no four styles yet: press Four others first.")
        named = dict(zip(map(self._name, task.styles), task.styles, strict=True))
        cells = draft_cells(named, values)
        network = loading(self.backbone).result()
        seconds = seconds_within_budget(cells, image_size(photo), network)
        return Prepared(seconds, partial(self._painted, photo, cells, values, task))

    def _in_part(self, photo: Path, style: Path, values: Values) -> Paint:
        """What paints a draft, only in the part that was chosen on the Paint tab."""
        job = self.regions.placed(Job.of(photo, style), values)
        if job.mask is None:
            return self.painter.paint
        part = job.opened()
        return lambda draft: self.painter.paint(
            replace(draft, mask=part.mask, outside=part.outside)
        )

    def _painted(
        self, photo: Path, cells: Sequence[Cell], values: Values, task: FourTask
    ) -> Answers:
        task.facts = {"recipe": "four", "cells": COUNT}
        before: list[object] = [None] * COUNT
        paint = self._in_part(photo, task.styles[0], values)
        with closing(explore(photo, None, cells, self.backbone, paint)) as run:
            for now in run:
                begun = [cell if cell.done else None for cell in now.cells]
                pictures = [
                    _shown(cell) if cell and cell.picture is not seen else gr.skip()
                    for cell, seen in zip(begun, before, strict=True)
                ]
                before = [cell and cell.picture for cell in begun]
                yield [*pictures, *map(_note, now.cells), filling(now, "draft"), None]
                if task.to_stop:
                    break
        ended = paragraph(words.sheet_summary(now, "draft", task.outlasted))
        file = str(new_folder() / SHEET)
        save_png(now.sheet, file)
        yield [*[gr.skip()] * COUNT, *map(_note, now.cells), ended, file]

    def begun(self, task: FourTask) -> Updates:
        return {**super().begun(task), **self._choosing(False)}

    def idle(self, task: FourTask) -> Updates:
        return {**super().idle(task), **self._choosing(True)}

    def finished(self, task: FourTask) -> Updates:
        return {**super().finished(task), self.download: gr.update(interactive=True)}

    def _choosing(self, allowed: bool) -> Updates:
        """Whether other styles may be chosen."""
        return {each: gr.update(interactive=allowed) for each in (self.others, *self.choices)}

    def take(self, number: int, task: FourTask) -> str:
        """The style of a cell, for the Paint tab; drafts still being painted are stopped."""
        if not task.styles:
            raise ImageError("There are no four styles yet: press Four others first.")
        task.stop_asked = True
        return str(task.styles[number])


def _values(given: Sequence[object]) -> dict[str, object]:
    return dict(zip(NAMES, given, strict=True))


def _shown(cell: CellProgress) -> object:
    """A draft's picture, as a file where another one follows."""
    return streamed(cell.picture) if cell.done < 1 else cell.picture


def _note(cell: CellProgress) -> str:
    """What stands below a draft."""
    text = "waits" if not cell.done else "draft" if cell.done == 1 else "at work"
    name = paragraph(f"{cell.label.capitalize()}: {text}")
    return name + bar(round(100 * cell.done), 100) if 0 < cell.done < 1 else name
