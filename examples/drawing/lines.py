"""A drawing in lines: a blueprint."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from drawing.tools import LANDSCAPE, Floats, blur, colours, grid, mix, noise

Point = tuple[float, float]
"""x and y in px of the finished picture."""


def _polar(centre: Point, radius: float, angle: float) -> Point:
    return centre[0] + radius * float(np.cos(angle)), centre[1] + radius * float(np.sin(angle))


class _Board:
    """A drawing board of two inks, white and pale blue, at twice the size."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        size = (2 * LANDSCAPE[1], 2 * LANDSCAPE[0])
        self.inks = [Image.new("L", size), Image.new("L", size)]
        self._pens = [ImageDraw.Draw(ink) for ink in self.inks]

    def path(
        self, points: Sequence[Point], pen: float = 1.6, ink: int = 0, dash: Sequence[float] = ()
    ) -> None:
        """A line through points, whole or in dashes, its weight wavering."""
        line = np.array(points, float)
        if dash:
            for piece in _dashes(line, dash):
                self.path([(float(x), float(y)) for x, y in piece], pen, ink)
            return
        tone = int(255 * self.rng.uniform(0.72, 1))
        width = max(1, round(2.7 * pen * self.rng.uniform(0.85, 1.2)))
        flat = [(2 * float(x), 2 * float(y)) for x, y in line]
        self._pens[ink].line(flat, fill=tone, width=width, joint="curve")

    def circle(
        self, centre: Point, radius: float, pen: float = 1.6, ink: int = 0,
        dash: Sequence[float] = (), start: float = 0.0, turn: float = 2 * np.pi,
    ) -> None:  # fmt: skip
        """A circle or an arc of it; a whole one overshoots its start, as compasses do."""
        over = 0.04 if turn > 6 else 0.0
        around = np.linspace(start, start + turn + over, max(12, int(abs(turn) * radius / 5)))
        self.path([_polar(centre, radius, a) for a in around], pen, ink, dash)

    def hatch(self, outline: Sequence[Point], gap: float, angle: float, ink: int = 1) -> None:
        """Parallel lines inside an outline."""
        corners = np.array(outline)
        low, high = corners.min(0) - 4, corners.max(0) + 4
        middle, reach = (low + high) / 2, float(np.hypot(*(high - low))) / 2
        layer = Image.new("L", self.inks[0].size)
        pen = ImageDraw.Draw(layer)
        way, side = (np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))
        for offset in np.arange(-reach, reach, gap) + self.rng.uniform(0, gap):
            mx, my = middle[0] + offset * side[0], middle[1] + offset * side[1]
            ends = [(2 * (mx + s * reach * way[0]), 2 * (my + s * reach * way[1])) for s in (-1, 1)]
            pen.line(
                ends, fill=int(255 * self.rng.uniform(0.6, 1)), width=int(self.rng.integers(2, 5))
            )
        mask = Image.new("L", layer.size)
        ImageDraw.Draw(mask).polygon([(2 * x, 2 * y) for x, y in outline], fill=255)
        self.inks[ink].paste(layer, (0, 0), mask)
        self._pens[ink] = ImageDraw.Draw(self.inks[ink])

    def measure(self, a: Point, b: Point, away: float) -> None:
        """A dimension line beside two points, with arrows and a figure."""
        start, end = np.array(a), np.array(b)
        way = (end - start) / (np.hypot(*(end - start)) + 1e-6)
        side = np.array([-way[1], way[0]])
        p, q = start + away * side, end + away * side
        for foot, tip in ((start, p), (end, q)):
            self.path(
                [tuple(foot + 0.12 * (tip - foot)), tuple(tip + 9 * side * np.sign(away))], 0.9, 1
            )
        self.path([tuple(p), tuple(q)], 1.0, 1)
        for tip, back in ((p, way), (q, -way)):
            for wing in (-1, 1):
                self.path([tuple(tip), tuple(tip + 15 * back + 4.5 * wing * side)], 1.3, 0)
        self.figure(tuple((p + q) / 2 + side * 12), float(np.hypot(*(end - start))))

    def figure(self, place: Point, value: float) -> None:
        """A number in small type."""
        font = ImageFont.load_default(size=34)
        text = f"{value:.0f}" if self.rng.random() < 0.6 else f"R {value / 2:.0f}"
        self._pens[0].text((2 * place[0], 2 * place[1]), text, fill=225, font=font, anchor="mm")


