"""The graph of a loss: which statistics of which maps it compares, traced once for every size."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np

from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import tf
from nst_core.painting.places import position_weights
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.scalings import SCALINGS, MapShape
from nst_core.recipe.statistics import STATISTICS, Additive
from nst_core.recipe.terms import IMAGE, Term

Targets = Mapping[str, Mapping[str, Any]]
"""Term -> layer -> the statistics to reach: one, or one for each place."""
Positions = Mapping[str, Sequence[Any]]
"""Layer -> for each place, what every position of the map counts there; empty without masks."""


@dataclass(frozen=True)
class Part:
    """What of a term shapes the graph; its weights are arguments.

    Attributes:
        places: how many masks have a target each; 0 for a term that knows no places.
    """

    name: str
    layers: tuple[str, ...]
    statistic: str
    scaling: str
    target: str
    places: int

    @classmethod
    def of(cls, term: Term, masks: int) -> "Part":
        layers = tuple(term.active_layers)
        adds_up = isinstance(STATISTICS[term.statistic], Additive)
        places = masks if term.target == "style" and adds_up else 0
        return cls(term.name, layers, term.statistic, term.scaling, term.target, places)

    def counts(self, layer: str, positions: Positions) -> Sequence[Any]:
        """What a layer's positions count, for each place; one None where they count alike."""
        return positions[layer] if self.places and positions else (None,)

    def found(self, maps: Mapping[str, Any], positions: Positions) -> dict[str, tuple[Any, ...]]:
        """Layer -> its statistic; of each place, where there are positions of places."""
        return {layer: self.statistics(layer, maps[layer], positions) for layer in self.layers}

    def statistics(self, layer: str, maps: Any, positions: Positions) -> tuple[Any, ...]:
        """The same of one layer's maps."""
        statistic = STATISTICS[self.statistic]
        if not isinstance(statistic, Additive):
            return (statistic(maps),)
        return tuple(statistic(maps, each) for each in self.counts(layer, positions))

    def loss(self, found: Any, areas: Mapping[str, Any], targets: Any, weights: Any) -> Any:
        """Mean over the batch, summed over layers and places."""
        total = tf.constant(0.0)
        for layer in self.layers:
            shape = MapShape(areas[layer], areas[IMAGE])
            for place, statistic in enumerate(found[layer]):
                target = None
                if self.target != "none":
                    target = tf.cast(targets[layer][place], tf.float32)
                values = SCALINGS[self.scaling](tf.cast(statistic, tf.float32), target, shape)
                total += weights[layer][place] * tf.reduce_mean(values)
        return total

    def by_place(
        self, targets: Sequence[Mapping[str, Any]], shares: Sequence[float]
    ) -> dict[str, tuple[Any, ...]]:
        """The styles' targets as this term takes them: one a place, or their mean by area."""
        if self.places:
            return {layer: tuple(each[layer] for each in targets) for layer in self.layers}
        parts = [share / sum(shares) for share in shares]
        return {
            layer: (sum(part * each[layer] for part, each in zip(parts, targets, strict=True)),)
            for layer in self.layers
        }

    def weights(self, term: Term, shares: Sequence[float]) -> dict[str, tuple[Any, ...]]:
        """Layer -> its weight, a tensor; of each place by its share of the picture."""
        parts = shares if self.places else [1.0]
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
    def of(cls, recipe: Recipe, backbone: Backbone, masks: int) -> "Graph":
        parts = tuple(Part.of(term, masks) for term in recipe.active_terms)
        return cls(backbone, parts, recipe.pooling, recipe.padding, recipe.precision)

    def without_places(self) -> "Graph":
        """The same for an image that is looked at everywhere, as a style image is."""
        return replace(self, parts=tuple(replace(part, places=0) for part in self.parts))

    def maps(self, image: Any, parts: Iterable[Part]) -> dict[str, Any]:
        layers = {layer for part in parts for layer in part.layers} - {IMAGE}
        found = self.backbone.activations(image, layers, self.pooling, self.padding, self.dtype)
        return {IMAGE: image, **found}

    def targets(self, image: Any, of: str) -> dict[str, dict[str, Any]]:
        """The statistics of a content or a style image that the terms compare with."""
        parts = [part for part in self.parts if part.target == of]
        maps = self.maps(image, parts)
        found = {part.name: part.found(maps, {}) for part in parts}
        if of == "style":  # of several styles, a mean is taken
            return tf.nest.map_structure(lambda each: tf.cast(each, tf.float32), found)
        return found

    def weights(self, recipe: Recipe, shares: Sequence[float]) -> dict[str, Any]:
        terms = zip(self.parts, recipe.active_terms, strict=True)
        return {part.name: part.weights(term, shares) for part, term in terms}

    def positions(self, masks: Sequence[np.ndarray]) -> Positions:
        """What each position counts for each mask, in the layers of the terms that know places."""
        layers = {layer for part in self.parts if part.places for layer in part.layers}
        return {
            layer: tuple(
                map(tf.constant, position_weights(masks, layer, self.padding, self.backbone))
            )
            for layer in layers
        }

    def position_specs(self) -> dict[str, Any]:
        """Of what `positions` gives, for images of every size."""
        position = tf.TensorSpec([1, None, None, 1], tf.float32)
        return {
            layer: (position,) * part.places
            for part in self.parts
            if part.places
            for layer in part.layers
        }

    def losses(self, image: Any, targets: Any, weights: Any, positions: Any) -> Any:
        maps = self.maps(image, self.parts)
        found = {part.name: part.found(maps, positions) for part in self.parts}
        areas = {layer: area(each) for layer, each in maps.items()}
        return self.compared(found, areas, targets, weights)

    def compared(self, found: Any, areas: Any, targets: Any, weights: Any) -> Any:
        """The total and the terms, for the statistics of each term's layers.

        areas: height × width of each layer's map, and of the image.
        """
        values = [
            part.loss(found[part.name], areas, targets.get(part.name), weights[part.name])
            for part in self.parts
        ]
        return tf.stack([tf.add_n(values), *values])

    def losses_and_gradient(
        self, image: Any, targets: Any, weights: Any, positions: Any
    ) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            values = self.losses(image, targets, weights, positions)
            total = values[0]
        return values, tape.gradient(total, image)


