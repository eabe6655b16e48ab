"""The photo and the style, and the ways to choose them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import gradio as gr

from nst_core.errors import ImageError
from nst_core.images.opening import open_image
from nst_core.page.gallery import Gallery
from nst_core.page.latest import answer_last
from nst_core.page.look.markup import paragraph
from nst_core.page.look.parts import image_input, problem_text
from nst_core.page.running import AT_ONCE, PRIVATE
from nst_core.page.shelf import Shelf
from nst_core.page.uploads import Upload, chosen_file

LABELS = {"content": "Photo", "style": "Style"}
"""What the two images are called on the page."""
MOST_LOOKS = 16
"""Images that wait to be looked at. Of more, what is wrong is told when they are painted."""


class Inputs:
    """Where a visitor puts the pair.

    Attributes:
        pair: "content" and "style" -> the component that holds the image.
        problems: the same -> what is wrong with that image.
    """

    def __init__(self, gallery: Gallery) -> None:
        self.examples = gallery.folder
        self.pair: dict[str, gr.components.Component] = {}
        self.problems: dict[str, gr.HTML] = {}
        # one at a time: a photograph takes a second to decode, and nearly a gigabyte
        self._looking = ThreadPoolExecutor(1, "look")
        self._looks = 0  # that were asked for and are not done
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
        if not upload or not upload.get("path") or self._looks > MOST_LOOKS:
            return ""
        self._looks += 1
        try:
            file = chosen_file(upload, role, self.examples)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._looking, open_image, file, role)
        except ImageError as problem:
            return paragraph(str(problem))
        finally:
            self._looks -= 1
        return ""
