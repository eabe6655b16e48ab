"""A job: all that says what to paint, as one value."""

from dataclasses import dataclass, replace
from typing import Any, cast

from PIL import Image

from nst_core.errors import RecipeError
from nst_core.images.masks import open_mask
from nst_core.images.opening import ImageSource, image_size, open_image
from nst_core.images.sizes import Size
from nst_core.network.backbone import Backbone, check_backbone, load_backbone
from nst_core.objective.objective import check_layers
from nst_core.objective.precision import settled
from nst_core.painting.cost import Cost, cost_of
from nst_core.painting.frame import Frame
from nst_core.painting.settings import Settings, settings_of
from nst_core.painting.stages import Scale, check_proportions, plan
from nst_core.painting.style import Style, StyleSource, check_styles, styles_of
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe


@dataclass(frozen=True)
class Job:
    """What to paint: a value that can be kept, repeated with changes, or sent to another process.

    Attributes:
        content: the content image; a path, a `PIL.Image` or a uint8 RGB array until it is `opened`.
        styles: mixed by their weights.
        recipe: with all changes.
        backbone: a name, see `load_backbone`, or a backbone, which can't be sent elsewhere.
        resume: a picture to go on from, of the content's proportions; the run then works at the
            full size only.
        mask: where the styles apply: white is where they do; of any size, stretched to the
            content's. None has them everywhere.
        outside: the styles where the mask is black; empty leaves the photograph there as it is.
    """

    content: ImageSource
    styles: tuple[Style, ...]
    recipe: Recipe
    backbone: str | Backbone = "auto"
    resume: ImageSource | None = None
    mask: ImageSource | None = None
    outside: tuple[Style, ...] = ()

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
        styles, beyond = styles_of(style), styles_of(outside)
        if beyond and mask is None:
            raise RecipeError("Styles outside need a mask that says what is inside.")
        check_styles(styles, changed)
        if beyond:
            check_styles(beyond, changed)
        return cls(content, styles, changed, backbone, resume, mask, beyond)

    def opened(self) -> "Job":
        """The same with every image decoded, bounded in size and upright: fit to be sent elsewhere.

        Raises:
            ImageError: an image can't be used, or the picture to go on from would be stretched.
        """
        content, resume = open_image(self.content, "content image"), None
        if self.resume is not None:
            resume = open_image(self.resume, "picture to go on from")
            check_proportions(resume.size, content.size, self.recipe)
        return replace(self.with_styles_opened(), content=content, resume=resume)

    def with_styles_opened(self) -> "Job":
        """The same with styles and mask decoded, for one photograph after the other.

        Raises:
            ImageError: an image can't be used.
        """
        styles = tuple(style.opened() for style in self.styles)
        outside = tuple(style.opened() for style in self.outside)
        mask = None if self.mask is None else open_mask(self.mask)
        return replace(self, styles=styles, outside=outside, mask=mask)

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
        return settings_of(frame, self.images[0], self.styles, *self.place)

    @property
    def images(self) -> tuple[Image.Image, Image.Image | None]:
        """Content and the picture to go on from, of a job that is `opened`."""
        return cast(Image.Image, self.content), cast(Image.Image | None, self.resume)

    @property
    def place(self) -> tuple[Image.Image | None, tuple[Style, ...]]:
        """The mask, of mode L, and the styles outside of it, of a job that is `opened`."""
        return cast(Image.Image | None, self.mask), self.outside
