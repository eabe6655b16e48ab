"""stylize(): two images in, a stream of pictures out."""

import math
import time
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from PIL import Image

from nst_core.backbone import Backbone
from nst_core.errors import RecipeError
from nst_core.images import ImageSource, open_image, resize, to_array, to_image
from nst_core.losses import Losses
from nst_core.objective import Objective, as_tensor, to_losses
from nst_core.optimizers import Descent
from nst_core.pyramid import Scale, enlarge, plan
from nst_core.recipes import Recipe, find_recipe
from nst_core.sizes import Size
from nst_core.starts import STARTS

StyleSource = ImageSource | Sequence[tuple[ImageSource, float]]
"""One style image, or several with the weight of each."""

FRAME_SECONDS = 1.0
"""A frame comes this often, or after each step where a step takes longer."""
QUICK_PIXELS = 256 * 256
"""A first size above this opens with a frame of the start image, before anything is measured."""
UNMEASURED = Losses(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Frame:
    """The picture at one moment of a run.

    Attributes:
        image: RGB, at the size the run is working at.
        step, total_steps: counted over all sizes.
        losses: of this picture or the one a step before it; NaN before anything was measured.
        elapsed, remaining: seconds since the run began, and until it ends as far as known.
        final: True for the last frame only.
        checkpoint: whether the recipe's source keeps the picture of this step.
        recipe: with all changes, and its precision settled once the network was asked.
        backbone: name of the backbone at work.
        message: what a person should know about this run's end, if anything.
    """

    image: Image.Image
    step: int
    total_steps: int
    losses: Losses
    elapsed: float
    remaining: float
    final: bool
    checkpoint: bool
    recipe: Recipe
    backbone: str
    message: str = ""


def stylize(
    content: ImageSource,
    style: StyleSource,
    recipe: str | Recipe = "studio",
    backbone: str | Backbone = "auto",
    **changes: Any,
) -> Generator[Frame, None, None]:
    """Paint `content` in the manner of `style`, yielding frames on the way.

    The arguments are checked and the images read at once; the work begins with the first frame
    asked for. Closing the generator stops it within one step.

    Args:
        content: a path, a `PIL.Image`, or a uint8 RGB array.
        style: the same, or a list of (image, weight).
        recipe: a name in `RECIPES`, or a recipe.
        backbone: see `load_backbone`.
        changes: fields of the recipe, or of its optimiser, to replace: `size=256`, `steps=50`, …

    Raises:
        ImageError: an image can't be used.
        RecipeError: no such recipe or field, or a value that can't work.
        BackboneError: the weights are not to be had.
    """
    settled = find_recipe(recipe).changed(**changes)
    content_image = open_image(content, "content image")
    styles = [(open_image(image, "style image"), weight) for image, weight in _weighted(style)]
    return _Run(content_image, styles, settled, backbone).frames()


def _weighted(style: StyleSource) -> list[tuple[ImageSource, float]]:
    if not isinstance(style, list | tuple):
        return [(cast(ImageSource, style), 1.0)]
    weights = [weight for _, weight in style]
    if not all(0 <= weight < float("inf") for weight in weights) or not sum(weights) > 0:
        raise RecipeError(f"Style weights must be finite, 0 or more and not all 0, not {weights}.")
    return list(style)


class _Run:
    """One run: its images, its plan, its clock, and the picture to keep."""

    def __init__(
        self,
        content: Image.Image,
        styles: list[tuple[Image.Image, float]],
        recipe: Recipe,
        backbone: str | Backbone,
    ) -> None:
        self._content = content
        self._styles = styles
        self._recipe = recipe
        self._backbone = backbone
        self._scales = plan(recipe, content.size)
        self._began = time.monotonic()
        self._shown = -math.inf
        self._pace: deque[float] = deque(maxlen=10)  # seconds per step and pixel
        self._done = 0  # steps at the sizes before this one
        self._shown_step = 0
        self._over = False  # whether the run has to end before its time
        self._message = ""

    def frames(self) -> Generator[Frame, None, None]:
        picture: np.ndarray | None = None
        for scale in self._scales:
            start = as_tensor(self._start(scale, picture))
            if picture is None and scale.pixels > QUICK_PIXELS:
                yield self._frame(start, UNMEASURED, scale, steps=0)
            steps = yield from self._descend(start, scale)
            final = self._over or scale is self._scales[-1]
            yield self._frame(*self._kept, scale, steps, final)
            if final:
                return
            picture = self._kept[0].numpy()[0]
            self._done += steps

    def _descend(self, start: Any, scale: Scale) -> Generator[Frame, None, int]:
        """Work at one size; leaves its result in `_kept` and returns the steps done."""
        self._kept = (start, UNMEASURED)
        objective = self._objective(scale)
        descent = self._recipe.optimizer.start(start, objective.evaluate, scale.steps)
        with closing(descent):
            while descent.steps < scale.steps and not self._over:
                losses = self._step(descent, scale)
                if self._due(descent, scale):
                    yield self._frame(descent.image, losses, scale, descent.steps)
        if math.isfinite(losses.total):
            self._judge(descent.ahead, objective(descent.ahead.numpy()[0]), descent.steps)
        return descent.steps

    def _start(self, scale: Scale, picture: np.ndarray | None) -> np.ndarray:
        if picture is not None:
            return enlarge(picture, self._content, scale.size)
        content, style = (
            self._sized(image, scale.size) for image in (self._content, self._styles[0][0])
        )
        return STARTS[self._recipe.start](content, style, np.random.default_rng(self._recipe.seed))

    def _objective(self, scale: Scale) -> Objective:
        content = self._sized(self._content, scale.size)
        fit_style = self._recipe.style_size_rule
        styles = [
            (self._sized(image, fit_style(image.size, scale.size)), weight)
            for image, weight in self._styles
        ]
        objective = Objective(content, styles, self._recipe, self._backbone)
        self._recipe, self._backbone = objective.recipe, objective.backbone
        return objective

    def _sized(self, image: Image.Image, size: Size) -> np.ndarray:
        return to_array(resize(image, size, self._recipe.resampling))

    def _step(self, descent: Descent, scale: Scale) -> Losses:
        began, steps = time.monotonic(), descent.steps
        descent.step()
        losses = to_losses(descent.losses)
        work = max(descent.steps - steps, 1) * scale.pixels
        self._pace.append((time.monotonic() - began) / work)
        self._over, self._message = descent.over, descent.message
        self._judge(descent.image, losses, descent.steps)
        return losses

    def _judge(self, image: Any, losses: Losses, steps: int) -> None:
        """Keep a picture that is worth it; end the run where there can't be another one."""
        if not math.isfinite(losses.total):
            self._over = True
            self._message = (
                f"The loss stopped being a finite number at step {self._done + steps}; "
                "this is the last good picture. A smaller learning rate or weight may help."
            )
        elif not (self._recipe.keep_best and losses.total >= self._kept[1].total):
            self._kept = (image, losses)

    def _due(self, descent: Descent, scale: Scale) -> bool:
        """Whether a frame is due now; that of the last step comes with the result of its size."""
        if self._over or descent.steps == scale.steps:
            return False
        step = self._done + descent.steps
        checkpoint = step % self._recipe.checkpoint == 0 and step != self._shown_step
        return checkpoint or time.monotonic() - self._shown >= FRAME_SECONDS

    def _frame(
        self, image: Any, losses: Losses, scale: Scale, steps: int, final: bool = False
    ) -> Frame:
        self._shown = time.monotonic()
        step = self._shown_step = self._done + steps
        left = (scale.steps - steps) * scale.pixels
        left += sum(
            later.steps * later.pixels for later in self._scales if later.pixels > scale.pixels
        )
        pace = sum(self._pace) / max(len(self._pace), 1)
        return Frame(
            image=to_image(image.numpy()[0]),
            step=step,
            total_steps=self._recipe.steps,
            losses=losses,
            elapsed=self._shown - self._began,
            remaining=0.0 if final else pace * left,
            final=final,
            checkpoint=final or (steps > 0 and step % self._recipe.checkpoint == 0),
            recipe=self._recipe,
            backbone=self._backbone if isinstance(self._backbone, str) else self._backbone.name,
            message=self._message,
        )
