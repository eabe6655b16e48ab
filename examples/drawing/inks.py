"""Pictures of flowing colour: marbled paper and watercolour."""

import numpy as np
from numpy.typing import NDArray

from drawing.tools import (
    LANDSCAPE,
    PORTRAIT,
    Floats,
    Shape,
    blur,
    colours,
    grid,
    mix,
    noise,
    relief,
)

INKS = colours("14233f f2e4cc b3242f e0a23a 1f6a66 e88f86 5b1a2e 9fb9a4")
"""Night blue, cream, carmine, gold, petrol, rose, wine, celadon."""
THROWS = ((2, 40, 150), (5, 40, 140), (4, 40, 130), (3, 34, 100), (7, 40, 95), (1, 50, 80),
          (0, 46, 95), (5, 30, 60), (6, 34, 50), (1, 70, 34), (2, 50, 28), (0, 60, 24))  # fmt: skip
"""The inks in the order they are dropped on the bath: which, how many drops, their radius in px."""

SPARE = 500
"""px by which the watercolour's noises are larger than its paper, to be shifted for each wash."""
PIGMENTS = colours("c93a63 dd9b26 23806c 2f4fa6 26324a 6d4797 74862b 3f9cc6 d2552f")
"""Rose, quinacridone gold, viridian, ultramarine, indigo, violet, sap, cerulean, vermilion."""


def marbled_paper() -> Floats:
    """Ebru: drops of ink on a bath, drawn into bands by combs and a stylus, lifted on paper."""
    rng = np.random.default_rng(1650)
    y, x = grid(LANDSCAPE)
    y, x = _undo_stylus(y, x, rng)
    reach = 1 + 0.25 * noise(LANDSCAPE, 500, rng)
    # Where every pixel's ink lay before the combs went through, the last comb first.
    x = x - reach * _comb(y + 0.10 * x, 66, 92, 17, rng, both_ways=False)
    y = y - _comb(x + 0.05 * y, 230, 330, 75, rng, both_ways=True)
    x = x - _comb(y, 410, 260, 130, rng, both_ways=True)
    drop, ink = _bath(y, x, rng)
    return _lift(drop, ink, rng)


def _comb(
    across: Floats, spacing: float, pull: float, width: float, rng: np.random.Generator,
    *, both_ways: bool
) -> Floats:  # fmt: skip
    """How far a comb's tines pull the ink along, for each pixel's place across the comb."""
    tines = np.cumsum(spacing * rng.uniform(0.8, 1.2, 60)) - 12 * spacing
    pulls = pull * rng.uniform(0.75, 1.2, 60)
    if both_ways:
        pulls[::2] *= -1
    right = np.clip(np.searchsorted(tines, across), 1, 59)
    total = np.zeros_like(across)
    for tine in (right - 1, right):
        total += pulls[tine] * np.exp(-np.abs(across - tines[tine]) / width)
    return total


