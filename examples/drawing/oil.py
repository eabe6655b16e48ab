"""A picture painted in thick oil."""

import numpy as np

from drawing.easel import Easel, at, ramp, scatter, trace
from drawing.tools import LANDSCAPE, Floats, blur, colours, grid, noise, relief

POND = colours("0f2a3a 14504f 1f6f72 2c4f9a 5f5fb8 a594d2 e3a9b4 f6d3a8 fbeccb")
PADS = colours("1f4a2c 3f7a3a 86a83f c9c95a e8dc8f")
PETALS = colours("b8396b e06a8f f4a9b5 fbe3dc fff6e6 f9c65a")


def impasto() -> Floats:
    """A lily pond in thick oil: bristles leave ridges, and the lamp stands at the left."""
    rng = np.random.default_rng(1907)
    pads = _pads(rng)
    scene, angle, share = _pond(pads, rng)
    easel = Easel(LANDSCAPE, colours("2a3b3a")[0])
    for spacing, length, width in ((52, 250, 46), (34, 170, 30), (27, 110, 20)):
        starts = scatter(LANDSCAPE, spacing, rng)
        reach = length * rng.uniform(0.6, 1.3, len(starts)) * at(share, starts)
        paths = trace(starts, angle, reach, 16)
        shades = at(scene, starts) + rng.normal(0, 0.03, (len(starts), 3))
        for path, shade in zip(paths, shades, strict=True):
            _stroke(easel, path, shade, width * rng.uniform(0.7, 1.15), rng)
    _lilies(easel, pads, rng)
    colour, height = easel.dry()
    ridge = blur(height, 0.9) + 0.9 * blur(height, 2.5) + 1.2 * blur(height, 7.0)
    light = relief(ridge, 9.0)
    gloss = np.clip(relief(blur(height, 1.5), 14.0) - 0.6, 0, 1) * 0.7
    weave = noise(LANDSCAPE, (2, 8), rng) + noise(LANDSCAPE, (8, 2), rng)
    return colour * (1 + 0.3 * light + 0.012 * weave)[..., None] + gloss[..., None]


def _pads(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """y, x and breadth of the lily pads, in flat clusters, far ones first."""
    pads = []
    for cy, cx in ((210, 420), (330, 1560), (660, 930), (900, 1790), (1010, 240), (1240, 1150)):
        for _ in range(8):
            spread = 0.35 + cy / 1500
            y, x = cy + rng.normal(0, 62) * spread, cx + rng.normal(0, 230) * spread
            pads.append((y, x, rng.uniform(80, 150) * spread))
    return sorted(pads)


def _pond(pads: list[tuple[float, float, float]], rng: np.random.Generator) -> tuple[Floats, ...]:
    """The water's and the pads' colours, the strokes' directions and their share of length."""
    shape = LANDSCAPE
    y, x = grid(shape)
    drift = noise(shape, (230, 520), rng, 2)
    scene = ramp(POND, 0.44 + 0.21 * drift + 0.09 * noise(shape, (50, 260), rng, 2))
    angle = 0.5 * noise(shape, 520, rng) + 0.25 * np.sin(y / 130 + x / 400)
    share = np.ones(shape, np.float32)
    edge, mottle = noise(shape, 160, rng), noise(shape, 50, rng)
    for cy, cx, size in pads:
        top, left = max(int(cy - size), 0), max(int(cx - 1.4 * size), 0)
        box = (slice(top, int(cy + size)), slice(left, int(cx + 1.4 * size)))
        down, right = (y[box] - cy) / 0.42, x[box] - cx
        far = np.hypot(down, right) / size * (1 + 0.05 * edge[box])
        shadow = (np.hypot(down - size * 0.24, right) < size * 1.06)[..., None]
        water = scene[box] * np.where(shadow, 0.25, 1) + shadow * colours("12183a")[0] * 0.6
        cut = np.abs(np.arctan2(down, right) - rng.uniform(-3, 3)) < 0.13
        light = rng.uniform(0.15, 0.6) - 0.25 * down / size + 0.35 * np.clip(far - 0.75, 0, 1)
        pad = ramp(PADS, light + 0.12 * mottle[box])
        scene[box] = np.where(((far < 1) & ~cut)[..., None], pad, water)
        turn = (np.arctan2(-right, down / 0.42) - angle[box] + np.pi / 2) % np.pi - np.pi / 2
        angle[box] += np.where(far < 1.25, turn * np.clip(far**2, 0, 1), 0)
        share[box][far < 1.25] = 0.42
    return scene.astype(np.float32), angle.astype(np.float32), share


def _stroke(
    easel: Easel, path: Floats, shade: Floats, width: float, rng: np.random.Generator
) -> None:
    """A loaded brush along a path, bristle by bristle, higher at its rims and where it ends."""
    ahead = np.gradient(path, axis=0)
    normal = np.stack([ahead[:, 1], -ahead[:, 0]], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-6
    bristles = max(5, round(width / 3.0))
    second = shade + rng.normal(0, 0.09, 3)  # the brush carries a second colour on one side
    load = 70 + 110 * rng.random()
    for k in rng.permutation(bristles):
        side = 2 * (k + 0.5) / bristles - 1
        first, last = rng.integers(0, 3), len(path) - int(rng.triangular(0, 0, len(path) / 3))
        bow = 1 - 0.25 * np.linspace(-1, 1, last - first)[:, None] ** 2
        line = path[first:last] + normal[first:last] * bow * side * width / 2
        tint = shade + (second - shade) * (0.5 + 0.5 * side) + rng.normal(0, 0.03)
        height = load + 60 * abs(side) ** 3 + rng.normal(0, 30)
        easel.line(line, tint, height, rng.uniform(2.8, 4.6))
    easel.line(path[-3:] + normal[-3:] * rng.normal(0, 2), shade + 0.05, load + 70, width / 5)


def _lilies(easel: Easel, pads: list[tuple[float, float, float]], rng: np.random.Generator) -> None:
    """Blossoms in single short strokes of the thickest paint."""
    for cy, cx, size in pads[::2]:
        y, x = cy + rng.normal(0, size * 0.2), cx + rng.normal(0, size * 0.5)
        bloom = size * rng.uniform(0.38, 0.6)
        for ring, reach in enumerate((1.0, 0.75, 0.45)):
            for turn in np.linspace(0, 2 * np.pi, 9 - ring)[:-1] + rng.uniform(0, 1):
                away = np.array([np.sin(turn) * 0.7 - 0.15 * ring, np.cos(turn)]) * bloom * reach
                bend = rng.normal(0, 0.12) * away[::-1] * (1, -1)
                t = np.linspace(0.1, 1, 9)[:, None]
                path = np.array([y, x]) + away * t + bend * t * (1 - t) * 2
                shade = PETALS[np.clip(ring + rng.integers(0, 3), 0, 4)]
                _stroke(easel, path[::-1], shade, bloom * 0.36, rng)
        for _ in range(5):
            dot = np.array([y - bloom * 0.12, x]) + rng.normal(0, bloom * 0.09, (3, 2))
            easel.line(dot, PETALS[5] + rng.normal(0, 0.05, 3), 240, bloom * 0.1)