def area(maps: Any) -> Any:
    """Height × width of maps B×H×W×N, float32."""
    shape = tf.cast(tf.shape(maps), tf.float32)
    return shape[1] * shape[2]


class Evaluation(Protocol):
    """The targets and the loss of a `Graph`, as functions of images B×H×W×3 of every size."""

    @property
    def content_targets(self) -> Callable[..., Any]: ...
    @property
    def style_targets(self) -> Callable[..., Any]: ...
    @property
    def losses(self) -> Callable[..., Any]: ...
    @property
    def losses_and_gradient(self) -> Callable[..., Any]: ...


Way = Callable[[Graph], Evaluation]
"""How the network is worked through: `as_a_whole`, or in `strips`."""


class _Trace:
    """The functions of a `Graph`, each traced once, at its first use, for images of every size."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._image = tf.TensorSpec([None, None, None, 3], tf.float32)

    @cached_property
    def content_targets(self) -> Any:
        return traced(lambda image: self._graph.targets(image, "content"), self._image)

    @cached_property
    def style_targets(self) -> Any:
        return traced(lambda image: self._graph.targets(image, "style"), self._image)

    @cached_property
    def losses(self) -> Callable[..., Any]:
        return traced(self._graph.losses, *self._signature())

    @cached_property
    def losses_and_gradient(self) -> Callable[..., Any]:
        return traced(self._graph.losses_and_gradient, *self._signature())

    def _signature(self) -> tuple[Any, Any, Any, Any]:
        targets: dict[str, Any] = {}
        for function in (self.content_targets, self.style_targets):
            targets |= function.structured_outputs
        specs = tf.nest.map_structure(lambda each: tf.TensorSpec(each.shape, each.dtype), targets)
        scalar = tf.TensorSpec([], tf.float32)
        weights: dict[str, Any] = {}
        for part in self._graph.parts:
            weights[part.name] = dict.fromkeys(part.layers, (scalar,) * max(part.places, 1))
            if part.places:
                specs[part.name] = {
                    layer: each * part.places for layer, each in specs[part.name].items()
                }
        return self._image, specs, weights, self._graph.position_specs()


def traced(function: Callable[..., Any], *signature: Any) -> Any:
    """A graph of the function, for arguments that a `tf.TensorSpec` each describes."""
    # As a concrete function: TensorFlow takes several graphs of one function for a mistake.
    graph = tf.function(function, input_signature=signature, autograph=False)
    return graph.get_concrete_function()


as_a_whole = lru_cache(maxsize=16)(_Trace)
"""A server keeps the sixteen graphs used last; a graph costs about a second to trace."""
