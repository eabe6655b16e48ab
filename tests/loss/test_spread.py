"""Positions spread over a map."""

import numpy as np
import pytest

from nst_core.loss.spread import spread


@pytest.mark.parametrize("size", [(1, 1), (4, 5), (30, 40)])
def test_a_small_map_gives_all_its_positions(size: tuple[int, int]) -> None:
    np.testing.assert_array_equal(spread(1200, *size), np.arange(size[0] * size[1]))


@pytest.mark.parametrize("size", [(50, 80), (16, 4000), (1000, 3)])
@pytest.mark.parametrize("shift", [(0, 0), (0.999999, 0.3)])
def test_they_lie_in_the_map_and_in_order(
    size: tuple[int, int], shift: tuple[float, float]
) -> None:
    found = spread(500, *size, shift)
    assert found.dtype == np.int32
    assert len(found) == 500
    assert (np.diff(found) >= 0).all()
    assert 0 <= found[0] <= found[-1] < size[0] * size[1]


def test_each_part_of_the_map_has_its_share() -> None:
    """Of 64 parts with 36 each, none has a third more or less; at random some would."""
    rows, columns = np.divmod(spread(2304, 400, 640, (0.2, 0.7)), 640)
    counts = np.histogram2d(rows, columns, bins=8, range=[[0, 400], [0, 640]])[0]
    assert 24 < counts.min() <= counts.max() < 48


def test_another_shift_gives_other_positions() -> None:
    one, other = (set(spread(500, 300, 300, shift)) for shift in ((0.1, 0.1), (0.6, 0.2)))
    assert len(one & other) < 50
