"""What recipes paint: from the photograph to the texture, and on the shape of VGG19."""

import math
from typing import Any

import numpy as np
import pytest
from helpers import ROOT, noise

from nst_core import RECIPES, Backbone, stylize
from nst_core.network.tensorflow import tf

EXAMPLES = ROOT / "examples"
STUDIO = RECIPES["studio"]
STRENGTH_PAIRS = [
    ("castle", "cafe-terrace-at-night"),
    ("astronaut", "stained-glass"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("content", "style"), STRENGTH_PAIRS)
def test_style_strength_goes_from_the_photograph_to_the_texture(
    content: str, style: str, backbone: Backbone
) -> None:
    files = EXAMPLES / "content" / f"{content}.jpg", EXAMPLES / "style" / f"{style}.jpg"
    found = []
    for strength in (-10, -5, 0, 5, 10):
        changes: dict[str, Any] = {"size": 128, "quality": "draft", "style_strength": strength}
        *_, frame = stylize(*files, STUDIO, backbone, **changes)
        found.append(frame.losses.content / STUDIO.content_weight)
    assert found[0] <= 0.15
    assert found[-1] >= 1.0
    assert min(np.diff(found)) >= 0.15 * (found[-1] - found[0])


@pytest.mark.slow
def test_studio_runs_on_the_shape_of_vgg19() -> None:
    """Whose weights can't be had everywhere; these are random."""
    model = tf.keras.applications.VGG19(include_top=False, weights=None)
    layers = [layer for layer in model.layers if "_conv" in layer.name]
    network = Backbone("vgg19", "", {layer.name: layer.get_weights() for layer in layers})
    image = noise(48, 64, seed=1)
    *_, frame = stylize(image, noise(40, 40, seed=2), STUDIO, network, size=64, steps=3)
    assert len(network.layers) == 16
    assert frame.final
    assert math.isfinite(frame.losses.total)
