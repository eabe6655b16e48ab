"""The loss as a callable of an image: targets computed once, one trace for every image size."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nst_core.checks import check_mix
from nst_core.errors import RecipeError
from nst_core.images.sizes import MIN_SIDE
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.tensorflow import tf
from nst_core.painting.precision import settled
from nst_core.recipe import losses
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.losses import Losses, MapShape
from nst_core.recipe.recipe import Recipe

Styles = np.ndarray | Sequence[tuple[np.ndarray, float]]
"""One style image, or several with the weight of each."""


class Objective:
    """What a recipe minimises, for one content image at one size.

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
    ) -> None:
        """Compute the targets.

        Args:
            content: H×W×3, RGB in 0..255, uint8 or float, taken at its own size.
            style: the same, of any size, or a list of (image, weight); then their statistics
                are averaged by weight.
            recipe: a name in `RECIPES`, or a recipe.
            backbone: see `load_backbone`.

        Raises:
            RecipeError: the recipe needs a layer that the backbone lacks, or doesn't exist.
            ValueError: an array of another shape, or a side below 16 px.
        """
        self.backbone = load_backbone(backbone) if isinstance(backbone, str) else backbone
        self.recipe = settled(find_recipe(recipe), self.backbone)
        check_layers(self.recipe, self.backbone)
        self._trace = _trace(_Graph.of(self.recipe, self.backbone))
        self._content = as_tensor(content)
        self._targets = {
            "content": self._trace.content_targets(self._content),
            "style": self._mean_statistics(style),
        }
        self._weights = {
            "content": _tensors(self.recipe.active_content_layers),
            "style": _tensors(self.recipe.active_style_layers),
            "variation": tf.constant(self.recipe.active_variation, tf.float32),
        }

    def __call__(self, image: np.ndarray) -> Losses:
        """The weighted terms for `image`, an array of the content image's shape."""
        return to_losses(self._trace.losses(self._same_size(image), self._targets, self._weights))

    def value_and_gradient(self, image: np.ndarray) -> tuple[Losses, np.ndarray]:
        """The weighted terms, and d total / d image as a float32 array H×W×3."""
        values, gradient = self.evaluate(self._same_size(image))
        return to_losses(values), gradient.numpy()[0]

    def evaluate(self, image: Any) -> tuple[Any, Any]:
        """The same on tensors: image 1×H×W×3 -> ([total, content, style, variation], gradient)."""
        return self._trace.losses_and_gradient(image, self._targets, self._weights)

    def _same_size(self, image: np.ndarray) -> Any:
        tensor = as_tensor(image)
        if tensor.shape != self._content.shape:
            wanted, given = tuple(self._content.shape[1:]), tuple(tensor.shape[1:])
            raise ValueError(
                f"The image must have the content image's shape {wanted}, not {given}."
            )
        return tensor

    def _mean_statistics(self, style: Styles) -> dict[str, Any]:
        styles = [(style, 1.0)] if isinstance(style, np.ndarray) else list(style)
        check_mix([weight for _, weight in styles])
        whole = sum(weight for _, weight in styles)
        means: dict[str, Any] = {}
        for image, weight in styles:
            for layer, found in self._trace.style_targets(as_tensor(image)).items():
                means[layer] = means.get(layer, 0.0) + found * (weight / whole)
        return means


def as_tensor(image: np.ndarray) -> Any:
    """float32 tensor 1×H×W×3 of an array H×W×3 in 0..255; ValueError for any other shape."""
    if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < MIN_SIDE:
        shape = "×".join(map(str, image.shape))
        raise ValueError(
            f"An image must be H×W×3 with sides of {MIN_SIDE} px or more, not {shape}."
        )
    return tf.constant(image[None], tf.float32)


def to_losses(values: Any) -> Losses:
    """Python floats out of the tensor [total, content, style, variation]."""
    return Losses(*values.numpy().tolist())


def _tensors(weights: Mapping[str, float]) -> dict[str, Any]:
    return {layer: tf.constant(weight, tf.float32) for layer, weight in weights.items()}


