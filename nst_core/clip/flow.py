"""Flow: where what a still shows was in the still before it.

By dense inverse search (Kroeger et al. 2016), which OpenCV has: a thirtieth of a second at 384 px.
Its headless wheel needs no window system, and nothing else but NumPy.
"""

from typing import NamedTuple

import numpy as np

from nst_core.images.own_colours import YIQ

LEAST_SIDE = 64
"""px: smaller stills are filled up for the search, which needs some room."""
TOLERANCE, SLACK = 0.01, 0.5
"""How far the flow there and back may miss: a share of both their squares, and px² besides
(Sundaram et al. 2010)."""
UNLIKE = 40.0
"""Grey levels by which a place may differ from where it was; more is another thing."""
BEYOND = 2
"""px by which what is not known is widened, since flow is vague at the borders of things."""


class Flow(NamedTuple):
    """What leads from a still to the one before it, both of H×W px.

    Attributes:
        back: float32 H×W×2: what is at (x, y) was at (x, y) + back[y, x] = (x + dx, y + dy).
        known: float32 H×W, 1 where that holds, 0 where the thing was hidden or outside.
    """

    back: np.ndarray
    known: np.ndarray

    @property
    def motion(self) -> np.ndarray:
        """float32 H×W: px that each place has moved."""
        return np.hypot(self.back[..., 0], self.back[..., 1])


def flow_between(before: np.ndarray, now: np.ndarray) -> Flow:
    """The flow of two stills.

    Args:
        before: float32 H×W×3 in 0..255.
        now: the one after it, of the same size.
    """
    earlier, later = _grey(before), _grey(now)
    back, forth = _search(later, earlier), _search(earlier, later)
    there = brought_along(forth, back)  # how each place moves on from where it was
    missed = ((back + there) ** 2).sum(2)
    agree = missed <= TOLERANCE * ((back**2).sum(2) + (there**2).sum(2)) + SLACK
    unlike = blurred(np.abs(brought_along(before, back) - now).mean(2), 1.5)
    known = agree & _inside(back) & (unlike < UNLIKE)
    return Flow(back, narrowed(known.astype(np.float32), BEYOND))


def brought_along(picture: np.ndarray, back: np.ndarray) -> np.ndarray:
    """What a flow makes of the picture before: each px is taken from where it was, bicubic.

    Args:
        picture: float32 H×W or H×W×C; beyond its border, the border goes on.
        back: see `Flow`.
    """
    import cv2

    height, width = back.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    source = np.stack([x, y], 2) + back
    return cv2.remap(picture, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def luminance(pixels: np.ndarray) -> np.ndarray:
    """float32 H×W of float32 H×W×3."""
    return pixels @ YIQ[0].astype(np.float32)


def _search(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """float32 H×W×2: where each px of the first grey image is in the second, from where it is."""
    import cv2

    height, width = here.shape
    filled = ((0, max(0, LEAST_SIDE - height)), (0, max(0, LEAST_SIDE - width)))
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found = search.calc(np.pad(here, filled, "edge"), np.pad(there, filled, "edge"), None)
    return found[:height, :width]


def _grey(pixels: np.ndarray) -> np.ndarray:
    return np.rint(luminance(pixels)).clip(0, 255).astype(np.uint8)


def _inside(back: np.ndarray) -> np.ndarray:
    """Where what is seen was in the still before, and not beyond its border."""
    height, width = back.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    x, y = columns + back[..., 0], rows + back[..., 1]
    return (x > -1) & (x < width) & (y > -1) & (y < height)


def narrowed(mask: np.ndarray, by: int) -> np.ndarray:
    import cv2

    return cv2.erode(mask, np.ones((2 * by + 1, 2 * by + 1), np.uint8))


def blurred(plane: np.ndarray, sigma: float) -> np.ndarray:
    import cv2

    return cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
