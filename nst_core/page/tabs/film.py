"""The Film tab: a clip, painted so that it moves and does not flicker."""

import asyncio
import json
import math
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr

from nst_core.checks import NO_BREAK, check_bool, in_range
from nst_core.clip.looking import Look
from nst_core.errors import ImageError, StyleTransferError
from nst_core.network.backbone import Backbone
from nst_core.page.hosting.limits import current
from nst_core.page.hosting.loading import measuring
from nst_core.page.inputs.clips import (
    Clips,
    check_seconds,
    facts_text,
    longest,
    seconds_of,
    too_large,
)
from nst_core.page.inputs.instant import Instant
from nst_core.page.inputs.shelf import Shelf
from nst_core.page.inputs.titles import example_stem
from nst_core.page.look import words
from nst_core.page.look.markup import film_player, filming, paragraph
from nst_core.page.look.parts import STREAMED, bell, live_text, picture, problem_text, scroll_to
from nst_core.page.run.latest import answer_last
from nst_core.page.run.running import AT_ONCE, IN_ORDER, Answers, Prepared, Shared, SideTab, Updates
from nst_core.page.settings.controls import STRENGTHS
from nst_core.page.visit.uploads import Upload, chosen_file, new_folder, streamed_jpeg
from nst_core.page.visit.visits import Task
from nst_core.painting.job import Job
from nst_core.serving.film_process import FilmFrame, paint_film_beside

SIZES = {256: "Small", 384: "Medium", 512: "Large", 720: "Very large"}
"""px of a film's longest side -> what people call it."""
USUAL_SIZE = 384
OVERRUN, EXTRA_SECONDS = 3.0, 60.0
"""Times the seconds that were told, and more of them, after which a film ends with what is there.
"""
MISSING = 0.05
"""Seconds at the end of a film that nobody misses."""
KEPT_COLOURS = "luminance"
"""How the clip's colours are kept, where they are."""
EXAMPLE = Path("clip") / "big-buck-bunny.mp4"
"""Of the examples: for those who have no clip at hand."""
EXAMPLE_NAME = "Example: Big Buck Bunny (Blender Foundation)"
CHOOSE = "Choose a clip to begin."
BEGIN = "This is a picture of the clip, painted alone. Press Paint film for all of it."
READY_SOON = "Getting ready to paint …"
NOTHING_YET = "Stopped before the first picture was painted."
LATE = "It took far longer than was expected."


def offered_sizes() -> dict[int, str]:
    """Those that the operator allows, the largest among them."""
    most = current().max_clip_size
    allowed = {size: word for size, word in SIZES.items() if size <= most}
    return allowed if most in SIZES else {**allowed, most: "Largest"}


def size_of(size: object) -> int:
    """The size that was chosen; raises `RecipeError` where it is none of a film's."""
    sizes = offered_sizes()
    return round(in_range("Size", size, (min(sizes), max(sizes))))


@dataclass
class FilmTask(Task):
    """What a visitor makes a film of.

    Attributes:
        clip: the file that was looked at last; None where it can't be painted.
        look: what is known of it; there with `clip`.
        made: the film of the last run, once it is whole or was stopped.
    """

    clip: Path | None = None
    look: Look | None = None
    made: Path | None = None


