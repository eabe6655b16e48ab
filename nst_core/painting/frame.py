"""What a run yields: the picture at one moment, and all that is known of it."""

from dataclasses import dataclass

from PIL import Image

from nst_core.loss.terms import Losses
from nst_core.recipe.recipe import Recipe


@dataclass(frozen=True)
class Frame:
    """The picture at one moment of a run.

    Attributes:
        image: RGB, at the size the run is working at, but no larger than what comes of it.
        step, total_steps: counted over all sizes.
        losses: of this picture, before it is made smaller to be shown; where the optimiser
            averages, those of the iterate behind it until the final frame. NaN before anything was
            measured.
        elapsed, remaining: seconds since the run began, and until it ends; NaN before it is known.
        final: True for the last frame only.
        checkpoint: whether the recipe's source keeps the picture of this step.
        recipe: as it was asked for, with all changes.
        precision: "float32" or "bfloat16", whichever is at work.
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
    precision: str = "float32"
