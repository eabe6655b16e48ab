"""Start images: what the optimiser sets out from."""

from collections.abc import Callable

import numpy as np

from nst_core.network.backbone import IMAGENET_MEAN

Start = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""(content, the style of most weight at the same size, random generator) -> start image; float32
H×W×3 in 0..255."""


def content(content: np.ndarray, _style: np.ndarray, _random: np.random.Generator) -> np.ndarray:
    """The content image as it is."""
    return content


def style(_content: np.ndarray, style: np.ndarray, _random: np.random.Generator) -> np.ndarray:
    """The style image, stretched to the size of the content image."""
    return style


def noise(content: np.ndarray, _style: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Uniform white noise over the whole pixel range, U(0, 255)."""
    return random.uniform(0, 255, content.shape).astype(np.float32)


def noisy_content(
    content: np.ndarray, _style: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """0.1·noise + 0.9·content, noise ~ U(mean − std, mean + std) of the content's pixels."""
    mean, spread = content.mean(), content.std()
    noise = random.uniform(mean - spread, mean + spread, content.shape)
    return (0.1 * noise + 0.9 * content).astype(np.float32)


def mostly_noise(
    content: np.ndarray, _style: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """0.6·noise + 0.4·content in network space, noise ~ U(−20, 20): a faint content on grey."""
    noise = random.uniform(-20, 20, content.shape)
    return (0.6 * noise + 0.4 * (content - IMAGENET_MEAN) + IMAGENET_MEAN).astype(np.float32)


def grey_noise(content: np.ndarray, _style: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Uniform noise in [0, 1) in network space: the mean colour of ImageNet, barely disturbed."""
    return (random.uniform(0, 1, content.shape) + IMAGENET_MEAN).astype(np.float32)


STARTS: dict[str, Start] = {
    "content": content,
    "style": style,
    "noise": noise,
    "grey-noise": grey_noise,
    "noisy-content": noisy_content,
    "mostly-noise": mostly_noise,
}