class FilmTab(SideTab[FilmTask]):
    """Works on a clip of its own, and on the style of the Paint tab, which can be chosen here."""

    def __init__(self, shared: Shared, instant: Instant, first: Path) -> None:
        super().__init__(shared)
        self.instant, self.clips = instant, Clips()
        self.task = gr.State(FilmTask())
        gr.Markdown(
            "Your clip, painted so that it moves and does not flicker, with its sound. Choose one "
            f"of {current().max_clip_seconds} seconds at most, and a style."
        )
        with gr.Row():
            with gr.Column(elem_id="film-left"):
                self._build_inputs(first)
            with gr.Column(elem_id="film-work"):
                self._build_result()

    def _build_inputs(self, first: Path) -> None:
        with gr.Row(elem_id="film-pair"):
            self.clip = gr.File(
                label="Clip", height="min(180px, 48vw)", min_width=120, elem_id="clip"
            )
            self.style = picture(
                "film-style",
                "Style",
                "The style",
                value=str(first),
                height="min(180px, 48vw)",
                min_width=120,
                buttons=[],
            )
        there = (self.examples / EXAMPLE).is_file()
        self.example = gr.Button(EXAMPLE_NAME, size="sm", visible=there, elem_id="clip-example")
        self.large = bell("clip-large", "A clip that is too large", "put")
        self.problem = problem_text("clip-problem")
        self.facts = live_text("", elem_id="clip-facts")
        self.shelf = Shelf(self.examples, first, "film-shelf")
        sizes = offered_sizes()
        with gr.Group(elem_id="film-settings"):
            self.size = gr.Radio(
                [(f"{word}, {size}{NO_BREAK}px", size) for size, word in sizes.items()],
                value=USUAL_SIZE if USUAL_SIZE in sizes else max(sizes),
                label="Size",
                info="Longest side. Twice the size takes up to four times as long.",
                elem_id="film-size",
            )
            self.strength = gr.Slider(
                *STRENGTHS,
                0,
                step=1,
                label="Style strength",
                info="Left: closer to the clip. Right: closer to the style.",
            )
            self.keep = gr.Checkbox(label="Keep the clip's colours", elem_id="film-colours")

    def _build_result(self) -> None:
        with gr.Row(elem_id="film-actions"):
            self.go = gr.Button("Paint film", variant="primary", min_width=90, elem_id="film-go")
            self.stop = gr.Button("Stop", interactive=False, min_width=90, elem_id="film-stop")
            self.download = gr.DownloadButton("Download film", interactive=False, min_width=110)
        with gr.Column(elem_id="film-stage"):
            self.still = picture("film-still", "Film", "The film's newest picture", **STREAMED)
            self.film = gr.HTML("", label="Film", elem_id="film-player")
        self.status = live_text(CHOOSE, elem_id="film-status")

    # -------- which function answers which event

    def wire(self, tab: gr.Tab) -> None:
        style, cards = self.pair["style"], self.shelf.cards
        shown = [cards, self.style]
        answer_last([style.change, tab.select], self.style_in_place, [style], shown, **AT_ONCE)
        cards.select(self.shelf.choose, style, style, trigger_mode="always_last", **AT_ONCE)
        settings = [self.size, self.strength, self.keep]
        takes = [self.clip, style, *settings, self.task]
        changes = [self.clip.change, style.change, self.keep.change, self.strength.release]
        answer_last([*changes, self.size.change], self.look, takes, self._looked(), **IN_ORDER)
        sentence = json.dumps(paragraph(too_large("The clip")))
        self.example.click(self.example_clip, None, self.clip, **AT_ONCE)
        self.large.select(None, None, self.problem, js=f"() => {sentence}", **AT_ONCE)
        self.go.click(None, js=scroll_to("film-work"))
        names = ("clip", "style", "size", "style_strength", "keep_colours", "task")
        self.wire_run(
            self.go,
            self.paint_clip,
            dict(zip(names, takes, strict=True)),
            [self.still, self.film, self.status, self.download],
            api_visibility="private",
        )

    def changing(self) -> list[gr.components.Component]:
        return [*super().changing(), self.film]

    def _looked(self) -> list[gr.components.Component]:
        """What a look at a clip may change."""
        return [self.facts, self.problem, self.still, self.film, self.status]

    # -------- what is chosen

    def style_in_place(self, style: Upload) -> list[object]:
        """The cards, and the style that films are painted in."""
        try:
            file = str(chosen_file(style, "style", self.examples))
        except ImageError:
            return [self.shelf.marked(None), None]
        return [self.shelf.marked(style), file]

    def example_clip(self) -> str:
        return str(self.examples / EXAMPLE)

    async def look(
        self,
        clip: Upload,
        style: Upload,
        size: object,
        strength: object,
        keep: object,
        task: FilmTask,
    ) -> AsyncIterator[Updates]:
        """What the clip is, how long its film will take, and how a still of it comes out."""
        yield {self.problem: gr.skip() if task.under_way else ""}
        if task.under_way:
            return
        try:
            look = await self._look_at(clip, task)
            if look is None:
                yield {**self._nothing(), self.status: paragraph(CHOOSE)}
                return
            yield {self.facts: paragraph(facts_text(look.facts))}
            job = self._job(clip, style, size, strength, keep)
            seconds = check_seconds(seconds_of(job, look.facts, await self._network()))
            yield {self.facts: paragraph(facts_text(look.facts, seconds))}
            still = replace(job, content=look.still)
            async for _, preview in self.instant.paint(still, size_of(size)):
                if task.under_way:
                    return
                yield {self.still: str(preview), self.film: "", self.status: paragraph(BEGIN)}
        except StyleTransferError as problem:
            nothing = {} if task.look else {**self._nothing(), self.status: paragraph(CHOOSE)}
            yield {**nothing, self.problem: paragraph(str(problem))}

    async def _look_at(self, clip: Upload, task: FilmTask) -> Look | None:
        """What is known of the clip in place; None where there is none."""
        if not clip or not clip.get("path"):
            task.clip = task.look = None
            return None
        file = chosen_file(clip, "clip", self.examples)
        if file == task.clip and task.look is not None:
            return task.look
        task.clip = task.look = None
        look = await self.clips.look(file)
        task.clip, task.look = file, look  # together: other clips may be looked at meanwhile
        return look

    async def _network(self) -> Backbone:
        """By which times are reckoned, when it is known how fast this machine is with it."""
        return await asyncio.shield(asyncio.wrap_future(measuring(self.backbone)))

    def _nothing(self) -> Updates:
        return {self.facts: "", self.still: None, self.film: ""}

    def _job(
        self, clip: Upload, style: Upload, size: object, strength: object, keep: object
    ) -> Job:
        """What the inputs say; its images are files."""
        check_bool("Keep the clip's colours", keep)
        return Job.of(
            chosen_file(clip, "clip", self.examples),
            chosen_file(style, "style", self.examples),
            backbone=self.backbone,
            size=size_of(size),
            style_strength=in_range("Style strength", strength, STRENGTHS),
            keep_colours=KEPT_COLOURS if keep else "none",
            keep_faces=0.0,  # found in one still and not in the next, they would flicker
        )

    # -------- a run

    def paint_clip(
        self,
        clip: Upload,
        style: Upload,
        size: object,
        style_strength: object,
        keep_colours: object,
        task: FilmTask,
    ) -> Prepared:
        """Answers have the newest still, the player of the film, the status, and its file."""
        job = self._job(clip, style, size, style_strength, keep_colours)
        file = cast(Path, job.content)
        look = task.look if task.look and task.clip == file else self.clips.looked_at(file)
        seconds = seconds_of(job, look.facts, measuring(self.backbone).result())
        return Prepared(check_seconds(seconds), partial(self._painted, job, task, seconds))

    def _painted(self, job: Job, task: FilmTask, seconds: float) -> Answers:
        style = example_stem(cast(Path, job.styles[0].image), "style", self.examples) or "style"
        folder, name = new_folder(), f"film-{style}-{job.recipe.size}.mp4"
        task.made, latest = None, time.monotonic() + EXTRA_SECONDS + OVERRUN * seconds
        left, seen = math.nan, None
        job = job.with_styles_decoded()
        run = paint_film_beside(job, folder / name, longest(), lambda: task.to_stop)
        try:
            with closing(run):
                for frame in run:
                    if frame is None:
                        yield gr.skip(), gr.skip(), paragraph(READY_SOON), None
                        continue
                    if frame.final:
                        task.made = folder / name
                    if time.monotonic() > latest:
                        task.outlasted = LATE
                    new, seen = frame is not seen, frame
                    left = words.steadied(left, frame.remaining) if new else left
                    picture = streamed_jpeg(frame.picture) if new else gr.skip()
                    task.facts = {"recipe": "film", "size": frame.size, "stills": frame.number}
                    yield picture, gr.skip(), filming(frame.seconds, frame.whole, left), None
        finally:
            if seen is None or not seen.final:
                shutil.rmtree(folder, ignore_errors=True)
        yield self._ended(seen, task)

    def _ended(self, frame: FilmFrame | None, task: FilmTask) -> list[object]:
        if frame is None or task.made is None:
            return [gr.skip(), "", paragraph(NOTHING_YET), None]
        whole = not task.to_stop or frame.seconds >= (frame.whole or math.inf) - MISSING
        more = f"{frame.note} {'' if whole else task.outlasted}".strip()
        summary = words.film_summary(frame.size, frame.seconds, whole, more)
        player = film_player(task.made, frame.size, "Your clip, painted")
        return [gr.skip(), player, paragraph(summary), str(task.made)]

    def begun(self, task: FilmTask) -> Updates:
        task.made = None
        return {**super().begun(task), self.film: ""}

    def finished(self, task: FilmTask) -> Updates:
        made = task.made is not None
        return {**super().finished(task), self.download: gr.update(interactive=made)}
