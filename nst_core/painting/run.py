"""One run: its sizes and steps, the picture of the moment, and the one to keep."""

import math
import time
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from functools import partial
from threading import Event
from typing import Any, NamedTuple, TypeVar

import numpy as np
from PIL import Image

from nst_core.errors import OutOfMemoryError, RecipeError
from nst_core.images.sizes import resize_pixels, to_image
from nst_core.loss.terms import Losses
from nst_core.network.backbone import load_backbone
from nst_core.network.tensorflow import tf
from nst_core.objective.graph import as_a_whole, as_tensor
from nst_core.objective.objective import Objective, check_layers
from nst_core.objective.precision import settled
from nst_core.objective.strips import Strips
from nst_core.painting.at_once import decoded
from nst_core.painting.cost import IN_STRIPS, needs_strips, ran_out_of_memory, room_for
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job
from nst_core.painting.notes import enlarged_note, small_photograph_note
from nst_core.painting.sized import SizedImages
from nst_core.painting.stages import Scale, enlarge
from nst_core.recipe.descent import Descent
from nst_core.recipe.starts import STARTS, Beginning

FRAME_SECONDS = 1.0
"""A frame comes this often; where a step takes longer, the same picture again with a new time."""
QUICK_PIXELS = 256 * 256
"""A first size above this opens with a frame of the start image, before anything is measured."""
T = TypeVar("T")


def paint(job: Job) -> Generator[Frame, None, None]:
    """Paint a job that is `opened`, as `stylize` says; the work begins with the first frame."""
    return Run(job).frames()


