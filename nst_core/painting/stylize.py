"""stylize(): two images in, a stream of pictures out."""

from collections.abc import Generator, Sequence
from typing import Any, cast

from nst_core.checks import check_mix
from nst_core.errors import RecipeError
from nst_core.images.opening import ImageSource, open_image
from nst_core.network.backbone import Backbone, check_backbone
from nst_core.painting.frame import Frame
from nst_core.painting.objective import check_layers
from nst_core.painting.run import Run
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe

StyleSource = ImageSource | Sequence[tuple[ImageSource, float]]
"""One style image, or several with the weight of each."""


def stylize(
    content: ImageSource,
    style: StyleSource,
    recipe: str | Recipe = "studio",
    backbone: str | Backbone = "auto",
    resume: ImageSource | None = None,
    **changes: Any,
) -> Generator[Frame, None, None]:
    """Paint `content` in the manner of `style`, yielding frames on the way.

    The arguments are checked and the images read at once; the work begins with the first frame
    asked for, the loading of the backbone included. Closing the generator stops it within one step.

    Args:
        content: a path, a `PIL.Image`, or a uint8 RGB array.
        style: the same, or a list of (image, weight).
        recipe: a name in `RECIPES`, or a recipe.
        backbone: see `load_backbone`.
        resume: a picture to go on from, such as another run's result. The run then works at the
            full size only, for the steps that this size has in the recipe.
        changes: fields of the recipe, or of its optimiser, to replace: `size=256`, `steps=50`, …

    Raises:
        ImageError: an image can't be used.
        RecipeError: no such recipe or field, or a value that can't work.
        BackboneError: the weights are not to be had.
    """
    changed = find_recipe(recipe).changed(**changes)
    if isinstance(backbone, str):
        check_backbone(backbone)
    else:
        check_layers(changed, backbone)
    content_image = open_image(content, "content image")
    styles = [(open_image(image, "style image"), weight) for image, weight in _weighted(style)]
    picture = None if resume is None else open_image(resume, "picture to go on from")
    return Run(content_image, styles, changed, backbone, picture).frames()


def _weighted(style: StyleSource) -> list[tuple[ImageSource, float]]:
    if not isinstance(style, list | tuple):
        return [(cast(ImageSource, style), 1.0)]
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in style):
        raise RecipeError("Several styles must be a list of (style image, weight).")
    check_mix([weight for _, weight in style])
    return list(style)
