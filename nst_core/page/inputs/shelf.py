"""The shelf: every style image of the examples as a small picture; a tap puts it in place."""

import filecmp
import secrets
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

import gradio as gr
from PIL import ImageOps

from nst_core.checks import check_choice
from nst_core.errors import ImageError
from nst_core.images.opening import open_image
from nst_core.page.inputs.gallery import title
from nst_core.page.visit.uploads import Upload, chosen_file, new_folder

SIDE = 144
"""px of a small picture, for screens of two pixels to one; about 8 KB."""
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
SURPRISE = "*"
"""What is asked for in place of a style's name to have one picked."""
ON_LOAD = """
element.addEventListener("click", event => {
  const card = event.target.closest("[data-style]");
  if (card) trigger("select", {style: card.dataset.style});
});
element.addEventListener("keydown", event => {
  const step = {ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling"}[event.key];
  const next = step && event.target.closest("[data-style]")?.[step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
watch("value", () => {
  const shelf = element.querySelector(".cards"), card = shelf.querySelector("[aria-pressed=true]");
  const [outer, inner] = [shelf, card ?? shelf].map(each => each.getBoundingClientRect());
  if (inner.left < outer.left || inner.right > outer.right)
    shelf.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
});
"""
"""Presses are told to the server; arrow keys go along the cards, of which Tab stops at two only;
a card that gets marked out of sight is scrolled to."""


class Shelf:
    """The style images of a folder.

    Attributes:
        examples: the folder of the examples, links resolved; the styles are in style/.
        styles: name for people -> file.
        cards: the component; its value is HTML, which changes in place, so that the shelf neither
            scrolls back nor loses the focus when another card is marked.
    """

    def __init__(
        self,
        examples: Path,
        first: Path,
        elem_id: str = "shelf",
    ) -> None:
        """
        Args:
            examples: see above.
            first: the file of the style that is marked at first.
            elem_id: of the component.
        """
        self.examples = examples
        files = sorted(path for path in (examples / "style").iterdir() if path.suffix in SUFFIXES)
        self.styles = {title(path.name): path for path in files}
        self._small: dict[Path, Path] = {}
        self._making = Lock()
        self.cards = gr.HTML(
            self._cards(title(first.name)),
            js_on_load=ON_LOAD,
            label="Styles",
            elem_id=elem_id,
        )

    def marked(self, style: Upload) -> str:
        """The cards, the one whose image is in place being marked.

        The small pictures are made when somebody first looks: that would delay the page's start.
        """
        return self._with_pictures(self.in_place(style))

    def with_mark(self, stem: str) -> str:
        """The cards, the one of a file with this name, without suffix, being marked."""
        return self._with_pictures(title(f"{stem}.jpg"))

    def _with_pictures(self, chosen: str | None) -> str:
        with self._making:
            self._make_small_pictures()
        return self._cards(chosen)

    def in_place(self, style: Upload) -> str | None:
        """The name of the style that is in place, if it is one of these."""
        try:
            file = chosen_file(style, "style", self.examples)
            name = title(file.name)
            known = self.styles.get(name)
            return name if known and filecmp.cmp(file, known, shallow=False) else None
        except (ImageError, OSError):  # none, or its file was deleted
            return None

    def choose(self, style: Upload, event: gr.EventData) -> str:
        """A card was pressed: the file of its style; for `SURPRISE` one that isn't in place."""
        return str(self.chosen(style, event))

    def chosen(self, style: Upload, event: gr.EventData) -> Path:
        """The same, as a path."""
        told = event._data  # as it was sent, which a crafted request may have made up
        name: Any = told.get("style") if isinstance(told, dict) else None
        if name == SURPRISE:
            now = self.in_place(style)
            name = secrets.choice([each for each in self.styles if each != now])
        check_choice("The style", name, self.styles)
        return self.styles[name]

    def _make_small_pictures(self) -> None:
        """All that aren't there, or not any more."""
        missing = [file for file in self.styles.values() if not self._is_small(file)]
        if not missing:
            return
        folder = new_folder()
        for file in missing:
            try:
                small = ImageOps.fit(open_image(file, "style", longest=SIDE), (SIDE, SIDE))
                target = folder / f"{file.stem}.jpg"
                small.save(target, quality=80)
            except (ImageError, OSError):  # its card has its name all the same
                continue
            self._small[file] = target

    def _is_small(self, file: Path) -> bool:
        return file in self._small and self._small[file].exists()

    def _cards(self, chosen: str | None) -> str:
        question = '<span class="tile" aria-hidden="true">?</span>'
        cards = [_card(SURPRISE, "Surprise me", question, "")]
        reached = chosen or next(iter(self.styles), None)
        for name, file in self.styles.items():
            tile = '<span class="tile"></span>'
            if file in self._small:
                address = f"gradio_api/file={quote(str(self._small[file]))}"
                tile = f'<img class="tile" src="{address}" alt="{escape(name)}" loading="lazy">'
            pressed = f' aria-pressed="{str(name == chosen).lower()}"'
            place = "" if name == reached else ' tabindex="-1"'
            cards.append(_card(name, name, tile, pressed + place))
        return f'<div class="cards" role="toolbar" aria-label="Styles">{"".join(cards)}</div>'


def _card(value: str, name: str, tile: str, state: str) -> str:
    """A button; its label is its whole name, which the picture's would else be a part of."""
    value, name = escape(value), escape(name)
    return (
        f'<button type="button" data-style="{value}" aria-label="{name}" title="{name}"{state}>'
        f'{tile}<span class="name">{name}</span></button>'
    )
