"""The Four styles tab: the photo in four styles as drafts, of which one is painted large."""

import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from filecmp import cmp
from functools import partial
from pathlib import Path

import gradio as gr

from nst_core.checks import spoken_time
from nst_core.errors import ImageError, StyleTransferError
from nst_core.images.opening import image_size
from nst_core.page.hosting.loading import loading
from nst_core.page.inputs.names import title
from nst_core.page.inputs.panel import SettingsPanel
from nst_core.page.look import words
from nst_core.page.look.markup import bar, filling, paragraph
from nst_core.page.look.parts import live_text, picture
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, PRIVATE, Answers, Prepared, Shared, SideTab, Updates
from nst_core.page.settings.controls import NAMES
from nst_core.page.tabs.cells import draft_cells, seconds_within_budget
from nst_core.page.visit.uploads import Upload, chosen_file, streamed
from nst_core.page.visit.visits import Task
from nst_core.study.experiments import Cell
from nst_core.study.sheet import CellProgress, expected_seconds, explore

COUNT = 4
OWN = "your style"
"""What a style that a visitor uploaded is called."""
IN_VIEW = """() => {
    document.getElementById("four-work").scrollIntoView({block: "start", behavior: "smooth"});
}"""
PAINT_NOW = """() => {
    document.querySelector("#tabs [role=tab][data-tab-id=paint]").click();
    requestAnimationFrame(() => document.getElementById("paint-go").click());
}"""
"""The style is in place: go where it is painted large, and begin."""


@dataclass
class FourTask(Task):
    """A visitor's four styles.

    Attributes:
        styles: files of the styles, in the order of the cells; empty at first.
        content: the file of the photo that the cells were offered for.
    """

    styles: list[Path] = field(default_factory=list)
    content: Path | None = None


class FourTab(SideTab[FourTask]):
    """Works on the photo, the style and the settings of the Paint tab."""

    def __init__(
        self,
        shared: Shared,
        panel: SettingsPanel,
    ) -> None:
        super().__init__(shared)
        self.controls = panel.controls
        self.task = gr.State(FourTask())
        gr.Markdown(
            "Your photo in four styles, as small drafts with the settings of the Paint tab. "
            "Tap the one you like: it is painted large."
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
        self.pictures, self.notes, self.buttons = map(list, zip(*built, strict=True))

    def _build_cell(self, number: int) -> tuple[gr.Image, gr.HTML, gr.Button]:
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
            note = gr.HTML("", elem_classes=["words", "four-note"])
            button = gr.Button("Paint large", size="md", min_width=90, elem_classes="four-take")
        return shown, note, button

    # -------- which function answers which event

    def wire(self, tab: gr.Tab) -> None:
        images = [self.pair["content"], self.pair["style"]]
        shown = [*self.pictures, *self.notes, *self.buttons]
        chosen = [tab.select, *(each.change for each in images)]
        answer_last(chosen, self.offer, [*images, self.task], shown, **PRIVATE)
        self.others.click(self.offer_others, self.task, shown, **AT_ONCE)
        wanted = [self.pair["content"], *self.controls.values()]
        changes = [tab.select, *(each.change for each in wanted)]
        gr.on(changes, None, None, self.estimate, js="() => ''", **AT_ONCE)
        answer_last(changes, self.estimate_time, wanted, [self.estimate], **PRIVATE)
        self.go.click(None, js=IN_VIEW)
        self.wire_run(
            self.go,
            self.paint_four,
            {"content": self.pair["content"], **self.controls, "task": self.task},
            [*self.pictures, *self.notes, self.status],
            api_visibility="private",
        )
        for number, button in enumerate(self.buttons):
            taken = button.click(
                partial(self.take, number), self.task, self.pair["style"], **AT_ONCE
            )
            taken.success(None, js=PAINT_NOW)

    def changing(self) -> list[gr.components.Component]:
        return [*super().changing(), self.others]

    # -------- which four

    def offer(self, content: Upload, style: Upload, task: FourTask) -> list[object]:
        """Show four styles, that in place among them; drafts stay while they fit the pair."""
        photo, own = self._file(content, "content"), self._file(style, "style")
        known = own is None or own in task.styles
        if task.under_way or (task.styles and known and photo == task.content):
            return [gr.skip()] * (3 * COUNT)
        if not task.styles or not known:
            first = [] if own is None else [own]
            task.styles = first + self._pick(COUNT - len(first), first)
        task.content = photo
        return self._styles_shown(task)

    def offer_others(self, task: FourTask) -> list[object]:
        """Show four styles that were not on offer."""
        task.styles = self._pick(COUNT, task.styles)
        return self._styles_shown(task)

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
        return [
            *map(str, task.styles),
            *(paragraph(f"Style: {name}") for name in names),
            *(gr.update(value=f"Paint {name} large") for name in names),
        ]

    def _name(self, style: Path) -> str:
        return title(style.name, self.examples) if style.is_relative_to(self.examples) else OWN

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
        """Answers have the pictures that changed, what stands below each, and the status."""
        photo = chosen_file(content, "photo", self.examples)
        if not task.styles:
            raise ImageError("There are no four styles yet: press Four others first.")
        named = dict(zip(map(self._name, task.styles), task.styles, strict=True))
        cells = draft_cells(named, values)
        network = loading(self.backbone).result()
        seconds = seconds_within_budget(cells, image_size(photo), network)
        return Prepared(seconds, partial(self._painted, photo, cells, task))

    def _painted(self, photo: Path, cells: Sequence[Cell], task: FourTask) -> Answers:
        task.facts = {"recipe": "four", "cells": COUNT}
        before: list[object] = [None] * COUNT
        with closing(explore(photo, None, cells, self.backbone, self.painter.paint)) as run:
            for now in run:
                begun = [cell if cell.done else None for cell in now.cells]
                pictures = [
                    _shown(cell) if cell and cell.picture is not seen else gr.skip()
                    for cell, seen in zip(begun, before, strict=True)
                ]
                before = [cell and cell.picture for cell in begun]
                yield [*pictures, *map(_note, now.cells), filling(now, "draft")]
                if task.to_stop:
                    break
        ended = paragraph(words.sheet_summary(now, "draft", task.outlasted))
        yield [*[gr.skip()] * COUNT, *map(_note, now.cells), ended]

    def begun(self, task: FourTask) -> Updates:
        return {**super().begun(task), self.others: gr.update(interactive=False)}

    def idle(self, task: FourTask) -> Updates:
        return {**super().idle(task), self.others: gr.update(interactive=True)}

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
