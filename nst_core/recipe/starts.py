"""Start images: what the optimiser sets out from."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nst_core.network.backbone import IMAGENET_MEAN


class Beginning(NamedTuple):
    """What a start image can be made of; images are float32 H×W×3 in 0..255, of one size.

    Attributes:
        content: the content image.
        style: the style image of most weight, stretched to that size.
        random: generator.
        decoded: gives what the decoder makes of content and styles.
    """

    content: np.ndarray
    style: np.ndarray
    random: np.random.Generator
    decoded: Callable[[], np.ndarray]


Start = Callable[[Beginning], np.ndarray]


def content(images: Beginning) -> np.ndarray:
    """The content image as it is."""
    return images.content


def style(images: Beginning) -> np.ndarray:
    """The style image, stretched to the size of the content image."""
    return images.style


def decoder(images: Beginning) -> np.ndarray:
    """What the decoder paints at once (Kolkin et al. 2022, NNST-D)."""
    return images.decoded()


def noise(images: Beginning) -> np.ndarray:
    """Uniform white noise over the whole pixel range, U(0, 255)."""
    return images.random.uniform(0, 255, images.content.shape).astype(np.float32)


def noisy_content(images: Beginning) -> np.ndarray:
    """0.1·noise + 0.9·content, noise ~ U(mean − std, mean + std) of the content's pixels."""
    content = images.content
    mean, spread = content.mean(), content.std()
    noise = images.random.uniform(mean - spread, mean + spread, content.shape)
    return (0.1 * noise + 0.9 * content).astype(np.float32)


def mostly_noise(images: Beginning) -> np.ndarray:
    """0.6·noise + 0.4·content in network space, noise ~ U(−20, 20): a faint content on grey."""
    content = images.content
    noise = images.random.uniform(-20, 20, content.shape)
    return (0.6 * noise + 0.4 * (content - IMAGENET_MEAN) + IMAGENET_MEAN).astype(np.float32)


def grey_noise(images: Beginning) -> np.ndarray:
    """Uniform noise in [0, 1) in network space: the mean colour of ImageNet, barely disturbed."""
    return (images.random.uniform(0, 1, images.content.shape) + IMAGENET_MEAN).astype(np.float32)


STARTS: dict[str, Start] = {
    "content": content,
    "style": style,
    "decoder": decoder,
    "noise": noise,
    "grey-noise": grey_noise,
    "noisy-content": noisy_content,
    "mostly-noise": mostly_noise,
}
