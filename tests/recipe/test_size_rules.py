"""Known answers for the size rules; sizes are (width, height) in px."""

import pytest

from nst_core.errors import ImageError
from nst_core.images.sizes import MAX_MEGAPIXELS, MIN_SIDE, Size
from nst_core.recipe.size_rules import (
    SizeRule,
    equal_area,
    four_by_three,
    height,
    longest_side,
    own_aspect,
    stretched,
)


@pytest.mark.parametrize(
    ("rule", "content", "size", "expected"),
    [
        (longest_side, (640, 427), 512, (512, 342)),
        (longest_side, (427, 640), 512, (342, 512)),
        (longest_side, (100, 50), 512, (512, 256)),
        (longest_side, (641, 333), None, (641, 333)),
        (longest_side, (1000, 1), 100, (100, 16)),
        (height, (640, 427), 400, (600, 400)),
        (height, (427, 640), 400, (267, 400)),
        (height, (641, 333), None, (641, 333)),
        (height, (1, 1000), 400, (16, 400)),
        (four_by_three, (100, 900), 400, (400, 300)),
        (four_by_three, (200, 900), None, (200, 150)),
    ],
)
def test_size_rule(rule: SizeRule, content: Size, size: int | None, expected: Size) -> None:
    assert rule(content, size) == expected


@pytest.mark.parametrize("rule", [longest_side, height, four_by_three])
@pytest.mark.parametrize("content", [(1, 1), (1, 40), (40, 1)])
@pytest.mark.parametrize("size", [32, None])
def test_no_side_is_too_short_for_the_network(
    rule: SizeRule, content: Size, size: int | None
) -> None:
    assert min(rule(content, size)) >= MIN_SIDE


@pytest.mark.parametrize("rule", [longest_side, height, four_by_three])
def test_no_strip_grows_beyond_the_limit(rule: SizeRule) -> None:
    """The sizes of a recipe are held to the limits for files, where the content is not."""
    with pytest.raises(ImageError, match=str(MAX_MEGAPIXELS)):
        rule((60_000_000, 1), None)


def test_style_stretched() -> None:
    assert stretched((385, 488), (600, 400)) == (600, 400)


@pytest.mark.parametrize(
    ("style", "expected"),
    [((385, 488), (404, 512)), ((488, 385), (512, 404)), ((8, 8), (512, 512))],
)
def test_style_own_aspect(style: Size, expected: Size) -> None:
    assert own_aspect(style, (342, 512)) == expected


@pytest.mark.parametrize(
    ("style", "expected"),
    [((385, 488), (372, 471)), ((1024, 684), (512, 342)), ((10, 10), (418, 418))],
)
def test_style_equal_area(style: Size, expected: Size) -> None:
    assert equal_area(style, (512, 342)) == expected


@pytest.mark.parametrize("style", [(1, 100), (100_000, 1), (60_000_000, 1), (1, 60_000_000)])
@pytest.mark.parametrize("generated", [(512, 342), (16, 512), (32, 32)])
def test_style_strip_costs_no_more_than_the_picture(style: Size, generated: Size) -> None:
    """Beyond the least that the network needs; activations of a strip would fill the memory."""
    width, height = equal_area(style, generated)
    assert min(width, height) >= MIN_SIDE
    assert width * height <= 1.1 * generated[0] * generated[1]
