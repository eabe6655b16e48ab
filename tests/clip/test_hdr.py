"""HDR: white paper comes out near white, greys in order, and colours stay what they are."""

import numpy as np
import pytest

from nst_core.clip.hdr import HLG, PQ, to_sdr

PAPER = {PQ: 0.5807, HLG: 0.75}
"""Signals of white paper (BT.2408, table 1)."""


def grey(signal: float, curve: int) -> int:
    found = to_sdr(np.full((1, 1, 3), round(65535 * signal), np.uint16), curve)[0, 0]
    assert found.max() - found.min() <= 1
    return int(found[0])


@pytest.mark.parametrize("curve", [PQ, HLG])
def test_greys(curve: int) -> None:
    assert grey(0.0, curve) == 0
    assert 240 <= grey(PAPER[curve], curve) <= 250
    assert 250 < grey(1.0, curve) <= 255
    ramp = [grey(step / 20, curve) for step in range(21)]
    assert ramp == sorted(ramp)


def test_grey_cards() -> None:
    """18 % reflectance has 38 % of PQ's signal and of HLG's, 26 of 203 cd/m² (BT.2408, table 1)."""
    wanted = 255 * (1.055 * (26 / 203) ** (1 / 2.4) - 0.055)
    assert grey(0.38, PQ) == pytest.approx(wanted, abs=3)
    assert grey(0.38, HLG) == pytest.approx(wanted, abs=3)


def test_red_stays_red() -> None:
    red = np.array([[[40_000, 20_000, 20_000]]], np.uint16)
    found = to_sdr(red, HLG)[0, 0].astype(int)
    assert found[0] > found[1] + 60
    assert abs(found[1] - found[2]) < 25
