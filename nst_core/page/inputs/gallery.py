"""The example pairs: a card for each, and how one is put in place."""

import json
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from nst_core.page.look.markup import paragraph
from nst_core.page.settings.controls import values_for
from nst_core.page.settings.fields import fill
from nst_core.recipe.catalogue import RECIPES

SPELT = {
    "cafe": "café",
    "auvers": "Auvers",
    "arles": "Arles",
    "crau": "Crau",
    "la": "La",
    "langlois": "Langlois",
    "tarascon": "Tarascon",
}
"""What a file's name can't say of a word."""


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
        return f"{title(pair['content'])} + {title(pair['style'])}"

    def load_pair(self, number: int) -> list[Any]:
        """Both images of a pair, every control as its result was made with, and what to do next."""
        files = [str(self.image(role, number)) for role in ("content", "style")]
        values, _ = values_for(RECIPES["studio"], self.pairs[number]["changes"])
        next_step = paragraph(f"{self.name(number)} are in place: press Paint.")
        return [*files, *fill(values), next_step]

    def _card(self, content: str, style: str) -> str:
        """The pair, and the picture made from it where that was rendered."""
        result = f"gallery/{Path(content).stem}--{Path(style).stem}.jpg"
        images = {
            f"content/{content}": f"Photo: {title(content)}",
            f"style/{style}": f"Style: {title(style)}",
            result: f"Result: {title(content)} in the manner of {title(style)}",
        }
        return '<div class="images">{}</div>'.format(
            "".join(
                f'<img src="gradio_api/file={quote(str(self.folder / path))}" alt="{escape(text)}">'
                for path, text in images.items()
                if (self.folder / path).exists()
            )
        )


def title(file_name: str) -> str:
    """What people call an example."""
    words = Path(file_name).stem.split("-")
    return " ".join(SPELT.get(word, word) for word in words)
