"""How long the picture in hand will take, told before the click."""

import asyncio
from collections.abc import Mapping
from typing import Any

import gradio as gr

from nst_core.errors import BackboneError, StyleTransferError
from nst_core.page.hosting.loading import measuring
from nst_core.page.inputs.panel import SettingsPanel
from nst_core.page.look.markup import expected
from nst_core.page.look.parts import live_text
from nst_core.page.look.words import begin_all_the_same, time_expected
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, PRIVATE
from nst_core.page.settings.controls import NAMES, Values, changed_recipe
from nst_core.page.visit.uploads import Upload, chosen_pair
from nst_core.painting.job import Job


class Estimate:
    """A line beside the button that starts a run. It says nothing until there is a network."""

    def __init__(self, backbone: str, examples: Any) -> None:
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
        ready = page.load(self.wait, None, None, concurrency_limit=None, **PRIVATE)
        ready.then(self.told, takes, self.line, **AT_ONCE)
        answer_last([each.change for each in takes], self.told, takes, [self.line], **AT_ONCE)

    async def wait(self) -> None:
        """Until the network is loaded, and this machine's speed is known."""
        try:
            await asyncio.shield(asyncio.wrap_future(measuring(self.backbone)))
        except BackboneError:  # told at the foot of the page
            return

    def told(self, content: Upload, style: Upload, *given: Any) -> str:
        """The time as HTML; nothing where it isn't known, or no picture can be painted."""
        measured = measuring(self.backbone)
        if not measured.done() or measured.exception():
            return ""
        values = dict(zip(NAMES, given, strict=True))
        try:
            recipe = changed_recipe(values)
            job = Job.of(*chosen_pair(content, style, self.examples), recipe, measured.result())
            seconds = job.cost(measured.result()).seconds
        except StyleTransferError:  # told where the mistake is
            return ""
        question = begin_all_the_same(seconds, _quicker(values, recipe.qualities))
        return expected(time_expected(seconds), question)


def _quicker(values: Values, qualities: Mapping[str, Any]) -> str:
    """What to choose that takes less time, as the page calls it."""
    drafted = not qualities or values["quality"] == "draft" or values.get("steps")
    return "a smaller size" if drafted else "Draft"
