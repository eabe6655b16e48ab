"""What a run yields: the picture at one moment, and all that is known of it."""

import math
from dataclasses import dataclass

from PIL import Image

from nst_core.recipe.losses import Losses
from nst_core.recipe.recipe import Recipe

UNMEASURED = Losses(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Frame:
    """The picture at one moment of a run.

    Attributes:
        image: RGB, at the size the run is working at.
        step, total_steps: counted over all sizes.
        losses: of this picture; where the optimiser averages, those of the iterate behind it until
            the final frame. NaN before anything was measured.
        elapsed, remaining: seconds since the run began, and until it ends; NaN before it is known.
        final: True for the last frame only.
        checkpoint: whether the recipe's source keeps the picture of this step.
        recipe: with all changes, and its precision settled once the network was asked.
        backbone: name of the backbone at work.
        message: what a person should know about this run, if anything: a style image that had to be
            enlarged, an end before its time.
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
