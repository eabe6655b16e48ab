"""The graph of a loss: what its comparisons see of an image, traced once for every size."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, TypeVar, TypeVarTuple

import numpy as np

from nst_core.images.sizes import MIN_SIDE
from nst_core.loss.comparison import IMAGE, Comparison, Counts, Seen
from nst_core.loss.scalings import MapShape
from nst_core.loss.spread import spread
from nst_core.loss.terms import DETAIL, Term
from nst_core.network.backbone import Backbone, map_size
from nst_core.network.tensorflow import Tensor, TensorSpec, tf
from nst_core.objective.regions import position_weights
from nst_core.recipe.recipe import Recipe

Given = TypeVarTuple("Given")
Made = TypeVar("Made")
Found = dict[str, dict[str, Seen]]
"""Term -> layer -> what its comparison found there, or what it is to find."""


class Positions(NamedTuple):
    """What is to be known of the positions of maps, in the comparisons that want to know it.

    Attributes:
        counts: term -> layer -> for each region, what every position counts there, 1×H×W×1.
        samples: term -> layer -> the numbers of the positions that are looked at.
    """

    counts: Mapping[str, Mapping[str, Counts]] = {}
    samples: Mapping[str, Mapping[str, Tensor]] = {}

    def counts_of(self, part: "Part", layer: str) -> Counts:
        """One None where all positions count alike."""
        return self.counts.get(part.name, {}).get(layer, (None,))

    def sample_of(self, part: "Part", layer: str) -> Tensor | None:
        return self.samples.get(part.name, {}).get(layer)


EVERYWHERE = Positions()


@dataclass(frozen=True)
class Part:
    """What of a term shapes the graph; its weights are arguments."""

    name: str
    layers: tuple[str, ...]
    comparison: Comparison

    @classmethod
    def of(cls, term: Term) -> "Part":
        return cls(term.name, tuple(term.active_layers), term.compared)

    def look(self, layer: str, maps: Tensor, positions: Positions) -> Seen:
        """What the comparison keeps of a layer's maps, or of a strip of them."""
        counts, sample = positions.counts_of(self, layer), positions.sample_of(self, layer)
        return self.comparison.look(layer, maps, counts, sample)

    def finish(self, layer: str, seen: Seen, positions: Positions, area: Tensor) -> Seen:
        """What it finds, once the whole of the maps has been seen."""
        return self.comparison.finish(seen, positions.counts_of(self, layer), area)

    def loss(
        self,
        found: Mapping[str, Seen],
        targets: Mapping[str, Seen],
        weights: Mapping[str, Seen],
        shapes: Mapping[str, MapShape],
        positions: Positions,
    ) -> Tensor:
        counts = {layer: self._compared_counts(layer, positions) for layer in self.layers}
        own = {layer: shapes[layer] for layer in self.layers}
        return self.comparison.loss(found, targets, weights, own, counts)

    def _compared_counts(self, layer: str, positions: Positions) -> Counts:
        """What the positions count that are compared, as 1×K where they are a sample."""
        counts = positions.counts_of(self, layer)
        if not self.comparison.thinned:
            return counts
        sample = positions.sample_of(self, layer)
        return tuple(
            None if each is None else tf.gather(tf.reshape(each, [1, -1]), sample, axis=1)
            for each in counts
        )

    def weights(self, term: Term, shares: Sequence[float]) -> dict[str, Seen]:
        """Layer -> its weight, a tensor; of each region by its share of the picture."""
        parts = shares if self.comparison.by_region else [1.0]
        return {
            layer: tuple(tf.constant(weight * part, tf.float32) for part in parts)
            for layer, weight in term.active_layers.items()
        }


