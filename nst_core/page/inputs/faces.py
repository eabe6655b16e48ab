"""Keep faces: a box that is there, and ticked, where the photo has a face."""

from contextlib import suppress
from pathlib import Path

import gradio as gr

from nst_core.errors import StyleTransferError
from nst_core.images.faces import SIDE, find_faces
from nst_core.page.inputs.opening_queue import OpeningLine
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE
from nst_core.page.settings.controls import chosen_recipe
from nst_core.page.visit.uploads import Upload, chosen_file

HOLD = "ticked => ticked ? null : 0"
"""JavaScript: what the control holds; empty is the recipe's own."""
SHOW = "held => held !== 0"
"""JavaScript: the other way round."""


class FacesBox:
    """Another way to set the control of `keep_faces`, in one tap.

    Attributes:
        box: what is ticked.
    """

    def __init__(self, examples: Path, opening_line: OpeningLine) -> None:
        self.examples, self.opening_line = examples, opening_line
        self.box = gr.Checkbox(
            value=True, label="Keep faces", visible=False, container=False, elem_id="keep-faces"
        )

    def wire(
        self,
        photo: gr.components.Component,
        recipe: gr.components.Component,
        field: gr.components.Component,
    ) -> gr.events.Dependency:
        """Gives the event after which the control holds what was ticked.

        Args:
            photo: its component.
            recipe: the control of the recipe, for not all know of faces.
            field: the control of `keep_faces`.
        """
        chosen = [photo.change, recipe.change]
        answer_last(chosen, self.offered, [photo, recipe], [self.box], **AT_ONCE)
        field.change(None, field, self.box, js=SHOW, show_progress="hidden")
        return self.box.input(None, self.box, field, js=HOLD, show_progress="hidden")

    async def offered(self, photo: Upload, recipe: object) -> dict[str, object]:
        """Whether there is a face to keep."""
        with suppress(StyleTransferError):  # what is wrong is told at the photo
            if chosen_recipe({"recipe": recipe}).keep_faces:
                file = chosen_file(photo, "photo", self.examples)
                image = await self.opening_line.open(file, "photo", 2 * SIDE)
                found = await self.opening_line.do(find_faces, image)
                return gr.update(visible=bool(found))
        return gr.update(visible=False)
