"""The photo and the style, and the ways to choose them."""

from functools import partial

import gradio as gr

from nst_core.errors import BusyError, ImageError
from nst_core.page.inputs.gallery import Gallery
from nst_core.page.inputs.looking import Looking
from nst_core.page.inputs.shelf import Shelf
from nst_core.page.look.markup import paragraph
from nst_core.page.look.parts import image_input, problem_text
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, PRIVATE
from nst_core.page.visit.uploads import Upload, chosen_file

LABELS = {"content": "Photo", "style": "Style"}
"""What the two images are called on the page."""


class Inputs:
    """Where a visitor puts the pair.

    Attributes:
        pair: "content" and "style" -> the component that holds the image.
        problems: the same -> what is wrong with that image.
    """

    def __init__(self, gallery: Gallery, looking: Looking) -> None:
        self.examples, self.looking = gallery.folder, looking
        self.pair: dict[str, gr.components.Component] = {}
        self.problems: dict[str, gr.HTML] = {}
        with gr.Row(elem_id="pair"):
            for role, label in LABELS.items():
                with gr.Column(min_width=120):
                    camera = role == "content"
                    self.pair[role] = image_input(role, label, gallery.image(role), camera)
                    self.problems[role] = problem_text(f"{role}-problem")
        self.shelf = Shelf(gallery.folder, gallery.image("style"))

    def wire(self, page: gr.Blocks) -> None:
        style, cards = self.pair["style"], self.shelf.cards
        page.load(self.shelf.marked, style, cards, concurrency_limit=None, **PRIVATE)
        answer_last([style.change], self.shelf.marked, [style], [cards], **AT_ONCE)
        cards.select(self.shelf.choose, style, style, trigger_mode="always_last", **AT_ONCE)
        for role, image in self.pair.items():
            check = partial(self.problem_with, LABELS[role].lower())
            answer_last([image.change], check, [image], [self.problems[role]], **AT_ONCE)

    async def problem_with(self, role: str, upload: Upload) -> str:
        """Why this image can't be used; told when it is chosen, not only when it is painted."""
        if not upload or not upload.get("path"):
            return ""
        try:
            await self.looking.open(chosen_file(upload, role, self.examples), role)
        except ImageError as problem:
            return paragraph(str(problem))
        except BusyError:  # what is wrong is told when it is painted
            return ""
        return ""
