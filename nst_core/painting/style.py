"""A style of a job: an image, how much of it, and how large its strokes are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from PIL import Image

from nst_core.checks import check_mix, in_range
from nst_core.errors import RecipeError
from nst_core.images.opening import ImageSource, open_image
from nst_core.recipe.recipe import BRUSHES, Recipe


@dataclass(frozen=True)
class Style:
    """One style among those of a job.

    Attributes:
        image: a path, a `PIL.Image` or a uint8 RGB array.
        weight: how much of it, relative to the other styles.
        brush: how large its strokes are, relative to the recipe's `brush_size`.

    Raises:
        RecipeError: `brush` is out of `BRUSHES`, or no number.
    """

    image: ImageSource
    weight: float = 1.0
    brush: float = 1.0

    def __post_init__(self) -> None:
        in_range("A style's brush", self.brush, BRUSHES)

    def opened(self) -> "OpenedStyle":
        """The style of an opened job; raises `ImageError`."""
        return OpenedStyle(open_image(self.image, "style image"), self.weight, self.brush)

    def decoded(self) -> "Style":
        """The same, its image being a `PIL.Image`; raises `ImageError`."""
        return replace(self, image=self.opened().image)


@dataclass(frozen=True)
class OpenedStyle:
    """One style of a job that is opened.

    Attributes:
        image: decoded, bounded in size and upright.
        weight, brush: as `Style` has them.
    """

    image: Image.Image
    weight: float = 1.0
    brush: float = 1.0


StyleSource: TypeAlias = ImageSource | Sequence[Style | tuple[ImageSource, float]]
"""One style image, or several: each a `Style`, or an image with its weight."""


def styles_of(given: StyleSource) -> tuple[Style, ...]:
    """The styles that people give; an empty list is none.

    Raises:
        RecipeError: it is no such list.
    """
    if isinstance(given, Sequence) and not isinstance(given, str):
        return tuple(map(_style_of, given))
    return (Style(given),)


def check_styles(styles: Sequence[Style], recipe: Recipe) -> None:
    """Raise `RecipeError` unless these can be mixed, their brushes on top of the recipe's."""
    check_mix([style.weight for style in styles])
    for style in styles:
        in_range("brush_size times a style's brush", recipe.brush_size * style.brush, BRUSHES)


def _style_of(given: object) -> Style:
    if isinstance(given, Style):
        return given
    if not (isinstance(given, list | tuple) and len(given) == 2):
        raise RecipeError("Several styles must be a list of (style image, weight).")
    return Style(*given)
