"""The loss as a callable of images: targets computed once, one trace for every size and batch."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nst_core.checks import check_mix, shown
from nst_core.errors import RecipeError
from nst_core.images.sizes import MIN_SIDE
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.tensorflow import tf
from nst_core.painting.graph import Graph, Targets, Way, as_a_whole
from nst_core.painting.places import Place, Styles, find_places
from nst_core.painting.precision import settled
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.terms import IMAGE, Losses


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
        way: Way = as_a_whole,
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
            way: how the network is worked through: as a whole, or in `strips`.

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
        graph = Graph.of(self.recipe, self.backbone, len(masks))
        self._evaluation = way(graph)
        self._arguments = (
            {
                **self._evaluation.content_targets(self._content),
                **self._style_targets(places, graph),
            },
            graph.weights(self.recipe, [place.share for place in places]),
            graph.positions(masks),
        )

    def __call__(self, image: np.ndarray) -> Losses:
        """The weighted terms for `image`, an array of the content's shape; a batch's mean."""
        return self.told(self._evaluation.losses(self._same_size(image), *self._arguments))

    def value_and_gradient(self, image: np.ndarray) -> tuple[Losses, np.ndarray]:
        """The weighted terms, and d total / d image as a float32 array of the image's shape."""
        values, gradient = self.evaluate(self._same_size(image))
        return self.told(values), gradient.numpy().reshape(image.shape)

    def evaluate(self, image: Any) -> tuple[Any, Any]:
        """The same on tensors: image B×H×W×3 -> (total and the active terms, gradient)."""
        return self._evaluation.losses_and_gradient(image, *self._arguments)

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

    def _style_targets(self, places: Sequence[Place], graph: Graph) -> Targets:
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
            for term, layers in self._evaluation.style_targets(as_tensor(image)).items():
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
