"""A picture cut out of painted paper."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from drawing.tools import LANDSCAPE, Floats, blur, colours, mix, noise, relief

GOUACHE = colours("2146a8 189a6a ea4a7f f27f24 f8d23c 6b409f 1b1a20 f7f0e1 41b7c4 d6322c 9cc43f")
"""Cobalt, emerald, pink, orange, lemon, violet, black, white, turquoise, vermilion, lime."""
PARTNERS = {
    0: (4, 7, 3, 2), 1: (7, 2, 4, 5), 2: (0, 7, 6, 4), 3: (0, 7, 5, 8), 4: (0, 6, 9, 5),
    5: (4, 7, 10, 3), 6: (7, 4, 8, 2), 7: (0, 6, 9, 1), 8: (7, 9, 6, 3), 9: (7, 8, 4, 6),
    10: (5, 0, 2, 6),
}  # fmt: skip
"""Which papers look well on which."""
PANELS = ((0, 8, 7, 2, 4), (4, 1, 5, 3, 0), (9, 7, 0, 10, 6), (3, 2, 8, 7, 5))
"""The background's papers, row by row."""


def paper_cutouts() -> Floats:
    """Weeds, leaves and flowers cut with scissors from gouache papers, over each other."""
    rng = np.random.default_rng(1952)
    wall = _Wall(rng)
    rows = [-30, 370, 800, 1180, 1570]
    for i, row in enumerate(PANELS):
        lefts = np.linspace(-30, 2080, 6) + rng.uniform(-70, 70, 6)
        lefts[0], lefts[-1] = -40, 2090
        for j, paper in enumerate(row):
            top, bottom = rows[i] + rng.uniform(-12, 12), rows[i + 1] + rng.uniform(-6, 18)
            left, right = lefts[j] - rng.uniform(0, 16), lefts[j + 1] + rng.uniform(0, 16)
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            outline = [(x + rng.normal(0, 6), y + rng.normal(0, 6)) for x, y in corners]
            wall.paste([outline], paper, round_=0)
            middle = ((left + right) / 2, (top + bottom) / 2)
            wall.later.append((middle, paper))
    for (x, y), paper in wall.later:
        own = PARTNERS[paper][rng.integers(4)]
        wall.paste(_weed(x, y, rng.uniform(180, 225), rng), own)
    for _ in range(58):
        x, y = rng.uniform(0, 2048), rng.uniform(0, 1536)
        shape = (_leaf, _weed, _leaf, _weed, _flower)[rng.integers(5)]
        size = rng.uniform(75, 135)
        wall.paste(shape(x, y, size, rng), wall.partner(x, y, size))
    fibre = noise(LANDSCAPE, (2.5, 4), rng, 2)
    return wall.picture * (1 + 0.018 * fibre + 0.02 * noise(LANDSCAPE, 500, rng))[..., None]


Outline = list[tuple[float, float]]


def _finger(
    x: float, y: float, angle: float, bend: float, length: float, thick: float,
    rng: np.random.Generator,
) -> Outline:  # fmt: skip
    """A frond's finger: narrow where it grows, broad and round at its tip, bent to one side."""
    t = np.linspace(0, 1, 12)
    breadth = (
        thick * (0.6 + 0.6 * t) * np.sqrt(np.clip(1 - (np.clip(t - 0.7, 0, 1) / 0.31) ** 2, 0, 1))
    )
    way = angle + bend * t
    cx = x + np.cumsum(np.cos(way)) * length / 12
    cy = y + np.cumsum(np.sin(way)) * length / 12
    left = np.stack([cx - breadth * np.sin(way), cy + breadth * np.cos(way)], 1)
    right = np.stack([cx + breadth * np.sin(way), cy - breadth * np.cos(way)], 1)
    outline = np.concatenate([left, right[::-1]]) + rng.normal(0, 0.05 * thick, (24, 2))
    return [(float(a), float(b)) for a, b in outline]


def _weed(x: float, y: float, size: float, rng: np.random.Generator) -> list[Outline]:
    """A waving stem with fingers on both sides."""
    lean, curve = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.3) * rng.choice([-1, 1])
    count = int(rng.integers(4, 7))
    step = 1.9 * size / count
    parts: list[Outline] = []
    px, py = x - size * 0.95 * np.cos(lean), y - size * 0.95 * np.sin(lean)
    thick = 0.26 * step
    for k in range(count):
        share = k / (count - 1)
        way = lean + curve * (share - 0.5)
        parts.append(_finger(px, py, way, curve / count, step * 1.5, thick, rng))
        for side in (-1, 1):
            angle = way + side * (1.15 - 0.3 * share + rng.normal(0, 0.07))
            length = size * (0.38 + 0.42 * np.sin(np.pi * (0.2 + 0.7 * share)))
            bend = -side * rng.uniform(0.3, 0.9)
            root = rng.uniform(-0.15, 0.15) * step
            rx, ry = px + root * np.cos(way), py + root * np.sin(way)
            parts.append(_finger(rx, ry, angle, bend, length, thick * 1.05, rng))
        px, py = px + step * np.cos(way), py + step * np.sin(way)
    parts.append(_finger(px, py, way, 0.3, size * 0.42, thick * 1.2, rng))
    return parts


