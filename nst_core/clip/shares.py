"""Shares of several styles that change while a film goes on."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nst_core.checks import check_mix, shown
from nst_core.errors import RecipeError

SharesSource: TypeAlias = (
    tuple[Sequence[float], Sequence[float]] | Callable[[float], Sequence[float]]
)
"""The styles' weights with the first still and with the last one, between which they go evenly; or
what tells them for so many seconds of the film."""
SAMPLES = 9
"""Times at which shares are compared with others."""


@dataclass(frozen=True)
class Shares:
    """The weights of a film's styles at each time.

    Attributes:
        source: as people gave it.
        styles: how many there are.
        seconds: of the film when its last still begins; None where the clip does not say.

    Raises:
        RecipeError: weights that can't be, or a pair for a clip that does not say its length.
    """

    source: SharesSource
    styles: int
    seconds: float | None

    def __post_init__(self) -> None:
        if not callable(self.source):
            self._check_pair(self.source)
        self.at(0.0)

    def at(self, time: float) -> list[float]:
        """The weights so many seconds after the first still; raises `RecipeError`."""
        if callable(self.source):
            return self._checked(self.source(time))
        share = min(1.0, time / self.seconds) if self.seconds else 0.0
        pairs = zip(*self.source, strict=True)
        return [first + share * (last - first) for first, last in pairs]

    def samples(self) -> list[list[float]]:
        """Weights that tell them from others."""
        last = SAMPLES - 1.0 if self.seconds is None else self.seconds
        return [self.at(last * number / (SAMPLES - 1)) for number in range(SAMPLES)]

    def _check_pair(self, pair: object) -> None:
        if not (isinstance(pair, list | tuple) and len(pair) == 2):
            raise RecipeError(
                f"Weights that change must be a pair, those at the beginning and at the end, or a "
                f"function of seconds, not {shown(pair)}."
            )
        for weights in pair:
            self._checked(weights)
        if self.seconds is None:
            raise RecipeError(
                "The clip does not say how long it is, so that no weights can change evenly until "
                "its end: name the end in seconds."
            )

    def _checked(self, weights: object) -> list[float]:
        try:
            found = list(weights)  # type: ignore[call-overload]
        except TypeError:
            found = [math.nan]  # no list at all
        if len(found) != self.styles:
            raise RecipeError(
                f"Weights that change need one number for each style image: {self.styles}, not "
                f"{shown(weights)}."
            )
        check_mix(found)
        return [float(each) for each in found]
