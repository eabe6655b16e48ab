"""HDR: clips of telephones in HLG or PQ, brought to what ordinary screens show.

After ITU-R BT.2100 (curves), BT.2087 (primaries) and BT.2408 (HDR's white is 203 cd/m²).
"""

import numpy as np

PQ, HLG = 16, 18
"""Numbers of the curves in ITU-T H.273."""
CURVES = (PQ, HLG)
WHITE = 203.0
"""cd/m² of what is white paper in an HDR clip."""
HLG_PEAK = 1000.0
"""cd/m² of the screen that HLG's middle greys are made for."""
KNEE = 0.8
"""Of white, from which highlights are pressed together instead of being cut."""
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593])


def to_sdr(signal: np.ndarray, curve: int) -> np.ndarray:
    """Pixels of an HDR clip as sRGB.

    Args:
        signal: uint16 H×W×3, RGB of BT.2020 in 0..65535.
        curve: `PQ` or `HLG`.

    Returns:
        uint8 H×W×3.
    """
    value = signal / 65535.0
    light = (_from_pq(value) if curve == PQ else _from_hlg(value)) / WHITE
    light = _pressed((light @ _TO_709.T).clip(0, None))
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * srgb).clip(0, 255).astype(np.uint8)


def _from_pq(value: np.ndarray) -> np.ndarray:
    """cd/m²."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    root = value ** (1 / m2)
    return 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)


def _from_hlg(value: np.ndarray) -> np.ndarray:
    """cd/m² on a screen of `HLG_PEAK`."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12)
    whole = np.maximum(scene @ _LUMINANCE, 1e-9)[..., None]
    return HLG_PEAK * scene * whole**0.2


def _pressed(light: np.ndarray) -> np.ndarray:
    """Light over white, so that what is brighter still has its differences, and its colour."""
    most = np.maximum(light.max(axis=2, keepdims=True), 1e-9)
    over = (most - KNEE) / (1 - KNEE)
    pressed = np.where(most > KNEE, KNEE + (1 - KNEE) * (1 - np.exp(-over)), most)
    return light * (pressed / most)
