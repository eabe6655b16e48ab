"""When each still of a clip is shown in its film."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from nst_core.clip.still import INSTANT, Still
from nst_core.images.film import NOMINAL_RATE

CLOCK = Fraction(1, 90_000)
"""Seconds in which a film's times count, as those of most clips do."""


class Timed(NamedTuple):
    """A still, and from when to when it is shown, in seconds of the film."""

    still: Still
    begin: float
    end: float


def timed(stills: Iterator[Still], rate: float, end: float | None) -> Iterator[Timed]:
    """Each is shown until the next one begins, the last one as long as is told, or usual.

    Args:
        stills: of a clip.
        rate: of it, stills a second; 0 where that isn't known.
        end: seconds of the clip at which the last one ends, too, whatever its file says.
    """
    before, first = None, 0.0
    for still in stills:
        if before is None:
            first = still.begin
        else:
            yield Timed(before, before.begin - first, still.begin - first)
        before = still
    if before is not None:
        begin = before.begin - first
        seconds = before.seconds or 1 / (rate or NOMINAL_RATE)
        if end is not None:
            seconds = max(INSTANT, min(seconds, end - before.begin))
        yield Timed(before, begin, begin + seconds)


def ticks(seconds: float) -> int:
    """The same in a film's clock."""
    return round(seconds / CLOCK)
