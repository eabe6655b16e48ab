"""Keeping the photograph's own colours: what is done to a run's images, and to its picture.

After Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer". All pixels here are
float arrays H×W×3, RGB in 0..255; values that a treatment leads out of that range are not clipped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
"""RGB -> luminance Y and the colours I and Q (NTSC 1953)."""
_RGB = np.linalg.inv(YIQ)
_FLAT = 1e-6
"""A spread below this share of the largest one is no spread: in a grey image, that of colours."""


class Treatment(Protocol):
    """What becomes of a run's images. `content` is the photograph as it is."""

    def photograph(self, content: np.ndarray) -> np.ndarray:
        """What the run takes for the content image, and for a picture to go on from."""

    def style(self, style: np.ndarray, content: np.ndarray) -> np.ndarray:
        """What it takes for the style image."""

    def picture(self, picture: np.ndarray, content: np.ndarray) -> np.ndarray:
        """What is shown of the run's picture, of the content's size."""


@dataclass(frozen=True)
class Untouched:
    """The picture has the colours of the style image, as published."""

    share: float = 1.0

    def photograph(self, content: np.ndarray) -> np.ndarray:
        return content

    def style(self, style: np.ndarray, content: np.ndarray) -> np.ndarray:
        return style

    def picture(self, picture: np.ndarray, content: np.ndarray) -> np.ndarray:
        return picture


@dataclass(frozen=True)
class Luminance(Untouched):
    """Only luminance is painted; each pixel keeps the photograph's colour (section 3.2).

    Attributes:
        share: 1 keeps the photograph's colours alone; less lets so much of the style's in.
    """

    def photograph(self, content: np.ndarray) -> np.ndarray:
        return self._faded(content @ YIQ.T)

    def style(self, style: np.ndarray, content: np.ndarray) -> np.ndarray:
        """Its luminance brought to the mean and the spread of the photograph's."""
        yiq, model = style @ YIQ.T, content @ YIQ[0]
        own = yiq[..., 0]
        spread = model.std() / own.std() if own.std() > _FLAT else 1.0
        yiq[..., 0] += self.share * ((own - own.mean()) * spread + model.mean() - own)
        return self._faded(yiq)

    def picture(self, picture: np.ndarray, content: np.ndarray) -> np.ndarray:
        yiq, kept = picture @ YIQ.T, content @ YIQ.T
        yiq[..., 1:] += self.share * (kept[..., 1:] - yiq[..., 1:])
        return yiq @ _RGB.T

    def _faded(self, yiq: np.ndarray) -> np.ndarray:
        return (yiq * [1.0, 1.0 - self.share, 1.0 - self.share]) @ _RGB.T


@dataclass(frozen=True)
class Matched(Untouched):
    """The style image gets the photograph's colours before it is painted with (section 3.1).

    Attributes:
        share: 1 has the style image's colours matched, 0 leaves them.
    """

    def style(self, style: np.ndarray, content: np.ndarray) -> np.ndarray:
        return style + self.share * (match_colours(style, content) - style)


def match_colours(pixels: np.ndarray, model: np.ndarray) -> np.ndarray:
    """`pixels` with the mean colour and the covariance of the colours of `model`.

    x' = Σ_m^½ Σ_p^−½ (x − μ_p) + μ_m with principal square roots (equations 1 to 4). Where the
    colours of `pixels` don't spread in some direction, as in a grey image, they can't be made to.
    """
    own, wanted = (each.reshape(-1, 3).astype(np.float64) for each in (pixels, model))
    forth = _power(np.cov(wanted.T, bias=True), 0.5) @ _power(np.cov(own.T, bias=True), -0.5)
    return (pixels - own.mean(axis=0)) @ forth.T + wanted.mean(axis=0)


def _power(covariance: np.ndarray, exponent: float) -> np.ndarray:
    """Of a symmetric matrix, on the space in which it spreads at all."""
    values, vectors = np.linalg.eigh(covariance)
    spreads = values > _FLAT * max(values.max(), _FLAT)
    powers = np.where(spreads, np.where(spreads, values, 1.0) ** exponent, 0.0)
    return (vectors * powers) @ vectors.T


TREATMENTS: dict[str, Callable[[float], Treatment]] = {
    "none": Untouched,
    "luminance": Luminance,
    "matched": Matched,
}
"""Ways to keep the photograph's colours, by the share to which it is done."""
