"""Pictures set from pieces: the mosaic."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from drawing.tools import LANDSCAPE, Floats, Shape, blur, colours, grid, mix, noise, relief

Stones = tuple[int, int, int, int]
Quad = list[tuple[float, float]]
ROW = 27.0
"""px, the breadth of a row of tesserae."""
STONES = colours(
    "1c2440 243f78 2f6f9a 58a3ab a9cdbf f1e6cb e3b04b cf7a33 a8432a 641d1f 2a2120 7d8446"
)
"""Midnight, lapis, sea, shallows, foam, ivory, ochre, amber, terracotta, oxblood, black, olive."""
BANDS = (
    (0, 1, 2, 3), (5, 4, 3, 3), (9, 8, 7, 6), (10, 5, 5, 6), (1, 2, 3, 4), (10, 9, 8, 8),
    (5, 6, 7, 7), (0, 11, 11, 6), (5, 5, 4, 3),
)  # fmt: skip
"""Each band's stones from its edge to its core."""
RINGS = (
    ((10, 10, 10, 10), (0, 1, 1, 2), (6, 6, 7, 8), (9, 8, 8, 7), (5, 5, 5, 5), (7, 6, 6, 6)),
    ((8, 8, 8, 9), (5, 5, 5, 5), (3, 2, 2, 2), (0, 1, 2, 2), (4, 3, 3, 3), (6, 6, 7, 7)),
)
"""The same for the rings of every other medallion, from the outside in."""
MEDALLIONS = ((1390, 560, 400), (430, 1080, 300), (420, 250, 150), (1880, 1330, 190))
"""x, y and radius in px."""


def mosaic() -> Floats:
    """Roman tesserae in rows along curved bands and medallions, with grout."""
    rng = np.random.default_rng(79)
    label, stones = _cartoon(rng)
    edges = np.zeros(label.shape, bool)
    edges[:, 1:] |= label[:, 1:] != label[:, :-1]
    edges[1:] |= label[1:] != label[:-1]
    distance = np.asarray(ndimage.distance_transform_edt(~edges), np.float32)
    row = (distance / ROW).astype(np.int32)
    quads, centres = _rows(distance, rng)
    quads, centres = _gaps(quads, centres, label.shape, rng)
    ys, xs = (np.clip(centres[:, i].astype(int), 0, label.shape[i] - 1) for i in (0, 1))
    depth = np.clip(row[ys, xs], 0, 3)
    stray = rng.random(len(ys))
    depth = np.clip(depth + (stray > 0.88) - (stray < 0.08), 0, 3)
    tints = STONES[np.array([stones[i][d] for i, d in zip(label[ys, xs], depth, strict=True)])]
    tints = tints * (1 + 0.11 * rng.standard_normal((len(ys), 1)))
    tints = tints + 0.022 * rng.standard_normal(tints.shape)
    return _set(quads, centres, tints.astype(np.float32), label.shape, rng)


def _cartoon(rng: np.random.Generator) -> tuple[NDArray[np.int32], list[Stones]]:
    """Which band each pixel is of, and each band's stones."""
    y, x = grid(LANDSCAPE)
    swell = y + 130 * np.sin(x / 270 + 0.6) + 50 * np.sin(x / 118 + y / 300) + 0.22 * x
    swell += 22 * noise(LANDSCAPE, 420, rng)
    for mx, my, radius in MEDALLIONS:  # the bands part before a medallion
        far = np.hypot(x - mx, y - my) / radius
        swell += 0.55 * (y - my) * np.exp(-(far**2) / 2.2)
    cuts = np.cumsum(rng.uniform(95, 205, 30)) - 500
    label = np.digitize(swell, cuts).astype(np.int32)
    stones = [BANDS[i % len(BANDS)] for i in range(len(cuts) + 1)]
    for number, (mx, my, radius) in enumerate(MEDALLIONS):
        first = len(stones)
        far = np.hypot(x - mx, y - my) * (1 + 0.012 * noise(LANDSCAPE, 260, rng))
        angle = np.arctan2(y - my, x - mx)
        points = max(6, round(radius / 25))
        heart = np.round(radius * 0.24 / ROW) * ROW
        rays = radius * (0.64 + 0.17 * np.abs((angle * points / np.pi + number) % 2 - 1))
        for ring in (radius, radius - 2 * ROW, rays, heart + 4 * ROW, heart + 2 * ROW, heart):
            label[far < ring] = len(stones)
            stones.append(RINGS[number % 2][len(stones) - first])
    return label, stones


def _rows(distance: Floats, rng: np.random.Generator) -> tuple[list[Quad], Floats]:
    """Tesserae along the lines of equal distance from the bands' edges."""
    slope_y, slope_x = np.gradient(blur(distance, 1.5))
    length = np.hypot(slope_y, slope_x) + 1e-6
    fields = (distance, slope_y / length, slope_x / length)
    taken = np.zeros(distance.shape, bool)
    quads: list[Quad] = []
    centres: list[tuple[float, float]] = []
    for number in range(int(distance.max() / ROW) + 1):
        level = (number + 0.5) * ROW
        starts = np.argwhere(np.abs(distance - level) < 0.7)
        for y, x in starts[rng.permutation(len(starts))]:
            if taken[y, x]:
                continue
            ahead = _walk(float(y), float(x), level, 1.0, fields, taken)
            back = _walk(float(y), float(x), level, -1.0, fields, taken)
            _cut(back[:0:-1] + ahead, quads, centres, rng)
    return quads, np.array(centres, np.float32)


