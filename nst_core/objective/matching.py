"""Which place of the style each place of a picture goes by: its columns, matched to the style's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image

from nst_core.images.sizes import resize, resize_pixels
from nst_core.loss.columns import LAYERS, MOST_CANDIDATES, Columns, joined, matches, on_one_grid
from nst_core.loss.comparisons import COMPARISONS
from nst_core.loss.spread import spread
from nst_core.network.tensorflow import Tensor, tf
from nst_core.objective.graph import EVERYWHERE, Evaluation, Graph, Part

GUIDE = Part("guide", LAYERS, COMPARISONS["columns"])
"""What says how often each place of a style is chosen."""
GUIDE_SIDE = 256
"""px of the longest side at which that is found out."""
SMOOTHED = 5
"""Columns along each side over which it is averaged."""


class Look(NamedTuple):
    """A style image, float32 1×H×W×3, and how much of it."""

    pixels: Tensor
    weight: float


@dataclass(frozen=True)
class Matched:
    """Columns of a picture, and the style's columns that they were matched to.

    Attributes:
        numbers: for each of the picture's columns, row by row, the number of a candidate.
        grid: h, w of the picture's columns.
        candidates: for each style, which of its columns could be chosen.
        grids: for each style, h, w of its columns.
        maps: layer -> S×N of all candidates.
    """

    numbers: Tensor
    grid: tuple[int, int]
    candidates: list[np.ndarray]
    grids: list[tuple[int, int]]
    maps: Mapping[str, Tensor]

    def columns(self) -> dict[str, Tensor]:
        """Layer -> what stands where the picture was matched to, 1×h×w×N."""
        return {
            layer: tf.reshape(tf.gather(each, self.numbers), [1, *self.grid, each.shape[-1]])
            for layer, each in self.maps.items()
        }

    def choices(self, counts: np.ndarray) -> list[np.ndarray]:
        """For each style, how often its columns were chosen, h×w, as the picture's count."""
        first, found = 0, []
        numbers, counts = self.numbers.numpy(), counts.ravel()
        for candidates, grid in zip(self.candidates, self.grids, strict=True):
            own = (numbers >= first) & (numbers < first + len(candidates))
            chosen = candidates[numbers[own] - first]
            times = np.bincount(chosen, counts[own], minlength=grid[0] * grid[1])
            found.append(times.reshape(grid).astype(np.float32))
            first += len(candidates)
        return found


def match(
    graph: Graph,
    way: Callable[[Graph], Evaluation],
    part: Part,
    weights: Mapping[str, float],
    picture: Tensor,
    looks: Sequence[Look],
) -> Matched:
    """Match the columns of a picture to those of styles; of less weight, fewer can be chosen.

    Args:
        graph: for all but the part.
        way: how the network is worked through.
        part: whose layers and comparison make the columns.
        weights: of its layers.
        picture: 1×H×W×3.
        looks: the styles.
    """
    comparison, evaluation = part.comparison, way(graph.only(part))
    assert isinstance(comparison, Columns)

    def columns(image: Tensor) -> tuple[dict[str, Tensor], tuple[int, int]]:
        """Layer -> P×N, and h, w of their grid."""
        seen = evaluation.targets(image, "style", EVERYWHERE)[part.name]
        maps = on_one_grid({layer: each for layer, (each,) in seen.items()})
        height, width = next(iter(maps.values())).shape[1:3]
        flat = {layer: tf.reshape(each, [-1, each.shape[-1]]) for layer, each in maps.items()}
        return flat, (height, width)

    mine, own_grid = columns(picture)
    candidates: list[np.ndarray] = []
    grids, maps = [], []
    heaviest = max(look.weight for look in looks)
    for look in looks:
        theirs, grid = columns(look.pixels)
        most = min(MOST_CANDIDATES, grid[0] * grid[1])
        candidates.append(spread(max(round(most * look.weight / heaviest), 1), *grid))
        grids.append(grid)
        maps.append({layer: tf.gather(each, candidates[-1]) for layer, each in theirs.items()})
    every = {layer: tf.concat([own[layer] for own in maps], axis=0) for layer in part.layers}
    numbers = matches(
        joined(mine, weights), joined(every, weights), comparison.centred, graph.dtype
    )
    return Matched(numbers, own_grid, candidates, grids, every)


def choices(
    graph: Graph,
    way: Callable[[Graph], Evaluation],
    picture: Tensor,
    looks: Sequence[Look],
    mask: np.ndarray | None,
) -> list[np.ndarray]:
    """For each style how often its places are chosen, on a coarse grid, smoothed.

    The arguments are as for `match`; `mask`, H×W in 0..1, is what each pixel of the picture counts,
    and None where all count alike.
    """
    from scipy.ndimage import uniform_filter  # takes long to import

    scale = min(1.0, GUIDE_SIDE / max(picture.shape[1:3]))
    small = [Look(scaled(look.pixels, scale), look.weight) for look in looks]
    weights = dict.fromkeys(GUIDE.layers, 1.0)
    found = match(graph, way, GUIDE, weights, scaled(picture, scale), small)
    height, width = found.grid
    counts = np.ones(found.grid, np.float32) if mask is None else resized(mask, width, height)
    return [uniform_filter(each, SMOOTHED, mode="nearest") for each in found.choices(counts)]


def scaled(image: Tensor, scale: float) -> Tensor:
    """An image 1×H×W×3 made smaller, but for a scale of 1."""
    if scale == 1.0:
        return image
    height, width = (max(16, round(scale * side)) for side in image.shape[1:3])
    return tf.constant(resize_pixels(image.numpy()[0], (width, height))[None])


def resized(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """Numbers H×W at another size."""
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(resize(image, (width, height)))
