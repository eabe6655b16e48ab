"""The loss as a callable of images: targets computed once, one trace for every size and batch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np

from nst_core.checks import check_mix, shown
from nst_core.errors import RecipeError
from nst_core.images.sizes import MIN_SIDE
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.tensorflow import tf
from nst_core.painting.precision import settled
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.scalings import SCALINGS, MapShape
from nst_core.recipe.statistics import STATISTICS
from nst_core.recipe.terms import IMAGE, Losses, Term

Styles = np.ndarray | Sequence[tuple[np.ndarray, float]]
"""One style image, or several with the weight of each."""
Targets = Mapping[str, Mapping[str, Any]]
"""Term -> layer -> the statistic to reach."""


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
        way: "Way | None" = None,
    ) -> None:
        """Compute the targets.

        Args:
            content: H×W×3, RGB in 0..255, uint8 or float, taken at its own size; or B×H×W×3.
            style: H×W×3, of any size, or a list of (image, weight); then their statistics are
                averaged by weight.
            recipe: a name in `RECIPES`, or a recipe.
            backbone: see `load_backbone`.
            way: how the network is worked through; as a whole, if not in `strips`.

        Raises:
            RecipeError: the recipe needs a layer that the backbone lacks, or doesn't exist.
            ValueError: an array of another shape, or a side below 16 px.
        """
        self.backbone = load_backbone(backbone)
        self.recipe = settled(find_recipe(recipe), self.backbone)
        check_layers(self.recipe, self.backbone)
        self._trace = (way or _trace)(Graph.of(self.recipe, self.backbone))
        self._content = as_tensor(content)
        self._targets = {
            **self._trace.content_targets(self._content),
            **self._mean_targets(style),
        }
        self._weights = {
            term.name: {
                layer: tf.constant(weight, tf.float32)
                for layer, weight in term.active_layers.items()
            }
            for term in self.recipe.active_terms
        }

    def __call__(self, image: np.ndarray) -> Losses:
        """The weighted terms for `image`, an array of the content's shape; a batch's mean."""
        return self.told(self._trace.losses(self._same_size(image), self._targets, self._weights))

    def value_and_gradient(self, image: np.ndarray) -> tuple[Losses, np.ndarray]:
        """The weighted terms, and d total / d image as a float32 array of the image's shape."""
        values, gradient = self.evaluate(self._same_size(image))
        return self.told(values), gradient.numpy().reshape(image.shape)

    def evaluate(self, image: Any) -> tuple[Any, Any]:
        """The same on tensors: image B×H×W×3 -> (total and the active terms, gradient)."""
        return self._trace.losses_and_gradient(image, self._targets, self._weights)

    def told(self, values: Any) -> Losses:
        """The losses by name, out of a tensor that `evaluate` gave."""
        total, *parts = values.numpy().tolist()
        active = dict(zip(self._weights, parts, strict=True))
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

    def _mean_targets(self, style: Styles) -> Targets:
        styles = [(style, 1.0)] if isinstance(style, np.ndarray) else list(style)
        check_mix([weight for _, weight in styles])
        whole = sum(weight for _, weight in styles)
        means: dict[str, dict[str, Any]] = {}
        for image, weight in styles:
            for term, layers in self._trace.style_targets(as_tensor(image)).items():
                mean = means.setdefault(term, {})
                for layer, found in layers.items():
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
    """What of a term shapes the graph; its weights are arguments."""

    name: str
    layers: tuple[str, ...]
    statistic: str
    scaling: str
    target: str

    @classmethod
    def of(cls, term: Term) -> "_Part":
        layers = tuple(term.active_layers)
        return cls(term.name, layers, term.statistic, term.scaling, term.target)

    def found(self, maps: Mapping[str, Any]) -> dict[str, Any]:
        return {layer: STATISTICS[self.statistic](maps[layer]) for layer in self.layers}

    def loss(
        self, found: Mapping[str, Any], positions: Mapping[str, Any], targets: Any, weights: Any
    ) -> Any:
        """Mean over the batch."""
        total = tf.constant(0.0)
        for layer in self.layers:
            target = tf.cast(targets[layer], tf.float32) if self.target != "none" else None
            shape = MapShape(positions[layer], positions[IMAGE])
            values = SCALINGS[self.scaling](tf.cast(found[layer], tf.float32), target, shape)
            total += weights[layer] * tf.reduce_mean(values)
        return total


@dataclass(frozen=True)
class Graph:
    """All that shapes the traced graph; weights, targets and image sizes are arguments."""

    backbone: Backbone
    parts: tuple[_Part, ...]
    pooling: str
    padding: str
    dtype: str

    @classmethod
    def of(cls, recipe: Recipe, backbone: Backbone) -> "Graph":
        parts = tuple(map(_Part.of, recipe.active_terms))
        return cls(backbone, parts, recipe.pooling, recipe.padding, recipe.precision)

    def maps(self, image: Any, parts: Iterable[_Part]) -> dict[str, Any]:
        layers = {layer for part in parts for layer in part.layers} - {IMAGE}
        found = self.backbone.activations(image, layers, self.pooling, self.padding, self.dtype)
        return {IMAGE: image, **found}

    def targets(self, image: Any, of: str) -> dict[str, dict[str, Any]]:
        """The statistics of a content or a style image that the terms compare with."""
        parts = [part for part in self.parts if part.target == of]
        maps = self.maps(image, parts)
        found = {part.name: part.found(maps) for part in parts}
        if of == "style":  # of several styles, a mean is taken
            return tf.nest.map_structure(lambda each: tf.cast(each, tf.float32), found)
        return found

    def losses(self, image: Any, targets: Any, weights: Any) -> Any:
        maps = self.maps(image, self.parts)
        found = {part.name: part.found(maps) for part in self.parts}
        sizes = {layer: tf.cast(tf.shape(each), tf.float32) for layer, each in maps.items()}
        positions = {layer: size[1] * size[2] for layer, size in sizes.items()}
        return self.compared(found, positions, targets, weights)

    def compared(self, found: Any, positions: Any, targets: Any, weights: Any) -> Any:
        """The total and the terms, for the statistics of each term's layers.

        positions: of each layer's map, height × width, and of the image's.
        """
        values = [
            part.loss(found[part.name], positions, targets.get(part.name), weights[part.name])
            for part in self.parts
        ]
        return tf.stack([tf.add_n(values), *values])

    def losses_and_gradient(self, image: Any, targets: Any, weights: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            values = self.losses(image, targets, weights)
            total = values[0]
        return values, tape.gradient(total, image)


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
"""How the network is worked through: as a whole, or in `strips`."""


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

    def _signature(self) -> tuple[Any, Any, Any]:
        targets: dict[str, Any] = {}
        for traced in (self.content_targets, self.style_targets):
            targets |= traced.structured_outputs
        specs = tf.nest.map_structure(lambda each: tf.TensorSpec(each.shape, each.dtype), targets)
        scalar = tf.TensorSpec([], tf.float32)
        weights = {part.name: dict.fromkeys(part.layers, scalar) for part in self._graph.parts}
        return self._image, specs, weights


def traced(function: Callable[..., Any], *signature: Any) -> Any:
    """A graph of the function, for arguments that a `tf.TensorSpec` each describes."""
    # As a concrete function: TensorFlow takes several graphs of one function for a mistake.
    whole = tf.function(function, input_signature=signature, autograph=False)
    return whole.get_concrete_function()


_trace = lru_cache(maxsize=16)(_Trace)
"""A server keeps the sixteen graphs used last; a graph costs about a second to trace."""
