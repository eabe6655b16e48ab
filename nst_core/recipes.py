"""Recipes: all that makes one formulation of style transfer differ from another, as data.

The published ones stand at the end, after `studio`, each field as its source has it.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from nst_core import losses, sizes
from nst_core.backbone import PADDINGS, POOLINGS
from nst_core.checks import check_bool, check_choice, check_number, check_whole
from nst_core.errors import RecipeError
from nst_core.images import RESAMPLINGS
from nst_core.optimizers import LBFGS, Adam, Optimizer, find_optimizer
from nst_core.starts import STARTS

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


def _first_of_each_block(*weights: float) -> dict[str, float]:
    """block1_conv1 … block5_conv1, the style layers of every recipe here, with these weights."""
    return {f"block{number}_conv1": weight for number, weight in enumerate(weights, start=1)}


EQUAL = (1 / 5,) * 5

STUDIO = Recipe(
    name="studio",
    story="This project's own: coarse to fine, every size sharing one set of weights.",
    source="This project; layer weights after those of Gatys et al. 2016, 1/N².",
    size=512,
    style_size_rule=sizes.equal_area,
    coarsest=128,
    padding="reflect",
    content_layers={"block4_conv2": 1.0},
    content_scaling=losses.content_relative,
    content_weight=1.0,
    style_layers=_first_of_each_block(64 / 87, 16 / 87, 4 / 87, 2 / 87, 1 / 87),
    style_statistic=losses.moments,
    style_scaling=losses.moments_relative,
    style_weight=12.0,
    variation_scaling=losses.variation_mean,
    variation_weight=3e-5,
    optimizer=Adam(20.0, beta_1=0.75, beta_2=0.6, clip=True, decay=0.05, averaging=0.8),
    steps=174,
    step_ratio=0.95,
    checkpoint=20,
    precision="auto",
    qualities={"draft": {"steps": 60}, "balanced": {"steps": 174}, "fine": {"steps": 520}},
    strength_factor=14.0,
)

KERAS_BOOK = Recipe(
    name="keras-book",
    story="The Keras book's notebook: raw sums, L-BFGS in twenty rounds, a strong smoothing term.",
    source=(
        "F. Chollet, Deep Learning with Python, section 8.3, "
        "https://github.com/fchollet/deep-learning-with-python-notebooks"
    ),
    size=400,
    size_rule=sizes.height,
    style_size_rule=sizes.stretched,
    pooling="max",
    content_layers={"block5_conv2": 1.0},
    content_scaling=losses.content_sum,
    content_weight=0.025,
    style_layers=_first_of_each_block(*EQUAL),
    style_scaling=losses.style_image_area,
    style_weight=1.0,
    variation_scaling=losses.total_variation_chollet,
    variation_weight=1e-4,
    start="content",
    optimizer=LBFGS(counting="evaluation", round_steps=20),
    steps=20 * 20,
    checkpoint=20,
)

WALKTHROUGH = Recipe(
    name="walkthrough",
    story="The walk-through's: a shallow content layer, which keeps colours and edges close.",
    source="A walk-through on Neural Style Transfer, 2022 (tf.keras)",
    size=300,
    size_rule=sizes.height,
    style_size_rule=sizes.stretched,
    resampling="bicubic",
    pooling="max",
    content_layers={"block2_conv2": 1.0},
    content_scaling=losses.content_sum,
    content_weight=1e-5,
    style_layers=_first_of_each_block(*EQUAL),
    style_scaling=losses.style_image_area,
    style_weight=2.5e-3,
    variation_scaling=losses.total_variation,
    variation_weight=1e-6,
    start="content",
    optimizer=Adam(learning_rate=2.0, beta_1=0.5),
    steps=2000,
    checkpoint=100,
)

GATYS_LBFGS = Recipe(
    name="gatys-lbfgs",
    story="Close to the first paper: average pooling, L-BFGS, a start with a little noise.",
    source=(
        "Artistic Style Transfer using Neural Networks (TensorFlow 1), after Gatys, Ecker & Bethge "
        "2015, https://arxiv.org/abs/1508.06576"
    ),
    size=None,
    size_rule=sizes.longest_side,
    style_size_rule=sizes.stretched,
    pooling="average",
    content_layers={"block4_conv2": 1.0},
    content_scaling=losses.content_root,
    content_weight=1.0,
    style_layers=_first_of_each_block(*EQUAL),
    style_scaling=losses.style_gatys,
    style_weight=2e2,
    start="noisy-content",
    optimizer=LBFGS(counting="iteration", round_steps=10),
    steps=10 * 10,
    checkpoint=10,
)

TF_EAGER = Recipe(
    name="tf-eager",
    story="The TensorFlow blog's: means instead of sums, big steps, the best picture kept.",
    source=(
        "R. Yuan, Neural Style Transfer: Creating Art with Deep Learning using tf.keras and eager "
        "execution, TensorFlow blog 2018, https://blog.tensorflow.org/2018/08"
    ),
    size=512,
    size_rule=sizes.longest_side,
    style_size_rule=sizes.own_aspect,
    pooling="max",
    content_layers={"block5_conv2": 1.0},
    content_scaling=losses.content_mean,
    content_weight=1e3,
    style_layers=_first_of_each_block(*EQUAL),
    style_scaling=losses.style_mean,
    style_weight=1e-2,
    start="content",
    optimizer=Adam(learning_rate=5.0, beta_1=0.99, epsilon=1e-1, clip=True),
    steps=1000,
    checkpoint=100,
    keep_best=True,
)

COURSE = Recipe(
    name="course",
    story="The deep-learning course's: 400 × 300, average pooling, a start of mostly noise.",
    source="Deep Learning & Art: Neural Style Transfer, the deep-learning course's assignment",
    size=400,
    size_rule=sizes.four_by_three,
    style_size_rule=sizes.stretched,
    pooling="average",
    content_layers={"block4_conv2": 1.0},
    content_scaling=losses.content_quarter,
    content_weight=10.0,
    style_layers=_first_of_each_block(*EQUAL),
    style_scaling=losses.style_gatys,
    style_weight=40.0,
    start="mostly-noise",
    optimizer=Adam(learning_rate=2.0, epsilon=1e-8),
    steps=200,
    checkpoint=20,
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (STUDIO, KERAS_BOOK, WALKTHROUGH, GATYS_LBFGS, TF_EAGER, COURSE)
}


def find_recipe(recipe: "str | Recipe") -> Recipe:
    """The recipe called `recipe`, or `recipe` itself.

    Raises:
        RecipeError: there is none of that name; lists those there are.
    """
    if isinstance(recipe, Recipe):
        return recipe
    if recipe not in RECIPES:
        raise RecipeError(f"There is no recipe {recipe!r}; there are {', '.join(RECIPES)}.")
    return RECIPES[recipe]
