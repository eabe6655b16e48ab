"""Previews: what the pair comes out as with the settings in place, while they are chosen."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import gradio as gr

from nst_core.errors import StyleTransferError
from nst_core.page.inputs.instant import Instant
from nst_core.page.inputs.mix import Mix
from nst_core.page.inputs.panel import SettingsPanel
from nst_core.page.inputs.regions import Regions
from nst_core.page.inputs.titles import same_pair, same_work
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import IN_ORDER, Updates
from nst_core.page.settings.controls import Values
from nst_core.page.tabs.result import Result
from nst_core.page.visit.uploads import Upload
from nst_core.page.visit.visits import Preview, Visit, pair_of
from nst_core.painting.job import Job

SHOWN = ("keep_colours", "keep_colours_share", "brush_size")
"""Settings that a preview shows, beside strength, mixture and places."""
Choices = Mapping[str, gr.components.Component]


class Previews:
    """Shown on the stage of a result, in place of a picture in hand, which stays on the strip."""

    def __init__(
        self,
        instant: Instant,
        mix: Mix,
        regions: Regions,
        result: Result,
        job: Callable[[Upload, Upload, Values], Job],
    ) -> None:
        """
        Args:
            instant: paints them.
            mix: of the Paint tab.
            regions: of the same.
            result: of the same; the previews are shown there.
            job: what photo, style and settings stand for.
        """
        self.instant, self.mix, self.regions, self.result = instant, mix, regions, result
        self._job = job
        self._names: list[str] = []

    def wire(
        self,
        pair: Choices,
        panel: SettingsPanel,
        choices: Choices,
        others: Sequence[gr.events.Dependency],
        going_on: gr.Button,
    ) -> None:
        """
        Args:
            pair: the photo and the style.
            panel: the settings.
            choices: all that a run takes, by its names; "visit" among them.
            others: other events after which a preview comes out differently.
            going_on: what goes on from the picture in hand.
        """
        self._names, takes = list(choices), list(choices.values())
        self._going_on = going_on
        gives = [*self.result.changing(), going_on]
        chosen = [image.change for image in pair.values()]
        answer_last(chosen, self.of_another_pair, takes, gives, **IN_ORDER)
        changed = [
            panel.controls["style_strength"].release,
            *(panel.controls[name].input for name in SHOWN),
            *self.mix.changed(),
            *self.regions.changed(),
        ]
        answer_last(changed, self.of_other_settings, takes, gives, **IN_ORDER)
        answer_last(self.regions.brushed(), self.of_strokes, takes, gives, **IN_ORDER)
        for event in others:
            event.success(self.of_other_settings, takes, gives, **IN_ORDER)

    async def of_another_pair(self, *given: object) -> AsyncIterator[Updates]:
        """Another image was chosen; nothing where a picture of the pair is shown already."""
        async for updates in self._painted(given, unless_shown=True):
            yield updates

    async def of_other_settings(self, *given: object) -> AsyncIterator[Updates]:
        """A setting was changed that a preview shows."""
        async for updates in self._painted(given, unless_shown=False):
            yield updates

    async def of_strokes(self, *given: object) -> AsyncIterator[Updates]:
        """Something was brushed, unless the photo was only put under the brush."""
        yield {self.result.status: gr.skip()}
        values: dict[str, Any] = dict(zip(self._names, given, strict=True))
        visit: Visit = values["visit"]
        with suppress(StyleTransferError):
            before, visit.brushed = visit.brushed, self.regions.strokes(values) is not None
            if before or visit.brushed:
                async for updates in self._painted(given, unless_shown=False):
                    yield updates

    async def _painted(self, given: Sequence[object], unless_shown: bool) -> AsyncIterator[Updates]:
        """The preview, coarse to fine; nothing beside a run of this visitor."""
        yield {self.result.status: gr.skip()}
        values: dict[str, Any] = dict(zip(self._names, given, strict=True))
        visit: Visit = values["visit"]
        with suppress(StyleTransferError):  # told at the image, or when it is painted
            job = self._job(values["content"], values["style"], values)
            pair, held = pair_of(job), visit.current
            if visit.under_way or (unless_shown and held and same_pair(pair, held.pair)):
                return
            job = self.regions.placed(job, values)
            if unless_shown and (there := self._there(visit, job)):
                yield there
                return
            if held and same_work(job, held.job):  # an event that came late, or changed nothing
                return
            async for before, after in self.instant.paint(job):
                if visit.under_way or visit.current is not held:
                    return
                visit.album.job = job
                held, preview = None, Preview(after, before, pair)
                visit.show(preview)
                yield {
                    **self.result.previewed(preview),
                    self._going_on: gr.update(interactive=False),
                }

    def _there(self, visit: Visit, job: Job) -> Updates | None:
        """What there is of a job's pair already: this visitor's own picture, or the example's."""
        pair = pair_of(job)
        painted = [kept for kept in visit.look() if same_pair(kept.pair, pair)]
        if painted:
            visit.have(painted[0])
            shown = {**self.result.idle(visit), self.result.status: self.result.summary(painted[0])}
        else:
            shown = (job.mask is None and self.result.example(pair)) or {}
            if not shown:
                return None
            visit.show(None)
        visit.album.job = job
        return {**shown, self._going_on: gr.update(interactive=bool(painted))}