def _walk(
    y: float,
    x: float,
    level: float,
    sense: float,
    fields: tuple[Floats, Floats, Floats],
    taken: NDArray[np.bool_],
) -> list[tuple[float, float, float, float]]:
    """The line of one level from a point on, as (y, x, slope y, slope x) every 3 px."""
    distance, slope_y, slope_x = fields
    height, width = distance.shape
    path: list[tuple[float, float, float, float]] = []
    marks: list[tuple[int, int]] = []
    while 0 <= y < height and 0 <= x < width and len(path) < 3000:
        i, j = int(y), int(x)
        if taken[i, j] or abs(distance[i, j] - level) > 4:
            break
        gy, gx = float(slope_y[i, j]), float(slope_x[i, j])
        path.append((y, x, gy, gx))
        marks.append((i, j))
        if len(marks) > 4:
            a, b = marks[-5]
            taken[max(a - 5, 0) : a + 6, max(b - 5, 0) : b + 6] = True
        off = float(distance[i, j]) - level
        y, x = y + sense * 3 * gx - 0.5 * off * gy, x - sense * 3 * gy - 0.5 * off * gx
    for a, b in marks[2:]:
        taken[max(a - 5, 0) : a + 6, max(b - 5, 0) : b + 6] = True
    return path


def _cut(
    path: list[tuple[float, float, float, float]],
    quads: list[Quad],
    centres: list[tuple[float, float]],
    rng: np.random.Generator,
) -> None:
    """Cut a row into tesserae of unequal length with crooked corners."""
    half = ROW / 2 - 1.6
    at = 0
    while at < len(path) - 3:
        steps = round(ROW / 3 * rng.uniform(0.8, 1.3))
        if len(path) - at - steps < 4:
            steps = len(path) - at
        first, last = path[at], path[min(at + steps, len(path) - 1)]
        dy, dx = last[0] - first[0], last[1] - first[1]
        trim = 1.7 / (np.hypot(dy, dx) + 1e-6)
        corners = []
        for (y, x, gy, gx), end, side in (
            (first, 1, -1), (last, -1, -1), (last, -1, 1), (first, 1, 1)
        ):  # fmt: skip
            wobble = rng.normal(0, 1.1, 2)
            corners.append(
                (
                    x + end * trim * dx + side * half * gx + wobble[0],
                    y + end * trim * dy + side * half * gy + wobble[1],
                )
            )
        quads.append(corners)
        centres.append(((first[0] + last[0]) / 2, (first[1] + last[1]) / 2))
        at += steps


def _gaps(
    quads: list[Quad], centres: Floats, shape: Shape, rng: np.random.Generator
) -> tuple[list[Quad], Floats]:
    """Take out pieces that lie on others, and fill what the rows left open with small odd ones."""
    height, width = shape
    drawn = Image.new("L", (width, height))
    brush = ImageDraw.Draw(drawn)
    kept = []
    for number, quad in enumerate(quads):
        middle = np.mean(quad, axis=0)
        inner = [
            tuple(np.clip(middle + 0.6 * (p - middle), 0, (width - 1, height - 1)))
            for p in np.array(quad)
        ]
        if not any(drawn.getpixel((int(a), int(b))) for a, b in inner):
            brush.polygon(quad, fill=1)
            kept.append(number)
    quads, centres = [quads[number] for number in kept], centres[kept]
    more: list[tuple[float, float]] = []
    for _ in range(3):
        room = np.asarray(ndimage.distance_transform_edt(np.asarray(drawn) == 0))
        peaks = (room == ndimage.maximum_filter(room, 15)) & (room > 5.5)
        for y, x in np.argwhere(peaks):
            size = float(min(room[y, x] * 1.25, ROW * 0.62)) - 1.5
            turn = rng.uniform(0, 2 * np.pi)
            around = turn + np.arange(4) * np.pi / 2 + rng.normal(0, 0.25, 4)
            quads.append([(x + size * np.cos(a), y + size * np.sin(a)) for a in around])
            brush.polygon(quads[-1], fill=1)
            more.append((float(y), float(x)))
    return quads, np.concatenate([centres, np.array(more, np.float32).reshape(-1, 2)])


def _set(
    quads: list[Quad],
    centres: Floats,
    tints: Floats,
    shape: Shape,
    rng: np.random.Generator,
) -> Floats:
    """Lay the pieces into grout and light them."""
    height, width = shape
    which_image = Image.new("I", (width, height), 0)
    cover_image = Image.new("L", (2 * width, 2 * height))
    which_brush, cover_brush = ImageDraw.Draw(which_image), ImageDraw.Draw(cover_image)
    for number, quad in enumerate(quads):
        which_brush.polygon(quad, fill=number, outline=number, width=3)
        cover_brush.polygon([(2 * a, 2 * b) for a, b in quad], fill=255)
    which = np.asarray(which_image)
    cover = np.asarray(cover_image.resize((width, height), Image.Resampling.BOX), np.float32) / 255
    y, x = grid(shape)
    tilt = rng.normal(0, 0.006, (2, len(quads))).astype(np.float32)
    lean = tilt[0][which] * (y - centres[which, 0]) + tilt[1][which] * (x - centres[which, 1])
    vein = 0.03 * noise(shape, 9, rng, 3) + 0.02 * noise(shape, 2, rng)
    stone = tints[which] * (1 + np.clip(lean, -0.12, 0.12) + vein)[..., None]
    body = blur(cover, 2.2)
    stone = stone + 0.16 * relief(body, 9.0)[..., None]
    bed = colours("b3a58c")[0] * (1 + 0.05 * noise(shape, 3, rng, 2))[..., None]
    bed = bed * (0.52 + 0.5 * (1 - body) + 0.05 * noise(shape, 200, rng))[..., None]
    picture = mix(bed.astype(np.float32), stone.astype(np.float32), cover)
    return picture * (1 + 0.035 * noise(shape, 500, rng, 2))[..., None]
