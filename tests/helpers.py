"""What several test files need: small images, odd files, and VGG activations by another way."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nst_core import RECIPES, Backbone
from nst_core.network.tensorflow import tf

ROOT = Path(__file__).parent.parent
CAT = ROOT / "examples" / "content" / "cat.jpg"
CHURCH = ROOT / "examples" / "style" / "church-at-auvers.jpg"

STUDIO = RECIPES["studio"].changed(precision="float32")
"""The same on every machine, and one trace for all tests that use it."""
MOMENTS = RECIPES["moments"].changed(precision="float32")
"""The same of statistics alone: what it asks of a picture is the same at each step and size."""

Maps = Mapping[str, np.ndarray]
"""Layer name -> activations H×W×N."""


def noise(height: int, width: int, seed: int) -> np.ndarray:
    """uint8 H×W×3."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def photo(path: Path, height: int, width: int) -> np.ndarray:
    """An example image at another size; uint8 H×W×3."""
    with Image.open(path) as image:
        return np.array(image.convert("RGB").resize((width, height)))


def keras_maps(backbone: Backbone, pooling: str, margin: int = 0) -> Callable[[np.ndarray], Maps]:
    """Every activation of an image H×W×3 in 0..255, in float64, by a plain Keras model.

    margin: 1 mirrors the image's border in front of the first layer, and fills it up to a multiple
        of 16 at the bottom and the right edge; 0 pads with zeros.
    """
    model = _keras_model(backbone, pooling, margin)

    def maps(image: np.ndarray) -> Maps:
        down, right = (margin * (1 + -side % 16) for side in image.shape[:2])
        widths = [(margin, down), (margin, right), (0, 0)]
        padded = np.pad(image.astype(np.float64), widths, mode="reflect")
        batch = tf.keras.applications.vgg16.preprocess_input(padded[None])
        return {layer: value.numpy()[0] for layer, value in model(batch).items()}

    return maps


@lru_cache
def _keras_model(backbone: Backbone, pooling: str, margin: int) -> Callable[[np.ndarray], Mapping]:
    layers = tf.keras.layers
    pool = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}[pooling]
    image = x = tf.keras.Input((None, None, 3), dtype="float64")
    found: dict[str, Any] = {}
    for name, (kernel, bias) in backbone.kernels.items():
        if name.endswith("_conv1") and found:
            x = pool(2, dtype="float64")(x)
        padding = "valid" if margin and not found else "same"
        layer = layers.Conv2D(
            kernel.shape[-1], 3, padding=padding, activation="relu", dtype="float64"
        )
        x = found[name] = layer(x)
        layer.set_weights([kernel, bias])
    return tf.function(tf.keras.Model(image, found), reduce_retracing=True)


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root, who may read and write everything, becomes nobody for a moment."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
