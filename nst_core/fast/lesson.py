"""What a network learns: the loss of a recipe, for batches whose images have a style each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from nst_core.errors import TrainingError
from nst_core.images.sizes import Size, resize, to_array
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import tf
from nst_core.painting.graph import Graph
from nst_core.painting.objective import as_tensor, check_layers
from nst_core.painting.precision import settled
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.terms import Losses

CANVAS: Size = (512, 341)
"""px; a style is looked at as beside a picture of this size, so that its strokes are as wide."""
PLAINEST = 4.0
"""Grey levels of a style image's spread, below which there is nothing to learn."""


class Lesson:
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
        self.recipe = settled(recipe, backbone)
        check_layers(self.recipe, backbone)
        self._graph = Graph.of(self.recipe, backbone, 0)
        self._weights = self._graph.weights(self.recipe, [1.0])
        found = [self._graph.targets(as_tensor(self.looked_at(each)), "style") for each in styles]
        self._targets = tf.nest.map_structure(lambda *each: tf.concat(each, 0), *found)

    def looked_at(self, style: Image.Image) -> np.ndarray:
        """A style image at the size at which it is learnt from, H×W×3 in 0..255."""
        pixels = to_array(resize(style, self.recipe.style_size(style.size, CANVAS)))
        if pixels.std(axis=(0, 1)).max() < PLAINEST:
            raise TrainingError(
                "The style image is of one colour: there are no strokes in it to be learnt."
            )
        return pixels

    def losses(self, pictures: Any, photographs: Any, styles: Any) -> Any:
        """The total and the active terms, means over the batch, as one tensor.

        Args:
            pictures: float32 tensor B×H×W×3 in 0..255, what the network made.
            photographs: the same, what it made them of.
            styles: int32 tensor B, the number of each image's style.
        """
        own = tf.nest.map_structure(lambda each: tf.gather(each, styles), self._targets)
        targets = {**self._graph.targets(photographs, "content"), **own}
        return self._graph.losses(pictures, targets, self._weights, {})

    def told(self, values: Any) -> Losses:
        """The losses by name, out of what `losses` gave."""
        total, *parts = values.numpy().tolist()
        names = [term.name for term in self.recipe.active_terms]
        return Losses(total, **dict(zip(names, parts, strict=True)))
