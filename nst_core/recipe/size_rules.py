"""Size rules: from a given image's size to the one that a recipe works at; width, height in px."""

import math
from collections.abc import Callable

from nst_core.images.sizes import MIN_SIDE, Size, fit, fit_height

SizeRule = Callable[[Size, int | None], Size]
"""(content image's size, the recipe's `size` in px) -> size of the generated image."""
StyleSizeRule = Callable[[Size, Size], Size]
"""(style image's size, generated image's size) -> size at which the style image is looked at."""


def longest_side(content: Size, size: int | None) -> Size:
    """The longest side has `size` pixels; None keeps the content image's own size."""
    return fit(content, max(content) if size is None else size)


def height(content: Size, size: int | None) -> Size:
    """The height has `size` pixels; None keeps the content image's own height."""
    return fit_height(content, content[1] if size is None else size)


def four_by_three(content: Size, size: int | None) -> Size:
    """`size` wide and three quarters of that high, whatever the content image's aspect."""
    return fit((4, 3), content[0] if size is None else size)


def stretched(_style: Size, generated: Size) -> Size:
    """The style image is stretched to the generated image's size."""
    return generated


def equal_area(style: Size, generated: Size) -> Size:
    """The style image keeps its aspect and gets as many pixels as the generated image has.

    A strip, which can't be thinner than `MIN_SIDE`, is made shorter instead.
    """
    area = generated[0] * generated[1]
    scale = math.sqrt(area / (style[0] * style[1]))
    return fit(style, min(round(max(style) * scale), area // MIN_SIDE))


def own_aspect(style: Size, generated: Size) -> Size:
    """The style image keeps its aspect; its longest side is as long as the generated image's."""
    return fit(style, max(generated))


SIZE_RULES: dict[str, SizeRule] = {
    "longest-side": longest_side,
    "height": height,
    "four-by-three": four_by_three,
}
STYLE_SIZE_RULES: dict[str, StyleSizeRule] = {
    "stretched": stretched,
    "equal-area": equal_area,
    "own-aspect": own_aspect,
}
