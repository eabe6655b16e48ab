"""A job: all that says what to paint, as one value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from PIL import Image

from nst_core.checks import check_mix
from nst_core.errors import RecipeError
from nst_core.images.masks import open_mask
from nst_core.images.opening import ImageSource, image_size, open_image
from nst_core.images.sizes import Size
from nst_core.network.backbone import Backbone, check_backbone, load_backbone
from nst_core.painting.cost import Cost, cost_of
from nst_core.painting.frame import Frame
from nst_core.painting.objective import check_layers
from nst_core.painting.precision import settled
from nst_core.painting.settings import Settings, settings_of
from nst_core.painting.stages import Scale, check_proportions, plan
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe

StyleSource = ImageSource | Sequence[tuple[ImageSource, float]]
"""One style image, or several with the weight of each."""
Mix = list[tuple[Image.Image, float]]
"""Opened styles."""


@dataclass(frozen=True)
class Job:
    """What to paint: a value that can be kept, repeated with changes, or sent to another process.

    Attributes:
        content: the content image; a path, a `PIL.Image` or a uint8 RGB array until it is `opened`.
        styles: (style image, weight) of each style.
        recipe: with all changes.
        backbone: a name, see `load_backbone`, or a backbone, which can't be sent elsewhere.
        resume: a picture to go on from, of the content's proportions; the run then works at the
            full size only.
        mask: where the styles apply: white is where they do; of any size, stretched to the
            content's. None has them everywhere.
        outside: (style image, weight) of each style where the mask is black; empty leaves the
            photograph there as it is.
    """

    content: ImageSource
    styles: tuple[tuple[ImageSource, float], ...]
    recipe: Recipe
    backbone: str | Backbone = "auto"
    resume: ImageSource | None = None
    mask: ImageSource | None = None
    outside: tuple[tuple[ImageSource, float], ...] = ()

    @classmethod
    def of(
        cls,
        content: ImageSource,
        style: StyleSource,
        recipe: str | Recipe = "studio",
        backbone: str | Backbone = "auto",
        resume: ImageSource | None = None,
        mask: ImageSource | None = None,
        outside: StyleSource = (),
        **changes: Any,
    ) -> "Job":
        """A job from what people give; no image is opened yet.

        Raises:
            RecipeError: no such recipe or field, a value that can't work, weights that can't, or
                styles outside of no mask.
            BackboneError: `backbone` can't be the name of one.
        """
        changed = find_recipe(recipe).changed(**changes)
        if isinstance(backbone, Backbone):
            check_layers(changed, backbone)
        else:
            check_backbone(backbone)
        beyond = () if isinstance(outside, list | tuple) and not outside else _weighted(outside)
        if beyond and mask is None:
            raise RecipeError("Styles outside need a mask that says what is inside.")
        return cls(content, _weighted(style), changed, backbone, resume, mask, beyond)

    def opened(self) -> "Job":
        """The same with every image decoded, bounded in size and upright: fit to be sent elsewhere.

        Raises:
            ImageError: an image can't be used, or the picture to go on from would be stretched.
        """
        content = open_image(self.content, "content image")
        styles, outside = _opened(self.styles), _opened(self.outside)
        mask = None if self.mask is None else open_mask(self.mask)
        resume = None
        if self.resume is not None:
            resume = open_image(self.resume, "picture to go on from")
            check_proportions(resume.size, content.size, self.recipe)
        images: dict[str, Any] = {"content": content, "resume": resume, "mask": mask}
        return replace(self, styles=styles, outside=outside, **images)

    def changed(self, **changes: Any) -> "Job":
        """The same with other values in some fields of the recipe; raises `RecipeError`."""
        return replace(self, recipe=self.recipe.changed(**changes))

    def scales(self, content: Size) -> list[Scale]:
        """The sizes and steps that a run on a content image of this size works through."""
        return plan(self.recipe, content)[0 if self.resume is None else -1 :]

    def cost(self, backbone: Backbone | None = None) -> Cost:
        """What a run will take on this machine, told from headers alone.

        Args:
            backbone: the network, where it is loaded already.

        Raises:
            ImageError: the content image can't be used.
            BackboneError: the weights are not to be had.
        """
        network = backbone or load_backbone(self.backbone)
        scales = self.scales(image_size(self.content, "content image"))
        return cost_of(settled(self.recipe, network), scales, network)

    def settings(self, frame: Frame) -> Settings:
        """What made a frame of this job, which is `opened`, to be kept with the picture."""
        content, styles, _ = self.images
        images, weights = [image for image, _ in styles], [weight for _, weight in styles]
        return settings_of(frame, content, images, weights, *self.place)

    @property
    def images(self) -> tuple[Image.Image, Mix, Image.Image | None]:
        """Content, styles and the picture to go on from, of a job that is `opened`."""
        content, resume = cast(Image.Image, self.content), cast(Image.Image | None, self.resume)
        return content, cast(Mix, [*self.styles]), resume

    @property
    def place(self) -> tuple[Image.Image | None, Mix]:
        """The mask, of mode L, and the styles outside of it, of a job that is `opened`."""
        return cast(Image.Image | None, self.mask), cast(Mix, [*self.outside])


def _opened(styles: Sequence[tuple[ImageSource, float]]) -> tuple[tuple[Image.Image, float], ...]:
    return tuple((open_image(image, "style image"), weight) for image, weight in styles)


def _weighted(style: StyleSource) -> tuple[tuple[ImageSource, float], ...]:
    if not isinstance(style, list | tuple):
        return ((cast(ImageSource, style), 1.0),)
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in style):
        raise RecipeError("Several styles must be a list of (style image, weight).")
    check_mix([weight for _, weight in style])
    return tuple((image, weight) for image, weight in style)
