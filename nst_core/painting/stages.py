"""Coarse to fine: the sizes a run works through, and how the picture goes from one to the next."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image

from nst_core.images.sizes import Size, fit, resize, to_array
from nst_core.recipe.recipe import Recipe


@dataclass(frozen=True)
class Scale:
    """One stage of a run.

    Attributes:
        size: (width, height) px of the generated image.
        steps: of the optimiser at this size.
    """

    size: Size
    steps: int

    @property
    def pixels(self) -> int:
        return self.size[0] * self.size[1]


def plan(recipe: Recipe, content: Size) -> list[Scale]:
    """The stages of a run on a content image of size `content`, coarsest first.

    Each size doubles the one before it. A recipe without `coarsest` has one stage.
    """
    full = recipe.generated_size(content)
    doublings = 0
    if recipe.coarsest is not None:
        doublings = max(0, math.floor(math.log2(max(full) / recipe.coarsest)))
    sizes = [fit(full, round(max(full) / 2**k)) for k in range(doublings, 0, -1)] + [full]
    stages = zip(sizes, shares(recipe.steps, len(sizes), recipe.step_ratio), strict=True)
    return [Scale(size, steps) for size, steps in stages if steps]


def shares(total: int, parts: int, ratio: float = 1.0) -> list[int]:
    """`total` in whole numbers, each about `ratio` times the one before.

    Where there is not one for each part, the first parts, which are the coarsest sizes', get none.
    """
    enough = min(total, parts)
    weights = [ratio**part for part in range(enough)]
    left = [sum(weights[part:]) / sum(weights) for part in range(enough + 1)]  # to the end
    steps = [math.ceil(total * share) for share in left]
    return [0] * (parts - enough) + [begin - end for begin, end in pairwise(steps)]


def enlarge(pixels: np.ndarray, content: Image.Image, size: Size) -> np.ndarray:
    """The picture at the next size, with the content's detail given back.

    upsample(picture) + content − upsample(downsample(content)): the last two are the level of the
    content's Laplacian pyramid (Burt & Adelson 1983) that the smaller picture can't hold.

    Args:
        pixels: float32 H×W×3 in 0..255, the picture at the smaller size.
        content: the content image, at least as large as `size` for the detail to be real.
        size: (width, height) px of the next stage.

    Returns:
        float32 array of `size`.
    """
    smaller = (pixels.shape[1], pixels.shape[0])
    full = to_array(resize(content, size))
    blurred = resize_pixels(resize_pixels(full, smaller), size)
    return resize_pixels(pixels, size) + full - blurred


def resize_pixels(pixels: np.ndarray, size: Size) -> np.ndarray:
    """`images.resize` for a float32 array H×W×3, without rounding or clipping its values."""
    channels = [
        resize(Image.fromarray(np.ascontiguousarray(c)), size) for c in np.moveaxis(pixels, 2, 0)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=2)
