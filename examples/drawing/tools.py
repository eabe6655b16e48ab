"""What every picture needs: grids, noise that is not periodic, palettes, light and saving."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Floats = NDArray[np.floating[Any]]
Shape = tuple[int, int]

LANDSCAPE: Shape = (1536, 2048)
"""Rows and columns of a picture."""
PORTRAIT: Shape = (2048, 1536)
MAX_BYTES = 950_000


def grid(shape: Shape) -> tuple[Floats, Floats]:
    """The y and x of every pixel."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return y, x


def noise(
    shape: Shape, scale: float | tuple[float, float], rng: np.random.Generator, octaves: int = 1
) -> Floats:
    """Smooth noise of mean 0 and deviation 1, its blots `scale` px (down, across) in size."""
    down, across = scale if isinstance(scale, tuple) else (scale, scale)
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        cells = [
            max(2, round(n * 2**octave / s)) + 3 for n, s in ((shape[0], down), (shape[1], across))
        ]
        coarse = Image.fromarray(rng.standard_normal(cells).astype(np.float32))
        # A box inside the coarse grid keeps the resampling's edge out of the picture.
        box = (1.2, 1.3, cells[1] - 1.4, cells[0] - 1.2)
        fine = coarse.resize((shape[1], shape[0]), Image.Resampling.BICUBIC, box=box)
        total += np.asarray(fine) * 0.5**octave
    return ((total - total.mean()) / (total.std() + 1e-6)).astype(np.float32)


def blur(field: Floats, sigma: float) -> Floats:
    """Gaussian blur of the first two axes."""
    sigmas = [sigma, sigma] + [0] * (field.ndim - 2)
    return np.asarray(ndimage.gaussian_filter(field, sigmas, mode="nearest"), np.float32)


def colours(codes: str) -> Floats:
    """Rows of RGB in 0…1 from "rrggbb rrggbb …"."""
    rows = [[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes.split()]
    return np.array(rows, np.float32)


def relief(height: Floats, strength: float, angle: float = 2.3) -> Floats:
    """Light on a height map, about 0: positive where a slope faces the lamp (top left)."""
    slope_y, slope_x = np.gradient(height)
    lit = strength * (slope_x * np.cos(angle) - slope_y * np.sin(angle))
    return np.tanh(-lit if np.cos(angle) > 0 else lit).astype(np.float32)


def mix(below: Floats, above: Floats, share: Floats) -> Floats:
    """`above` laid over `below` where share is 1."""
    return below + (above - below) * share[..., None]


def save(picture: Floats, path: Path) -> int:
    """Write RGB in 0…1 as a JPEG of at most MAX_BYTES, as good as fits; give its size in bytes."""
    pixels = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    image = Image.fromarray(pixels)
    for quality in range(93, 40, -3):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= MAX_BYTES:
            break
    path.write_bytes(buffer.getvalue())
    return buffer.tell()
