"""Neural style transfer that streams: two images in, frames out.

    from nst_core import stylize

    for frame in stylize("photo.jpg", "painting.jpg", size=512):
        print(frame.step, frame.losses.total)
    frame.image.save("result.png")

Importing this package is quick: TensorFlow follows with the first picture.
"""

from nst_core.backbone import Backbone, load_backbone
from nst_core.errors import BackboneError, RecipeError
from nst_core.images import ImageError
from nst_core.losses import Losses
from nst_core.objective import Objective
from nst_core.recipes import RECIPES, Recipe
from nst_core.settings import VERSION as __version__  # noqa: N811
from nst_core.transfer import Frame, stylize

__all__ = [
    "RECIPES",
    "Backbone",
    "BackboneError",
    "Frame",
    "ImageError",
    "Losses",
    "Objective",
    "Recipe",
    "RecipeError",
    "__version__",
    "load_backbone",
    "stylize",
]
