"""What a network learns: the loss of a recipe, for batches whose images have a style each."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from nst_core.errors import RecipeError, TrainingError
from nst_core.images.sizes import Size, resize, to_array
from nst_core.loss.terms import DETAIL, Losses
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import Tensor, tf
from nst_core.objective.graph import Graph, Positions, as_tensor
from nst_core.objective.setup import check_layers, set_up
from nst_core.recipe.recipe import Recipe

CANVAS: Size = (512, 341)
"""px; a style is looked at as beside a picture of this size, so that its strokes are as wide."""
PLAINEST = 4.0
"""Grey levels of a style image's spread, below which there is nothing to learn."""


class TrainingLoss:
    """The recipe's loss, with the style's targets of each image's own style.

    Attributes:
        recipe: with its precision settled.
    """

    def __init__(self, styles: Sequence[Image.Image], recipe: Recipe, backbone: Backbone) -> None:
        """Compute the styles' targets.

        Raises:
            TrainingError: a style image of one colour.
            RecipeError: the recipe needs a layer that the backbone lacks.
        """
        self.recipe = set_up(recipe, backbone).recipe
        check_layers(self.recipe, backbone)
        self._terms = self.recipe.terms_in(DETAIL)
        self._graph = Graph.of(self.recipe, backbone)
        for part in self._graph.parts:
            if part.comparison.matched:
                raise RecipeError(
                    f"{part.name}_comparison: {part.comparison.label.lower()} are made for one "
                    "photograph at a time, and a network learns from many."
                )
        self._weights = self._graph.weights(self._terms, [1.0])
        images = [as_tensor(self.looked_at(each)) for each in styles]
        found = [self._graph.targets(each, "style", self._positions(each)) for each in images]
        self._targets = tf.nest.map_structure(_stacked, *found)

    def looked_at(self, style: Image.Image) -> np.ndarray:
        """A style image at the size at which it is learnt from, H×W×3 in 0..255."""
        pixels = to_array(resize(style, self.recipe.style_size(style.size, CANVAS)))
        if pixels.std(axis=(0, 1)).max() < PLAINEST:
            raise TrainingError(
                "The style image is of one colour: there are no strokes in it to be learnt."
            )
        return pixels

    def losses(self, pictures: Tensor, photographs: Tensor, styles: Tensor) -> Tensor:
        """The total and the active terms, means over the batch, as one tensor.

        Args:
            pictures: float32 tensor B×H×W×3 in 0..255, what the network made.
            photographs: the same, what it made them of.
            styles: int32 tensor B, the number of each image's style.
        """
        own = tf.nest.map_structure(lambda each: tf.gather(each, styles), self._targets)
        targets = {**self._graph.targets(photographs, "content"), **own}
        positions = self._positions(pictures)
        return self._graph.losses(pictures, targets, self._weights, positions)

    def _positions(self, images: Tensor) -> Positions:
        """The same at each step, of crops that are others each time."""
        size = images.shape[1:3]
        samples = self._graph.samples(size, self._graph.parts, np.random.default_rng(0))
        return Positions({}, samples)

    def as_losses(self, values: Tensor) -> Losses:
        """The losses by name, out of what `losses` gave."""
        total, *parts = values.numpy().tolist()
        names = [term.name for term in self._terms]
        return Losses(total, **dict(zip(names, parts, strict=True)))


def _stacked(*targets: Tensor) -> Tensor:
    """One batch of 1×P×… of several styles; one with fewer positions has some of them twice."""
    most = max(each.shape[1] for each in targets)
    return tf.concat(
        [tf.gather(each, np.resize(np.arange(each.shape[1]), most), axis=1) for each in targets], 0
    )
