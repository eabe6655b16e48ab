"""Neural style transfer that streams: two images in, frames out.

    from nst_core import stylize

    for frame in stylize("photo.jpg", "painting.jpg", size=512):
        print(frame.step, frame.losses.total)
    frame.image.save("result.png")

Importing this package is quick: TensorFlow follows with the first picture.
"""

from nst_core.errors import (
    BackboneError,
    BudgetError,
    ImageError,
    OutOfMemoryError,
    OutputError,
    RecipeError,
    SettingsError,
    StyleTransferError,
)
from nst_core.loss.terms import Losses
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.objective.objective import Objective
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job
from nst_core.painting.style import Style
from nst_core.painting.stylize import stylize
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.recipe import Recipe
from nst_core.version import VERSION as __version__  # noqa: N811

__all__ = [
    "RECIPES",
    "Backbone",
    "BackboneError",
    "BudgetError",
    "Frame",
    "ImageError",
    "Job",
    "Losses",
    "Objective",
    "OutOfMemoryError",
    "OutputError",
    "Recipe",
    "RecipeError",
    "SettingsError",
    "Style",
    "StyleTransferError",
    "__version__",
    "load_backbone",
    "stylize",
]
