"""stylize(): two images in, a stream of pictures out."""

from collections.abc import Generator

from nst_core.images.opening import ImageSource
from nst_core.network.backbone import Backbone
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job
from nst_core.painting.run import paint
from nst_core.painting.style import StyleSource
from nst_core.recipe.recipe import Recipe


def stylize(
    content: ImageSource,
    style: StyleSource,
    recipe: str | Recipe = "studio",
    backbone: str | Backbone = "auto",
    resume: ImageSource | None = None,
    mask: ImageSource | None = None,
    outside: StyleSource = (),
    **changes: object,
) -> Generator[Frame, None, None]:
    """Paint `content` in the manner of `style`, yielding frames on the way.

    The arguments are checked and the images read at once; the work begins with the first frame
    asked for, the loading of the backbone included. Closing the generator stops it within one step,
    and that of a picture too large to be looked at as a whole within a part of it.

    Args:
        content: a path, a `PIL.Image`, or a uint8 RGB array.
        style: the same, or a list of (image, weight), or of `Style`.
        recipe: a name in `RECIPES`, or a recipe.
        backbone: see `load_backbone`.
        resume: a picture to go on from, such as another run's result, with the content's
            proportions. The run then works at the full size only, for the steps that this size has
            in the recipe.
        mask: an image of any size, stretched to the content: the style applies where it is white,
            half where it is grey. None applies it everywhere.
        outside: as `style`, where the mask is black. Empty leaves the photograph there as it is.
        changes: fields of the recipe, or of its optimiser, to replace: `size=256`, `steps=50`, …

    Raises:
        ImageError: an image can't be used, or `resume` has other proportions.
        RecipeError: no such recipe or field, a value that can't work, or `outside` without `mask`;
            raised by the generator, weights with which not even the first loss is a finite number.
        BackboneError: the weights are not to be had.
    """
    job = Job.of(
        content,
        style,
        recipe=recipe,
        backbone=backbone,
        resume=resume,
        mask=mask,
        outside=outside,
        **changes,
    )
    return paint(job.opened())