def check_layers(recipe: Recipe, backbone: Backbone) -> None:
    """Raise `RecipeError` if the recipe looks at a layer that the backbone lacks."""
    for field in ("content_layers", "style_layers"):
        for layer in getattr(recipe, field):
            if layer not in backbone.layers:
                raise RecipeError(
                    f"{field}: the backbone {backbone.name} has no layer {layer!r}; "
                    f"it has {', '.join(backbone.layers)}."
                )


@dataclass(frozen=True)
class _Graph:
    """All that shapes the traced graph; weights, targets and image sizes are arguments."""

    backbone: Backbone
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_scaling: losses.ContentScaling
    style_statistic: losses.StyleStatistic
    style_scaling: losses.StyleScaling
    variation_scaling: losses.VariationScaling | None
    pooling: str
    padding: str
    dtype: str

    @classmethod
    def of(cls, recipe: Recipe, backbone: Backbone) -> "_Graph":
        return cls(
            backbone,
            tuple(recipe.active_content_layers),
            tuple(recipe.active_style_layers),
            recipe.content_scaling,
            recipe.style_statistic,
            recipe.style_scaling,
            recipe.variation_scaling if recipe.active_variation else None,
            recipe.pooling,
            recipe.padding,
            recipe.precision,
        )

    def activations(self, image: Any, layers: Iterable[str]) -> Mapping[str, Any]:
        return self.backbone.activations(image, layers, self.pooling, self.padding, self.dtype)

    def content_targets(self, image: Any) -> dict[str, Any]:
        return dict(self.activations(image, self.content_layers))

    def style_targets(self, image: Any) -> dict[str, Any]:
        maps = self.activations(image, self.style_layers)
        return {layer: self.style_statistic(maps[layer]) for layer in self.style_layers}

    def losses(self, image: Any, targets: Any, weights: Any) -> Any:
        maps = self.activations(image, {*self.content_layers, *self.style_layers})
        content = style = variation = tf.constant(0.0)
        for layer in self.content_layers:
            value = tf.cast(maps[layer], tf.float32)
            target = tf.cast(targets["content"][layer], tf.float32)
            content += weights["content"][layer] * self.content_scaling(value, target)
        size = tf.cast(tf.shape(image), tf.float32)
        for layer in self.style_layers:
            extent = tf.cast(tf.shape(maps[layer]), tf.float32)
            shape = MapShape(extent[1] * extent[2], size[1] * size[2])
            found = self.style_statistic(maps[layer])
            scaled = self.style_scaling(found, targets["style"][layer], shape)
            style += weights["style"][layer] * scaled
        if self.variation_scaling:
            variation = weights["variation"] * self.variation_scaling(image)
        return tf.stack([content + style + variation, content, style, variation])

    def losses_and_gradient(self, image: Any, targets: Any, weights: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            values = self.losses(image, targets, weights)
            total = values[0]
        return values, tape.gradient(total, image)


class _Trace:
    """The functions of a `_Graph`, each traced once for images of every size."""

    def __init__(self, graph: _Graph) -> None:
        image = tf.TensorSpec([1, None, None, 3], tf.float32)
        scalar = tf.TensorSpec([], tf.float32)
        maps = tf.TensorSpec([1, None, None, None], graph.dtype)
        statistic = tf.TensorSpec([None, None], tf.float32)
        targets = {
            "content": dict.fromkeys(graph.content_layers, maps),
            "style": dict.fromkeys(graph.style_layers, statistic),
        }
        weights = {
            "content": dict.fromkeys(graph.content_layers, scalar),
            "style": dict.fromkeys(graph.style_layers, scalar),
            "variation": scalar,
        }

        def traced(function: Callable[..., Any], *signature: Any) -> Callable[..., Any]:
            return tf.function(function, input_signature=signature, autograph=False)

        self.content_targets = traced(graph.content_targets, image)
        self.style_targets = traced(graph.style_targets, image)
        self.losses = traced(graph.losses, image, targets, weights)
        self.losses_and_gradient = traced(graph.losses_and_gradient, image, targets, weights)


_trace = lru_cache(maxsize=16)(_Trace)
"""A server keeps the sixteen graphs used last; a graph costs about a second to trace."""
