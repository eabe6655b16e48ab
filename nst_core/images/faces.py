"""Faces in a photograph, for them to be kept: found by BlazeFace, and as a soft map of places."""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from nst_core.images.sizes import Size, fit, resize

FILE = Path(__file__).parent / "blazeface" / "face_detection_back.tflite"
SIDE = 256
"""px of the square that the network looks at."""
GRIDS = ((16, 2), (8, 6))
"""Cells along a side, and anchors in each."""
SURE, SURE_IN_PART = 0.75, 0.8
"""What is less sure, of 1, is taken for no face: below it are fruit and the fronts of houses. Four
parts of a photograph have four times as many chances to be taken for one."""
PART = 0.6
"""Sides of these parts, over those of the photograph: they overlap, lest a border cut a face."""
LEAST_FOR_PARTS = 2 * SIDE
"""px of the longest side of a photograph whose parts are looked at for small faces, too."""
ALIKE = 0.3
"""Two faces are one where what they share is this much of both together."""
WIDTH, HEIGHT, RAISED = 0.75, 0.95, 0.05
"""Half axes of the ellipse that is kept, over the sides of a face, which goes from brow to
chin; and how far it is raised for the forehead."""
WHOLLY, NOT_AT_ALL = 0.75, 1.35
"""Parts of these axes up to which a place counts wholly, and from which it does not."""
_one_at_a_time = Lock()


class Face(NamedTuple):
    """Attributes: x and y of its middle, its width and height, in parts of the image's sides."""

    x: float
    y: float
    width: float
    height: float

    def within(self, left: float, top: float) -> "Face":
        """The same in the whole image, of which it was found in a part that begins there."""
        x, y, width, height = (PART * each for each in self)
        return Face(left + x, top + y, width, height)

    def is_at(self, other: "Face") -> bool:
        """Whether its middle is in the other one."""
        across, down = abs(self.x - other.x), abs(self.y - other.y)
        return 2 * across < other.width and 2 * down < other.height


def find_faces(image: Image.Image) -> list[Face]:
    """The faces in an image of which each is a twentieth of its sides or more, large ones first."""
    image = image.convert("RGB")
    found = _looked_for(image, SURE)
    if max(image.size) < LEAST_FOR_PARTS:
        return found
    width, height = image.size
    for left, top in product((0.0, 1 - PART), repeat=2):
        x, y = round(left * width), round(top * height)
        part = image.crop((x, y, x + round(PART * width), y + round(PART * height)))
        faces = (face.within(left, top) for face in _looked_for(part, SURE_IN_PART))
        found += [face for face in faces if not any(face.is_at(other) for other in found)]
    return found


def _looked_for(image: Image.Image, sure: float) -> list[Face]:
    size = fit(image.size, SIDE)
    return list(_found(resize(image, size).tobytes(), size, sure))


@lru_cache(maxsize=256)
def _found(pixels: bytes, size: Size, sure: float) -> tuple[Face, ...]:
    """Those in an image as the network looks at it; a photo is painted in one style after another.

    Args:
        pixels: RGB.
        size: (width, height) px, the longest side of `SIDE`.
        sure: the least, see `SURE`.
    """
    import cv2  # takes a moment to import, and only faces and films need it

    left, top = ((SIDE - side) // 2 for side in size)
    square = Image.new("RGB", (SIDE, SIDE))
    square.paste(Image.frombytes("RGB", size, pixels), (left, top))
    blob = np.asarray(square, np.float32).transpose(2, 0, 1)[None] / 127.5 - 1
    with _one_at_a_time:  # a network holds what it is given
        network = _network()
        network.setInput(blob)
        found = network.forward(["classificators", "regressors"])
    scores = 1 / (1 + np.exp(-found[0].ravel().clip(-50, 50)))
    middles = found[1][0, :, :2] / SIDE + _anchors()
    sides = found[1][0, :, 2:4] / SIDE
    boxes = np.concatenate([middles - sides / 2, sides], axis=1)
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), sure, ALIKE)
    scale = SIDE / np.array([*size, *size])
    inset = np.array([left, top, 0, 0]) / SIDE
    both = np.concatenate([middles, sides], axis=1)
    return tuple(Face(*((both[number] - inset) * scale).tolist()) for number in np.ravel(kept))


def places_of(faces: Sequence[Face], size: Size) -> np.ndarray:
    """How much each pixel belongs to a face: float32 H×W in 0..1, soft at the borders.

    Args:
        faces: of the image.
        size: (width, height) px.
    """
    width, height = size
    down, right = (np.mgrid[:height, :width] + 0.5) / np.array([height, width])[:, None, None]
    places = np.zeros((height, width))
    for face in faces:
        across = (right - face.x) / (WIDTH * face.width)
        along = (down - face.y + RAISED * face.height) / (HEIGHT * face.height)
        part = (NOT_AT_ALL - np.hypot(across, along)) / (NOT_AT_ALL - WHOLLY)
        places = np.maximum(places, part.clip(0, 1))
    return (places**2 * (3 - 2 * places)).astype(np.float32)


@cache
def _network() -> Any:
    import cv2

    # OpenCV 5 has another engine, which gives the first of the network's two answers alone.
    engine = [cv2.dnn.ENGINE_CLASSIC] if hasattr(cv2.dnn, "ENGINE_CLASSIC") else []
    return cv2.dnn.readNetFromTFLite(str(FILE), *engine)


@cache
def _anchors() -> np.ndarray:
    """The middles that the network's answers are relative to, in parts of its picture: A×2."""
    found = []
    for cells, each in GRIDS:
        middles = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        found.append(np.repeat(grid, each, axis=0))
    return np.concatenate(found)
