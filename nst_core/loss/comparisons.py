"""The comparisons by name: for recipes, settings, the command line and the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypedDict, Unpack

from nst_core.loss import scalings
from nst_core.loss.columns import Columns
from nst_core.loss.comparison import Activations, Comparison, Summed, WholeMaps
from nst_core.loss.neighbours import Neighbours
from nst_core.loss.statistics import Additive, gram_matrix, moments, roughness
from nst_core.network.tensorflow import Tensor

MEASURES: Mapping[str, tuple[str, scalings.Scaling]] = {
    "relative": ("relative difference", scalings.relative),
    "mean": ("mean difference", scalings.mean),
    "sum": ("summed difference", scalings.summed),
    "root": ("difference over 2√N√M", scalings.root),
    "quarter": ("difference over 4MN", scalings.quarter),
}
"""Formulas for two sets of numbers of any shape: name -> label, formula."""
OF_MATRICES: Mapping[str, tuple[str, scalings.Scaling]] = {
    **{name: MEASURES[name] for name in ("relative", "mean", "sum", "root")},
    "gatys": ("as Gatys et al.", scalings.gatys),
    "image-area": ("over the image's area", scalings.image_area),
}


@dataclass(frozen=True, kw_only=True)
class ChosenMoments(Summed):
    """Moments of the style as far as the picture goes by it: places count as often as chosen.

    A statistic of the whole style wants all of it somewhere, and its ink on a white ground. This
    one asks of the picture what the places say that its own places were matched to.
    """

    chosen: ClassVar[bool] = True


def _maps(label: str, scaling: scalings.Scaling) -> Comparison:
    return Activations(
        label=f"Activations, {label}", subjects=("content",), target="content", scaling=scaling
    )


def _grams(label: str, scaling: scalings.Scaling) -> Comparison:
    return Summed(
        label=f"Gram matrix, {label}",
        subjects=("style",),
        target="style",
        scaling=scaling,
        sums=gram_matrix,
    )


class _Looked(TypedDict, total=False):
    statistic: Callable[[Tensor], Tensor]


def _smoothness(
    label: str, scaling: scalings.Scaling, target: str = "none", **more: Unpack[_Looked]
) -> Comparison:
    return WholeMaps(label=label, subjects=("smoothness",), target=target, scaling=scaling, **more)


def _named(
    prefix: str,
    make: Callable[[str, scalings.Scaling], Comparison],
    formulas: Mapping[str, tuple[str, scalings.Scaling]],
) -> dict[str, Comparison]:
    return {f"{prefix}-{name}": make(*formula) for name, formula in formulas.items()}


class _Style(TypedDict):
    subjects: tuple[str, ...]
    target: str


class _Moments(TypedDict):
    target: str
    scaling: scalings.Scaling
    sums: Additive


_STYLE: _Style = {"subjects": ("style",), "target": "style"}
_MOMENTS: _Moments = {
    "target": "style",
    "scaling": scalings.moments_relative,
    "sums": moments,
}
COMPARISONS: dict[str, Comparison] = {
    **_named("activations", _maps, MEASURES),
    **_named("gram", _grams, OF_MATRICES),
    "moments": Summed(label="Mean and covariance", subjects=("style", "palette"), **_MOMENTS),
    "chosen-moments": ChosenMoments(
        label="Mean and covariance of the places gone by", subjects=("palette",), **_MOMENTS
    ),
    "neighbours": Neighbours(label="Nearest neighbours", **_STYLE),
    "neighbours-centred": Neighbours(
        label="Nearest neighbours, less the mean", **_STYLE, centred=1.0
    ),
    "columns": Columns(label="Matched columns", **_STYLE),
    "columns-centred": Columns(label="Matched columns, less the mean", **_STYLE, centred=1.0),
    "variation": _smoothness("Total variation", scalings.variation),
    "variation-chollet": _smoothness("Total variation to the 1.25", scalings.variation_chollet),
    "roughness": _smoothness("Roughness", scalings.plain, statistic=roughness),
    "roughness-ratio": _smoothness(
        "Roughness beside the style's", scalings.ratio, statistic=roughness, target="style"
    ),
}


def fitting(subject: str) -> dict[str, Comparison]:
    """Those for a term about this subject: name -> comparison."""
    return {name: each for name, each in COMPARISONS.items() if subject in each.subjects}
