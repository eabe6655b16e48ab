"""A recipe: all that makes one formulation of style transfer differ from another, as data."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from nst_core.checks import check_bool, check_choice, check_number, check_whole
from nst_core.errors import RecipeError
from nst_core.images.sizes import RESAMPLINGS
from nst_core.network.backbone import PADDINGS, POOLINGS
from nst_core.recipe import losses
from nst_core.recipe import size_rules as sizes
from nst_core.recipe.descent import Optimizer
from nst_core.recipe.optimizers import find_optimizer
from nst_core.recipe.starts import STARTS

SIZES = (32, 4096)
"""Smallest and largest `size` of a recipe, in px."""
STEPS = (1, 100_000)
STRENGTHS = (-10, 10)
"""Least and most `style_strength`."""
RECONSTRUCTIONS = ("both", "content", "style")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One formulation of neural style transfer.

    Attributes:
        name, story, source: what it is called, one line about it, and where it was published.
        size: px, for `size_rule` to read; None stands for the content image's own size.
        size_rule, style_size_rule: how the sizes of the generated and the style image are found.
        resampling: how images are brought to their size, see `images.resize`.
        coarsest: work coarse to fine, the first size having a longest side of this many px or a
            little more; None works at the full size only.
        pooling, padding: see `Backbone.activations`.
        content_layers, style_layers: layer name -> weight within its term.
        style_statistic: what the style term compares of a layer's activations.
        content_scaling, style_scaling, variation_scaling: the formula of each term.
        content_weight, style_weight, variation_weight: factor in front of each term.
        reconstruct: "both" minimises all terms; "content" or "style" that one term alone.
        start: name of the start image in `STARTS`.
        optimizer: the optimiser's settings.
        steps: over all sizes together.
        step_ratio: steps at each size over those at the one before it.
        checkpoint: the source reports and keeps its picture every this many steps.
        keep_best: the result is the picture with the lowest total loss, not the last one.
        precision: of convolutions and activations: "float32", "bfloat16", or "auto", the faster.
        seed: of the random numbers in the start image.
        qualities: name -> the changes that make this quality, for `changed(quality=name)`.
        strength_factor: by how much a `style_strength` of 10 multiplies the style weight, for
            `changed(style_strength=…)`; −10 divides it by as much.

    Raises:
        RecipeError: a field has a value that can't work.
    """

    name: str
    story: str
    source: str
    size: int | None
    size_rule: sizes.SizeRule = sizes.longest_side
    style_size_rule: sizes.StyleSizeRule
    resampling: str = "auto"
    coarsest: int | None = None
    pooling: str = "max"
    padding: str = "zero"
    content_layers: Mapping[str, float]
    content_scaling: losses.ContentScaling
    content_weight: float
    style_layers: Mapping[str, float]
    style_statistic: losses.StyleStatistic = losses.gram_matrix
    style_scaling: losses.StyleScaling
    style_weight: float
    variation_scaling: losses.VariationScaling = losses.total_variation
    variation_weight: float = 0.0
    reconstruct: str = "both"
    start: str = "content"
    optimizer: Optimizer
    steps: int
    step_ratio: float = 1.0
    checkpoint: int
    keep_best: bool = False
    precision: str = "float32"
    seed: int = 0
    qualities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    strength_factor: float = 10.0

    def __post_init__(self) -> None:
        if self.size is not None:
            check_whole("size", self.size, *SIZES, unit=" px")
        if self.coarsest is not None:
            check_whole("coarsest", self.coarsest, *SIZES, unit=" px")
        check_whole("steps", self.steps, *STEPS)
        check_number("step_ratio", self.step_ratio, 0.1, 10.0)
        check_number("strength_factor", self.strength_factor, 1.0, 1e4)
        check_whole("checkpoint", self.checkpoint, *STEPS)
        check_whole("seed", self.seed, 0, 2**63 - 1)
        for name, allowed in CHOICES.items():
            check_choice(name, getattr(self, name), allowed)
        check_bool("keep_best", self.keep_best)
        self._check_weights()

    def _check_weights(self) -> None:
        for name in ("content_weight", "style_weight", "variation_weight"):
            check_number(name, getattr(self, name), 0.0, math.inf)
        for name in ("content_layers", "style_layers"):
            layers = getattr(self, name)
            if not isinstance(layers, Mapping):
                raise RecipeError(f"{name} must map layer names to weights, not be {layers!r}.")
            for layer, weight in layers.items():
                check_number(f"{name}: the weight of {layer}", weight, 0.0, math.inf)
        if not (self.active_content_layers or self.active_style_layers or self.active_variation):
            raise RecipeError(
                "All weights are 0, which leaves nothing to minimise: content_weight, style_weight "
                f"or variation_weight must be above 0 (reconstruct is {self.reconstruct!r})."
            )

    @property
    def active_content_layers(self) -> dict[str, float]:
        """Layer name -> weight of the whole of its term in the loss, without the zeros."""
        return _active(self.content_layers, self.content_weight, self.reconstruct != "style")

    @property
    def active_style_layers(self) -> dict[str, float]:
        """Layer name -> weight of the whole of its term in the loss, without the zeros."""
        return _active(self.style_layers, self.style_weight, self.reconstruct != "content")

    @property
    def active_variation(self) -> float:
        """Weight of the total variation in the loss."""
        return self.variation_weight if self.reconstruct == "both" else 0.0

    def changed(self, /, **changes: Any) -> "Recipe":
        """This recipe with other values in some fields, those of its optimiser included.

        `quality` stands for the changes that it means in this recipe; others win over those.
        `style_strength`, from −10 to 10, multiplies the style weight on top of all other changes:
        −10 leaves nearly the photograph, 10 nearly the style's texture.

        Raises:
            RecipeError: an unknown field, or a value that can't work.
        """
        if "quality" in changes:
            changes = {**self._quality(changes.pop("quality")), **changes}
        strength = changes.pop("style_strength", 0)
        check_number("style_strength", strength, *STRENGTHS)
        own = {field.name for field in fields(self)}
        outer = {key: value for key, value in changes.items() if key in own}
        optimizer = find_optimizer(outer.get("optimizer", self.optimizer))
        known = {field.name for field in fields(optimizer)}
        for key in changes.keys() - own - known:
            allowed = ", ".join(sorted(own | known))
            raise RecipeError(f"A recipe has no field {key!r}; its fields are {allowed}.")
        inner = {key: value for key, value in changes.items() if key in known}
        outer["optimizer"] = replace(optimizer, **inner)
        changed = replace(self, **outer)
        return replace(changed, style_weight=changed.weight_at(strength)) if strength else changed

    def weight_at(self, strength: float) -> float:
        """The style weight at a style strength from −10 to 10.

        The exponent is bent so that steps of the strength change the picture about evenly.
        """
        part = strength / STRENGTHS[1]
        return self.style_weight * self.strength_factor ** math.copysign(abs(part) ** 1.5, part)

    def _quality(self, name: object) -> Mapping[str, Any]:
        if not self.qualities:
            raise RecipeError(f"The recipe {self.name} has no qualities, so not {name!r} either.")
        check_choice("quality", name, self.qualities)
        return self.qualities[str(name)]


CHOICES: dict[str, Collection[str]] = {
    "pooling": POOLINGS,
    "padding": PADDINGS,
    "reconstruct": RECONSTRUCTIONS,
    "precision": PRECISIONS,
    "start": STARTS,
    "resampling": RESAMPLINGS,
}


def _active(layers: Mapping[str, float], weight: float, counts: bool) -> dict[str, float]:
    return {layer: weight * own for layer, own in layers.items() if counts and weight * own > 0}


def first_of_each_block(*weights: float) -> dict[str, float]:
    """block1_conv1 … block5_conv1, the style layers of every recipe here, with these weights."""
    return {f"block{number}_conv1": weight for number, weight in enumerate(weights, start=1)}
