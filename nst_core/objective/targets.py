"""What the style asks of a picture, region by region: the targets of its styles."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import numpy as np

from nst_core.checks import check_mix
from nst_core.loss.comparison import Comparison, Counts, Seen
from nst_core.loss.neighbours import POOL
from nst_core.network.tensorflow import Tensor, tf
from nst_core.objective.graph import Evaluation, Found, Graph, Part, Positions, as_tensor
from nst_core.objective.matching import Look, choices, match, resized
from nst_core.objective.regions import Region, Styles, position_weights
from nst_core.recipe.recipe import Recipe

SO_FAR = 0.25
"""Of the picture so far in what is matched; the rest is the content image (Kolkin et al. 2022)."""
LEAST = 0.05
"""What a place of a style counts that no place of the picture goes by, over the mean."""


@dataclass(frozen=True)
class Pools:
    """Positions of the styles, of which each step looks at some.

    Attributes:
        held: term -> layer -> for each region, B×P×1×N.
        most: term -> how many positions a step looks at.
    """

    held: Found
    most: Mapping[str, int]

    def thinned(self, random: np.random.Generator) -> Found:
        """As targets: every so many positions, from another one on at each step."""
        start = random.random()

        def some(positions: Tensor, most: int) -> Tensor:
            every = math.ceil(positions.shape[1] / most)
            return positions[:, int(start * every) :: every]

        return {
            name: tf.nest.map_structure(partial(some, most=self.most[name]), layers)
            for name, layers in self.held.items()
        }


class StyleTargets:
    """Makes the style's targets, for one size of a run."""

    def __init__(self, graph: Graph, way: Callable[[Graph], Evaluation], recipe: Recipe) -> None:
        self._graph, self._way, self._turned = graph, way, recipe.turned
        parts = graph.of_target("style").parts
        self._columns = [part for part in parts if part.comparison.matched]
        self._others = [part for part in parts if not part.comparison.matched]
        self._chosen = [part for part in parts if part.comparison.chosen]
        self._evaluation = way(graph.only(*self._others))
        self._layers = {term.name: term.active_layers for term in recipe.active_terms}
        self._seed = recipe.seed, 2

    def of(self, regions: Sequence[Region], content: Tensor, before: Tensor) -> tuple[Found, Pools]:
        """The targets of all regions, and the pools of those that are thinned out.

        `content` is the content image and `before` the picture so far, B×H×W×3.
        """
        depends = self._columns or self._chosen
        query = SO_FAR * before + (1 - SO_FAR) * content
        batch = range(content.shape[0] if depends else 1)
        each = [self._of_one(regions, query[number : number + 1]) for number in batch]
        found = tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=0), *each)
        thinned = {part.name: part.comparison.thinned for part in self._others}
        most = {name: number for name, number in thinned.items() if number}
        fixed = {name: own for name, own in found.items() if name not in most}
        return fixed, Pools({name: found[name] for name in most}, most)

    def _of_one(self, regions: Sequence[Region], query: Tensor) -> Found:
        looks = [looks_of(region.styles, self._turned) for region in regions]
        both = list(zip(looks, regions, strict=True))
        found = [self._found(own, query, region.mask) for own, region in both]
        shares = _shares(region.share for region in regions)
        targets: Found = {}
        for part in self._others:
            targets[part.name] = {
                layer: _of_regions(part, [each[part.name][layer] for each in found], shares)
                for layer in part.layers
            }
        for part in self._columns:
            weights = self._layers[part.name]
            own = [match(self._graph, self._way, part, weights, query, each) for each in looks]
            columns = [each.columns() for each in own]
            targets[part.name] = {
                layer: tuple(each[layer] for each in columns) for layer in part.layers
            }
        return targets

    def _found(
        self, looks: Sequence[Look], query: Tensor, mask: np.ndarray | None
    ) -> dict[str, dict[str, Tensor]]:
        """Part -> layer -> what the styles of a region ask for together."""
        shares = by_choice = _shares(look.weight for look in looks)
        chosen: Sequence[np.ndarray | None] = [None] * len(looks)
        if self._chosen:
            found = choices(self._graph, self._way, query, looks, mask)
            chosen, by_choice = found, _shares(each.sum() for each in found)
        seen = [
            self._evaluation.targets(look.pixels, "style", self._positions(look, looks, each))
            for look, each in zip(looks, chosen, strict=True)
        ]
        together: dict[str, dict[str, Tensor]] = {}
        for part in self._others:
            own = by_choice if part.comparison.chosen else shares
            together[part.name] = {
                layer: part.comparison.together([each[part.name][layer][0] for each in seen], own)
                for layer in part.layers
            }
        return together

    def _positions(self, look: Look, looks: Sequence[Look], chosen: np.ndarray | None) -> Positions:
        """What of a style image is looked at, and what its positions count."""
        height, width = look.pixels.shape[1:3]
        share = look.weight / max(each.weight for each in looks)
        random = np.random.default_rng(self._seed)  # anew, so that no order of styles matters
        samples = self._graph.samples((height, width), self._others, random, _pooled, share)
        if chosen is None:
            return Positions({}, samples)
        relative = chosen / max(float(chosen.mean()), 1e-9) + LEAST
        return Positions(self._counts(resized(relative, width, height)), samples)

    def _counts(self, pixels: np.ndarray) -> Mapping[str, Mapping[str, Counts]]:
        """What each position of a style's maps counts, where its pixels count so much."""
        padding, network = self._graph.padding, self._graph.backbone
        return {
            part.name: {
                layer: (tf.constant(position_weights([pixels], layer, padding, network)[0]),)
                for layer in part.layers
            }
            for part in self._chosen
        }


def _pooled(comparison: Comparison, pixels: int) -> int:
    """How many positions of a style are kept, for each step to look at some of them."""
    return POOL * (comparison.thinned or 0)


def looks_of(styles: Styles, turned: bool = False) -> list[Look]:
    """A region's styles as they are looked at: each once, in its quarter turns if they count.

    Their order is their own, whatever the order in which they are given.
    """
    given = [(styles, 1.0)] if isinstance(styles, np.ndarray) else list(styles)
    check_mix([weight for _, weight in given])
    merged: list[tuple[np.ndarray, float]] = []
    for image, weight in given:
        same = [number for number, (other, _) in enumerate(merged) if np.array_equal(image, other)]
        if same:
            merged[same[0]] = (image, merged[same[0]][1] + weight)
        elif weight > 0:
            merged.append((image, weight))
    merged.sort(key=lambda each: sha256(each[0].tobytes()).digest())
    return [
        Look(tf.image.rot90(as_tensor(image), turn), weight)
        for image, weight in merged
        for turn in (range(4) if turned else (0,))
    ]


def _of_regions(part: Part, targets: Sequence[Tensor], shares: Sequence[float]) -> Seen:
    """The styles' targets as a term takes them: one a region, or their mean by area."""
    if part.comparison.by_region:
        return tuple(targets)
    return (part.comparison.together(targets, shares),)


def _shares(given: Iterable[float]) -> list[float]:
    """As parts of 1; alike where all are 0."""
    weights = [float(weight) for weight in given]
    whole = sum(weights)
    return [weight / whole if whole else 1 / len(weights) for weight in weights]
