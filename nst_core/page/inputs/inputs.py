"""The photo and the style, and the ways to choose them."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import gradio as gr

from nst_core.errors import BusyError, ImageError, StyleTransferError
from nst_core.page.inputs.gallery import Gallery
from nst_core.page.inputs.instant import Instant
from nst_core.page.inputs.opening_queue import OpeningLine
from nst_core.page.inputs.shelf import Painted, Shelf
from nst_core.page.look.markup import paragraph
from nst_core.page.look.parts import image_input, problem_text
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, IN_ORDER
from nst_core.page.visit.uploads import Upload, chosen_file

LABELS = {"content": "Photo", "style": "Style"}
"""What the two images are called on the page."""
LEAST = 64
"""px of a photo's longest side; below it there is nothing to paint."""
CROP = '<button type="button" aria-haspopup="dialog" disabled><span>Crop or turn</span></button>'
"""Opens the dialog of `crop.js`, which lets it be pressed while there is a photo."""
AT_A_TIME = 3
"""Cards that change together while the photo is painted in each style."""


class Inputs:
    """Where a visitor puts the pair.

    Attributes:
        pair: "content" and "style" -> the component that holds the image.
        problems: the same -> what is wrong with that image.
        painted: this visitor's photo in each style, while the cards show that.
    """

    def __init__(self, gallery: Gallery, opening_line: OpeningLine, instant: Instant) -> None:
        self.examples, self.opening_line, self.instant = gallery.folder, opening_line, instant
        self.first = {role: gallery.image(role) for role in LABELS}
        self.pair: dict[str, gr.components.Component] = {}
        self.problems: dict[str, gr.HTML] = {}
        with gr.Row(elem_id="pair"):
            for role, label in LABELS.items():
                with gr.Column(min_width=120):
                    camera = role == "content"
                    self.pair[role] = image_input(role, label, self.first[role], camera)
                    if role == "content":
                        gr.HTML(CROP, label="Crop or turn", elem_id="crop")
                    self.problems[role] = problem_text(f"{role}-problem")
        self.shelf = Shelf(gallery.folder, gallery.image("style"))
        self.on_photo = gr.Checkbox(
            label="Show my photo in each style", container=False, elem_id="on-photo"
        )
        self.painted = gr.State({})

    def wire(self, page: gr.Blocks) -> None:
        style, cards = self.pair["style"], self.shelf.cards
        page.load(self.shelf.marked, style, cards, **IN_ORDER)
        answer_last([style.change], self.shelf.marked, [style, self.painted], [cards], **AT_ONCE)
        photo = self.pair["content"]
        answer_last(
            [photo.change, self.on_photo.input],
            self.in_each_style,
            [photo, style, self.on_photo, self.painted],
            [cards, self.painted],
            **IN_ORDER,
        )
        cards.select(self.shelf.choose, style, style, trigger_mode="always_last", **AT_ONCE)
        for role, image in self.pair.items():
            look = partial(self.look_at, LABELS[role].lower())
            chosen = gr.State(Chosen(str(self.first[role])))
            answer_last(
                [image.change], look, [image, chosen], [self.problems[role], image], **AT_ONCE
            )

    async def in_each_style(
        self, photo: Upload, style: Upload, wanted: object, painted: Painted
    ) -> AsyncIterator[list[object]]:
        """The cards show the photo in each style, as they come; or the styles again."""
        if not wanted:
            yield [self.shelf.marked(style), {}] if painted else [gr.skip()] * 2
            return
        with suppress(StyleTransferError):  # told at the image
            file = chosen_file(photo, "photo", self.examples)
            async for pictures in self.instant.each_style(file, self.shelf.styles):
                if len(pictures) % AT_A_TIME == 0 or len(pictures) == len(self.shelf.styles):
                    yield [self.shelf.marked(style, pictures), pictures]
        yield [gr.skip()] * 2

    async def look_at(self, role: str, upload: Upload, chosen: "Chosen") -> list[object]:
        """What is wrong with an image, told when it is chosen; the one before comes back then."""
        problem = await self.problem_with(role, upload)
        if not problem:
            return [chosen.told((upload or {}).get("path")), gr.skip()]
        if chosen.file is None or not Path(chosen.file).exists():
            return [problem, gr.skip()]
        chosen.problem, chosen.restored = problem, True
        return [problem, chosen.file]

    async def problem_with(self, role: str, upload: Upload) -> str:
        """What is wrong with an image as HTML; empty where nothing is, or there is none."""
        if not upload or not upload.get("path"):
            return ""
        try:
            image = await self.opening_line.open(chosen_file(upload, role, self.examples), role)
            if role == "photo" and max(image.size) < LEAST:
                width, height = image.size
                raise ImageError(
                    f"A photo needs at least {LEAST} px, and this one has {width} × {height} px: "
                    "choose a larger one."
                )
        except ImageError as problem:
            return paragraph(str(problem))
        except BusyError:  # what is wrong is told when it is painted
            return ""
        return ""


@dataclass
class Chosen:
    """Where a visitor's photo or style is.

    Attributes:
        file: that can be used, and was there last.
        restored: whether it has just come back, for the one after it can't be used.
        problem: with that one, as HTML; empty once another image is chosen.
    """

    file: str | None = None
    restored: bool = False
    problem: str = ""

    def told(self, path: object) -> str:
        """What is to be told of an image that can be used, and is there now.

        It is told once more each time that the browser says again that the one before is there.
        """
        file = path if isinstance(path, str) else None
        if not self.restored and file != self.file:
            self.problem = ""
        self.file, self.restored = file, False
        return self.problem
