"""The example pairs: a card for each, and how one is put in place."""

import json
from html import escape
from pathlib import Path
from urllib.parse import quote

import gradio as gr

from nst_core.page.inputs.names import title
from nst_core.page.settings.controls import values_for
from nst_core.page.settings.fields import fill
from nst_core.recipe.catalogue import RECIPES


class Gallery:
    """The pairs of a folder.

    Attributes:
        folder: with pairs.json, and the images in content/, style/ and gallery/; links resolved.
        pairs: content and style, as file names, and changes to the recipe `studio`; the first pair
            is in place when the page opens.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.pairs = json.loads((self.folder / "pairs.json").read_text())

    def image(self, role: str, number: int = 0) -> Path:
        """The content or the style image of a pair."""
        return self.folder / role / self.pairs[number][role]

    def build(self) -> list[gr.Button]:
        """One card per pair; the button on it, which the style sheet lays over the whole card."""
        gr.Markdown(
            "## Gallery\nChoose one to have its photo, its style and its settings in place."
        )
        buttons = []
        with gr.Row(elem_id="cards"):
            for number, pair in enumerate(self.pairs):
                with gr.Column():
                    gr.HTML(self._card(pair["content"], pair["style"]))
                    buttons.append(gr.Button(self.name(number), size="sm"))
        return buttons

    def name(self, number: int) -> str:
        """What people call a pair."""
        pair = self.pairs[number]
        return " + ".join(title(pair[role], self.folder) for role in ("content", "style"))

    def load_pair(self, number: int) -> list[object]:
        """Both images of a pair, and every control as its result was made with."""
        files = [str(self.image(role, number)) for role in ("content", "style")]
        values, _ = values_for(RECIPES["studio"], self.pairs[number]["changes"])
        return [*files, *fill(values)]

    def _card(self, content: str, style: str) -> str:
        """The pair, and the picture made from it where that was rendered."""
        photo, manner = (title(name, self.folder) for name in (content, style))
        result = f"gallery/{Path(content).stem}--{Path(style).stem}.jpg"
        images = {
            f"content/{content}": f"Photo: {photo}",
            f"style/{style}": f"Style: {manner}",
            result: f"Result: {photo} in the manner of {manner}",
        }
        return '<div class="images">{}</div>'.format(
            "".join(
                f'<img src="gradio_api/file={quote(str(self.folder / path))}" alt="{escape(text)}">'
                for path, text in images.items()
                if (self.folder / path).exists()
            )
        )
