"""One run: the loop of its sizes and steps, and the frames that show it."""

import math
import time
from collections.abc import Generator
from contextlib import closing
from enum import Enum, auto
from functools import partial
from threading import Event
from typing import NamedTuple

import numpy as np
from PIL import Image

from nst_core.background import InThread
from nst_core.errors import OutOfMemoryError, RecipeError
from nst_core.images.sizes import Size, resize_pixels, to_image
from nst_core.loss.terms import Losses
from nst_core.network.precision import is_missing
from nst_core.network.tensorflow import Tensor, tf
from nst_core.objective.graph import as_a_whole, as_tensor
from nst_core.objective.objective import Objective
from nst_core.objective.setup import Setup, check_layers, set_up
from nst_core.objective.strips import Strips
from nst_core.painting.at_once import decoded
from nst_core.painting.cost import IN_STRIPS, needs_strips, ran_out_of_memory, room_for
from nst_core.painting.frame import Frame
from nst_core.painting.job import OpenedJob
from nst_core.painting.keeper import Keeper, Picture
from nst_core.painting.notes import enlarged_note, opening_notes, small_photograph_note
from nst_core.painting.pace import Pace
from nst_core.painting.sized import Pixels, SizedImages
from nst_core.painting.stages import Scale, enlarge
from nst_core.recipe.starts import STARTS, Beginning

FRAME_SECONDS = 1.0
"""A frame comes this often; where a step takes longer, the same picture again with a new time."""
QUICK_PIXELS = 256 * 256
"""A first size above this opens with a frame of the start image, before anything is measured."""


def paint(job: OpenedJob) -> Generator[Frame, None, None]:
    """Paint a job, as `stylize` says; the work begins with the first frame."""
    return Showing(Run(job)).frames()


class Show(Enum):
    """When a picture of a run is shown."""

    AT_ONCE = auto()
    IN_TURN = auto()
    """With its checkpoint, or where `FRAME_SECONDS` have passed since another one was shown."""
    NOT_BY_ITSELF = auto()
    """A better one follows; only where that takes long, it is shown."""


class Moment(NamedTuple):
    """A run after a step.

    Attributes:
        setup: what paints it.
        picture: what is painted.
        message, remaining, final: as `Frame` has them.
        show: when it is to be shown.
    """

    setup: Setup
    picture: Picture
    message: str
    remaining: float
    show: Show
    final: bool = False


class Run:
    """The loop of a run. It knows nothing of frames, nor of the thread that it is in.

    Attributes:
        job: what is painted.
        images: of the job, at the sizes of the run.
        scales: the sizes and their steps, coarsest first.
        size: (width, height) px that is worked at.
        prepared: whether the network is there.
        closed: to be set when nobody waits for the step under way any more.
    """

    def __init__(self, job: OpenedJob) -> None:
        self.job, self.images = job, SizedImages(job)
        self.scales = job.scales()
        self.size = self.scales[0].size
        self.prepared, self.closed = False, Event()

    def moments(self) -> Generator[Moment, None, None]:
        """Work through the sizes, coarse to fine, and their steps; each gives a moment.

        Raises:
            OutOfMemoryError: the run would not fit into the memory.
            RecipeError: the network lacks a layer, or not even the first loss is a finite number.
            BackboneError: the weights are not to be had.
        """
        setup = set_up(self.job.recipe, self.job.backbone)
        self.prepared, recipe = True, setup.recipe
        check_layers(recipe, setup.network)
        unmeasured = Losses.unmeasured(term.name for term in recipe.terms)
        with room_for(setup, self.job.content.size) as room:
            pace, painted, done = self._pace(setup, room), None, 0
            for scale in self.scales:
                self.size = scale.size
                so_far, start = self._begun(painted)
                keeper = Keeper(Picture(start, unmeasured, done), recipe.keep_best)
                opens = painted is None and scale.pixels > QUICK_PIXELS
                yield _moment(setup, keeper, pace, Show.AT_ONCE if opens else Show.NOT_BY_ITSELF)
                objective = self._objective(setup, scale, so_far, room)
                descent = recipe.optimizer.start(start, objective.evaluate, scale.steps)
                with closing(descent):
                    while descent.steps < scale.steps and not keeper.over:
                        with pace.timed(done, descent):
                            descent.step()
                            losses = objective.as_losses(descent.losses)
                        keeper.step(descent, losses)
                        last = keeper.over or descent.steps == scale.steps
                        show = Show.NOT_BY_ITSELF if last else Show.IN_TURN
                        yield _moment(setup, keeper, pace, show)
                if not keeper.over:
                    losses = objective(descent.ahead.numpy()[0])
                    keeper.take(descent.ahead, losses, descent.steps)
                keeper.now = keeper.result
                final = keeper.over or scale is self.scales[-1]
                yield _moment(setup, keeper, pace, Show.AT_ONCE, final)
                if final:
                    return
                painted, done = keeper.now.image.numpy()[0], keeper.now.step
                del objective, descent  # before the next ones are made: a print's hold gigabytes

    def told(self, error: Exception) -> RecipeError | OutOfMemoryError | None:
        """What came out of the moments, in words for a person; None of what nobody foresaw."""
        if self.job.recipe.precision == "bfloat16" and is_missing(error):
            return RecipeError(
                "bfloat16 can't be computed with this processor as it is set up: "
                "choose the precision float32."
            )
        if not ran_out_of_memory(error):
            return None
        width, height = self.size
        return OutOfMemoryError(
            f"The memory ran out at {width} × {height} px; a smaller size may fit."
        )

    def _pace(self, setup: Setup, room: float) -> Pace:
        """That of a run with so much room, before it begins."""
        efforts: list[float] = []
        for scale in self.scales:
            strips = needs_strips(setup, scale.size, room)
            efforts += [scale.pixels * (IN_STRIPS if strips else 1.0)] * scale.steps
        return Pace(efforts)

    def _begun(self, painted: Pixels | None) -> tuple[Pixels, Tensor]:
        """What a size begins with, all of the photograph's detail included; and its start image.

        Args:
            painted: at the size before; None at the first one.
        """
        share = self.job.recipe.keep_detail
        if painted is None:
            so_far = self._first()
            return so_far, as_tensor(so_far)
        so_far = enlarge(painted, to_image(self.images.photograph(self.size)), self.size)
        if share == 1.0:
            return so_far, as_tensor(so_far)
        return so_far, as_tensor(share * so_far + (1 - share) * resize_pixels(painted, self.size))

    def _first(self) -> Pixels:
        """What the run begins with: the picture to go on from, or the recipe's start image."""
        size, images = self.size, self.images
        resume = self.job.resume
        if resume is None:
            recipe = self.job.recipe
            random = np.random.default_rng(recipe.seed)
            sources = images.photograph(size), images.stretched_style(size), random
            at_once = partial(decoded, images, size, recipe.style_strength)
            return STARTS[recipe.start](Beginning(*sources, at_once))
        if resume.width >= size[0]:
            return images.earlier(resume, size)
        return enlarge(images.earlier(resume), to_image(images.photograph(size)), size)

    def _objective(self, setup: Setup, scale: Scale, so_far: Pixels, room: float) -> Objective:
        size, images = scale.size, self.images
        strips = needs_strips(setup, size, room)
        return Objective(
            images.photograph(size),
            images.styles(size),
            setup.recipe,
            setup.network,
            images.mask(size),
            images.outside(size),
            partial(Strips, between=self._check_open) if strips else as_a_whole,
            scale.phase,
            so_far,
            images.emphasis(size),
        )

    def _check_open(self) -> None:
        """End a step under way that nobody waits for any more."""
        if self.closed.is_set():
            raise _ClosedError