def _undo_stylus(y: Floats, x: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Where pixels lay before a stylus drew circles through the combed bath."""
    for cx, cy, radius in ((520, 480, 190), (1500, 1020, 230), (1420, 260, 120), (360, 1230, 130)):
        dy, dx = y - cy, x - cx
        far = np.hypot(dy, dx) + 1e-3
        turn = -rng.uniform(280, 380) * np.exp(-np.abs(far - radius) / 85) / np.maximum(far, 60)
        y = cy + dy * np.cos(turn) + dx * np.sin(turn)
        x = cx + dx * np.cos(turn) - dy * np.sin(turn)
    return y + 9 * noise(y.shape, 150, rng, 2), x + 9 * noise(y.shape, 150, rng, 2)


def _bath(
    y: Floats, x: Floats, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Which drop each place of the bath is of and which ink, every drop pushing others aside."""
    drops = [
        (ink, rng.uniform(-450, y.shape[0] + 450), rng.uniform(-450, y.shape[1] + 450), size)
        for ink, count, radius in THROWS
        for size in radius * rng.uniform(0.6, 1.4, count)
    ]
    drop = np.zeros(y.size, np.int32)
    ink = np.zeros(y.size, np.int32)
    open_, py, px = np.arange(y.size), y.ravel().copy(), x.ravel().copy()
    for number, (kind, cy, cx, radius) in reversed(list(enumerate(drops))):
        dy, dx = py - cy, px - cx
        square = dy * dy + dx * dx
        inside = square < radius**2
        if inside.any():
            drop[open_[inside]], ink[open_[inside]] = number + 1, kind
            rest = ~inside
            open_, dy, dx, square = open_[rest], dy[rest], dx[rest], square[rest]
        shrink = np.sqrt(1 - radius**2 / square)
        py, px = cy + dy * shrink, cx + dx * shrink
    return drop.reshape(y.shape), ink.reshape(y.shape)


def _lift(drop: NDArray[np.int32], ink: NDArray[np.int32], rng: np.random.Generator) -> Floats:
    """Take the bath off on paper: soft edges, uneven ink, spatter, grain."""
    shape = (drop.shape[0], drop.shape[1])
    shares = np.stack([blur((ink == k).astype(np.float32), 1.0) for k in range(len(INKS))])
    shares = shares**2 / np.sum(shares**2, axis=0)
    picture = np.einsum("khw,kc->hwc", shares, INKS)
    strength = rng.normal(1, 0.09, drop.max() + 1).astype(np.float32)[drop]
    seam = blur((1 - np.sum(shares**2, axis=0)).astype(np.float32), 1.3)
    picture = picture * (blur(strength, 1.2) - 0.35 * seam)[..., None]
    thin = 0.05 * noise(shape, 40, rng, 3) + 0.035 * noise(shape, (3, 3), rng, 2)
    picture = mix(picture, colours("f3e8d2")[0], np.clip(0.05 + thin, 0, 1))
    for kind, count in ((1, 520), (0, 300)):
        picture = mix(picture, INKS[kind], _spatter(shape, count, rng))
    fibre = noise(shape, (2.2, 5), rng, 2)
    return picture * (1 + 0.025 * fibre + 0.03 * noise(shape, 600, rng))[..., None]


def _spatter(shape: Shape, count: int, rng: np.random.Generator) -> Floats:
    """Small round drops of unequal size, as cover in 0…1."""
    cover = np.zeros(shape, np.float32)
    y, x = np.mgrid[-16:17, -16:17].astype(np.float32)
    for _ in range(count):
        radius = 1.5 + 1.9 * rng.gamma(1.1)
        cy, cx = rng.integers(17, shape[0] - 17), rng.integers(17, shape[1] - 17)
        far = np.hypot(y * rng.uniform(0.8, 1.25), x)
        window = cover[cy - 16 : cy + 17, cx - 16 : cx + 17]
        np.maximum(window, np.clip(min(radius, 13.0) - far + 0.5, 0, 1), out=window)
    return cover * 0.92


def watercolour() -> Floats:
    """Overlapping washes with dark rims and granulation: blossoms and leaves on rough paper."""
    rng = np.random.default_rng(1900)
    tooth = noise(PORTRAIT, 3.2, rng, 2) + 0.7 * noise(PORTRAIT, 9, rng)
    sheet = _Sheet(tooth / tooth.std(), rng)
    for number, (y, x) in enumerate(_scatter(PORTRAIT, 420, rng)):  # the first, pale washes
        pigment = (7, 1, 0, 5, 2, 1)[number % 6]
        sheet.wash(y, x, rng.uniform(260, 400), 0.7, pigment, 0.36, soft=60)
    for y, x in _scatter(PORTRAIT, 215, rng):
        sheet.leaf(y, x, rng.uniform(120, 260), rng.choice([2, 2, 6, 3, 7, 7]), 0.75)
    for y, x in _scatter(PORTRAIT, 400, rng):
        sheet.blossom(y, x, rng.uniform(85, 125))
    for y, x in _scatter(PORTRAIT, 270, rng):
        sheet.leaf(y, x, rng.uniform(70, 190), rng.choice([4, 4, 3, 2, 6]), rng.uniform(0.9, 1.5))
    for y, x in _scatter(PORTRAIT, 430, rng):
        sheet.blossom(y, x, rng.uniform(34, 60))
    return sheet.finish()


def _scatter(shape: Shape, spacing: float, rng: np.random.Generator) -> Floats:
    """Places about `spacing` px apart all over, in random order."""
    y, x = np.mgrid[0 : shape[0] + spacing : spacing, 0 : shape[1] + spacing : spacing]
    places = np.stack([y.ravel(), x.ravel()], 1) + rng.uniform(-0.5, 0.5, (y.size, 2)) * spacing
    return rng.permutation(places)


class _Sheet:
    """Paper that takes transparent washes."""

    def __init__(self, tooth: Floats, rng: np.random.Generator) -> None:
        self.tooth, self.rng = tooth.astype(np.float32), rng
        self.depth = np.zeros((*tooth.shape, 3), np.float32)
        """How much of red, green and blue the pigment swallows, as an optical depth."""
        larger = tooth.shape[0] + SPARE, tooth.shape[1] + SPARE
        self.wobble = 7 * noise(larger, 110, rng, 2) + 1.0 * noise(larger, 14, rng, 2)
        self.pool = noise(larger, 150, rng, 3)
        self.turn = noise(_shape(tooth), 700, rng)

    def wash(
        self, y: float, x: float, length: float, slim: float, pigment: int, strength: float,
        angle: float | None = None, soft: float = 0.0, bend: float = 0.0,
    ) -> None:  # fmt: skip
        """One leaf-shaped wash about a place; `soft` px of its edge bleed here and there."""
        reach = int(length * 1.2 + 3 * soft) + 40
        top, left = max(int(y) - reach, 0), max(int(x) - reach, 0)
        bottom, right = np.minimum((int(y) + reach, int(x) + reach), self.tooth.shape)
        if bottom - top < 2 or right - left < 2:
            return
        box = (slice(top, bottom), slice(left, right))
        tooth = self.tooth[box]
        dy, dx = np.mgrid[top : top + tooth.shape[0], left : left + tooth.shape[1]]
        dy, dx = dy - y, dx - x
        angle = self.rng.uniform(0, 2 * np.pi) if angle is None else angle
        along = (dx * np.cos(angle) + dy * np.sin(angle)) / length
        aside = (dy * np.cos(angle) - dx * np.sin(angle)) / length + bend * (along**2 - 0.3)
        i, j = self.rng.integers(0, SPARE, 2)
        wobble, pool = self.wobble[i:, j:][box], self.pool[i:, j:][box]
        hull = slim * np.clip(1 - along**2, 0, 1) ** 0.75 * (1 - 0.35 * along)
        outside = length * 0.8 * np.clip(np.abs(along) - 1, 0, None)
        inside = (hull - np.abs(aside)) * length * 0.8 + wobble - outside
        bleed = 0.8 + soft * np.clip(pool + 0.2, 0, 1.2)
        body = 1 / (1 + np.exp(-np.clip(inside / bleed, -30, 30)))
        rim = np.exp(-np.clip(inside, 0, None) / 4.5) + 0.35 * np.exp(
            -np.clip(inside, 0, None) / 28
        )
        crisp = np.clip(1.5 - bleed / (4 + soft / 4), 0, 1)
        load = body * (0.62 + 0.22 * pool + 0.25 * along + 0.95 * rim * crisp)
        load = np.clip(load, 0, None) * (1 + 0.075 * tooth) * strength
        other = PIGMENTS[(pigment + self.rng.integers(1, 3)) % len(PIGMENTS)]
        share = np.clip(0.15 + 0.3 * pool, 0, 0.75)[..., None]
        swallow = -np.log(PIGMENTS[pigment]) * (1 - share) - np.log(other) * share
        lifted = 1 - 0.68 * np.clip(body * strength, 0, 1)[..., None]  # water takes old paint up
        self.depth[box] = self.depth[box] * lifted + load[..., None] * swallow

    def leaf(self, y: float, x: float, length: float, pigment: int, strength: float) -> None:
        """A leaf along the sheet's flow."""
        i, j = np.clip((int(y), int(x)), 0, (self.tooth.shape[0] - 1, self.tooth.shape[1] - 1))
        angle = -0.9 + 1.1 * self.turn[i, j] + self.rng.normal(0, 0.35)
        slim, bend = self.rng.uniform(0.16, 0.34), self.rng.normal(0, 0.22)
        self.wash(y, x, length, slim, pigment, strength, angle, self.rng.choice([0, 0, 12]), bend)

    def blossom(self, y: float, x: float, size: float) -> None:
        """Petals about a heart, of one pigment."""
        pigment = self.rng.choice([0, 0, 8, 5, 1])
        count, start = self.rng.integers(5, 8), self.rng.uniform(0, 6)
        for k in range(count):
            angle = start + k * 2 * np.pi / count + self.rng.normal(0, 0.12)
            away = size * self.rng.uniform(0.95, 1.15)
            place = y + away * np.sin(angle), x + away * np.cos(angle)
            strength = self.rng.uniform(0.45, 1.0)
            self.wash(
                *place, size, 0.5, pigment, strength, angle + np.pi, self.rng.choice([0, 0, 25])
            )
        self.wash(y, x, size * 0.35, 0.8, self.rng.choice([4, 1, 5]), 1.1, soft=10)

    def finish(self) -> Floats:
        """The dry sheet: paper lit from the side, spatter, pigment."""
        shape = _shape(self.tooth)
        for pigment, count in ((3, 160), (0, 160), (4, 120)):
            spots = blur(_spatter(shape, count, self.rng), 0.7) * (1 + 0.2 * self.tooth)
            self.depth -= 0.9 * np.log(PIGMENTS[pigment]) * np.clip(spots, 0, 2)[..., None]
        paper = colours("faf4e6")[0] * (1 + 0.045 * relief(blur(self.tooth, 0.8), 0.9))[..., None]
        return paper * np.exp(-self.depth)


def _shape(field: Floats) -> Shape:
    return field.shape[0], field.shape[1]