def _leaf(x: float, y: float, size: float, rng: np.random.Generator) -> list[Outline]:
    """Five or seven fingers from one point, like a hand or a vine's leaf."""
    lean, count = rng.uniform(0, 2 * np.pi), int(rng.choice([5, 7]))
    x, y = x - 0.4 * size * np.cos(lean), y - 0.4 * size * np.sin(lean)
    heart = [(x + 0.17 * size * np.cos(a), y + 0.17 * size * np.sin(a)) for a in range(6)]
    return [heart] + [
        _finger(x, y, lean + a, 0.5 * a, size * (1.5 - 0.28 * abs(a)), size * 0.9 / count, rng)
        for a in np.linspace(-1.7, 1.7, count)
    ]


def _flower(x: float, y: float, size: float, rng: np.random.Generator) -> list[Outline]:
    """A flower of round petals, no two alike."""
    count, start = int(rng.integers(4, 8)), rng.uniform(0, 6)
    turn = np.linspace(0, 2 * np.pi, 90)
    petals = np.abs(np.cos(count * (turn - start) / 2 + 0.3 * np.sin(turn - start)))
    reach = size * (0.34 + 0.6 * petals**0.7) * (1 + 0.16 * np.sin(2 * turn + start))
    around = zip(turn, reach, strict=True)
    return [[(float(x + r * np.cos(a)), float(y + r * np.sin(a))) for a, r in around]]


class _Wall:
    """What has been pasted so far."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.picture = np.ones((*LANDSCAPE, 3), np.float32)
        self.paper = np.zeros(LANDSCAPE, np.int32)
        self.later: list[tuple[tuple[float, float], int]] = []
        larger = LANDSCAPE[0] + 300, LANDSCAPE[1] + 300
        self._streaks = [
            noise(larger, 45, rng, 3) + 0.7 * noise(larger, scale, rng, 3)
            for scale in ((12, 130), (130, 12), (18, 70), (70, 18))
        ]

    def paste(self, outlines: list[Outline], paper: int, round_: float = 7.0) -> None:
        """Cut one paper along the outlines, lay it down with its shadow."""
        corners = np.concatenate([np.array(outline) for outline in outlines])
        left, top = np.maximum(corners.min(0).astype(int) - 30, 0)
        right, bottom = np.minimum(corners.max(0).astype(int) + 30, LANDSCAPE[::-1])
        if right - left < 2 or bottom - top < 2:
            return
        size = (int(right - left) + 60, int(bottom - top) + 60)  # with a margin for the blurs
        image = Image.new("L", (2 * size[0], 2 * size[1]))
        brush = ImageDraw.Draw(image)
        for outline in outlines:
            brush.polygon([(2 * (x - left + 30), 2 * (y - top + 30)) for x, y in outline], fill=255)
        if round_:
            image = image.filter(ImageFilter.BoxBlur(round_)).filter(ImageFilter.BoxBlur(round_))
            image = image.point(lambda v: max(0, min(255, (v - 118) * 13)))
        small = image.resize(size, Image.Resampling.BOX)
        cover = np.asarray(small, np.float32) / 255
        shadow = np.asarray(small.filter(ImageFilter.BoxBlur(5)).filter(ImageFilter.BoxBlur(4)))
        shade: Floats = (
            0.36 * np.roll(shadow, (6, 5), (0, 1)).astype(np.float32) / 255 * (1 - cover)
        )
        rim = 0.10 * relief(blur(cover, 1.2), 2.5)
        inner = (slice(30, -30), slice(30, -30))
        cover, shade, rim = cover[inner], shade[inner], rim[inner]
        box = (slice(top, bottom), slice(left, right))
        body = self._painted(paper, cover.shape) + rim[..., None]
        self.picture[box] = mix(self.picture[box] * (1 - shade)[..., None], body, cover)
        self.paper[box][cover > 0.5] = paper

    def partner(self, x: float, y: float, size: float) -> int:
        """A paper that looks well on what lies at a place and does not lie around it already."""
        i, j = int(y), int(x)
        reach = int(0.6 * size)
        near = self.paper[max(i - reach, 0) : i + reach : 9, max(j - reach, 0) : j + reach : 9]
        choice = PARTNERS[int(self.paper[i, j])]
        fresh = [paper for paper in choice if paper not in near]
        return int(self.rng.choice(fresh or choice))

    def _painted(self, paper: int, shape: tuple[int, ...]) -> Floats:
        """A sheet of gouache: broad strokes one way, thin and thick."""
        i, j = self.rng.integers(0, 300, 2)
        streak = self._streaks[self.rng.integers(4)][i:, j:][: shape[0], : shape[1]]
        tint = GOUACHE[paper] * self.rng.uniform(0.94, 1.05)
        thin = np.clip(streak - 0.8, 0, 3)[..., None]
        return tint * (1 + 0.042 * streak)[..., None] + 0.022 * thin
