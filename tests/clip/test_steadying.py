"""Steadying: what is held, carried, blended, masked, and where a film begins anew."""

import numpy as np
import pytest
from clip.clips import HEIGHT, WIDTH, pan, texture

from nst_core.clip.steadying import (
    KEPT,
    MOST_GAIN,
    Carried,
    Shown,
    carried,
    lost_detail,
    so_far,
    steadied,
)

STILL = texture(HEIGHT, WIDTH).astype(np.float32)
RESULT = texture(HEIGHT, WIDTH, 5).astype(np.float32)


def carry(before: np.ndarray, now: np.ndarray, result: np.ndarray = RESULT) -> Carried:
    found = carried(Shown.anew(before, result), now)
    assert found is not None
    return found


def test_the_same_still_is_held() -> None:
    assert carry(STILL, STILL).all_held


def test_noise_is_held() -> None:
    noisy = STILL + np.random.default_rng(3).normal(0, 3, STILL.shape).astype(np.float32)
    assert carry(STILL, noisy).held.mean() > 0.9


def test_what_moves_is_not_held_and_is_brought_along() -> None:
    before, now = (still.astype(np.float32) for still in pan(2))
    found = carry(before, now)
    assert found.held.max() == 0
    assert found.known[8:-8, 8:-12].mean() > 0.9
    moved = np.roll(RESULT, -2, 1)
    assert np.median(np.abs(found.result - moved)[8:-8, 8:-12]) < 6


def test_only_what_changes_is_painted() -> None:
    still = texture(96, 192).astype(np.float32)
    now = still.copy()
    now[20:40, 20:40] = 255 - now[20:40, 20:40]
    held = carry(still, now, still).held
    assert held[20:40, 20:40].max() == 0
    assert held[:, 120:].min() == 1


def test_slow_change_adds_up() -> None:
    """Half a grey level a still, which nobody sees, is painted once it has come to some."""
    shown = Shown.anew(STILL, RESULT)
    for number in range(1, 13):
        still = STILL + 0.5 * number
        found = carried(shown, still)
        assert found is not None
        if number == 3:
            assert found.all_held
        shown = steadied(shown, found, still, RESULT)
        if not found.all_held:
            break
    assert 4 <= number <= 6


def test_three_cuts_are_found_and_no_other() -> None:
    shots = [pan(4, seed=seed) for seed in (1, 11, 21, 31)]
    stills = [still.astype(np.float32) for shot in shots for still in shot]
    cuts = []
    for number in range(1, len(stills)):
        if carried(Shown.anew(stills[number - 1], RESULT), stills[number]) is None:
            cuts.append(number)
    assert cuts == [4, 8, 12]


def test_the_picture_so_far_is_another_where_none_is_known() -> None:
    known = np.zeros((4, 4), np.float32)
    known[:, :2] = 1
    one, other = np.full((4, 4, 3), 10, np.float32), np.full((4, 4, 3), 90, np.float32)
    found = so_far(Carried(one, known, known), other)
    assert (found[:, :2] == 10).all()
    assert (found[:, 2:] == 90).all()


@pytest.mark.parametrize(
    ("known", "held", "wanted"),
    [(0, 0, 200), (1, 0, 200 - 100 * KEPT), (0, 1, 40), (1, 1, 40), (0, 0.5, 120)],
)
def test_blending(known: float, held: float, wanted: float) -> None:
    def plane(value: float) -> np.ndarray:
        return np.full((4, 4, 3), value, np.float32)

    shown = Shown(plane(0), plane(40), plane(0))
    along = Carried(plane(100), plane(known)[..., 0], plane(held)[..., 0])
    found = steadied(shown, along, plane(50), plane(200))
    assert np.allclose(found.result, wanted)
    assert np.allclose(found.painted_from, 50 * (1 - held))
    assert np.allclose(found.still, 50)


def noise(seed: int, deviation: float = 20.0) -> np.ndarray:
    """Pictures with detail that has nothing to do with each other's."""
    random = np.random.default_rng(seed).normal(0, deviation, (96, 96, 3))
    return (128 + random).astype(np.float32)


def test_a_blend_gets_its_detail_back() -> None:
    """The mean of two of these has half their variance; of what is averaged wholly, no more."""
    painted, other = noise(0), noise(1)
    blend = (painted + other) / 2
    assert (blend + lost_detail(painted, blend)).var() == pytest.approx(painted.var(), rel=0.1)
    assert not lost_detail(noise(0, 5.0), painted).any()
    faint = noise(2, 1.0)
    most = faint + lost_detail(painted, faint)
    assert most.var() == pytest.approx(MOST_GAIN**2 * faint.var(), rel=0.1)


def test_detail_is_brought_back_only_where_something_was_blended() -> None:
    painted, known = noise(0), np.zeros((96, 96), np.float32)
    known[:, 48:] = 1
    shown, along = Shown.anew(painted, painted), Carried(noise(1), known, 0 * known)
    found = steadied(shown, along, painted, painted).result
    assert np.array_equal(found[:, :48], painted[:, :48])
    assert found[:, 48:].var() == pytest.approx(painted.var(), rel=0.15)
