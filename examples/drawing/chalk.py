"""A picture in chalk on black paper."""

import numpy as np
from numpy.typing import NDArray

from drawing.easel import Easel, at, scatter, trace
from drawing.tools import PORTRAIT, Floats, blur, colours, grid, mix, noise

WARM = colours("f2604a f7a23b f9d65c e9447d f3b6a6 f6ecd9 c63b3b")
COOL = colours("2fa9a4 3c6fd1 7f6fd6 8fd0c7 b9a6e6 1f7d6b dfe9f2")
BAND = 66
"""px, the breadth of a disc's rings."""
DISCS = (
    (330, 420, 560), (720, 1330, 520), (1240, 330, 500), (1700, 1130, 560), (60, 1180, 330),
    (1980, 240, 360), (1180, 930, 330), (700, 120, 250),
)  # fmt: skip
"""y, x and radius in px, the later ones above."""


def chalk_on_black() -> Floats:
    """Discs of broken rings in pastel, warm against cool, on a ribbed black sheet."""
    rng = np.random.default_rng(1912)
    label, angle, shades = _discs(rng)
    tooth = 0.8 * noise(PORTRAIT, 2.2, rng, 2) + 0.4 * noise(PORTRAIT, 6, rng)
    y, _ = grid(PORTRAIT)
    tooth += 0.35 * np.sin(y * 2 * np.pi / 8.5 + 0.8 * noise(PORTRAIT, 300, rng))  # laid ribs
    picture = colours("17171b")[0] * (1 + 0.16 * tooth + 0.1 * noise(PORTRAIT, 300, rng))[..., None]
    layers = ((44, 300, 46, 0.50, 0.0), (34, 230, 30, 0.62, 0.12), (30, 150, 17, 0.80, 0.3))
    for spacing, length, width, press, turn in layers:
        easel = Easel(PORTRAIT, colours("202025")[0], height=0)
        starts = scatter(PORTRAIT, spacing, rng)
        lean = angle + (turn * rng.choice([-1, 1]) if turn else 0)
        reach = length * rng.uniform(0.6, 1.3, len(starts))
        paths = trace(starts, lean.astype(np.float32), reach, 18)
        for path, start in zip(paths, starts, strict=True):
            _chalk(easel, path, start, label, shades, width * rng.uniform(0.7, 1.2), press, rng)
        colour, pressure = easel.dry()
        cover = np.clip((blur(pressure, 0.7) - 0.36 - 0.17 * tooth) * 3.0, 0, 0.95)
        dust = blur(cover, 9.0)
        picture = mix(picture, blur(colour, 7.0), np.clip(0.42 * dust, 0, 1))
        picture = mix(picture, colour, cover)
    return picture * (1 + 0.03 * noise(PORTRAIT, 2, rng))[..., None]


def _discs(rng: np.random.Generator) -> tuple[NDArray[np.int32], Floats, Floats]:
    """Which segment each pixel is of, the strokes' directions, and the segments' colours."""
    y, x = grid(PORTRAIT)
    label = np.zeros(PORTRAIT, np.int32)
    angle = (0.7 + 0.3 * noise(PORTRAIT, 500, rng)).astype(np.float32)
    shades = [COOL[1] * 0.6]
    for number, (cy, cx, radius) in enumerate(DISCS):
        far = np.hypot(y - cy, x - cx) + 5 * noise(PORTRAIT, 220, rng)
        round_ = np.arctan2(y - cy, x - cx)
        tilt = rng.uniform(-0.5, 0.5)
        ring = (far / BAND).astype(int)
        quarter = np.floor((round_ + tilt + 0.10 * (ring % 3)) / (np.pi / 2)).astype(int) % 4
        inside = far < radius
        label[inside] = (len(shades) + ring * 4 + quarter)[inside]
        angle[inside] = (round_ + np.pi / 2)[inside]
        for r in range(radius // BAND + 2):
            for q in range(4):
                family = (WARM, COOL)[(r + q // 2 + q + number) % 2]
                shades.append(family[rng.integers(len(family))])
    return label, angle, np.array(shades, np.float32)


def _chalk(
    easel: Easel,
    path: Floats,
    start: Floats,
    label: NDArray[np.int32],
    shades: Floats,
    width: float,
    press: float,
    rng: np.random.Generator,
) -> None:
    """One stroke of the chalk's side, within its segment, its pressure uneven across."""
    labels = at(label, path)
    home = int(at(label, start[None])[0])
    inside = np.flatnonzero(labels == home)
    middle = len(path) // 2
    if len(inside) < 4 or (home == 0 and rng.random() < 0.5):
        return
    low, high = inside[inside <= middle].min(initial=middle), inside.max()
    piece = path[low : high + 1]
    if len(piece) < 4:
        return
    ahead = np.gradient(piece, axis=0)
    normal = np.stack([ahead[:, 1], -ahead[:, 0]], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-6
    shade = shades[home] * rng.uniform(0.86, 1.08) + rng.normal(0, 0.035, 3)
    traces = max(3, round(width / 4))
    for k in range(traces):
        side = 2 * (k + 0.5) / traces - 1
        weight = press * rng.uniform(0.6, 1.25) * (1 - 0.25 * abs(side))
        end = len(piece) - int(rng.triangular(0, 0, len(piece) / 3))
        line = piece[int(rng.integers(0, 2)) : max(end, 3)] + normal[0] * side * width / 2
        easel.line(line, shade, 255 * weight, rng.uniform(3.6, 5.5))
