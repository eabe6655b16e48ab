"""Small ICC profiles, byte by byte, and what their colours are in sRGB, computed another way.

The profiles hold the colorants, adapted to D50, that the published profiles hold. The expected
colours come from the primaries and white points of the standards, in float64.
"""

import struct
from collections.abc import Callable, Sequence

import numpy as np

Curve = Callable[[np.ndarray], np.ndarray]
"""Values 0..1 of the pixels -> light 0..1."""

# Profiles


def fixed(*values: float) -> bytes:
    """As s15Fixed16Number."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


D50_XYZ = fixed(0.9642, 1.0, 0.8249)


def make_profile(kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A profile of version 4.2.

    Args:
        kind: the class: mntr for a display, prtr for a printer, link for a device link.
        space: the colour space of its pixels: "RGB ", "GRAY" or "CMYK".
        pcs: what it leads to: "XYZ " or "Lab ".
        tags: signature -> content, to which description and white point are added.
    """
    name = "Made by a test".encode("utf-16-be")
    named = struct.pack(">4s3I2s2s2I", b"mluc", 0, 1, 12, b"en", b"US", len(name), 28) + name
    every = {b"desc": named, b"wtpt": b"XYZ " + bytes(4) + D50_XYZ} | tags
    table, body = struct.pack(">I", len(every)), b""
    start = 128 + len(table) + 12 * len(every)
    for signature, content in every.items():
        table += struct.pack(">4s2I", signature, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">I4xI4s4s4s", start + len(body), 0x04200000, kind, space, pcs)
    header += struct.pack(">6H4s28x", 2026, 1, 1, 0, 0, 0, b"acsp") + D50_XYZ
    return header.ljust(128, b"\0") + table + body


def parametric(kind: int, *parameters: float) -> bytes:
    return b"para" + struct.pack(">4xH2x", kind) + fixed(*parameters)


SRGB_CURVE = parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def rgb_profile(colorants: Sequence[Sequence[float]], curve: bytes) -> bytes:
    """A display's profile: X, Y, Z of red, green and blue, adapted to D50, and their curve."""
    tags: dict[bytes, bytes] = {}
    for name, xyz in zip((b"r", b"g", b"b"), colorants, strict=True):
        tags |= {name + b"XYZ": b"XYZ " + bytes(4) + fixed(*xyz), name + b"TRC": curve}
    return make_profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_profile(curve: bytes) -> bytes:
    return make_profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": curve})


def cmyk_profile(corners: np.ndarray, kind: bytes = b"prtr") -> bytes:
    """A press's profile with linear interpolation between 16 colours.

    Args:
        corners: integers (2, 2, 2, 2, 3): L*a*b* for C, M, Y and K without and with full ink.
        kind: as for `make_profile`.
    """
    lab = (corners * (2.55, 1, 1) + (0, 128, 128)).round().astype(np.uint8)
    ramp = bytes(range(256))
    lut = b"mft1" + struct.pack(">4x4B", 4, 3, 2, 0) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    lut += 4 * ramp + lab.tobytes() + 3 * ramp
    return make_profile(kind, b"CMYK", b"Lab ", {b"A2B0": lut, b"A2B1": lut})


SRGB = rgb_profile(
    [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)],
    SRGB_CURVE,
)
DISPLAY_P3 = rgb_profile(
    [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)],
    SRGB_CURVE,
)
ADOBE_RGB = rgb_profile(
    [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)],
    b"curv" + struct.pack(">4xIH", 1, 563),  # in 256ths
)
PROPHOTO = rgb_profile(
    [(0.79767, 0.28804, 0.0), (0.13519, 0.71187, 0.0), (0.03135, 0.00009, 0.82521)],
    parametric(3, 1.8, 1.0, 0.0, 1 / 16, 16 / 512),
)
PRESS_CORNERS = np.array(  # C slowest, then M, Y and K
    [
        [[[(100, 0, 0), (16, 0, 0)], [(89, -5, 93), (15, 0, 5)]],
         [[(48, 74, -3), (11, 6, 0)], [(47, 68, 48), (11, 5, 3)]]],
        [[[(55, -37, -50), (10, 0, -5)], [(50, -65, 27), (9, -4, 1)]],
         [[(24, 22, -46), (5, 0, 0)], [(23, 0, 0), (4, 0, 0)]]],
    ]
)  # fmt: skip
"""L*a*b* of paper and of inks printed over each other, near those of offset printing."""

PRESS = cmyk_profile(PRESS_CORNERS)
GREY_22 = grey_profile(parametric(0, 2.2))
GREY_LINEAR = grey_profile(parametric(0, 1.0))

# Expected colours

D50, D65 = (0.3457, 0.3585), (0.3127, 0.3290)
"""White points, x and y."""

SRGB_PRIMARIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
P3_PRIMARIES = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_PRIMARIES = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
PROPHOTO_PRIMARIES = ((0.734699, 0.265301), (0.159597, 0.840403), (0.036598, 0.000105))

BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def srgb_curve(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def prophoto_curve(values: np.ndarray) -> np.ndarray:
    return np.where(values < 16 / 512, values / 16, values**1.8)


def power(gamma: float) -> Curve:
    return lambda values: values**gamma


def to_xyz(xy: tuple[float, float]) -> np.ndarray:
    """X, Y, Z of a chromaticity, with Y = 1."""
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def primaries_to_xyz(
    primaries: Sequence[tuple[float, float]], white: tuple[float, float]
) -> np.ndarray:
    """Matrix from linear RGB to XYZ with the white of that space."""
    columns = np.stack([to_xyz(xy) for xy in primaries], 1)
    return columns * np.linalg.solve(columns, to_xyz(white))


def adapted(xyz: np.ndarray, white: tuple[float, float]) -> np.ndarray:
    """X, Y, Z under `white` (last axis) as seen under D65, by Bradford."""
    scale = BRADFORD @ to_xyz(D65) / (BRADFORD @ to_xyz(white))
    return xyz @ (np.linalg.inv(BRADFORD) @ np.diag(scale) @ BRADFORD).T


def encoded(xyz: np.ndarray) -> np.ndarray:
    """X, Y, Z under D65 as sRGB 0..255, clipped where sRGB ends."""
    linear = (xyz @ np.linalg.inv(primaries_to_xyz(SRGB_PRIMARIES, D65)).T).clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def rgb_in_srgb(
    pixels: np.ndarray,
    primaries: Sequence[tuple[float, float]],
    white: tuple[float, float],
    curve: Curve,
) -> np.ndarray:
    """Pixels 0..255 (..., 3) of an RGB space in sRGB, 0..255."""
    xyz = curve(pixels / 255.0) @ primaries_to_xyz(primaries, white).T
    return encoded(adapted(xyz, white))


def lab_in_srgb(lab: np.ndarray, black: float = 0.0) -> np.ndarray:
    """L*a*b* (..., 3) under D50 in sRGB, 0..255.

    `black` is the luminance 0..1 that black-point compensation brings to 0, in proportion to the
    distance from white.
    """
    light, a, b = np.moveaxis(lab, -1, 0)
    y = (light + 16) / 116
    root = np.stack([y + a / 500, y, y - b / 200], -1)
    ratio = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    return encoded(adapted((ratio - black) / (1 - black) * to_xyz(D50), D50))


def grey_in_srgb(greys: np.ndarray, curve: Curve) -> np.ndarray:
    """Greys 0..1 of a grey space in sRGB, 0..255, one number each."""
    return encoded(curve(greys)[..., None] * to_xyz(D65))[..., 0]
