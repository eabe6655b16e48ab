"""Colours that a file describes by numbers in the place of a profile -> an ICC profile of them.

The numbers are those of PNG's chunks gAMA, cHRM and cICP, and of AVIF's nclx. They are read as a
browser reads them: the first of cICP, iCCP, sRGB and gAMA that makes sense counts, and
chromaticities count beside a gamma only.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Codes = tuple[int, int]
"""Primaries and transfer, as ITU-T H.273 counts them."""
Chromaticities = tuple[float, ...]
"""x and y of white, red, green and blue."""
Curve = Callable[[np.ndarray], np.ndarray]
"""Values 0..1 of pixels -> light 0..1."""

_USUAL_GAMMA = 0.45455
"""Files with this one alone mean sRGB."""
_GAMMAS = (0.05, 20.0)
"""Others make no sense."""
_WHITE = 2 * 203.0
"""cd/m² of HDR that are white in SDR: twice those of white paper."""
_TABLE = 4096
"""Entries of a curve; between them it is taken as straight."""

_D65 = (0.3127, 0.3290)
_SRGB: Chromaticities = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: Mapping[int, Chromaticities] = {
    1: _SRGB,
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),  # PAL
    6: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),  # NTSC
    7: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # cinemas
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def _power(exponent: float) -> Curve:
    return lambda values: values**exponent


def _srgb(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _pq(values: np.ndarray) -> np.ndarray:
    """SMPTE ST 2084; white, and whatever is brighter, is at `_WHITE`."""
    root = values ** (32 / 2523)
    light = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return np.minimum(1, 10_000 / _WHITE * light ** (16384 / 2610))


def _hlg(values: np.ndarray) -> np.ndarray:
    """BT.2100 with its system gamma, for a screen of 1000 cd/m²; white is at `_WHITE`, too."""
    scene = np.where(
        values <= 0.5, values**2 / 3, (np.exp((values - 0.55991073) / 0.17883277) + 0.28466892) / 12
    )
    return np.minimum(1, 1000 / _WHITE * scene**1.2)


_CURVES: Mapping[int, Curve] = {
    **dict.fromkeys((1, 6, 11, 14, 15), _power(2.4)),
    4: _power(2.2),
    5: _power(2.8),
    8: _power(1.0),
    13: _srgb,
    16: _pq,
    18: _hlg,
}
BRIGHTER_THAN_WHITE = (16, 18)
"""Transfers of HDR: PQ and HLG."""


def described(info: Mapping[Any, Any], codes: Codes | None, grey: bool) -> bytes | None:
    """The profile of an image; None where its file has one, or needs none.

    Args:
        info: of Pillow's image.
        codes: that the file tells.
        grey: whether the profile is to be one of greys.
    """
    if codes and codes[0] in _PRIMARIES and codes[1] in _CURVES:
        return _profile(_PRIMARIES[codes[0]], _CURVES[codes[1]], grey)
    gamma = info.get("gamma")  # any of these can be text: PNG puts any keyword of a file there
    if isinstance(info.get("icc_profile"), bytes) or isinstance(info.get("srgb"), int):
        return None
    if not (isinstance(gamma, float) and _GAMMAS[0] <= gamma <= _GAMMAS[1]):
        return None
    chromaticities = info.get("chromaticity")
    if isinstance(chromaticities, tuple) and _make_sense(chromaticities):
        return _profile(chromaticities, _power(1 / gamma), grey)
    return None if gamma == _USUAL_GAMMA else _profile(_SRGB, _power(1 / gamma), grey)


def _make_sense(chromaticities: Chromaticities) -> bool:
    """Whether white lies within the triangle of the primaries, all of them being colours."""
    if min(chromaticities[1::2]) <= 0 or max(chromaticities) > 1:
        return False
    try:
        shares = np.linalg.solve(_xyz(chromaticities[2:]), _xyz(chromaticities[:2]))
    except np.linalg.LinAlgError:  # on one line
        return False
    return bool((shares > 0).all())


def _xyz(chromaticities: Chromaticities) -> np.ndarray:
    """X, Y and Z of light of Y = 1 in a column for each."""
    x, y = np.array(chromaticities).reshape(-1, 2).T
    return np.stack([x / y, np.ones_like(y), (1 - x - y) / y])


def _colorants(chromaticities: Chromaticities) -> np.ndarray:
    """X, Y and Z of red, green and blue, a column each, as seen under D50 (Bradford)."""
    white, primaries = _xyz(chromaticities[:2]), _xyz(chromaticities[2:])
    columns = primaries * np.linalg.solve(primaries, white)[:, 0]
    scale = (_BRADFORD @ _D50) / (_BRADFORD @ white[:, 0])
    return np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD @ columns


def _profile(chromaticities: Chromaticities, curve: Curve, grey: bool) -> bytes:
    """An ICC profile of version 4, with no more in it than a conversion needs."""
    table = np.rint(65535 * curve(np.linspace(0, 1, _TABLE))).astype(">u2").tobytes()
    response = struct.pack(">4s4xI", b"curv", _TABLE) + table
    tags = {b"wtpt": _fixed(_D50)}
    if grey:
        tags[b"kTRC"] = response
    else:
        for letter, column in zip((b"r", b"g", b"b"), _colorants(chromaticities).T, strict=True):
            tags |= {letter + b"XYZ": _fixed(column), letter + b"TRC": response}
    heads, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        heads += struct.pack(">4s2I", name, start + len(body), len(content))
        body += content
    space = b"GRAY" if grey else b"RGB "
    kinds = struct.pack(">I4xI4s4s4s", start + len(body), 0x04200000, b"mntr", space, b"XYZ ")
    head = kinds + struct.pack(">6H4s28x", 2026, 1, 1, 0, 0, 0, b"acsp") + _fixed(_D50)[8:]
    return head.ljust(128, b"\0") + heads + body


def _fixed(xyz: np.ndarray) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *np.rint(xyz * 65536).astype(int).tolist())
