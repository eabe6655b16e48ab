"""Flow: shifts are found, what was hidden is not known, and pictures are brought along."""

import numpy as np
import pytest
from clip.clips import pan, texture

from nst_core.clip.flow import brought_along, flow_between

INSIDE = (slice(16, -16), slice(16, -16))


def pair(dx: int, dy: int) -> tuple[np.ndarray, np.ndarray]:
    """Two views, 96 × 128 px, of which the second shows what is (dx, dy) px further on."""
    whole = texture(120, 152).astype(np.float32)
    before = whole[12:108, 12:140]
    return before, whole[12 + dy : 108 + dy, 12 + dx : 140 + dx]


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (3, 0), (0, -4), (-5, 2), (8, 6)])
def test_a_shift_is_found(dx: int, dy: int) -> None:
    flow = flow_between(*pair(dx, dy))
    error = np.abs(flow.back[INSIDE] - (dx, dy))
    assert np.median(error) < 0.1
    assert flow.known[INSIDE].mean() > 0.95


def test_what_comes_in_at_the_border_is_not_known() -> None:
    before, now = pair(8, 0)
    known = flow_between(before, now).known
    assert known[:, -7:].max() == 0
    assert known[20:-20, 20:-20].mean() > 0.95


def test_what_was_hidden_is_not_known() -> None:
    """A square moves 6 px to the right over a ground that stays; the ground behind comes out."""
    ground, square = texture(96, 128, 1).astype(np.float32), texture(32, 32, 7).astype(np.float32)
    before, now = ground.copy(), ground.copy()
    before[32:64, 40:72] = square
    now[32:64, 46:78] = square
    known = flow_between(before, now).known
    assert known[36:60, 41:45].max() == 0
    assert known[:24].mean() > 0.95
    assert known[40:56, 54:72].mean() > 0.8


def test_a_whole_shift_is_a_roll_inside() -> None:
    picture = texture(64, 96).astype(np.float32)
    back = np.full((64, 96, 2), (3, -2), np.float32)
    rolled = np.roll(picture, (2, -3), (0, 1))
    assert np.abs(brought_along(picture, back) - rolled)[4:-4, 4:-4].max() < 1e-3


def test_beyond_the_border_the_border_goes_on() -> None:
    picture = np.zeros((16, 16), np.float32)
    picture[:, -1] = 9
    back = np.full((16, 16, 2), (5, 0), np.float32)
    assert np.allclose(brought_along(picture, back)[:, -5:], 9)


@pytest.mark.parametrize("shape", [(16, 16), (16, 200), (33, 47)])
def test_small_and_odd_sizes(shape: tuple[int, int]) -> None:
    still = np.random.default_rng(0).uniform(0, 255, (*shape, 3)).astype(np.float32)
    flow = flow_between(still, still)
    assert flow.back.shape == (*shape, 2)
    assert flow.motion.max() < 0.1
    assert flow.known.mean() > 0.9 or min(shape) < 20


def test_one_colour_has_no_motion() -> None:
    grey = np.full((40, 40, 3), 128, np.float32)
    assert flow_between(grey, grey).motion.max() == 0


def test_a_pan_moves_alike_everywhere() -> None:
    before, now = (still.astype(np.float32) for still in pan(2, step=3))
    assert abs(np.median(flow_between(before, now).motion) - 3) < 0.1
