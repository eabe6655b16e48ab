"""What painted pictures share: an easel, paths that follow a flow, colours between stops."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from drawing.tools import Floats, Shape

Paths = Floats
"""One path a row: (paths, points, 2) of y and x."""


class Easel:
    """A canvas at twice the size, its colour and its paint's height drawn together."""

    def __init__(self, shape: Shape, ground: Floats, height: int = 40) -> None:
        size = (2 * shape[1], 2 * shape[0])
        shade = tuple(int(255 * v) for v in ground)
        self.colour, self.height = Image.new("RGB", size, shade), Image.new("L", size, height)
        self._brushes = ImageDraw.Draw(self.colour), ImageDraw.Draw(self.height)

    def blob(self, outline: Floats, colour: Floats, height: float) -> None:
        """A closed shape from its (points, 2) of y and x."""
        points = [(float(x), float(y)) for y, x in 2 * outline]
        self._brushes[0].polygon(points, fill=_bytes(colour))
        self._brushes[1].polygon(points, fill=int(height))

    def line(self, path: Floats, colour: Floats, height: float, width: float) -> None:
        """One bristle's trace."""
        points = [(float(x), float(y)) for y, x in 2 * path]
        thick = max(1, round(2 * width))
        self._brushes[0].line(points, fill=_bytes(colour), width=thick)
        self._brushes[1].line(points, fill=int(np.clip(height, 0, 255)), width=thick)

    def dry(self) -> tuple[Floats, Floats]:
        """The colour and the height at their final size, both in 0…1."""
        half = (self.colour.width // 2, self.colour.height // 2)
        images = (i.resize(half, Image.Resampling.BOX) for i in (self.colour, self.height))
        colour, height = (np.asarray(i, np.float32) / 255 for i in images)
        return colour, height


def _bytes(colour: Floats) -> tuple[int, int, int]:
    r, g, b = (np.clip(colour, 0, 1) * 255).astype(int)
    return int(r), int(g), int(b)


def trace(starts: Floats, angle: Floats, length: Floats, points: int) -> Paths:
    """Paths through a field of directions from their middles, each of its own length in px."""
    steps = []
    for sense in (-1, 1):
        y, x = starts[:, 0].copy(), starts[:, 1].copy()
        half = []
        for _ in range(points // 2):
            i = np.clip(y.astype(int), 0, angle.shape[0] - 1)
            j = np.clip(x.astype(int), 0, angle.shape[1] - 1)
            y = y + sense * length / points * np.sin(angle[i, j])
            x = x + sense * length / points * np.cos(angle[i, j])
            half.append(np.stack([y, x], 1))
        steps.append(half[::-1] if sense < 0 else half)
    return np.stack([*steps[0], starts, *steps[1]], 1)


def scatter(shape: Shape, spacing: float, rng: np.random.Generator) -> Floats:
    """Places about `spacing` px apart all over the picture and a little beyond, in random order."""
    y, x = np.mgrid[
        -spacing : shape[0] + spacing : spacing, -spacing : shape[1] + spacing : spacing
    ]
    places = np.stack([y.ravel(), x.ravel()], 1) + rng.uniform(-0.6, 0.6, (y.size, 2)) * spacing
    return rng.permutation(places)


def at(field: NDArray[Any], places: Floats) -> NDArray[Any]:
    """A field's values at places, those beyond the picture taken from its edge."""
    i = np.clip(places[:, 0].astype(int), 0, field.shape[0] - 1)
    j = np.clip(places[:, 1].astype(int), 0, field.shape[1] - 1)
    return np.asarray(field[i, j])


def ramp(stops: Floats, position: Floats) -> Floats:
    """Colours between stops, position 0 for the first and 1 for the last."""
    place = np.clip(position, 0, 1) * (len(stops) - 1)
    low = np.minimum(place.astype(int), len(stops) - 2)
    return np.asarray(stops[low] + (stops[low + 1] - stops[low]) * (place - low)[..., None])
