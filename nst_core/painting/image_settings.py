"""What settings tell of a run's images: which pixels they had, how they were mixed, and where."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from PIL import Image

from nst_core.checks import check_mix, in_range, shown
from nst_core.errors import ImageError, RecipeError
from nst_core.images import digest
from nst_core.images.masks import mask_from_text, mask_to_text
from nst_core.images.opening import open_image
from nst_core.painting.style import OpenedStyle
from nst_core.recipe.recipe import BRUSHES

_SHA256 = re.compile(r"[0-9a-f]{64}")


def pixels_sha256(image: Image.Image) -> str:
    """SHA-256 of an image's size and upright RGB pixels, as 64 hexadecimal digits.

    It is that of the image as a binary PPM file, and the same whatever file the image comes from.
    """
    return digest.pixels_sha256(image if digest.WHOLE in image.info else open_image(image))


def check_sha256(sha256: object) -> None:
    """Raise `RecipeError` unless it is one, in hexadecimal digits."""
    if not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        raise RecipeError(f"A SHA-256 has 64 digits of 0-9 and a-f, not {shown(sha256)}.")


def check_styles(
    images: Sequence[object], weights: Sequence[object], brushes: Sequence[object]
) -> None:
    """Raise `RecipeError` unless these can be the SHA-256, weights and brushes of styles."""
    for sha256 in images:
        check_sha256(sha256)
    for brush in brushes:
        in_range("Each of the brushes", brush, BRUSHES)
    if not len(images) == len(weights) == len(brushes):
        raise RecipeError("There must be as many weights, and brushes, as style images.")
    check_mix(weights)


def add_brushes(values: dict[str, object], which: str) -> None:
    """Early pictures don't tell of brushes, which were all the recipe's own."""
    images = values.get(f"{which}_sha256")
    values.setdefault(f"{which}_brushes", [1.0] * len(images) if isinstance(images, list) else [])


@dataclass(frozen=True, kw_only=True)
class PlaceSettings:
    """Where a run's styles applied, and which did elsewhere.

    Attributes:
        mask: see `mask_to_text`.
        mask_sha256: see `pixels_sha256`.
        outside_sha256, outside_weights, outside_brushes: of each style where the mask is black.

    Raises:
        RecipeError: a field has a value that can't be.
    """

    mask: str
    mask_sha256: str
    outside_sha256: tuple[str, ...] = ()
    outside_weights: tuple[float, ...] = ()
    outside_brushes: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_sha256(self.mask_sha256)
        if self.outside_sha256 or self.outside_weights or self.outside_brushes:
            check_styles(self.outside_sha256, self.outside_weights, self.outside_brushes)
        try:
            self.mask_image()
        except ImageError as error:
            raise RecipeError(str(error)) from error

    def mask_image(self) -> Image.Image:
        """The mask, of mode L."""
        return mask_from_text(self.mask)

    @property
    def whole(self) -> bool:
        """Whether the mask is the one of the run, and not smaller to be short as text."""
        return pixels_sha256(self.mask_image()) == self.mask_sha256

    @classmethod
    def of(cls, mask: Image.Image | None, outside: Sequence[OpenedStyle]) -> "PlaceSettings | None":
        """Those of a mask of mode L and the styles outside of it; None without a mask."""
        if mask is None:
            return None
        return cls(
            mask=mask_to_text(mask),
            mask_sha256=pixels_sha256(mask),
            outside_sha256=tuple(pixels_sha256(style.image) for style in outside),
            outside_weights=tuple(style.weight for style in outside),
            outside_brushes=tuple(style.brush for style in outside),
        )

    @classmethod
    def read(cls, values: object) -> "PlaceSettings | None":
        """Those of JSON, null for none; raises `RecipeError`."""
        if values is None:
            return None
        lists = ("outside_sha256", "outside_weights", "outside_brushes")
        if isinstance(values, dict):
            add_brushes(values, "outside")
        if not (
            isinstance(values, dict)
            and values.keys() == {field.name for field in fields(cls)}
            and all(isinstance(values[name], list) for name in lists)
        ):
            raise RecipeError(
                f"place must have a mask and the styles outside, not {shown(values)}."
            )
        return cls(**{**values, **{name: tuple(values[name]) for name in lists}})