@dataclass(frozen=True)
class Graph:
    """All that shapes the traced graph; weights, targets and image sizes are arguments."""

    backbone: Backbone
    parts: tuple[Part, ...]
    pooling: str
    padding: str
    dtype: str

    @classmethod
    def of(cls, recipe: Recipe, backbone: Backbone, phase: str = DETAIL) -> "Graph":
        parts = tuple(map(Part.of, recipe.terms_in(phase)))
        return cls(backbone, parts, recipe.pooling, recipe.padding, recipe.precision)

    def only(self, *parts: Part) -> "Graph":
        """The same with these parts, of this graph or not."""
        return replace(self, parts=parts)

    def of_target(self, target: str) -> "Graph":
        """The same with the parts that compare with this image."""
        parts = (part for part in self.parts if part.comparison.target == target)
        return self.only(*parts)

    def maps(self, image: Tensor, parts: Iterable[Part]) -> dict[str, Tensor]:
        layers = {layer for part in parts for layer in part.layers} - {IMAGE}
        found = self.backbone.activations(image, layers, self.pooling, self.padding, self.dtype)
        return {IMAGE: image, **found}

    def found(
        self, maps: Mapping[str, Tensor], parts: Iterable[Part], positions: Positions
    ) -> Found:
        return {
            part.name: {
                layer: part.finish(
                    layer, part.look(layer, maps[layer], positions), positions, area(maps[layer])
                )
                for layer in part.layers
            }
            for part in parts
        }

    def targets(self, image: Tensor, of: str, positions: Positions = EVERYWHERE) -> Found:
        """What the comparisons find in a content or a style image, if that is their target."""
        parts = self.of_target(of).parts
        return self.found(self.maps(image, parts), parts, positions)

    def weights(self, terms: Sequence[Term], shares: Sequence[float]) -> Found:
        both = zip(self.parts, terms, strict=True)
        return {part.name: part.weights(term, shares) for part, term in both}

    def counts(
        self, masks: Sequence[np.ndarray], emphasis: np.ndarray | None = None
    ) -> Mapping[str, Mapping[str, Counts]]:
        """What each position counts: for each mask, or by how much more it is to be kept."""
        regions = [part for part in self.parts if part.comparison.by_region]
        kept = [part for part in self.parts if part.comparison.emphasised]
        return {
            **self._counts_in(masks, regions),
            **self._counts_in([] if emphasis is None else [emphasis], kept),
        }

    def _counts_in(
        self, pixels: Sequence[np.ndarray], parts: Iterable[Part]
    ) -> Mapping[str, Mapping[str, Counts]]:
        """What each position of the parts' maps counts, where pixels count so much."""
        if not pixels:
            return {}
        by_layer: dict[str, Counts] = {}
        counts: dict[str, dict[str, Counts]] = {}
        for part in parts:
            for layer in part.layers:
                grid = part.comparison.grid(layer)
                if grid not in by_layer:
                    found = position_weights(pixels, grid, self.padding, self.backbone)
                    by_layer[grid] = tuple(map(tf.constant, found))
                counts.setdefault(part.name, {})[layer] = by_layer[grid]
        return counts

    def samples(
        self,
        image: Iterable[int],
        parts: Iterable[Part],
        random: np.random.Generator,
        most: Callable[[Comparison, int], int] = lambda each, pixels: each.looked_at(pixels),
        share: float = 1.0,
    ) -> Mapping[str, Mapping[str, Tensor]]:
        """Positions to look at in an image of (height, width), in the maps that are thinned out.

        Of as many as `most` tells for so many pixels, usually those that a step looks at, a
        `share`, up to 1, is left.
        """
        samples: dict[str, dict[str, Tensor]] = {}
        rows, columns = image
        for part in parts:
            if part.comparison.thinned:
                wanted = most(part.comparison, rows * columns)
                for layer in part.layers:
                    height, width = map_size(layer, rows, columns, self.padding)
                    shift = (random.random(), random.random())
                    count = max(round(min(wanted, height * width) * share), 1)
                    numbers = spread(count, height, width, shift)
                    samples.setdefault(part.name, {})[layer] = tf.constant(numbers, tf.int32)
        return samples

    def losses(self, image: Tensor, targets: Found, weights: Found, positions: Positions) -> Tensor:
        maps = self.maps(image, self.parts)
        found = self.found(maps, self.parts, positions)
        areas = {layer: area(each) for layer, each in maps.items()}
        return self.compared(found, areas, targets, weights, positions)

    def compared(
        self,
        found: Found,
        areas: Mapping[str, Tensor],
        targets: Found,
        weights: Found,
        positions: Positions,
    ) -> Tensor:
        """The total and the terms, for what was found.

        areas: height × width of each layer's map, and of the image.
        """
        shapes = {layer: MapShape(each, areas[IMAGE]) for layer, each in areas.items()}
        values = [
            part.loss(
                found[part.name], targets.get(part.name, {}), weights[part.name], shapes, positions
            )
            for part in self.parts
        ]
        return tf.stack([tf.add_n(values), *values])

    def losses_and_gradient(
        self, image: Tensor, targets: Found, weights: Found, positions: Positions
    ) -> tuple[Tensor, Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            values = self.losses(image, targets, weights, positions)
            total = values[0]
        return values, tape.gradient(total, image)


def as_tensor(image: np.ndarray) -> Tensor:
    """float32 tensor B×H×W×3 of an array in 0..255, with or without a batch; else ValueError."""
    batch = image if image.ndim == 4 else image[None]
    if batch.ndim != 4 or batch.shape[3] != 3 or min(batch.shape[1:3]) < MIN_SIDE:
        shape = "×".join(map(str, image.shape))
        raise ValueError(
            f"An image must be H×W×3 with sides of {MIN_SIDE} px or more, not {shape}."
        )
    return tf.constant(batch, tf.float32)


def area(maps: Tensor) -> Tensor:
    """Height × width of maps B×H×W×N, float32."""
    shape = tf.cast(tf.shape(maps), tf.float32)
    return shape[1] * shape[2]


class Evaluation(Protocol):
    """The targets and the loss of a `Graph`, as functions of images B×H×W×3 of every size."""

    @property
    def targets(self) -> Callable[[Tensor, str, Positions], Found]: ...
    @property
    def losses(self) -> Callable[[Tensor, Found, Found, Positions], Tensor]: ...
    @property
    def losses_and_gradient(
        self,
    ) -> Callable[[Tensor, Found, Found, Positions], tuple[Tensor, Tensor]]: ...


Way = Callable[[Graph], Evaluation]
"""How the network is worked through: `as_a_whole`, or in `strips`."""


class Traced(Generic[*Given, Made]):
    """A function of tensors, traced once for each structure of its arguments, of every size."""

    def __init__(self, function: Callable[[*Given], Made]) -> None:
        self._function = function
        self._graphs: dict[str, Callable[[*Given], Made]] = {}

    def __call__(self, *arguments: *Given) -> Made:
        specs = tf.nest.map_structure(_of_any_size, arguments)
        key = repr(specs)
        if key not in self._graphs:
            # As a concrete function: TensorFlow takes several graphs of one for a mistake.
            graph = tf.function(self._function, autograph=False)
            self._graphs[key] = graph.get_concrete_function(*specs)
        return self._graphs[key](*arguments)


def _of_any_size(tensor: Tensor) -> TensorSpec:
    """Its last axis counts channels, which a graph has to know."""
    shape = tensor.shape
    free = [None] * max(shape.rank - 1, 0)
    known = [] if shape.rank == 0 else [None if shape.rank < 3 else shape[-1]]
    return tf.TensorSpec([*free, *known], tensor.dtype)


class _Whole:
    """The functions of a `Graph`, for images that the network looks at as a whole."""

    def __init__(self, graph: Graph) -> None:
        def traced_targets(of: str) -> Traced:
            return Traced(lambda image, positions: graph.targets(image, of, positions))

        self._targets = {of: traced_targets(of) for of in ("content", "style")}
        self.losses_and_gradient = Traced(graph.losses_and_gradient)

    def losses(self, image: Tensor, targets: Found, weights: Found, positions: Positions) -> Tensor:
        """Without a graph of their own, which would take longer to trace than it ever saves."""
        return self.losses_and_gradient(image, targets, weights, positions)[0]

    def targets(self, image: Tensor, of: str, positions: Positions) -> Found:
        return self._targets[of](image, positions)


as_a_whole = lru_cache(maxsize=16)(_Whole)
"""A server keeps the graphs used last; a run has up to seven, which take some seconds and 60 MB."""
