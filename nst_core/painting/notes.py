"""What a person should know about a run before it begins: which images were taken, how enlarged."""

import math
from collections.abc import Iterable, Sequence

from PIL import Image

from nst_core.images.opening import NOTE
from nst_core.images.sizes import Size
from nst_core.painting.style import OpenedStyle
from nst_core.recipe.recipe import Recipe

VISIBLY_LARGER = 1.1
"""A style image enlarged by less than this, along each side, looks as it is."""
DETAILED = 1024
"""A picture with a longest side above this, in px, is expected to show fine detail."""


def small_photograph_note(content: Size, generated: Size) -> str:
    """What to tell of a photograph that is enlarged for a large result; else empty.

    Both are (width, height) in px.
    """
    times = max(generated) / max(content)
    if times <= VISIBLY_LARGER or max(generated) <= DETAILED:
        return ""
    return (
        f"The photograph of {content[0]} × {content[1]} px had to be enlarged {times:.1f} times "
        "for this picture, so it has no finer detail than that: a larger one would give more."
    )


def enlarged_note(styles: Sequence[OpenedStyle], recipe: Recipe, generated: Size) -> str:
    """What to tell of a style image that is looked at beyond its own pixels; else empty.

    Args:
        styles: of the run.
        recipe: whose `style_size` says how large they are looked at.
        generated: (width, height) px of the result.
    """
    for style in styles:
        width, height = style.image.size
        wanted = recipe.style_size((width, height), generated, style.brush)
        times = math.sqrt(wanted[0] * wanted[1] / (width * height))
        if times > VISIBLY_LARGER:
            return (
                f"A style image of {width} × {height} px had to be enlarged {times:.1f} times for "
                "this picture, so its strokes are coarser: a larger one would give finer ones."
            )
    return ""


def opening_notes(images: Iterable[Image.Image | None]) -> str:
    """What was noted when these images were opened, each sentence once."""
    notes = [image.info.get(NOTE, "") for image in images if image is not None]
    return " ".join(filter(None, dict.fromkeys(notes)))
