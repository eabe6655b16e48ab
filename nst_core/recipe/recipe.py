"""A recipe: all that makes one formulation of style transfer differ from another, as data."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from nst_core.checks import check_choice, shown
from nst_core.errors import RecipeError
from nst_core.images.own_colours import TREATMENTS, Treatment
from nst_core.images.sizes import RESAMPLINGS, Size, scaled
from nst_core.kinds import Choice, Flag, Kind, Number, Value, Whole, check_kinds, described, kinds
from nst_core.loss.comparison import IMAGE
from nst_core.loss.terms import LAYOUT, Term
from nst_core.network.backbone import PADDINGS, POOLINGS
from nst_core.recipe.descent import Optimizer
from nst_core.recipe.optimizers import find_optimizer
from nst_core.recipe.size_rules import SIZE_RULES, STYLE_SIZE_RULES
from nst_core.recipe.starts import STARTS

SIZES = (32, 8192)
"""Smallest and largest `size` of a recipe, in px."""
PRINT = 4096
"""px of the longest side of a large print, at which a step takes up to a minute."""
STEPS = (1, 100_000)
BRUSHES = (0.25, 2.0)
"""Least and most `brush_size`."""
STRENGTHS = (-10, 10)
"""Least and most `style_strength`."""
STROKES: Mapping[str, float] = {"fine": 0.5, "balanced": 1.0, "coarse": 2.0}
"""Name -> how many times more each style layer counts, over the one before it, than by itself."""
RECONSTRUCTIONS = ("both", "content", "style")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One formulation of neural style transfer.

    The fields of its terms are its own as well, by flat names: `style_weight`, `content_layers`,
    `variation_scaling`, for reading and for `changed`.

    Attributes:
        name, story, source: what it is called, one line about it, and where it was published.
        terms: what is minimised, as a sum.
        size: px, for `size_rule` to read; None stands for the content image's own size.
        size_rule, style_size_rule: names in `SIZE_RULES` and `STYLE_SIZE_RULES`: how the sizes of
            the generated and of the style image are found.
        brush_size: the style image, along each side, over the size that its rule gives: 2 has
            strokes twice as large.
        keep_colours: name in `TREATMENTS`: how the photograph's colours are kept, if they are.
        keep_colours_share: how much of them, from 0 to 1.
        resampling: how images are brought to their size, see `images.sizes.resize`.
        supersampling: the picture is worked at so many times larger along each side than it is
            shown, as long as that is no larger than `PRINT`: so edges come out smooth, and without
            the grain of single pixels.
        coarsest: work coarse to fine, the first size having a longest side of this many px or a
            little more; None works at the full size only.
        pooling, padding: see `Backbone.activations`.
        reconstruct: "both" minimises all terms; "content" or "style" that one term alone.
        start: name of the start image in `STARTS`.
        optimizer: the optimiser's settings.
        steps: over all sizes together.
        layout_until: px of the longest side. A run on a recipe with terms of the phase `LAYOUT`
            minimises these, and those that always count, at sizes up to this; those of the phase
            `DETAIL` from this size on, and at the last one. None has no such phase.
        keep_detail: how much of the content's own detail is given back to the picture between two
            sizes, from 0 to 1.
        keep_faces: in faces of the content image its activations count so many times more, beside
            once; 0 has a face painted as everything else.
        turned: the style is looked at in its four quarter turns as well.
        step_ratio: steps in each stage over those in the one before it.
        print_steps: at most this many steps at a size of `PRINT` px or more, and at smaller ones as
            many more as they have fewer pixels; coarser sizes take the rest. None: no such limit.
        checkpoint: the source reports and keeps its picture every this many steps.
        keep_best: the result is the picture with the lowest total loss, not the last one.
        precision: of convolutions and activations: "float32", "bfloat16", or "auto", the faster.
        seed: of the random numbers in the start image.
        style_strength: how far the style goes, from −10, nearly the photograph, to 10, nearly the
            style's texture: it multiplies the weights of the terms about the style.
        qualities: name -> the changes that make this quality, for `changed(quality=name)`.
        strength_factor: by how much a `style_strength` of 10 multiplies the style weight; −10
            divides it by as much.
        strength_bend: exponent of the strength in between, so that its steps change the picture
            about evenly.

    Raises:
        RecipeError: a field has a value that can't work.
    """

    name: str
    story: str
    source: str
    terms: tuple[Term, ...]
    size: int | None = described(Whole(*SIZES, unit=" px", optional=True))
    size_rule: str = described(Choice(SIZE_RULES), default="longest-side")
    style_size_rule: str = described(Choice(STYLE_SIZE_RULES))
    brush_size: float = described(Number(*BRUSHES), default=1.0)
    keep_colours: str = described(Choice(TREATMENTS), default="none")
    keep_colours_share: float = described(Number(0.0, 1.0), default=1.0)
    resampling: str = described(Choice(RESAMPLINGS), default="auto")
    supersampling: float = described(Number(1.0, 2.0), default=1.0)
    coarsest: int | None = described(Whole(*SIZES, unit=" px", optional=True), default=None)
    pooling: str = described(Choice(POOLINGS), default="max")
    padding: str = described(Choice(PADDINGS), default="zero")
    reconstruct: str = described(Choice(RECONSTRUCTIONS), default="both")
    start: str = described(Choice(STARTS), default="content")
    optimizer: Optimizer
    steps: int = described(Whole(*STEPS))
    layout_until: int | None = described(Whole(*SIZES, unit=" px", optional=True), default=None)
    keep_detail: float = described(Number(0.0, 1.0), default=1.0)
    keep_faces: float = described(Number(0.0, 10.0), default=0.0)
    turned: bool = described(Flag(), default=False)
    step_ratio: float = described(Number(0.1, 10.0), default=1.0)
    print_steps: int | None = described(Whole(*STEPS, optional=True), default=None)
    checkpoint: int = described(Whole(*STEPS))
    keep_best: bool = described(Flag(), default=False)
    precision: str = described(Choice(PRECISIONS), default="float32")
    seed: int = described(Whole(0, 2**63 - 1), default=0)
    style_strength: float = described(Number(*STRENGTHS), default=0)
    qualities: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    strength_factor: float = described(Number(1.0, 1e4), default=10.0)
    strength_bend: float = described(Number(1.0, 4.0), default=1.5)

    def __post_init__(self) -> None:
        check_kinds(self)
        if not self.active_terms:
            *first, last = (f"{term.name}_weight" for term in self.terms)
            raise RecipeError(
                f"All weights are 0, which leaves nothing to minimise: {', '.join(first)} "
                f"or {last} must be above 0 (reconstruct is {self.reconstruct!r})."
            )

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name != "terms":
            for term in self.terms:
                own = name.removeprefix(f"{term.name}_")
                if own != name and own in kinds(term):
                    return getattr(term, own)
        raise AttributeError(f"A recipe has no field {name!r}.")

    @property
    def field_kinds(self) -> dict[str, Kind]:
        """Name -> kind of all its fields, those of its terms included, without its optimiser's."""
        flat = {
            f"{term.name}_{name}": kind
            for term in self.terms
            for name, kind in kinds(term).items()
            if term.of_the_network or name != "layers"
        }
        return {**kinds(self), **flat}

    @property
    def active_terms(self) -> tuple[Term, ...]:
        """The terms that count in the loss, in some phase of a run, weighted as they count."""
        counting = (term for term in self.terms if self.reconstruct in ("both", term.subject))
        active = tuple(term for term in counting if term.active_layers)
        if not self.style_strength:
            return active
        weights = self.weights_at(self.style_strength)
        return tuple(
            term.changed(weight=weights.get(f"{term.name}_weight", term.weight)) for term in active
        )

    def terms_in(self, phase: str) -> tuple[Term, ...]:
        """Those of the active terms that count in a phase, `LAYOUT` or `DETAIL`."""
        return tuple(term for term in self.active_terms if term.counts_in(phase))

    @property
    def lays_out(self) -> bool:
        """Whether there is a phase `LAYOUT`."""
        own = any(term.phase == LAYOUT for term in self.active_terms)
        return own and self.layout_until is not None

    @property
    def layers(self) -> set[str]:
        """The network's layers that the loss looks at."""
        return {layer for term in self.active_terms for layer in term.active_layers} - {IMAGE}

    def generated_size(self, content: Size) -> Size:
        """Size of the generated image for a content image of this size."""
        return SIZE_RULES[self.size_rule](content, self.size)

    def painted_size(self, content: Size) -> Size:
        """Size that the generated image is worked at before it is reduced; see `supersampling`."""
        generated = self.generated_size(content)
        most = max(PRINT / max(generated), 1.0)
        return scaled(generated, min(self.supersampling, most))

    def style_size(self, style: Size, generated: Size, brush: float = 1.0) -> Size:
        """Size at which a style image is looked at beside a generated image of this size.

        `brush` is its own, on top of `brush_size`.
        """
        size = STYLE_SIZE_RULES[self.style_size_rule](style, generated)
        return scaled(size, self.brush_size * brush)

    @property
    def colours(self) -> Treatment:
        """What is done to images so that the photograph's colours are kept."""
        return TREATMENTS[self.keep_colours](self.keep_colours_share)

    def changed(self, /, **changes: Any) -> "Recipe":
        """This recipe with other values in some fields, its terms' and its optimiser's included.

        `quality` stands for the changes that it means in this recipe; others win over those.
        `strokes`, a name in `STROKES`, shifts the weights of the style layers, on top of all other
        changes: "fine" to early layers, which see colours and single strokes, "coarse" to deep
        ones, which see patterns.

        Raises:
            RecipeError: an unknown field, or a value that can't work.
        """
        if "quality" in changes:
            changes = {**self._quality(changes.pop("quality")), **changes}
        strokes = changes.pop("strokes", "balanced")
        check_choice("strokes", strokes, STROKES)
        changed = self._with(changes)
        if strokes != "balanced":
            changed = changed._with({"style_layers": changed._layers_for(STROKES[strokes])})
        return changed

    def weights_at(self, strength: float) -> dict[str, float]:
        """The weights, by flat names, of the terms about the style at a strength from −10 to 10.

        A palette goes half the way, and so is there before the strokes are.
        """
        part = strength / STRENGTHS[1]
        exponent = math.copysign(abs(part) ** self.strength_bend, part)
        shares = {"style": 1.0, "palette": 0.5}
        return {
            f"{term.name}_weight": term.weight
            * self.strength_factor ** (exponent * shares[term.subject])
            for term in self.terms
            if term.subject in shares
        }

    def weight_at(self, strength: float) -> float:
        """The style weight among them."""
        return self.weights_at(strength)["style_weight"]

    def _layers_for(self, factor: float) -> dict[str, float]:
        """The style layers, each block's counting so many times more than those of the one before.

        In all they count as much.
        """
        own = self.style_layers
        blocks = sorted({_block(layer) for layer in own})
        shifted = {layer: own[layer] * factor ** blocks.index(_block(layer)) for layer in own}
        whole = sum(shifted.values()) or 1.0
        return {layer: shifted[layer] * sum(own.values()) / whole for layer in own}

    def _with(self, changes: Mapping[str, Any]) -> "Recipe":
        own = {each.name for each in fields(self)}
        outer = {key: value for key, value in changes.items() if key in own}
        optimizer = find_optimizer(outer.get("optimizer", self.optimizer))
        known = {each.name for each in fields(optimizer)}
        for key in changes.keys() - own - known - self.field_kinds.keys():
            allowed = ", ".join(sorted({*own, *known, *self.field_kinds} - {"terms"}))
            raise RecipeError(f"A recipe has no field {shown(key)}; its fields are {allowed}.")
        inner = {key: value for key, value in changes.items() if key in known}
        outer["optimizer"] = replace(optimizer, **inner)
        outer["terms"] = tuple(
            _changed_term(term, changes) for term in outer.get("terms", self.terms)
        )
        return replace(self, **outer)

    def _quality(self, name: object) -> Mapping[str, Value]:
        if not self.qualities:
            raise RecipeError(
                f"The recipe {self.name} has no qualities, so not {shown(name)} either."
            )
        check_choice("quality", name, self.qualities)
        return self.qualities[str(name)]


def _changed_term(term: Term, changes: Mapping[str, object]) -> Term:
    flat = {name: f"{term.name}_{name}" for name in kinds(term)}
    return term.changed(**{name: changes[key] for name, key in flat.items() if key in changes})


def _block(layer: str) -> str:
    """Of the network; the picture itself comes before the first one."""
    return "" if layer == IMAGE else layer.split("_")[0]