def _dashes(line: Floats, dash: Sequence[float]) -> list[Floats]:
    """Cut a line into dashes of the given lengths, every second length a gap."""
    step = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0], np.cumsum(step)])
    pieces, at, k = [], 0.0, 0
    while at < along[-1]:
        end = min(at + dash[k % len(dash)], float(along[-1]))
        if k % 2 == 0:
            inner = along[(along > at) & (along < end)]
            places = np.array([at, *inner, end])
            pieces.append(np.stack([np.interp(places, along, line[:, i]) for i in (0, 1)], 1))
        at, k = end, k + 1
    return pieces


CENTRE_LINE = (38, 7, 6, 7)


def blueprint() -> Floats:
    """A works drawing of wheels, arches and sections, white on an unevenly washed cyanotype."""
    rng = np.random.default_rng(1842)
    board = _Board(rng)
    _ruling(board)
    places = _pack(rng)
    for (x, y), radius in places:
        draw = (_gear, _flywheel, _rose, _section, _arch)[rng.integers(5)] if radius > 60 else _bolt
        draw(board, (x, y), radius)
    for _ in range(16):  # belts and construction lines from centre to centre
        (a, ra), (b, rb) = (places[k] for k in rng.choice(min(len(places), 26), 2, replace=False))
        way = np.arctan2(b[1] - a[1], b[0] - a[0]) + np.pi / 2
        for s in (-1, 1):
            ends = [_polar(c, s * r, way) for c, r in ((a, ra), (b, rb))]
            board.path(ends, 1.0, 1, (16, 9) if s > 0 else ())
    return _print(board, rng)


def _pack(rng: np.random.Generator) -> list[tuple[Point, float]]:
    """Places for the parts, large ones first, hardly touching."""
    places: list[tuple[Point, float]] = [((620, 640), 330.0), ((1480, 930), 370.0)]
    for radius, tries in (
        (250, 200),
        (190, 500),
        (140, 900),
        (100, 1400),
        (70, 2000),
        (48, 2500),
        (30, 3000),
    ):
        for _ in range(tries):
            x, y = rng.uniform(0, LANDSCAPE[1]), rng.uniform(0, LANDSCAPE[0])
            size = radius * rng.uniform(0.85, 1.15)
            if all(np.hypot(x - p[0], y - p[1]) > size + r + 4 for p, r in places):
                places.append(((x, y), size))
    return places


def _ruling(board: _Board) -> None:
    """A faint net under the drawing and a few long arcs across it."""
    height, width = LANDSCAPE
    for x in range(12, width, 42):
        board.path([(x, 0), (x, height)], 0.5, 1)
    for y in range(20, height, 42):
        board.path([(0, y), (width, y)], 0.5, 1)
    for _ in range(12):
        centre = board.rng.uniform(-600, width + 600), board.rng.uniform(-600, height + 600)
        for ring in range(int(board.rng.integers(1, 4))):
            board.circle(centre, board.rng.uniform(500, 1500) + 14 * ring, 1.0, 1)


def _cross(board: _Board, centre: Point, radius: float) -> None:
    """The centre lines of a round part."""
    x, y = centre
    board.path([(x - radius * 1.12, y), (x + radius * 1.12, y)], 1.0, 1, CENTRE_LINE)
    board.path([(x, y - radius * 1.12), (x, y + radius * 1.12)], 1.0, 1, CENTRE_LINE)


def _ring(centre: Point, inner: float, outer: float, start: float, turn: float) -> list[Point]:
    """The outline of a piece of a ring."""
    a = np.linspace(start, start + turn, 40)
    way = [(outer, t) for t in a] + [(inner, t) for t in a[::-1]]
    return [_polar(centre, r, t) for r, t in way]


