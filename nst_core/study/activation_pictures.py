"""Pictures that explain: what the layers see in an image, and what its Gram matrices say."""

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageOps

from nst_core.checks import check_choice, check_whole
from nst_core.images.opening import ImageSource, open_image
from nst_core.images.sizes import fit, resize, to_array
from nst_core.loss.scalings import TINY
from nst_core.loss.statistics import gram_matrix
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import tf
from nst_core.objective.graph import as_tensor

Labelled = tuple[str, Image.Image]
"""(label, picture), as `sheets.labelled_sheet` takes them."""

SIZE = 256
"""px of an image's longest side when the network looks at it."""
MARGIN = 80
"""px of mirrored image around it, a multiple of `STRIDE`: as far as the zeros that VGG pads with
are seen from block5_conv1, so that they draw no frame around the maps."""
STRIDE = 16
"""px between two positions of the deepest maps."""
STRONGEST = 64
"""Channels in a picture of a Gram matrix."""
DECADES = 3
"""Powers of ten between black and white in a picture of a Gram matrix."""
GRAM_SIDE = 256
"""px of a picture of a Gram matrix."""


def activation_maps(
    image: ImageSource, backbone: Backbone, per_block: int = 4, size: int = SIZE
) -> list[Labelled]:
    """What the first layer of each block sees: its channels with the most variance over the image.

    Grey: black is 0, white the channel's largest activation in this image, and the square root of
    activations in between. Brightness compares within a map only. A square stands for 1, 2, 4, 8 or
    16 px of the image, block by block.

    Args:
        image: as for `images.open_image`.
        backbone: the network that looks.
        per_block: channels of each block, 1 to 64.
        size: px that the image's longest side is scaled to.

    Returns:
        (layer and channel, RGB picture), by block, the most variance first; all pictures have the
        size of the scaled image.

    Raises:
        ImageError: the image can't be used.
        RecipeError: `per_block` is out of range.
    """
    check_whole("per_block", per_block, 1, 64)
    picture = _scaled(image, size)
    layers = [layer for layer in backbone.layers if layer.endswith("_conv1")]
    found = []
    for block, (layer, maps) in enumerate(_activations(picture, backbone, layers).items()):
        order = np.argsort(-maps.var(axis=(0, 1)), kind="stable")
        for channel in order[:per_block]:
            squares = _grey(maps[..., channel], 2**block).crop((0, 0, *picture.size))
            found.append((f"{layer}, channel {channel}", squares))
    return found


def gram_pictures(
    content: ImageSource,
    style: ImageSource,
    result: ImageSource | None,
    backbone: Backbone,
    layer: str = "block3_conv1",
) -> list[Labelled]:
    """The Gram matrices of style, content and result, and what still lies between them.

    Rows and columns are the `STRONGEST` channels of the style, strongest first, in all pictures.
    Colours are logarithmic and the same in all: white is the largest value in any of the three
    matrices, black what is `DECADES` powers of ten below it, or 0.

    Args:
        content: as for `images.open_image`. Each image is looked at with its longest side scaled
            to `SIZE`; the matrices are per position, so that the aspects need not agree.
        style: the same.
        result: the same; None leaves out what would be shown of it.
        backbone: the network that looks.
        layer: one of its layers.

    Returns:
        Up to five (label, RGB picture of `GRAM_SIDE` px): the matrices of style, content and
        result, then the absolute difference of content and style, and of result and style. The
        labels of the differences end with ‖G − A‖ / ‖A‖ in percent, over all channels; A is the
        style's matrix.

    Raises:
        ImageError: an image can't be used.
        RecipeError: the backbone has no such layer.
    """
    check_choice("layer", layer, backbone.layers)
    images = {"style": style, "content": content, "result": result}
    grams = {
        name: _gram(image, backbone, layer) for name, image in images.items() if image is not None
    }
    target = grams["style"]
    strongest = np.argsort(-target.diagonal(), kind="stable")[:STRONGEST]
    differences = {
        f"{name} against style: {_distance(gram, target)}": abs(gram - target)
        for name, gram in grams.items()
        if name != "style"
    }
    matrices = grams | differences
    shown = {label: gram[np.ix_(strongest, strongest)] for label, gram in matrices.items()}
    top = max(gram.max() for gram in shown.values())
    return [(label, _heat(gram, top)) for label, gram in shown.items()]


def _scaled(image: ImageSource, size: int) -> Image.Image:
    picture = open_image(image, longest=size)
    return resize(picture, fit(picture.size, size))


def _activations(
    picture: Image.Image, backbone: Backbone, layers: Iterable[str]
) -> dict[str, np.ndarray]:
    """Layer name -> float32 array H×W×N, 0 or more, as if the image went on beyond its border."""
    pixels = to_array(picture)
    margins = [(MARGIN, MARGIN + -side % STRIDE) for side in pixels.shape[:2]]
    padded = np.pad(pixels, [*margins, (0, 0)], mode="reflect")
    maps = {}
    for layer, value in backbone.activations(as_tensor(padded), layers).items():
        stride = len(padded) // value.shape[1]
        top, (height, width) = MARGIN // stride, (-(-side // stride) for side in pixels.shape[:2])
        maps[layer] = value.numpy()[0, top : top + height, top : top + width]
    return maps


def _grey(activations: np.ndarray, side: int) -> Image.Image:
    """A map H×W as squares of `side` px, bright by the root of its values; 0 is black."""
    largest = activations.max()
    ratios = activations / largest if largest > 0 else activations
    grey = Image.fromarray(np.rint(255 * np.sqrt(ratios)).astype(np.uint8))
    size = (grey.width * side, grey.height * side)
    return grey.resize(size, Image.Resampling.NEAREST).convert("RGB")


def _gram(image: ImageSource, backbone: Backbone, layer: str) -> np.ndarray:
    maps = _activations(_scaled(image, SIZE), backbone, [layer])[layer]
    return gram_matrix(tf.constant(maps[None])).numpy()[0]


def _distance(gram: np.ndarray, target: np.ndarray) -> str:
    return f"{np.linalg.norm(gram - target) / (np.linalg.norm(target) + TINY):.0%}"


def _heat(values: np.ndarray, top: float) -> Image.Image:
    """A matrix of values from 0 to `top` as squares from black through red to white, by log10."""
    ratios = values / top if top > 0 else values
    levels = 1 + np.log10(np.maximum(ratios, 10.0**-DECADES)) / DECADES
    grey = Image.fromarray(np.rint(255 * levels).astype(np.uint8))
    colours = ImageOps.colorize(grey, black="black", mid="#d8431f", white="#fff9e6")
    return colours.resize((GRAM_SIDE, GRAM_SIDE), Image.Resampling.NEAREST)
