"""How large a picture is to be, as people choose it: by its area, whatever the photo's shape."""

from nst_core.images.sizes import Size, longest_for_area
from nst_core.page.hosting.limits import current
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.size_rules import SIZE_RULES

AREAS = {"small": 256, "medium": 512, "large": 1024}
"""Name -> px of the longest side of a picture of 4 × 3 with as many pixels."""
PRINTS = (2048, 4096)
"""The same for a print, which is offered where the first is allowed: as large as is allowed, up to
the second."""
FIRST_AREA = "medium"
SIZES = (128, current().max_size)
"""px; of what recipes call their size, mostly the longest side."""
USUAL = (1024, 768)
"""A photo's size where there is none: (width, height) in px."""
_TRIED = 1024
"""px, to see what a recipe makes of a size."""


def offered() -> dict[str, int]:
    """The areas that the operator allows, as in `AREAS`; the first two always."""
    largest = current().max_size
    prints = {"print": min(largest, PRINTS[1])} if largest >= PRINTS[0] else {}
    most = max(largest, AREAS[FIRST_AREA])
    return {name: px for name, px in AREAS.items() if px <= most} | prints


def size_of_area(area: str, recipe: Recipe, photo: Size) -> int:
    """What a recipe's `size` is for a picture of such an area, within `SIZES`.

    Args:
        area: of those that are offered.
        recipe: its size may be the longest side, or the height.
        photo: (width, height) in px.
    """
    shape = SIZE_RULES[recipe.size_rule](photo, _TRIED)
    longest = min(longest_for_area(shape, offered()[area] ** 2 * 3 / 4), SIZES[1])
    return max(round(_TRIED * longest / max(shape)), SIZES[0])