def _gear(board: _Board, centre: Point, radius: float) -> None:
    """A toothed wheel with spokes and a hatched rim."""
    teeth = max(12, int(radius / 7))
    phase = board.rng.uniform(0, 1)
    outline = []
    for k in range(teeth):
        for share, reach in ((0.0, 0.88), (0.18, 0.9), (0.32, 1.0), (0.62, 1.0), (0.76, 0.9)):
            a = 2 * np.pi * (k + share + phase) / teeth
            outline.append(_polar(centre, radius * reach, a))
    board.path([*outline, outline[0]], 2.3)
    board.circle(centre, radius * 0.94, 1.0, 1, CENTRE_LINE)
    for share, pen in ((0.80, 2.0), (0.76, 1.0), (0.26, 2.2), (0.15, 1.6)):
        board.circle(centre, radius * share, pen)
    start = board.rng.uniform(0, 6)
    board.hatch(_ring(centre, radius * 0.80, radius * 0.88, start, 2.4), 7, 0.8, 0)
    board.hatch(_ring(centre, radius * 0.15, radius * 0.26, start + 1, 4.0), 6, -0.8, 1)
    for k in range(6):
        a = phase + k * np.pi / 3
        for s in (-1, 1):
            ends = [(0.26, s * 0.22), (0.76, s * 0.1)]
            board.path([_polar(centre, radius * r, a + t) for r, t in ends], 1.7)
        board.circle(_polar(centre, radius * 0.52, a + 0.52), radius * 0.13, 1.6)
    _cross(board, centre, radius)
    board.measure((centre[0] - radius, centre[1]), (centre[0] + radius, centre[1]), radius * 0.4)


def _flywheel(board: _Board, centre: Point, radius: float) -> None:
    """Rings with bolts, arcs of dashes and hatched quarters."""
    for share, pen in ((1.0, 2.4), (0.93, 1.2), (0.7, 2.0), (0.66, 1.0), (0.33, 2.2), (0.2, 1.4)):
        board.circle(centre, radius * share, pen)
    if radius > 180:
        _rose(board, centre, radius * 0.31)
        for share in (0.42, 0.5, 0.58):
            board.circle(centre, radius * share, 1.2, 0, (20, 8))
    board.circle(centre, radius * 0.82, 1.0, 1, CENTRE_LINE)
    count = int(board.rng.integers(8, 15))
    for k in range(count):
        a = k * 2 * np.pi / count
        board.circle(_polar(centre, radius * 0.82, a), radius * 0.055, 1.6)
        board.path([_polar(centre, radius * r, a) for r in (0.33, 0.66)], 1.2, k % 2)
    for quarter in (0, 2):
        start = quarter * np.pi / 2
        board.hatch(
            _ring(centre, radius * 0.36, radius * 0.64, start, np.pi / 2), 9, 0.8 + quarter, 1
        )
        board.hatch(_ring(centre, radius * 0.93, radius, start + 0.6, 1.8), 5, -0.8, 0)
    _cross(board, centre, radius)
    board.measure((centre[0], centre[1] - radius), (centre[0], centre[1] + radius), radius * 0.5)


def _rose(board: _Board, centre: Point, radius: float) -> None:
    """A construction of interlaced circles and chords within a graduated ring."""
    count = int(board.rng.choice([8, 10, 12]))
    for k in range(count):
        a = k * 2 * np.pi / count
        board.circle(_polar(centre, radius * 0.42, a), radius * 0.42, 1.3)
        for jump in (3, 4):
            b = a + jump * 2 * np.pi / count
            board.path([_polar(centre, radius * 0.84, t) for t in (a, b)], 0.9, 1)
    for share, pen in ((0.84, 1.8), (0.9, 1.0), (1.0, 2.2)):
        board.circle(centre, radius * share, pen)
    for k in range(120):
        a, inner = k * np.pi / 60, 0.9 if k % 5 == 0 else 0.95
        board.path([_polar(centre, radius * r, a) for r in (inner, 1.0)], 1.0)
    _cross(board, centre, radius)


def _section(board: _Board, centre: Point, radius: float) -> None:
    """A stepped shaft cut open, hatched both ways, with its measures."""
    x, y = centre
    edges = np.linspace(-radius, radius, 7) + board.rng.uniform(-0.06, 0.06, 7) * radius
    for left, right in pairwise(edges):
        outer = radius * board.rng.uniform(0.32, 0.8)
        inner = radius * (0.16 if board.rng.random() < 0.7 else 0.24)
        for s in (-1, 1):
            box = [(x + left, y + s * inner), (x + right, y + s * inner)]
            box += [(x + right, y + s * outer), (x + left, y + s * outer)]
            board.hatch(box, board.rng.choice([7, 10]), s * 0.8, int(board.rng.integers(2)))
            board.path([*box, box[0]], 2.0)
    board.path([(x - radius * 1.1, y), (x + radius * 1.1, y)], 1.2, 0, CENTRE_LINE)
    board.measure((x + edges[0], y), (x + edges[-1], y), radius * 0.95)
    board.measure((x + edges[1], y), (x + edges[3], y), -radius * 0.95)


