"""The pair of images that is measured, and one step on it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from helpers import ROOT
from PIL import Image

from nst_core import Backbone, Objective, Recipe, load_backbone, stylize
from nst_core.images.opening import open_image
from nst_core.images.sizes import fit, resize, to_array
from nst_core.network.tensorflow import tf
from nst_core.objective.graph import Way, as_a_whole

CONTENT = ROOT / "examples" / "content" / "castle.jpg"
STYLE = ROOT / "examples" / "style" / "cafe-terrace-at-night.jpg"


@cache
def backbone() -> Backbone:
    return load_backbone("embedded")


def pixels(path: Path, longest: int) -> np.ndarray:
    image = open_image(path)
    return to_array(resize(image, fit(image.size, longest)))


def objective(recipe: Recipe, size: int) -> Objective:
    content, style = pixels(CONTENT, size), pixels(STYLE, size)
    return Objective(content, style, recipe, backbone())


def warm_up(recipe: str) -> Image.Image:
    """Have the graph traced and the precision chosen, so that neither is measured."""
    *_, last = stylize(CONTENT, STYLE, recipe, backbone(), size=64, steps=2)
    return last.image


def step_here(recipe: Recipe, size: int, way: Way = as_a_whole) -> Callable[[], Any]:
    """One evaluation with gradient, as `stylize` does it."""
    content, style = pixels(CONTENT, size), pixels(STYLE, size)
    loss = Objective(content, style, recipe, backbone(), way=way)
    image = tf.constant(pixels(CONTENT, size)[None])
    return lambda: loss.evaluate(image)[1].numpy()
