"""A term of a loss as a value, and the losses that a sum of terms gives."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nst_core.errors import RecipeError
from nst_core.recipe.kinds import Choice, Layers, Number, check_kinds, described
from nst_core.recipe.scalings import SCALINGS
from nst_core.recipe.statistics import STATISTICS

IMAGE = "image"
"""The name under which a term looks at the picture itself, as at a layer's maps."""
TARGETS = ("content", "style", "none")
MOMENTS, OF_MOMENTS = "moments", "moments-relative"
"""The one statistic whose parts a scaling has to know, and that scaling."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """weight · Σ over layers of: layer's weight · scaling(statistic of the layer, its target).

    Attributes:
        name: what the term is called, in losses, charts and settings.
        weight: factor in front of the term.
        layers: layer name -> weight within the term; `IMAGE` stands for the picture itself.
        statistic: name in `STATISTICS` of what is compared.
        scaling: name in `SCALINGS` of the formula that compares.
        target: the image whose statistic is the target: "content", "style", or "none".

    Raises:
        RecipeError: a field has a value that can't work; names it as `style_weight`.
    """

    name: str
    weight: float = described(Number(0.0))
    layers: Mapping[str, float] = described(Layers())
    statistic: str = described(Choice(STATISTICS), default="activations")
    scaling: str = described(Choice(SCALINGS))
    target: str = described(Choice(TARGETS))

    def __post_init__(self) -> None:
        check_kinds(self, prefix=f"{self.name}_")
        if self.statistic == "activations" and self.target == "style":
            raise RecipeError(
                f"{self.name}_statistic 'activations' compares place by place, and a style image "
                "has other places."
            )
        if self.scaling == OF_MOMENTS and self.statistic != MOMENTS:
            raise RecipeError(
                f"{self.name}_scaling {OF_MOMENTS!r} is for the statistic {MOMENTS!r}, "
                f"not for {self.statistic!r}."
            )

    @property
    def active_layers(self) -> dict[str, float]:
        """Layer name -> weight of the whole of its part in the loss, without the zeros."""
        parts = {layer: self.weight * own for layer, own in self.layers.items()}
        return {layer: weight for layer, weight in parts.items() if weight > 0}

    @property
    def of_the_network(self) -> bool:
        """Whether it looks at layers, not at the picture itself alone."""
        return set(self.layers) != {IMAGE}

    def changed(self, **changes: Any) -> "Term":
        """This term with other values in some fields; a statistic brings the scaling it needs."""
        statistic = changes.get("statistic", self.statistic)
        if statistic == MOMENTS != self.statistic:
            changes = {"scaling": OF_MOMENTS, **changes}
        elif statistic != MOMENTS and self.scaling == OF_MOMENTS:
            changes = {"scaling": "relative", **changes}
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
    return Term(
        name="content", weight=weight, layers={layer: 1.0}, scaling=scaling, target="content"
    )


def style_term(
    layer_weights: Iterable[float], scaling: str, weight: float, statistic: str = "gram"
) -> Term:
    """A statistic of block1_conv1 … block5_conv1, with these weights, against the style image's."""
    layers = {f"block{block}_conv1": own for block, own in enumerate(layer_weights, start=1)}
    return Term(
        name="style",
        weight=weight,
        layers=layers,
        statistic=statistic,
        scaling=scaling,
        target="style",
    )


def variation_term(
    weight: float = 0.0,
    scaling: str = "variation",
    statistic: str = "activations",
    target: str = "none",
) -> Term:
    """The differences of neighbouring pixels; left out with a weight of 0."""
    return Term(
        name="variation",
        weight=weight,
        layers={IMAGE: 1.0},
        statistic=statistic,
        scaling=scaling,
        target=target,
    )