def _arch(board: _Board, centre: Point, radius: float) -> None:
    """A bridge's arch of wedges over a truss."""
    x, y = centre[0], centre[1] + radius * 0.35
    for share in (0.28, 0.5):
        board.hatch(_ring((x, y), radius * share, radius * (share + 0.1), np.pi, np.pi), 8, 0.8)
    arcs = ((1.0, 2.2), (0.84, 2.0), (0.8, 1.0), (0.6, 1.6), (0.5, 1.6), (0.38, 1.4), (0.28, 1.8))
    for share, pen in arcs:
        board.circle((x, y), radius * share, pen, 0, (), np.pi, np.pi)
    for k, a in enumerate(np.linspace(np.pi, 2 * np.pi, 22)):
        ends = [_polar((x, y), radius * r, a) for r in (0.84, 1.0)]
        board.path(ends, 1.3)
        if k % 2:
            board.hatch(_ring((x, y), radius * 0.84, radius, a, np.pi / 21), 6, a, 1)
        board.path([(x, y), ends[0]], 0.8, 1, (10, 8))
        board.circle(ends[0], radius * 0.03, 0.9, 1)
    low = y + radius * 0.42
    feet = np.linspace(x - radius, x + radius, 11)
    board.path([(feet[0], y), (feet[-1], y)], 2.2)
    board.path([(feet[0], low), (feet[-1], low)], 2.2)
    for k in range(10):
        up = [(feet[k], y), (feet[k + 1], low)]
        board.path(up if k % 2 else [(feet[k], low), (feet[k + 1], y)], 1.6)
        board.path([(feet[k], y), (feet[k], low)], 1.1, 1)
    board.measure((feet[0], low), (feet[-1], low), radius * 0.16)


def _bolt(board: _Board, centre: Point, radius: float) -> None:
    """A nut seen from above, for small places."""
    a = board.rng.uniform(0, 1) + np.arange(7) * np.pi / 3
    board.path([_polar(centre, radius, t) for t in a], 1.8)
    for share, pen in ((0.86, 1.2), (0.5, 1.8), (0.42, 1.0)):
        board.circle(centre, radius * share, pen)
    board.hatch(_ring(centre, radius * 0.5, radius * 0.86, a[0], 3.5), 6, 0.8)
    _cross(board, centre, radius)


def _print(board: _Board, rng: np.random.Generator) -> Floats:
    """Expose the lines on a hand-coated sheet: they waver, bleed and fade with the coat."""
    half = (LANDSCAPE[1], LANDSCAPE[0])
    y, x = grid(LANDSCAPE)
    bent = [y + 1.6 * noise(LANDSCAPE, 130, rng, 2), x + 1.6 * noise(LANDSCAPE, 130, rng, 2)]
    coat = noise(LANDSCAPE, 380, rng, 5) + 0.22 * noise(LANDSCAPE, (60, 420), rng, 3)
    paper = noise(LANDSCAPE, 2.4, rng, 2) + 0.6 * noise(LANDSCAPE, (3, 12), rng)
    deep, mid, pale = colours("0b2a5c 17509a 3f83bd")
    picture = mix(mid + 0 * y[..., None], deep, np.clip(0.45 + 0.38 * coat, 0, 1))
    picture = mix(picture, pale, np.clip(-0.5 * coat - 0.55, 0, 0.75))
    picture = picture * (1 + 0.045 * paper)[..., None]
    wear = np.clip(0.88 + 0.13 * paper - 0.10 * coat, 0.3, 1)
    for ink, image in zip(colours("8fbfe6 f3f7f4"), board.inks[::-1], strict=True):
        line = np.asarray(image.resize(half, Image.Resampling.BOX), np.float32) / 255
        line = ndimage.map_coordinates(blur(line, 0.5), bent, order=1, mode="nearest")
        picture = mix(picture, ink, np.clip(line * 1.15 * wear + 0.22 * blur(line, 2.5), 0, 1))
    return picture
