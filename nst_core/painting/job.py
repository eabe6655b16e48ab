"""A job: all that says what to paint, as one value; as people gave it, and as it is painted."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Self

from PIL import Image

from nst_core.errors import ImageError, RecipeError
from nst_core.images.masks import open_mask
from nst_core.images.opening import ImageSource, image_size, open_image
from nst_core.images.sizes import Size
from nst_core.network.backbone import Backbone, check_backbone, load_backbone
from nst_core.objective.setup import check_layers, set_up
from nst_core.painting.cost import Cost, cost_of
from nst_core.painting.frame import Frame
from nst_core.painting.settings import Settings, settings_of
from nst_core.painting.stages import Scale, check_proportions, plan
from nst_core.painting.style import OpenedStyle, Style, StyleSource, check_styles, styles_of
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class _Planned(ABC):
    """What either kind of job knows of its run.

    Attributes:
        recipe: with all changes.
        backbone: a name, see `load_backbone`, or a backbone, which can't be sent elsewhere.
    """

    recipe: Recipe
    backbone: str | Backbone = "auto"

    @property
    @abstractmethod
    def photo_size(self) -> Size:
        """(width, height) of the content image, in px."""

    @property
    @abstractmethod
    def goes_on(self) -> bool:
        """Whether the run goes on from another picture, at the full size only."""

    def changed(self, **changes: object) -> Self:
        """The same with other values in some fields of the recipe; raises `RecipeError`."""
        return replace(self, recipe=self.recipe.changed(**changes))

    def scales(self) -> list[Scale]:
        """The sizes and steps that a run works through; raises `ImageError`."""
        return plan(self.recipe, self.photo_size)[-1 if self.goes_on else 0 :]

    def cost(self, backbone: Backbone | None = None) -> Cost:
        """What a run will take on this machine; of the images, it looks at headers alone.

        Args:
            backbone: the network, where it is loaded already.

        Raises:
            ImageError: the content image can't be used.
            BackboneError: the weights are not to be had.
        """
        network = backbone or load_backbone(self.backbone)
        return cost_of(set_up(self.recipe, network), self.scales())


@dataclass(frozen=True, kw_only=True)
class Job(_Planned):
    """What people gave: a value that can be kept, and repeated with changes. No image is opened.

    Attributes:
        recipe, backbone: what paints.
        content: the content image: a path, a `PIL.Image` or a uint8 RGB array.
        styles: mixed by their weights.
        resume: a picture to go on from, of the content's proportions; the run then works at the
            full size only.
        mask: where the styles apply: white is where they do; of any size, stretched to the
            content's. None has them everywhere.
        outside: the styles where the mask is black; empty leaves the photograph there as it is.

    Raises:
        RecipeError: weights or brushes that can't work, or styles outside of no mask.
        BackboneError: `backbone` can't be the name of one.
    """

    content: ImageSource
    styles: tuple[Style, ...]
    resume: ImageSource | None = None
    mask: ImageSource | None = None
    outside: tuple[Style, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.backbone, Backbone):
            check_layers(self.recipe, self.backbone)
        else:
            check_backbone(self.backbone)
        if self.outside and self.mask is None:
            raise RecipeError("Styles outside need a mask that says what is inside.")
        check_styles(self.styles, self.recipe)
        if self.outside:
            check_styles(self.outside, self.recipe)

    @classmethod
    def of(
        cls,
        content: ImageSource,
        style: StyleSource,
        *,
        recipe: str | Recipe = "studio",
        backbone: str | Backbone = "auto",
        resume: ImageSource | None = None,
        mask: ImageSource | None = None,
        outside: StyleSource = (),
        **changes: object,
    ) -> "Job":
        """A job from what people give, as `stylize` takes it; no image is opened yet.

        Raises:
            RecipeError: no such recipe or field, a value that can't work, weights that can't, or
                styles outside of no mask.
            BackboneError: `backbone` can't be the name of one.
        """
        return cls(
            content=content,
            styles=styles_of(style),
            recipe=find_recipe(recipe).changed(**changes),
            backbone=backbone,
            resume=resume,
            mask=mask,
            outside=styles_of(outside),
        )

    @property
    def photo_size(self) -> Size:
        return image_size(self.content, "content image")

    @property
    def goes_on(self) -> bool:
        return self.resume is not None

    def opened(self) -> "OpenedJob":
        """What is to be painted, with every image decoded, bounded in size and upright.

        Raises:
            ImageError: an image can't be used, or the picture to go on from would be stretched.
        """
        content, resume = open_image(self.content, "content image"), None
        if self.resume is not None:
            resume = open_image(self.resume, "picture to go on from")
            check_proportions(resume.size, content.size, self.recipe)
        return OpenedJob(
            content=content,
            styles=tuple(style.opened() for style in self.styles),
            recipe=self.recipe,
            backbone=self.backbone,
            resume=resume,
            mask=None if self.mask is None else open_mask(self.mask),
            outside=tuple(style.opened() for style in self.outside),
        )

    def with_styles_decoded(self) -> "Job":
        """The same with styles and mask as images, for one photograph after the other.

        Raises:
            ImageError: an image can't be used.
        """
        return replace(
            self,
            styles=tuple(style.decoded() for style in self.styles),
            mask=None if self.mask is None else open_mask(self.mask),
            outside=tuple(style.decoded() for style in self.outside),
        )


@dataclass(frozen=True, kw_only=True)
class OpenedJob(_Planned):
    """What is painted: fit to be sent to another process or machine, for it holds every image.

    Attributes:
        recipe, backbone: what paints.
        content, resume, outside: as `Job` has them, decoded, bounded in size and upright.
        styles: likewise.
        mask: likewise, of mode L.

    Raises:
        ImageError: an image is still a path.
    """

    content: Image.Image
    styles: tuple[OpenedStyle, ...]
    resume: Image.Image | None = None
    mask: Image.Image | None = None
    outside: tuple[OpenedStyle, ...] = ()

    def __post_init__(self) -> None:
        styles = (style.image for style in (*self.styles, *self.outside))
        for image in (self.content, self.resume, self.mask, *styles):
            if not isinstance(image, Image.Image | None):
                raise ImageError("Only a job whose images are opened can be painted.")

    @property
    def photo_size(self) -> Size:
        return self.content.size

    @property
    def goes_on(self) -> bool:
        return self.resume is not None

    def settings(self, frame: Frame) -> Settings:
        """What made a frame of this job, to be kept with the picture."""
        return settings_of(frame, self.content, self.styles, self.mask, self.outside)
