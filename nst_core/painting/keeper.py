"""Which picture of a size is kept, and when a run has to end before its time."""

import math
from typing import NamedTuple

from nst_core.errors import RecipeError
from nst_core.loss.terms import Losses
from nst_core.network.tensorflow import Tensor, tf
from nst_core.recipe.descent import Descent


class Picture(NamedTuple):
    """What a run has painted after so many steps, counted over all sizes.

    Attributes:
        image: float32 tensor 1×H×W×3, RGB in 0..255.
        losses: of that image.
        step: see above.
    """

    image: Tensor
    losses: Losses
    step: int


class Keeper:
    """Takes the pictures of one size.

    Attributes:
        now: the last good one.
        kept: the one to keep: the last good one, or the one with the lowest loss.
        over: whether the run has to end here.
        message: what a person should know about the course of it, if anything.
    """

    def __init__(self, start: Picture, best: bool) -> None:
        """
        Args:
            start: what the size begins with.
            best: whether the picture with the lowest loss is kept.
        """
        self.now = self.kept = self._start = start
        self.over, self.message = False, ""
        self._best = best

    def step(self, descent: Descent, losses: Losses) -> None:
        """A descent has made a step and has measured these losses; raises as `take`."""
        self.over, self.message = descent.over, descent.message
        self.take(descent.image, losses, descent.steps)

    def take(self, image: Tensor, losses: Losses, steps: int) -> None:
        """Keep a picture if it is worth it; end the run where there can't be another.

        Args:
            image: as `Picture` has it.
            losses: of that image.
            steps: done at this size.

        Raises:
            RecipeError: nothing was ever painted, and the loss is no finite number.
        """
        picture = Picture(image, losses, self._start.step + steps)
        if not (math.isfinite(losses.total) and _is_finite(image)):
            self._end(picture.step)
            return
        self.now = picture
        if not (self._best and losses.total >= self.kept.losses.total):
            self.kept = picture

    @property
    def result(self) -> Picture:
        """The one to keep, after all steps that were done."""
        return self.kept._replace(step=self.now.step)

    def _end(self, step: int) -> None:
        if self.now is self._start and self._start.step == 0:
            raise RecipeError(
                "Nothing was painted: the loss was no finite number at the very first step, "
                "so a smaller weight or learning rate is needed."
            )
        self.over = True
        self.message = (
            f"The loss stopped being a finite number at step {step}; "
            "this is the last good picture. A smaller learning rate or weight may help."
        )


def _is_finite(image: Tensor) -> bool:
    """Whether all of it are numbers: a loss may be one where they are not, as a ReLU hides that."""
    return bool(tf.reduce_all(tf.math.is_finite(image)))
