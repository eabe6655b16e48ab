"""Coarse to fine: the sizes a run works through, and how the picture goes from one to the next."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image

from nst_core.errors import ImageError
from nst_core.images.sizes import MIN_SIDE, Size, fit, resize, resize_pixels, to_array
from nst_core.loss.terms import DETAIL, LAYOUT
from nst_core.recipe.recipe import PRINT, Recipe


@dataclass(frozen=True)
class Scale:
    """One stage of a run.

    Attributes:
        size: (width, height) px of the generated image.
        steps: of the optimiser at this size.
        phase: `LAYOUT` or `DETAIL`: which of the recipe's terms count.
    """

    size: Size
    steps: int
    phase: str = DETAIL

    @property
    def pixels(self) -> int:
        return self.size[0] * self.size[1]


def plan(recipe: Recipe, content: Size) -> list[Scale]:
    """The stages of a run on a content image of size `content`, coarsest first.

    Each size doubles the one before it, up to the recipe's `painted_size`. A recipe without
    `coarsest` has one size. A size at which both phases of a recipe have their turn has two stages.
    """
    full = recipe.painted_size(content)
    doublings = 0
    if recipe.coarsest is not None:
        doublings = max(0, math.floor(math.log2(max(full) / recipe.coarsest)))
    sizes = [fit(full, round(max(full) / 2**k)) for k in range(doublings, 0, -1)] + [full]
    stages = [(size, phase) for size in sizes for phase in phases(recipe, size, size is full)]
    steps = _steps(recipe.steps, [size for size, _ in stages], recipe)
    return [
        Scale(size, own, phase) for (size, phase), own in zip(stages, steps, strict=True) if own
    ]


def phases(recipe: Recipe, size: Size, last: bool) -> list[str]:
    """Those that have their turn at a size, which may be the last one."""
    until = recipe.layout_until
    if until is None or not recipe.lays_out:
        return [DETAIL]
    first = [LAYOUT] if max(size) <= until else []
    return [*first, DETAIL] if last or max(size) >= until else first


def _steps(total: int, sizes: list[Size], recipe: Recipe) -> list[int]:
    """The steps of each stage: the recipe's shares, but few at the sizes of prints."""
    *coarser, largest = shares(total, len(sizes), recipe.step_ratio)
    if recipe.print_steps is None or not coarser:
        return [*coarser, largest]
    most = round(recipe.print_steps * max(1.0, PRINT / max(sizes[-1])) ** 2)
    if largest <= most:
        return [*coarser, largest]
    return [*_steps(total - most, sizes[:-1], recipe), most]


def shares(total: int, parts: int, ratio: float = 1.0) -> list[int]:
    """`total` in whole numbers, each about `ratio` times the one before.

    Where there is not one for each part, the first parts, which are the coarsest sizes', get none.
    """
    enough = min(total, parts)
    weights = [ratio**part for part in range(enough)]
    left = [sum(weights[part:]) / sum(weights) for part in range(enough + 1)]  # to the end
    steps = [total]
    for part, share in enumerate(left[1:], start=1):
        steps.append(max(enough - part, min(math.ceil(total * share), steps[-1] - 1)))
    return [0] * (parts - enough) + [begin - end for begin, end in pairwise(steps)]


def check_proportions(picture: Size, content: Size, recipe: Recipe) -> None:
    """Raise `ImageError` if a picture to go on from would be stretched.

    Args:
        picture: (width, height) px of the picture to go on from.
        content: the same of the content image, which gives the proportions; where the recipe's size
            rule has its own, a picture with those will do as well.
        recipe: of the run that goes on.
    """
    generated = recipe.generated_size(content)
    if not any(_in_proportion(picture, model) for model in (content, generated)):
        raise ImageError(
            f"The picture to go on from has {picture[0]} × {picture[1]} px, but a content image of "
            f"{content[0]} × {content[1]} px needs one with its proportions, to the nearest pixel, "
            f"such as {generated[0]} × {generated[1]} px."
        )


def _in_proportion(picture: Size, model: Size) -> bool:
    """Whether a result of this size can come from one of that, but for a pixel of rounding."""
    scale = max(picture) / max(model)
    exact = (max(MIN_SIDE, side * scale) for side in model)
    return all(abs(side - wanted) <= 1 for side, wanted in zip(picture, exact, strict=True))


def enlarge(pixels: np.ndarray, content: Image.Image, size: Size) -> np.ndarray:
    """The picture at the next size, or at the same, with the content's detail given back.

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
