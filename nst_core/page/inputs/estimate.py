"""How large the picture in hand will be, and how long it will take, told before the click."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import gradio as gr

from nst_core.errors import BackboneError, StyleTransferError
from nst_core.images.opening import image_size
from nst_core.images.sizes import Size
from nst_core.page.hosting.loading import measuring
from nst_core.page.inputs.panel import SettingsPanel
from nst_core.page.look.markup import expected
from nst_core.page.look.parts import live_text
from nst_core.page.look.words import begin_all_the_same, size_text, time_expected
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, IN_ORDER
from nst_core.page.settings.areas import offered
from nst_core.page.settings.controls import (
    NAMES,
    Values,
    changed_recipe,
    chosen_recipe,
    completed,
    size_of,
)
from nst_core.page.visit.uploads import Upload, chosen_pair
from nst_core.painting.job import Job


class Estimate:
    """A line beside the button that starts a run, and what is said of each size.

    No time is told until there is a network.
    """

    def __init__(self, backbone: str, examples: Path) -> None:
        self.backbone = backbone
        self.examples = examples
        self.line = live_text("", elem_id="time")

    def wire(
        self,
        page: gr.Blocks,
        pair: Mapping[str, gr.components.Component],
        panel: SettingsPanel,
    ) -> None:
        """Tell the time when the network is there, and again when anything is changed."""
        takes = [*pair.values(), *panel.controls.values()]
        gives = [self.line, panel.controls["size"]]
        ready = page.load(self.wait, None, None, **IN_ORDER)
        ready.then(self.line_and_sizes, takes, gives, **AT_ONCE)
        answer_last([each.change for each in takes], self.line_and_sizes, takes, gives, **AT_ONCE)

    async def wait(self) -> None:
        """Until the network is loaded, and this machine's speed is known."""
        try:
            await asyncio.shield(asyncio.wrap_future(measuring(self.backbone)))
        except BackboneError:  # told at the foot of the page
            return

    def line_and_sizes(self, content: Upload, style: Upload, *given: object) -> list[object]:
        """The time as HTML, empty where it isn't known or nothing can be painted; and the sizes."""
        values = dict(zip(NAMES, given, strict=True))
        chosen, line, sizes = _chosen_size(values), "", []
        exact = [chosen] if isinstance(chosen, int) else []
        for each in (*offered(), *exact):
            size, seconds = self._size_and_seconds(content, style, {**values, "size": each})
            name = each if isinstance(each, str) else "exact"
            sizes.append((size_text(name, size, seconds), each))
            if each == chosen and seconds is not None:
                question = begin_all_the_same(seconds, _quicker(values))
                line = expected(time_expected(seconds), question)
        return [line, gr.update(choices=sizes)]

    def _size_and_seconds(
        self, content: Upload, style: Upload, values: Values
    ) -> tuple[Size | None, float | None]:
        """How large a picture will be, and its seconds; None where that isn't known."""
        measured = measuring(self.backbone)
        try:
            pair = chosen_pair(content, style, self.examples)
            recipe = changed_recipe(values, image_size(pair[0], "photo"))
            job = Job.of(*pair, recipe=recipe, backbone=self.backbone)
            size = recipe.generated_size(job.photo_size)
            if not measured.done() or measured.exception():
                return size, None
            return size, job.cost(measured.result()).seconds
        except StyleTransferError:  # told where the mistake is
            return None, None


def _chosen_size(values: Values) -> str | int | None:
    """The area's name or the px that were chosen; None for what can't be."""
    try:
        size = completed(values)["size"]
        return size if isinstance(size, str) else size_of(values)
    except StyleTransferError:
        return None


def _quicker(values: Values) -> str:
    """What to choose that takes less time, as the page calls it."""
    qualities = chosen_recipe(values).qualities
    drafted = not qualities or values["quality"] == "draft" or values.get("steps")
    return "a smaller size" if drafted else "Draft"
