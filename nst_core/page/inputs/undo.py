"""Undo: photo, style and settings as they were before the last change.

A button asks for it, and so does a key, which `keys.js` hears.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import gradio as gr

from nst_core.errors import StyleTransferError
from nst_core.page.inputs.titles import same_pair, same_picture
from nst_core.page.look.markup import paragraph
from nst_core.page.look.parts import bell
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, Updates
from nst_core.page.settings.controls import EMPTY, NAMES, Values, changed_recipe
from nst_core.page.settings.fields import fill
from nst_core.page.visit.uploads import Upload, chosen_pair
from nst_core.page.visit.visits import Pair

MOST = 30
"""Changes that can be undone."""
NOTHING = "There is nothing to undo."


@dataclass(frozen=True)
class Choice:
    """Attributes: pair; values, of the controls."""

    pair: Pair
    values: Values

    def same(self, other: "Choice") -> bool:
        return self.values == other.values and same_pair(self.pair, other.pair)


@dataclass
class History:
    """What a visitor has chosen. Attributes: now; earlier, the oldest first."""

    now: Choice | None = None
    earlier: list[Choice] = field(default_factory=list)

    def note(self, choice: Choice) -> None:
        if self.now is None:
            self.now = choice
        elif not choice.same(self.now):
            self.earlier, self.now = [*self.earlier, self.now][-MOST:], choice

    def back(self) -> Choice | None:
        """To the choice before the last change, whose files are there; None where there is none."""
        while self.earlier:
            self.now = self.earlier.pop()
            if all(path.exists() for path in self.now.pair):
                return self.now
        return None


class Undo:
    """
    Attributes:
        button: can be pressed while there is something to undo.
        asked: what a script has undo; it takes no place.
    """

    def __init__(self, examples: Path) -> None:
        self.examples = examples
        self._history = gr.State(History())
        self.button = gr.Button(
            "Undo", interactive=False, size="sm", min_width=64, elem_id="undo-button"
        )
        self.asked = bell("undo", "Undo", "undo")

    def wire(
        self,
        pair: Mapping[str, gr.components.Component],
        controls: Mapping[str, gr.components.Component],
        loaded: gr.events.Dependency,
        status: gr.HTML,
    ) -> None:
        """
        Args:
            pair: the photo and the style.
            controls: of the settings.
            loaded: the event after which the first changes may come.
            status: of the tab; tells where there is nothing to undo.
        """
        self.pair, self.controls, self._status = pair, controls, status
        chosen = [*pair.values(), *controls.values()]
        takes, button = [self._history, *chosen], self.button
        loaded.then(self.note, takes, button, **AT_ONCE)
        answer_last([each.change for each in chosen], self.note, takes, [button], **AT_ONCE)
        for asked in (self.asked.select, button.click):
            asked(self.undone, self._history, [*chosen, status, button], **AT_ONCE)

    def note(
        self, history: History, content: Upload, style: Upload, *given: object
    ) -> dict[str, object]:
        """Something was changed; what can't be painted is not come back to."""
        values = {
            name: None if value in EMPTY else value
            for name, value in zip(NAMES, given, strict=True)
        }
        with suppress(StyleTransferError):  # told at the control
            changed_recipe(values)
            history.note(Choice(chosen_pair(content, style, self.examples), values))
        return gr.update(interactive=bool(history.earlier))

    def undone(self, history: History) -> Updates:
        """Whatever the last change was of, as it was before; the rest is not touched."""
        left, choice = history.now, history.back()
        button = gr.update(interactive=bool(history.earlier))
        if left is None or choice is None:
            return {self._status: paragraph(NOTHING), self.button: button}
        updates: Updates = {
            image: str(path)
            for image, path, before in zip(self.pair.values(), choice.pair, left.pair, strict=True)
            if not same_picture(path, before)
        }
        if choice.values != left.values:
            updates |= zip(self.controls.values(), fill(choice.values), strict=True)
        return {**updates, self.button: button}