def _moment(setup: Setup, keeper: Keeper, pace: Pace, show: Show, final: bool = False) -> Moment:
    left = 0.0 if final else pace.remaining(keeper.now.step)
    return Moment(setup, keeper.now, keeper.message, left, show, final)


class _ClosedError(Exception):
    """Ends a step whose run is closed."""


class Showing:
    """The moments of a run as frames.

    The run is in a thread, so that frames go on coming while a step takes long.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._began, self._shown = time.monotonic(), -math.inf
        self._checkpoint = 0  # step of the last one
        self._image: tuple[Tensor, Image.Image] | None = None
        self._steps = sum(scale.steps for scale in run.scales)
        self._generated = run.job.recipe.generated_size(run.job.content.size)
        self._note = _note(run.job, self._generated)

    def frames(self) -> Generator[Frame, None, None]:
        """A frame of each moment that is due; and of the last one again, while there is no new."""
        thread, now = InThread(self._run.moments(), "stylize"), None
        try:
            for moment in thread.values(self._patience):
                now = moment or now
                if now is not None and (moment is None or self._due(moment)):
                    yield self._frame(now, again=moment is None)
                if now is not None and now.final:
                    return
        except (MemoryError, tf.errors.OpError) as error:
            told = self._run.told(error)
            if told is None:
                raise
            raise told from error
        finally:
            self._run.closed.set()
            # A step under way ends by itself or between two strips, and whoever comes next is to
            # have its processors and its memory; a network on its way from the internet may take
            # minutes, and is kept.
            thread.close(wait_for_it=self._run.prepared)

    def _patience(self) -> float | None:
        """Seconds until the picture is shown again; None before there is any."""
        if self._shown < 0:
            return None
        return max(self._shown + FRAME_SECONDS - time.monotonic(), FRAME_SECONDS / 10)

    def _due(self, moment: Moment) -> bool:
        if moment.show is not Show.IN_TURN:
            return moment.show is Show.AT_ONCE
        late = time.monotonic() - self._shown >= FRAME_SECONDS
        return late or self._at_checkpoint(moment)

    def _at_checkpoint(self, moment: Moment) -> bool:
        step = moment.picture.step
        return step > self._checkpoint and step % self._run.job.recipe.checkpoint == 0

    def _frame(self, moment: Moment, again: bool = False) -> Frame:
        checkpoint = not again and (moment.final or self._at_checkpoint(moment))
        if checkpoint:
            self._checkpoint = moment.picture.step
        image = self._shown_image(moment.picture.image)
        self._shown = time.monotonic()
        return Frame(
            image=image,
            step=moment.picture.step,
            total_steps=self._steps,
            losses=moment.picture.losses,
            elapsed=self._shown - self._began,
            remaining=moment.remaining,
            final=moment.final,
            checkpoint=checkpoint,
            recipe=self._run.job.recipe,
            precision=moment.setup.recipe.precision,
            backbone=moment.setup.network.name,
            message=f"{moment.message} {self._note}".strip(),
        )

    def _shown_image(self, image: Tensor) -> Image.Image:
        """Of a tensor; held, since a step that takes long is shown time and again."""
        if self._image is None or self._image[0] is not image:
            pixels = image.numpy()[0]
            if pixels.shape[1] > self._generated[0]:
                pixels = resize_pixels(pixels, self._generated)
            self._image = image, self._run.images.shown(pixels)
        return self._image[1]


def _note(job: OpenedJob, generated: Size) -> str:
    """What is known of the result before the run begins."""
    styles = (*job.styles, *job.outside)
    notes = (
        opening_notes([job.content, job.resume, *(style.image for style in styles), job.mask]),
        small_photograph_note(job.content.size, generated),
        enlarged_note(styles, job.recipe, generated),
    )
    return " ".join(filter(None, notes))
