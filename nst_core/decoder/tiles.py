"""Tiles: parts of a picture that are painted one after the other, and show no seams.

A tile is looked at with a border around it, as far as the layers see, so that what is kept of it
is what the whole picture would have there.
"""

from collections.abc import Iterator
from typing import NamedTuple

from nst_core.network.backbone import FILLED

BORDER = 144
"""px around a tile: a column is made of 41 px to each side, and the decoder sees 95 px further."""
Area = tuple[slice, slice]
"""Rows and columns of pixels."""


class Tile(NamedTuple):
    """A part of a picture.

    Attributes:
        area: of the picture that the tile fills.
        seen: that area with its border, as far as there is a picture.
        kept: where `area` lies in `seen`.
    """

    area: Area
    seen: Area
    kept: Area


def tiles(height: int, width: int, largest: int) -> Iterator[Tile]:
    """Those that fill a picture of so many px; each of them, with its border, is at most `largest`.

    They begin at multiples of `FILLED` px, so that pooling goes by the same pixels as in the whole.
    """
    columns = list(_stretches(width, largest))
    for top in _stretches(height, largest):
        for left in columns:
            yield Tile(*zip(top, left, strict=True))


def _stretches(length: int, largest: int) -> Iterator[tuple[slice, slice, slice]]:
    """The same along one side."""
    if length <= largest:
        yield slice(0, length), slice(0, length), slice(0, length)
        return
    most = (largest - 2 * BORDER) // FILLED * FILLED
    number = -(-length // most)
    step = -(-length // (number * FILLED)) * FILLED
    for first in range(0, length, step):
        last = min(first + step, length)
        start = max(first - BORDER, 0)
        seen = slice(start, min(last + BORDER, length))
        yield slice(first, last), seen, slice(first - start, last - start)