class Run:
    """One run: its images and plan, the picture of the moment, and the one to keep.

    The work is done in a thread, step by step, so that frames go on coming while a step takes long.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        content, self._resume = job.images
        self._images = SizedImages(job)
        self._recipe = job.recipe
        self._scales = job.scales(content.size)
        self._scale = self._scales[0]
        self._worker = ThreadPoolExecutor(1, "stylize")
        self._room = ExitStack()
        self._closed = Event()
        self._prepared = False  # whether the network is there
        self._began = time.monotonic()
        self._shown = -math.inf
        self._picture: tuple[Any, Image.Image] | None = None
        self._pace: deque[float] = deque(maxlen=10)  # seconds per step and its effort
        self._done = 0  # steps at the sizes before this one
        self._checkpoint = 0  # step of the last one
        self._over = False  # whether the run has to end before its time
        self._begun = False  # whether any picture has had a finite loss
        styles, generated = (*job.styles, *job.outside), self._scales[-1].size
        small = small_photograph_note(content.size, generated)
        self._note = f"{small} {enlarged_note(styles, self._recipe, generated)}".strip()
        self._message = ""
        self._unmeasured = Losses.unmeasured(term.name for term in self._recipe.terms)

    def frames(self) -> Generator[Frame, None, None]:
        try:
            yield from self._await(self._prepare)
            yield from self._climb()
        except (MemoryError, tf.errors.OpError) as error:
            if not ran_out_of_memory(error):
                raise
            width, height = self._scale.size
            raise OutOfMemoryError(
                f"The memory ran out at {width} × {height} px; a smaller size may fit."
            ) from error
        finally:
            self._closed.set()
            with suppress(RuntimeError):  # as in `_descend`
                self._worker.submit(self._room.close)
            # A step under way ends by itself or between two strips, and whoever comes next is to
            # have its processors and its memory; a network on its way from the internet may take
            # minutes, and is kept.
            self._worker.shutdown(wait=self._prepared)

    def _climb(self) -> Generator[Frame, None, None]:
        """Work at one size after the other."""
        picture: np.ndarray | None = None
        for scale in self._scales:
            self._scale = scale
            start = as_tensor((yield from self._await(self._start, picture)))
            self._now = self._kept = _Moment(start, self._unmeasured, 0)
            if picture is None and scale.pixels > QUICK_PIXELS:
                yield self._frame(self._now, checkpoint=False)
            yield from self._descend(start)
            final = self._over or scale is self._scales[-1]
            result = self._kept._replace(steps=self._now.steps)
            yield self._frame(result, checkpoint=final or self._at_checkpoint(), final=final)
            if final:
                return
            picture = self._kept.image.numpy()[0]
            self._done += self._now.steps
            self._now = result._replace(steps=0)

    def _descend(self, start: Any) -> Generator[Frame, None, None]:
        """Work at one size; leaves its result in `_kept`."""
        objective = yield from self._await(self._objective)
        self._told = objective.told
        descent = self._recipe.optimizer.start(start, objective.evaluate, self._scale.steps)
        try:
            while descent.steps < self._scale.steps and not self._over:
                yield from self._await(self._step, descent)
                if self._due():
                    yield self._frame(self._now, checkpoint=self._at_checkpoint())
        finally:
            with suppress(RuntimeError):  # Python itself is ending, and the thread with it
                self._worker.submit(descent.close)
        if not self._over:
            losses = yield from self._await(objective, descent.ahead.numpy()[0])
            self._judge(_Moment(descent.ahead, losses, descent.steps))

    def _await(self, work: Callable[..., T], *arguments: Any) -> Generator[Frame, None, T]:
        """Have the thread do some work; show the picture of the moment while it takes long."""
        future = self._worker.submit(work, *arguments)
        while True:
            patience = max(self._shown + FRAME_SECONDS - time.monotonic(), FRAME_SECONDS / 10)
            if wait([future], timeout=None if self._shown < 0 else patience).done:
                return future.result()
            yield self._frame(self._now, checkpoint=False)

    def _prepare(self) -> None:
        """Load the network, settle the precision, and see whether the run fits into memory."""
        self._backbone = load_backbone(self._job.backbone)
        self._recipe = settled(self._recipe, self._backbone)
        check_layers(self._recipe, self._backbone)
        room = room_for(self._recipe, self._job.images[0].size, self._backbone)
        self._available = self._room.enter_context(room)
        self._prepared = True

    def _start(self, picture: np.ndarray | None) -> np.ndarray:
        self._so_far = start = self._begun_from(picture)
        share = self._recipe.keep_detail
        if picture is None or share == 1.0:
            return start
        return share * start + (1 - share) * resize_pixels(picture, self._scale.size)

    def _begun_from(self, picture: np.ndarray | None) -> np.ndarray:
        """What a stage begins with, after another one with this picture, detail included."""
        size, images = self._scale.size, self._images
        if picture is not None:
            return enlarge(picture, to_image(images.photograph(size)), size)
        if self._resume is not None:
            if self._resume.width >= size[0]:
                return images.earlier(self._resume, size)
            return enlarge(images.earlier(self._resume), to_image(images.photograph(size)), size)
        random = np.random.default_rng(self._recipe.seed)
        sources = images.photograph(size), images.stretched_style(size), random
        return STARTS[self._recipe.start](Beginning(*sources, lambda: decoded(images, size)))

    def _objective(self) -> Objective:
        size, images = self._scale.size, self._images
        strips = self._in_strips(self._scale)
        way = partial(Strips, between=self._check_open) if strips else as_a_whole
        return Objective(
            images.photograph(size),
            images.styles(size),
            self._recipe,
            self._backbone,
            images.mask(size),
            images.outside(size),
            way,
            self._scale.phase,
            self._so_far,
        )

    def _in_strips(self, scale: Scale) -> bool:
        return needs_strips(self._recipe, scale.size, self._backbone, self._available)

    def _check_open(self) -> None:
        """End a step under way that nobody waits for any more."""
        if self._closed.is_set():
            raise _ClosedError

    def _shown_picture(self, image: Any) -> Image.Image:
        """Of a moment's tensor; held, since a step that takes long is shown time and again."""
        if self._picture is None or self._picture[0] is not image:
            self._picture = image, self._images.shown(image.numpy()[0])
        return self._picture[1]

    def _step(self, descent: Descent) -> None:
        began = time.monotonic()
        descent.step()
        losses = self._told(descent.losses)
        work = max(descent.steps - self._now.steps, 1) * self._effort(self._scale)
        if self._done + self._now.steps == 1:
            self._pace.clear()  # the very first step may have waited for a graph
        self._pace.append((time.monotonic() - began) / work)
        self._over, self._message = descent.over, descent.message
        self._judge(_Moment(descent.image, losses, descent.steps))

    def _judge(self, moment: "_Moment") -> None:
        """Show and keep a picture that is worth it; end the run where there can't be another.

        Raises:
            RecipeError: there was none with a finite loss, and what is there is the start image.
        """
        if not (math.isfinite(moment.losses.total) and _is_finite(moment.image)):
            if not self._begun:
                raise RecipeError(
                    "Nothing was painted: the loss was no finite number at the very first step, "
                    "so a smaller weight or learning rate is needed."
                )
            self._over = True
            self._message = (
                f"The loss stopped being a finite number at step {self._done + moment.steps}; "
                "this is the last good picture. A smaller learning rate or weight may help."
            )
            return
        self._now, self._begun = moment, True
        if not (self._recipe.keep_best and moment.losses.total >= self._kept.losses.total):
            self._kept = moment

    def _due(self) -> bool:
        """Whether to show the picture now; that of the last step is shown as the size's result."""
        if self._over or self._now.steps == self._scale.steps:
            return False
        return self._at_checkpoint() or time.monotonic() - self._shown >= FRAME_SECONDS

    def _at_checkpoint(self) -> bool:
        step = self._done + self._now.steps
        return step > self._checkpoint and step % self._recipe.checkpoint == 0

    def _frame(self, moment: "_Moment", checkpoint: bool, final: bool = False) -> Frame:
        self._shown = time.monotonic()
        step = self._done + moment.steps
        if checkpoint:
            self._checkpoint = step
        return Frame(
            image=self._shown_picture(moment.image),
            step=step,
            total_steps=sum(scale.steps for scale in self._scales),
            losses=moment.losses,
            elapsed=self._shown - self._began,
            remaining=0.0 if final else self._remaining(),
            final=final,
            checkpoint=checkpoint,
            recipe=self._job.recipe,
            precision=self._recipe.precision,
            backbone=self._backbone.name,
            message=f"{self._message} {self._note}".strip(),
        )

    def _remaining(self) -> float:
        """Seconds, at the pace of the last ten steps."""
        if not self._pace:
            return math.nan
        later = self._scales[self._scales.index(self._scale) + 1 :]
        left = (self._scale.steps - self._now.steps) * self._effort(self._scale)
        left += sum(scale.steps * self._effort(scale) for scale in later)
        return left * sum(self._pace) / len(self._pace)

    def _effort(self, scale: Scale) -> float:
        """Of a step: pixels, and more where they are worked through in strips."""
        return scale.pixels * (IN_STRIPS if self._in_strips(scale) else 1.0)


class _Moment(NamedTuple):
    """A picture (float32 tensor 1×H×W×3), its losses, and the steps done at its size."""

    image: Any
    losses: Losses
    steps: int


def _is_finite(image: Any) -> bool:
    """Whether all of it are numbers: a loss may be one where they are not, as a ReLU hides that."""
    return bool(tf.reduce_all(tf.math.is_finite(image)))


class _ClosedError(Exception):
    """Ends a step whose run is closed."""
