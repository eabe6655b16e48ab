"""A term of a loss as a value, and the losses that a sum of terms gives."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nst_core.checks import check_choice
from nst_core.kinds import Choice, Layers, Number, check_kinds, described
from nst_core.loss.columns import LAYERS
from nst_core.loss.comparison import IMAGE, Comparison
from nst_core.loss.comparisons import COMPARISONS, fitting

ALWAYS, LAYOUT, DETAIL = "always", "layout", "detail"
"""When a term counts: in each stage of a run, in the first ones, or in the last ones."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """weight · Σ over layers of: layer's weight · what the comparison makes of the layer.

    Attributes:
        name: what the term is called, in losses, charts and settings.
        weight: factor in front of the term.
        layers: layer name -> weight within the term; `IMAGE` stands for the picture itself.
        comparison: name in `COMPARISONS`.
        subject: what it is about, of `SUBJECTS`; empty stands for what its comparison usually is.
        phase: `ALWAYS`, or the phase of a run in which it counts, see `Recipe.layout_until`.

    Raises:
        RecipeError: a field has a value that can't work; names it as `style_weight`.
    """

    name: str
    weight: float = described(Number(0.0))
    layers: Mapping[str, float] = described(Layers())
    comparison: str = described(Choice(COMPARISONS))
    subject: str = ""
    phase: str = ALWAYS

    def __post_init__(self) -> None:
        if self.subject:  # first, for a sentence that names what fits, and no more
            check_choice(f"{self.name}_comparison", self.comparison, fitting(self.subject))
        check_kinds(self, prefix=f"{self.name}_")
        object.__setattr__(self, "subject", self.subject or self.compared.subjects[0])
        check_choice(f"{self.name}_phase", self.phase, (ALWAYS, LAYOUT, DETAIL))

    @property
    def compared(self) -> Comparison:
        """What its comparison is."""
        return COMPARISONS[self.comparison]

    @property
    def active_layers(self) -> dict[str, float]:
        """Layer name -> weight of the whole of its part in the loss, without the zeros."""
        parts = {layer: self.weight * own for layer, own in self.layers.items()}
        return {layer: weight for layer, weight in parts.items() if weight > 0}

    @property
    def of_the_network(self) -> bool:
        """Whether it looks at layers, not at the picture itself alone."""
        return set(self.layers) != {IMAGE}

    def counts_in(self, phase: str) -> bool:
        return self.phase in (ALWAYS, phase)

    def changed(self, **changes: Any) -> "Term":
        """This term with other values in some fields; its comparison stays with its subject."""
        return replace(self, **changes)


class Losses(Mapping[str, float]):
    """The weighted terms of a loss by name, after their sum, `total`; also as attributes.

    A term that a recipe leaves out is 0.
    """

    def __init__(self, total: float, **terms: float) -> None:
        self._values = {"total": total, **terms}

    @classmethod
    def unmeasured(cls, terms: Iterable[str]) -> "Losses":
        """NaN all over."""
        return cls(math.nan, **dict.fromkeys(terms, math.nan))

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> float:
        if name.startswith("_") or name not in self._values:
            raise AttributeError(f"There is no loss {name!r}.")
        return self._values[name]

    def __repr__(self) -> str:
        return "Losses({})".format(", ".join(f"{name}={value!r}" for name, value in self.items()))


def content_term(layer: str, scaling: str, weight: float) -> Term:
    """The activations of one layer against those of the content image."""
    comparison = f"activations-{scaling}"
    return Term(name="content", weight=weight, layers={layer: 1.0}, comparison=comparison)


def style_term(layer_weights: Iterable[float], comparison: str, weight: float) -> Term:
    """A statistic of block1_conv1 … block5_conv1, with these weights, against the style image's."""
    layers = _of_blocks(layer_weights)
    return Term(name="style", weight=weight, layers=layers, comparison=comparison)


def palette_term(layer_weights: Iterable[float], comparison: str, weight: float) -> Term:
    """The same for colours and contrast, of which neighbours say nothing."""
    layers = _of_blocks(layer_weights)
    return Term(
        name="palette", weight=weight, layers=layers, comparison=comparison, subject="palette"
    )


def _of_blocks(weights: Iterable[float]) -> dict[str, float]:
    """The first layer of each block with its weight."""
    return {f"block{block}_conv1": own for block, own in enumerate(weights, start=1)}


def neighbours_term(comparison: str, weight: float, deepest: float = 1.0) -> Term:
    """The style's nearest neighbours in each of ten layers, which is what gives strokes.

    `deepest` is the weight of each layer of the fourth block, beside 1 for the others.
    """
    layers = {layer: deepest if layer.startswith("block4") else 1.0 for layer in LAYERS}
    return Term(name="style", weight=weight, layers=layers, comparison=comparison, phase=DETAIL)


def columns_term(comparison: str, weight: float) -> Term:
    """The columns that the picture's places were matched to, which is what gives a layout."""
    layers = dict.fromkeys(LAYERS, 1 / len(LAYERS))
    return Term(name="layout", weight=weight, layers=layers, comparison=comparison, phase=LAYOUT)


def variation_term(weight: float = 0.0, comparison: str = "variation") -> Term:
    """The differences of neighbouring pixels; left out with a weight of 0."""
    return Term(name="variation", weight=weight, layers={IMAGE: 1.0}, comparison=comparison)
