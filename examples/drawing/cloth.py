"""A woven picture: ikat cloth, thread by thread."""

import numpy as np
from numpy.typing import NDArray

from drawing.tools import PORTRAIT, Floats, blur, colours, grid, noise, relief

DYES = colours("a1232c 1c2350 f1e4c8 e9a422 1f5d49 d9688a 4a1d38 6ea9c4 c9552b")
"""Madder, indigo, undyed cotton, saffron, bottle green, rose, aubergine, sky, rust."""
RINGS = (
    (1, 3, 0, 2, 6, 5, 2), (0, 2, 1, 7, 2, 3, 4), (4, 5, 2, 0, 3, 1, 2), (6, 2, 4, 3, 2, 0, 1),
    (3, 1, 2, 8, 1, 2, 0),
)  # fmt: skip
"""Each medallion's dyes from its heart outwards."""
GROUNDS = (0, 3, 1, 0, 4)
WARP, WEFT = 13.0, 15.0
"""px from thread to thread."""
COLUMN, REPEAT = 512, 560
"""px, the breadth of the pattern's columns and the height of its medallions."""


def woven_cloth() -> Floats:
    """Ikat: warps dyed in medallions before weaving, so that their edges feather; dark wefts."""
    rng = np.random.default_rng(1868)
    y, x = grid(PORTRAIT)
    across = x + 3.0 * noise(PORTRAIT, 420, rng) + 0.9 * noise(PORTRAIT, 40, rng)
    down = y + 4.0 * noise(PORTRAIT, 520, rng) + 0.9 * noise(PORTRAIT, 40, rng)
    u, v = _threads(across, WARP, rng), _threads(down, WEFT, rng)
    column, row = u.astype(int), v.astype(int)
    warp, weft = _heights(u, v)
    warp = warp + 0.68
    top = warp > weft
    dyed = _ikat(column, x, y, rng)
    cottons = DYES[[1, 6, 0, 1, 6]]
    shoot = cottons[(np.cumsum(rng.random(400) < 0.06) % 5)[row]]
    shade = np.where(top[..., None], dyed, 0.15 * dyed + 0.85 * shoot)
    single = (1 + rng.normal(0, 0.075, 400))[column] * top + (1 + rng.normal(0, 0.12, 400))[
        row
    ] * ~top
    ply_u, ply_v = u - column - 0.5, v - row - 0.5
    ply = np.where(top, ply_u * 2.2 + v * 1.3, ply_v * 2.2 + u * 1.3)
    fibre = np.sin(2 * np.pi * ply + 1.2 * noise(PORTRAIT, 9, rng))
    height = np.maximum(warp, weft) + 0.05 * fibre
    hollow = np.clip(0.34 + 0.62 * height, 0.2, 1.12)
    light = 0.26 * relief(blur(height, 0.8), 5.0) + 0.06 * fibre + 0.03 * noise(PORTRAIT, 2, rng)
    worn = 0.06 * noise(PORTRAIT, 380, rng, 3)
    return shade * (single * hollow * (1 + light + worn))[..., None]


def _threads(place: Floats, pitch: float, rng: np.random.Generator) -> Floats:
    """Which thread a place is on, with its share across it, for threads of unequal thickness."""
    edges = np.cumsum(pitch * rng.uniform(0.78, 1.22, 400)) - 6 * pitch
    return np.interp(place, edges, np.arange(400)).astype(np.float32)


def _heights(u: Floats, v: Floats) -> tuple[Floats, Floats]:
    """How high the warp and the weft stand in a plain weave, each arching over every other one."""
    parity_u, parity_v = 1 - 2 * (u.astype(int) % 2), 1 - 2 * (v.astype(int) % 2)
    bulge_u = np.sqrt(np.clip(1 - (2 * (u % 1) - 1) ** 2, 0, 1))
    bulge_v = np.sqrt(np.clip(1 - (2 * (v % 1) - 1) ** 2, 0, 1))
    warp = 0.6 * bulge_u - 0.55 * parity_u * np.cos(np.pi * (v - 0.5))
    weft = 0.6 * bulge_v + 0.55 * parity_v * np.cos(np.pi * (u - 0.5))
    return warp, weft


def _ikat(column: NDArray[np.int_], x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """The warps' colours: every thread slipped a little along, the dye bleeding into it."""
    slip = 13 * rng.standard_normal(400) + 10 * np.sin(
        np.arange(400) / 2.3 + rng.uniform(0, 6, 400)
    )
    y = y + slip[column] + 9 * noise(PORTRAIT, (60, 6), rng) + 12 * noise(PORTRAIT, 300, rng)
    x = x + 10 * noise(PORTRAIT, 240, rng, 2) + 12
    strip = np.floor(x / COLUMN).astype(int)
    drop = y + REPEAT / 2 * (strip % 2) + 130
    bed = np.floor(drop / REPEAT).astype(int)
    a = np.abs(x / COLUMN - strip - 0.5) * 2
    b = (drop / REPEAT - bed - 0.5) * 2
    kind = (strip * 3 + bed * 2) % len(RINGS)
    sort = np.array(RINGS)
    comb = np.abs((b * 6.5) % 1 - 0.5)
    round_ = np.hypot(a * 1.12, b * 0.93) + 0.04 * np.cos(5 * np.arctan2(b, a))
    lozenge = 0.80 * a + 0.74 * np.abs(b) + 0.02
    far = np.where((strip + bed) % 2 == 0, lozenge, round_) + 0.15 * comb * (a > 0.12)
    ring = np.digitize(far, (0.16, 0.27, 0.40, 0.52, 0.63, 0.76, 0.90))
    dye = sort[kind, np.minimum(ring, 6)]
    hook = np.abs(np.hypot(a - 1, (np.abs(b) - 1) * 1.15) - 0.36) < 0.085
    eye = np.hypot(a - 1, (np.abs(b) - 1) * 1.15) < 0.17
    ground = np.array(GROUNDS)[kind]
    field = np.where(hook, (ground + 2) % 9, np.where(eye, (ground + 3) % 9, ground))
    dye = np.where(ring > 6, field, dye)
    tooth = a + 0.035 * np.abs((y / 56) % 2 - 1)
    edge = np.digitize(tooth, (0.90, 0.925, 0.965))
    dye = np.where(edge > 0, np.array([0, 1, 2, 6])[edge], dye)
    return blur(DYES[dye], 0.8)
