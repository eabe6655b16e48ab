"""Neural style transfer that streams: two images in, frames out.

    from nst_core import stylize

    for frame in stylize("photo.jpg", "painting.jpg", size=512):
        print(frame.step, frame.losses.total)
    frame.image.save("result.png")

Importing this package is quick: TensorFlow follows with the first picture.
"""

from nst_core.clip.clip_film import Painted, paint_film
from nst_core.errors import (
    BackboneError,
    BudgetError,
    ClipError,
    ImageError,
    NetworkError,
    OutOfMemoryError,
    OutputError,
    RecipeError,
    SettingsError,
    StyleTransferError,
    TrainingError,
)
from nst_core.fast.network import FastNetwork
from nst_core.fast.network_files import load_network
from nst_core.fast.training import train
from nst_core.loss.terms import Losses
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.objective.objective import Objective
from nst_core.painting.at_once import paint_at_once
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job, OpenedJob
from nst_core.painting.style import OpenedStyle, Style
from nst_core.painting.stylize import stylize
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.recipe import Recipe
from nst_core.version import VERSION as __version__  # noqa: N811

__all__ = [
    "RECIPES",
    "Backbone",
    "BackboneError",
    "BudgetError",
    "ClipError",
    "FastNetwork",
    "Frame",
    "ImageError",
    "Job",
    "Losses",
    "NetworkError",
    "Objective",
    "OpenedJob",
    "OpenedStyle",
    "OutOfMemoryError",
    "OutputError",
    "Painted",
    "Recipe",
    "RecipeError",
    "SettingsError",
    "Style",
    "StyleTransferError",
    "TrainingError",
    "__version__",
    "load_backbone",
    "load_network",
    "paint_at_once",
    "paint_film",
    "stylize",
    "train",
]
