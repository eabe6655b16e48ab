"""The loss as a callable of images: targets computed once, one trace for every size and batch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from nst_core.checks import check_mix, shown
from nst_core.errors import RecipeError
from nst_core.images.sizes import MIN_SIDE
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.tensorflow import tf
from nst_core.painting.places import Place, Styles, find_places, position_weights
from nst_core.painting.precision import settled
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.scalings import SCALINGS, MapShape
from nst_core.recipe.statistics import STATISTICS, Additive
from nst_core.recipe.terms import IMAGE, Losses, Term

Targets = Mapping[str, Mapping[str, Any]]
"""Term -> layer -> the statistics to reach: one, or one for each place."""
Positions = Mapping[str, Sequence[Any]]
"""Layer -> for each place, what every position of the map counts there; empty without masks."""


class Objective:
    """What a recipe minimises, for one content image, or a batch of them, at one size.

    Attributes:
        recipe: with its precision settled.
        backbone: the network whose activations are compared.
    """

    def __init__(
        self,
        content: np.ndarray,
        style: Styles,
        recipe: str | Recipe = "studio",
        backbone: str | Backbone = "auto",
        mask: np.ndarray | None = None,
        outside: Styles = (),
    ) -> None:
        """Compute the targets.

        Args:
            content: H×W×3, RGB in 0..255, uint8 or float, taken at its own size; or B×H×W×3.
            style: H×W×3, of any size, or a list of (image, weight); then their statistics are
                averaged by weight.
            recipe: a name in `RECIPES`, or a recipe.
            backbone: see `load_backbone`.
            mask: float H×W in 0..1, of the content's size: where `style` applies, in terms that
                compare sums over positions with it; the others take a mean of the targets, by area.
            outside: as `style`, where the mask is 0; empty has no style there.

        Raises:
            RecipeError: the recipe needs a layer that the backbone lacks, or doesn't exist.
            ValueError: an array of another shape, or a side below 16 px.
        """
        self.backbone = load_backbone(backbone)
        self.recipe = settled(find_recipe(recipe), self.backbone)
        check_layers(self.recipe, self.backbone)
        self._content = as_tensor(content)
        if mask is not None and mask.shape != self._content.shape[1:3]:
            raise ValueError(f"The mask must have the content image's size, not {mask.shape}.")
        places = find_places(style, mask, outside)
        masks = [place.mask for place in places if place.mask is not None]
        graph = _Graph.of(self.recipe, self.backbone, len(masks))
        self._trace = _trace(graph)
        self._arguments = (
            {**self._trace.content_targets(self._content), **self._style_targets(places, graph)},
            graph.weights(self.recipe, [place.share for place in places]),
            graph.positions(masks),
        )

    def __call__(self, image: np.ndarray) -> Losses:
        """The weighted terms for `image`, an array of the content's shape; a batch's mean."""
        return self.told(self._trace.losses(self._same_size(image), *self._arguments))

    def value_and_gradient(self, image: np.ndarray) -> tuple[Losses, np.ndarray]:
        """The weighted terms, and d total / d image as a float32 array of the image's shape."""
        values, gradient = self.evaluate(self._same_size(image))
        return self.told(values), gradient.numpy().reshape(image.shape)

    def evaluate(self, image: Any) -> tuple[Any, Any]:
        """The same on tensors: image B×H×W×3 -> (total and the active terms, gradient)."""
        return self._trace.losses_and_gradient(image, *self._arguments)

    def told(self, values: Any) -> Losses:
        """The losses by name, out of a tensor that `evaluate` gave."""
        total, *parts = values.numpy().tolist()
        active = dict(zip((term.name for term in self.recipe.active_terms), parts, strict=True))
        return Losses(
            total, **{term.name: active.get(term.name, 0.0) for term in self.recipe.terms}
        )

    def _same_size(self, image: np.ndarray) -> Any:
        tensor = as_tensor(image)
        if tensor.shape != self._content.shape:
            wanted, given = tuple(self._content.shape[1:]), tuple(tensor.shape[1:])
            raise ValueError(
                f"The image must have the content image's shape {wanted}, not {given}."
            )
        return tensor

    def _style_targets(self, places: Sequence[Place], graph: "_Graph") -> Targets:
        found = [self._mean_targets(place.styles) for place in places]
        shares = [place.share for place in places]
        return {
            part.name: part.by_place([each[part.name] for each in found], shares)
            for part in graph.parts
            if part.target == "style"
        }

    def _mean_targets(self, style: Styles) -> Targets:
        styles = [(style, 1.0)] if isinstance(style, np.ndarray) else list(style)
        check_mix([weight for _, weight in styles])
        whole = sum(weight for _, weight in styles)
        means: dict[str, dict[str, Any]] = {}
        for image, weight in styles:
            for term, layers in self._trace.style_targets(as_tensor(image)).items():
                mean = means.setdefault(term, {})
                for layer, (found,) in layers.items():
                    mean[layer] = mean.get(layer, 0.0) + found * (weight / whole)
        return means


