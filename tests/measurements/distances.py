"""How far a picture is from its style and its photograph."""

import statistics
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from measurements.pair import backbone
from PIL import Image

from nst_core import RECIPES, Losses, Objective
from nst_core.images.opening import open_image
from nst_core.images.sizes import fit, resize, to_array
from nst_core.loss.neighbours import nearest_distances
from nst_core.network.tensorflow import tf

DISTANCES = RECIPES["moments"].changed(
    style_comparison="gram-relative",
    style_layers={f"block{number}_conv1": 2.0 ** (5 - number) / 31 for number in range(1, 6)},
    style_weight=1.0,
    variation_weight=0.0,
    precision="float32",
)
"""The relative style distance with layer weights 16:8:4:2:1, and the content distance."""


@cache
def distance_judge(content: Path, style: Path, size: tuple[int, int]) -> Objective:
    style_image = open_image(style)
    style_size = DISTANCES.style_size(style_image.size, size)
    generated, wanted = resize(open_image(content), size), resize(style_image, style_size)
    return Objective(to_array(generated), to_array(wanted), DISTANCES, backbone())


def distances(content: Path, style: Path, picture: Image.Image | None, longest: int) -> Losses:
    """Style and content distance of a picture, enlarged to `longest` px; None: the photograph's."""
    size = fit(open_image(content).size, longest)
    shown = resize(picture or open_image(content), size)
    return distance_judge(content, style, size)(to_array(shown))


STRIDES = {"block1_conv2": 1, "block2_conv2": 2, "block3_conv3": 4, "block4_conv3": 8}
"""Layers of the neighbour distance -> px from one position of a layer's map to the next."""
MOST_ACROSS = 64
"""Positions along each side of a map that are looked at for the neighbour distance."""
BAND, MARGIN = 512, 96
"""px of height that are looked at at once, and around them: what the deepest layer sees."""


def neighbour_distance(picture: Image.Image, style: Path) -> float:
    """Mean over layers and positions of 1 − cosine to the style's nearest, both less their mean."""
    painting = open_image(style)
    wanted = resize(painting, DISTANCES.style_size(painting.size, picture.size))
    one, other = map(spread_columns, (picture, wanted))
    return statistics.mean(
        float(nearest_distances(one[layer], other[layer], None, 1.0)[0]) for layer in STRIDES
    )


def spread_columns(image: Image.Image) -> dict[str, Any]:
    """Layer -> the activations at evenly spread positions, 1×K×N; those of a print fill memory."""
    pixels = to_array(image)[None]
    bands = [band_columns(pixels, top) for top in range(0, image.height, BAND)]
    found = {}
    for layer, stride in STRIDES.items():
        maps = tf.concat([band[layer] for band in bands], axis=1)
        rows = every(max(image.size) // stride)
        found[layer] = tf.reshape(maps[:, rows], [1, -1, maps.shape[3]])
    return found


def band_columns(pixels: np.ndarray, top: int) -> dict[str, Any]:
    """The same of the rows of a band of the image, all of them: 1×H×W'×N."""
    begin = max(0, top - MARGIN)
    band = tf.constant(pixels[:, begin : top + BAND + MARGIN])
    maps = backbone().activations(band, tuple(STRIDES), padding="reflect")
    first, longest = top - begin, max(pixels.shape[1:3])
    return {
        layer: maps[layer][:, first // stride : (first + BAND) // stride, every(longest // stride)]
        for layer, stride in STRIDES.items()
    }


def every(across: int) -> slice:
    """Evenly spread positions of so many."""
    step = max(1, across // MOST_ACROSS)
    return slice(step // 2, None, step)
