"""Positions spread evenly over a map: any number of them, and another set for each seed."""

import numpy as np

_PLASTIC = 1.32471795724474602596
"""The root of x³ = x + 1, whose powers leave no two of the points close together."""


def spread(count: int, height: int, width: int, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """The numbers of about evenly spread positions of a map, row by row; int32, in order.

    They are those of the sequence R2 (Roberts 2018, "The Unreasonable Effectiveness of
    Quasirandom Sequences"), in a plane. Where they are close, one position may be taken twice.

    A map with no more than `count` positions gives all of them. Each `shift`, from 0 to 1 down and
    to the right, gives another set.
    """
    if height * width <= count:
        return np.arange(height * width, dtype=np.int32)
    steps = np.arange(count)
    rows = np.floor((shift[0] + steps / _PLASTIC) % 1 * height).astype(np.int32)
    columns = np.floor((shift[1] + steps / _PLASTIC**2) % 1 * width).astype(np.int32)
    return np.sort(np.minimum(rows, height - 1) * width + np.minimum(columns, width - 1))
