"""Mask regions: where in a picture which styles apply, for the statistics of each layer.

After Gatys et al. 2017, "Controlling Perceptual Factors in Neural Style Transfer", section 4.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nst_core.loss.terms import IMAGE
from nst_core.network.backbone import Backbone, downsampling

Styles = np.ndarray | Sequence[tuple[np.ndarray, float]]
"""One style image, or several with the weight of each."""
EFFECTIVE = 0.5
"""What counts of a receptive field: its outer half weighs little (Luo et al. 2016)."""


class Region(NamedTuple):
    """A part of the picture with styles of its own.

    Attributes:
        styles: that apply there.
        mask: float32 H×W in 0..1, the share of each pixel that belongs to it; None for all of them.
        share: of the whole picture, from 0 to 1.
    """

    styles: Styles
    mask: np.ndarray | None = None
    share: float = 1.0


def find_regions(style: Styles, mask: np.ndarray | None, outside: Styles) -> list[Region]:
    """The regions of a picture; one that nothing belongs to is none.

    Args:
        style: where the mask is 1.
        mask: float32 H×W in 0..1; None applies the style everywhere.
        outside: where the mask is 0; empty has no style there.
    """
    share = 1.0 if mask is None else float(mask.mean(dtype=np.float64))
    if mask is None or share == 1.0:
        return [Region(style)]
    if share == 0.0:  # a style that is nowhere still has to be some target
        return [Region(outside if len(outside) else style)]
    inside = Region(style, mask, share)
    return [inside, Region(outside, 1 - mask, 1 - share)] if len(outside) else [inside]


def position_weights(
    masks: Sequence[np.ndarray], layer: str, padding: str, backbone: Backbone
) -> list[np.ndarray]:
    """What each position of a layer's map counts for each mask: 1×H'×W'×1, float32.

    The share of its pixels. Where there are several masks, nothing where it looks beyond a mask's
    border, lest one style bleed into the other; beside a photograph that stays, none can.

    Args:
        masks: float32 H×W in 0..1, not all 0.
        layer: of the backbone, or `IMAGE`.
        padding: as for `Backbone.activations`.
        backbone: that gives the map.
    """
    if layer == IMAGE:
        return [mask[None, :, :, None] for mask in masks]
    side = downsampling(layer)
    reach = EFFECTIVE * backbone.reach(layer) / side if len(masks) > 1 else 0.0
    means = (_block_means(mask, side, padding) for mask in masks)
    return [drawn_in(mean, reach)[None, :, :, None] for mean in means]


def _block_means(mask: np.ndarray, side: int, padding: str) -> np.ndarray:
    """The mask at the size of a map whose positions stand for side × side pixels."""
    if padding == "reflect":  # maps are of an image that is filled up, see `Backbone.activations`
        down, right = (-extent % 16 for extent in mask.shape)
        mask = np.pad(mask, [(0, down), (0, right)], "reflect")
    rows, columns = (extent // side for extent in mask.shape)
    blocks = mask[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return blocks.mean(axis=(1, 3))


def drawn_in(weights: np.ndarray, reach: float) -> np.ndarray:
    """Weights H×W without those nearer than `reach` positions to where they fall to half.

    Where the widest part has less than twice as much room, half of its room is drawn in.
    """
    if not weights.any():  # a map can lack the last rows and columns of its image
        return np.ones_like(weights)
    within = weights > weights.max() / 2
    if not reach or within.all():
        return weights
    from scipy.ndimage import distance_transform_cdt  # takes long to import, and only masks need it

    depth = distance_transform_cdt(within, "chessboard")  # 1 for the positions at the border
    return np.where(depth > min(reach, depth.max() / 2), weights, 0).astype(weights.dtype)
