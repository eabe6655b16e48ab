"""The shelf: every style image of the examples as a small picture; a tap puts it in place.

`styles.js` shows the same cards by groups, where all of them are asked for.
"""

import filecmp
import secrets
from collections.abc import Mapping
from html import escape
from pathlib import Path
from threading import Lock
from urllib.parse import quote

import gradio as gr
from PIL import ImageOps

from nst_core.checks import check_choice
from nst_core.errors import ImageError
from nst_core.images.opening import open_image
from nst_core.page.inputs.names import known_styles
from nst_core.page.look.parts import sent_with
from nst_core.page.visit.uploads import Upload, chosen_file, new_folder

SIDE = 144
"""px of a small picture, for screens of two pixels to one; about 8 KB."""
Painted = Mapping[str, Path]
"""Styles, as in `Shelf.known` -> pictures in them."""
SURPRISE = "*"
"""What is asked for in place of a style to have one picked."""
ALL = (
    '<button type="button" class="all" aria-haspopup="dialog">'
    '<span class="tile" aria-hidden="true">▦</span><span class="name">All styles</span></button>'
)
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
        known: stem of its file -> style, in the order of the cards.
        styles: the same -> file.
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
        self.known = known_styles(examples)
        self.styles = {stem: style.file for stem, style in self.known.items()}
        self._small: dict[Path, Path] = {}
        self._making = Lock()
        self.cards = gr.HTML(
            self._cards(first.stem, {}),
            js_on_load=ON_LOAD,
            label="Styles",
            elem_id=elem_id,
        )

    def marked(self, style: Upload, painted: Painted | None = None) -> str:
        """The cards, the one whose image is in place being marked.

        The small pictures are made when somebody first looks: that would delay the page's start.

        Args:
            style: the image in place.
            painted: pictures to show in place of some styles' own.
        """
        return self._with_pictures(self.in_place(style), painted)

    def with_mark(self, stem: str) -> str:
        """The cards, the one of a file with this name, without suffix, being marked."""
        return self._with_pictures(stem)

    def _with_pictures(self, chosen: str | None, painted: Painted | None = None) -> str:
        with self._making:
            self._make_small_pictures()
        return self._cards(chosen, painted or {})

    def in_place(self, style: Upload) -> str | None:
        """The style that is in place, as in `known`, if it is one of these."""
        try:
            file = chosen_file(style, "style", self.examples)
            known = self.styles.get(file.stem)
            return file.stem if known and filecmp.cmp(file, known, shallow=False) else None
        except (ImageError, OSError):  # none, or its file was deleted
            return None

    def choose(self, style: Upload, event: gr.EventData) -> str:
        """A card was pressed: the file of its style; for `SURPRISE` one that isn't in place."""
        return str(self.chosen(style, event))

    def chosen(self, style: Upload, event: gr.EventData) -> Path:
        """The same, as a path."""
        stem = sent_with(event, "style")
        if stem == SURPRISE:
            now = self.in_place(style)
            stem = secrets.choice([each for each in self.styles if each != now])
        return self.styles[check_choice("The style", stem, self.styles)]

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

    def _cards(self, chosen: str | None, painted: Painted) -> str:
        question = '<span class="tile" aria-hidden="true">?</span>'
        cards = [_card(SURPRISE, "Surprise me", question, "")]
        reached = chosen or next(iter(self.styles), None)
        for stem, style in self.known.items():
            tile = '<span class="tile"></span>'
            small = painted.get(stem, self._small.get(style.file))
            if small is not None:
                address = f"gradio_api/file={quote(str(small))}"
                tile = f'<img class="tile" src="{address}" alt="" loading="lazy">'
            pressed = f' aria-pressed="{str(stem == chosen).lower()}"'
            tabindex = "" if stem == reached else ' tabindex="-1"'
            group = f' data-group="{escape(style.group)}" data-by="{escape(style.by)}"'
            cards.append(_card(stem, style.name, tile, pressed + tabindex + group))
        row = f'<div class="cards" role="toolbar" aria-label="Styles">{"".join(cards)}</div>'
        return f"{row}{ALL}"


def _card(value: str, name: str, tile: str, state: str) -> str:
    """A button; its label is its whole name, which the picture's would else be a part of."""
    value, name = escape(value), escape(name)
    return (
        f'<button type="button" data-style="{value}" aria-label="{name}" title="{name}"{state}>'
        f'{tile}<span class="name">{name}</span></button>'
    )