def as_tensor(image: np.ndarray) -> Any:
    """float32 tensor B×H×W×3 of an array in 0..255, with or without a batch; else ValueError."""
    batch = image if image.ndim == 4 else image[None]
    if batch.ndim != 4 or batch.shape[3] != 3 or min(batch.shape[1:3]) < MIN_SIDE:
        shape = "×".join(map(str, image.shape))
        raise ValueError(
            f"An image must be H×W×3 with sides of {MIN_SIDE} px or more, not {shape}."
        )
    return tf.constant(batch, tf.float32)


def check_layers(recipe: Recipe, backbone: Backbone) -> None:
    """Raise `RecipeError` if the recipe looks at a layer that the backbone lacks."""
    for term in recipe.terms:
        for layer in term.layers:
            if layer not in (*backbone.layers, IMAGE):
                raise RecipeError(
                    f"{term.name}_layers: the backbone {backbone.name} has no layer "
                    f"{shown(layer)}; it has {', '.join(backbone.layers)}."
                )


@dataclass(frozen=True)
class _Part:
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
    def of(cls, term: Term, masks: int) -> "_Part":
        layers = tuple(term.active_layers)
        adds_up = isinstance(STATISTICS[term.statistic], Additive)
        places = masks if term.target == "style" and adds_up else 0
        return cls(term.name, layers, term.statistic, term.scaling, term.target, places)

    def found(self, maps: Mapping[str, Any], positions: Positions) -> dict[str, tuple[Any, ...]]:
        """Layer -> its statistic; of each place, where there are positions of places."""
        statistic = STATISTICS[self.statistic]
        if not (self.places and positions):
            return {layer: (statistic(maps[layer]),) for layer in self.layers}
        return {
            layer: tuple(statistic(maps[layer], each) for each in positions[layer])
            for layer in self.layers
        }

    def loss(
        self, maps: Mapping[str, Any], targets: Any, weights: Any, pixels: Any, positions: Positions
    ) -> Any:
        """Mean over the batch, summed over layers and places."""
        total = tf.constant(0.0)
        for layer, statistics in self.found(maps, positions).items():
            extent = tf.cast(tf.shape(maps[layer]), tf.float32)
            shape = MapShape(extent[1] * extent[2], pixels)
            for place, found in enumerate(statistics):
                target = None
                if self.target != "none":
                    target = tf.cast(targets[layer][place], tf.float32)
                values = SCALINGS[self.scaling](tf.cast(found, tf.float32), target, shape)
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
class _Graph:
    """All that shapes the traced graph; weights, targets and image sizes are arguments."""

    backbone: Backbone
    parts: tuple[_Part, ...]
    pooling: str
    padding: str
    dtype: str

    @classmethod
    def of(cls, recipe: Recipe, backbone: Backbone, masks: int) -> "_Graph":
        parts = tuple(_Part.of(term, masks) for term in recipe.active_terms)
        return cls(backbone, parts, recipe.pooling, recipe.padding, recipe.precision)

    def maps(self, image: Any, parts: Iterable[_Part]) -> dict[str, Any]:
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

    def losses(self, image: Any, targets: Any, weights: Any, positions: Any) -> Any:
        maps = self.maps(image, self.parts)
        size = tf.cast(tf.shape(image), tf.float32)
        values = [
            part.loss(
                maps, targets.get(part.name), weights[part.name], size[1] * size[2], positions
            )
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


class _Trace:
    """The functions of a `_Graph`, each traced once, at its first use, for images of every size."""

    def __init__(self, graph: _Graph) -> None:
        self._graph = graph
        self._image = tf.TensorSpec([None, None, None, 3], tf.float32)

    @cached_property
    def content_targets(self) -> Any:
        return self._traced(lambda image: self._graph.targets(image, "content"), self._image)

    @cached_property
    def style_targets(self) -> Any:
        return self._traced(lambda image: self._graph.targets(image, "style"), self._image)

    @cached_property
    def losses(self) -> Callable[..., Any]:
        return self._traced(self._graph.losses, *self._signature())

    @cached_property
    def losses_and_gradient(self) -> Callable[..., Any]:
        return self._traced(self._graph.losses_and_gradient, *self._signature())

    def _signature(self) -> tuple[Any, Any, Any, Any]:
        targets: dict[str, Any] = {}
        for traced in (self.content_targets, self.style_targets):
            targets |= traced.structured_outputs
        specs = tf.nest.map_structure(lambda each: tf.TensorSpec(each.shape, each.dtype), targets)
        scalar = tf.TensorSpec([], tf.float32)
        position = tf.TensorSpec([1, None, None, 1], tf.float32)
        weights: dict[str, Any] = {}
        positions: dict[str, Any] = {}
        for part in self._graph.parts:
            weights[part.name] = dict.fromkeys(part.layers, (scalar,) * max(part.places, 1))
            if part.places:
                positions |= dict.fromkeys(part.layers, (position,) * part.places)
                specs[part.name] = {
                    layer: each * part.places for layer, each in specs[part.name].items()
                }
        return self._image, specs, weights, positions

    def _traced(self, function: Callable[..., Any], *signature: Any) -> Any:
        # As a concrete function: TensorFlow takes several graphs of one function for a mistake.
        traced = tf.function(function, input_signature=signature, autograph=False)
        return traced.get_concrete_function()


_trace = lru_cache(maxsize=16)(_Trace)
"""A server keeps the sixteen graphs used last; a graph costs about a second to trace."""
