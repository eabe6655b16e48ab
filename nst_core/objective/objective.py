"""The loss as a callable of images: targets computed once, one trace for every size and batch."""

import numpy as np

from nst_core.loss.terms import DETAIL, Losses
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import Tensor
from nst_core.objective.graph import EVERYWHERE, Found, Graph, Positions, Way, as_a_whole, as_tensor
from nst_core.objective.regions import Styles, find_regions
from nst_core.objective.setup import check_layers, set_up
from nst_core.objective.targets import StyleTargets
from nst_core.recipe.recipe import Recipe


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
        phase: str = DETAIL,
        so_far: np.ndarray | None = None,
        emphasis: np.ndarray | None = None,
    ) -> None:
        """Compute the targets.

        Args:
            content: H×W×3, RGB in 0..255, uint8 or float, taken at its own size; or B×H×W×3.
            style: H×W×3, of any size, or a list of (image, weight); what becomes of several is for
                each comparison to say.
            recipe: a name in `RECIPES`, or a recipe.
            backbone: see `load_backbone`.
            mask: float H×W in 0..1, of the content's size: where `style` applies, in terms that
                know regions; the others take a mean of the targets, by area.
            outside: as `style`, where the mask is 0; empty has no style there.
            way: how the network is worked through: as a whole, or in `strips`.
            phase: which of the recipe's terms count, `LAYOUT` or `DETAIL`.
            so_far: the picture so far, as `content`, for targets that depend on it; None stands for
                the content image.
            emphasis: float32 H×W, of the content's size, above 0: how often each pixel counts in
                terms about the content; None counts all once.

        Raises:
            RecipeError: the recipe needs a layer that the backbone lacks, or doesn't exist.
            ValueError: an array of another shape, or a side below 16 px.
        """
        setup = set_up(recipe, backbone)
        self.recipe, self.backbone = setup.recipe, setup.network
        check_layers(self.recipe, self.backbone)
        self._terms = self.recipe.terms_in(phase)
        self._content = as_tensor(content)
        self._graph = Graph.of(self.recipe, self.backbone, phase)
        self._evaluation = way(self._graph)
        for name, plane in (("mask", mask), ("emphasis", emphasis)):
            if plane is not None and plane.shape != self._content.shape[1:3]:
                raise ValueError(
                    f"The {name} must have the content image's size, not {plane.shape}."
                )
        regions = find_regions(style, mask, outside)
        masks = [region.mask for region in regions if region.mask is not None]
        self._weights = self._graph.weights(self._terms, [region.share for region in regions])
        self._counts = self._graph.counts(masks, emphasis)
        fixed = self._evaluation.targets(self._content, "content", EVERYWHERE)
        before = self._content if so_far is None else as_tensor(so_far)
        made = StyleTargets(self._graph, way, self.recipe)
        styles, self._pools = made.of(regions, self._content, before)
        self._targets = {**fixed, **styles}

    def __call__(self, image: np.ndarray) -> Losses:
        """The weighted terms for `image`, an array of the content's shape; a batch's mean."""
        return self.as_losses(self._evaluation.losses(self._same_size(image), *self._arguments(0)))

    def value_and_gradient(self, image: np.ndarray, step: int = 0) -> tuple[Losses, np.ndarray]:
        """The weighted terms, and d total / d image as a float32 array of the image's shape."""
        values, gradient = self.evaluate(self._same_size(image), step)
        return self.as_losses(values), gradient.numpy().reshape(image.shape)

    def evaluate(self, image: Tensor, step: int = 0) -> tuple[Tensor, Tensor]:
        """The same on tensors: image B×H×W×3 -> (total and the active terms, gradient).

        Positions of maps that are thinned out are others at each step, and for each seed.
        """
        return self._evaluation.losses_and_gradient(image, *self._arguments(step))

    def as_losses(self, values: Tensor) -> Losses:
        """The losses by name, out of a tensor that `evaluate` gave."""
        total, *parts = values.numpy().tolist()
        active = dict(zip((term.name for term in self._terms), parts, strict=True))
        return Losses(
            total, **{term.name: active.get(term.name, 0.0) for term in self.recipe.terms}
        )

    def _arguments(self, step: int) -> tuple[Found, Found, Positions]:
        random = np.random.default_rng((self.recipe.seed, step, 1))
        targets = {**self._targets, **self._pools.thinned(random)}
        return targets, self._weights, self._positions(step)

    def _positions(self, step: int) -> Positions:
        random = np.random.default_rng((self.recipe.seed, step, 0))
        size = self._content.shape[1:3]
        return Positions(self._counts, self._graph.samples(size, self._graph.parts, random))

    def _same_size(self, image: np.ndarray) -> Tensor:
        tensor = as_tensor(image)
        if tensor.shape != self._content.shape:
            wanted, given = tuple(self._content.shape[1:]), tuple(tensor.shape[1:])
            raise ValueError(
                f"The image must have the content image's shape {wanted}, not {given}."
            )
        return tensor
