"""What settings tell of a run's images: which pixels they had, how they were mixed, and where."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from PIL import Image

from nst_core.checks import check_mix, shown
from nst_core.errors import ImageError, RecipeError
from nst_core.images.masks import mask_from_text, mask_to_text
from nst_core.images.opening import open_image

_SHA256 = re.compile(r"[0-9a-f]{64}")


def pixels_sha256(image: Image.Image) -> str:
    """SHA-256 of an image's size and upright RGB pixels, as 64 hexadecimal digits.

    It is that of the image as a binary PPM file, and the same whatever file the image comes from.
    """
    rgb = open_image(image)
    digest = hashlib.sha256(f"P6\n{rgb.width} {rgb.height}\n255\n".encode())
    digest.update(rgb.tobytes())
    return digest.hexdigest()


def check_sha256(sha256: object) -> None:
    """Raise `RecipeError` unless it is one, in hexadecimal digits."""
    if not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        raise RecipeError(f"A SHA-256 has 64 digits of 0-9 and a-f, not {shown(sha256)}.")


def check_styles(images: Sequence[object], weights: Sequence[object]) -> None:
    """Raise `RecipeError` unless these can be the SHA-256 and the weights of style images."""
    for sha256 in images:
        check_sha256(sha256)
    if len(weights) != len(images):
        raise RecipeError("There must be as many style_weights as style images.")
    check_mix(weights)


@dataclass(frozen=True, kw_only=True)
class PlaceSettings:
    """Where a run's styles applied, and which did elsewhere.

    Attributes:
        mask: see `mask_to_text`.
        mask_sha256: see `pixels_sha256`.
        outside_sha256, outside_weights: of each style image where the mask is black.

    Raises:
        RecipeError: a field has a value that can't be.
    """

    mask: str
    mask_sha256: str
    outside_sha256: tuple[str, ...] = ()
    outside_weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_sha256(self.mask_sha256)
        if self.outside_sha256 or self.outside_weights:
            check_styles(self.outside_sha256, self.outside_weights)
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
    def of(
        cls, mask: Image.Image | None, outside: Sequence[tuple[Image.Image, float]]
    ) -> "PlaceSettings | None":
        """Those of a mask of mode L and the styles outside of it; None without a mask."""
        if mask is None:
            return None
        return cls(
            mask=mask_to_text(mask),
            mask_sha256=pixels_sha256(mask),
            outside_sha256=tuple(pixels_sha256(image) for image, _ in outside),
            outside_weights=tuple(weight for _, weight in outside),
        )

    @classmethod
    def read(cls, values: Any) -> "PlaceSettings | None":
        """Those of JSON, null for none; raises `RecipeError`."""
        if values is None:
            return None
        lists = ("outside_sha256", "outside_weights")
        if not (
            isinstance(values, dict)
            and values.keys() == {field.name for field in fields(cls)}
            and all(isinstance(values[name], list) for name in lists)
        ):
            raise RecipeError(
                f"place must have a mask and the styles outside, not {shown(values)}."
            )
        return cls(**{**values, **{name: tuple(values[name]) for name in lists}})
