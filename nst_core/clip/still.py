"""Stills: what a clip is made of, what is known of it before they are decoded, and their times."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Protocol

from PIL import Image

from nst_core.checks import number_text
from nst_core.errors import ClipError
from nst_core.images.film import NOMINAL_RATE
from nst_core.images.sizes import Size

INSTANT = 0.001
"""Seconds that count for nothing where times are compared."""
LONGEST = 3600.0
"""Seconds of a clip, at most, that are painted."""


class Still(NamedTuple):
    """One of a clip's pictures.

    Attributes:
        image: RGB, upright.
        begin: seconds from the beginning of the clip.
        seconds: that it is shown for, where that is told; else None.
    """

    image: Image.Image
    begin: float
    seconds: float | None = None


@dataclass(frozen=True)
class Facts:
    """What a clip's file says of it.

    Attributes:
        size: (width, height) px, upright, of square pixels.
        seconds: how long it is; None where the file does not say.
        rate: stills a second, on average; 0 where the file does not say.
        note: a sentence for people on how it is taken; may be empty.
        sound: whether there is any.
    """

    size: Size
    seconds: float | None
    rate: float
    note: str = ""
    sound: bool = False


@dataclass(frozen=True)
class Part:
    """From when to when a clip is painted, in seconds; to its end where `end` is None."""

    begin: float = 0.0
    end: float | None = None

    def ending(self, facts: Facts) -> float | None:
        """When it ends in a clip, in seconds; None where neither says."""
        return min((each for each in (self.end, facts.seconds) if each is not None), default=None)

    def within(self, facts: Facts) -> float | None:
        """How many seconds that is of a clip; None where it does not say.

        Raises:
            ClipError: the part is empty, or too long to be painted.
        """
        ending = self.ending(facts)
        if facts.seconds is not None and self.begin >= facts.seconds:
            raise ClipError(
                f"The part of the clip would begin at {number_text(self.begin)} s, and it is "
                f"{number_text(round(facts.seconds, 1))} s long."
            )
        if ending is None:
            return None
        seconds = ending - self.begin
        if seconds <= 0:
            raise ClipError(
                f"The part of the clip has to end after it begins, at {number_text(self.begin)} s, "
                f"not at {number_text(ending)} s."
            )
        if seconds > LONGEST:
            raise ClipError(
                f"The clip would be painted for {number_text(round(seconds))} s of it, and at most "
                f"{number_text(round(LONGEST))} s can be: name a part of it, from when to when."
            )
        return seconds


class Clip(Protocol):
    """A clip's file that is open."""

    facts: Facts
    missing: str
    """A sentence on what could not be decoded, once stills came to their end; or nothing."""

    @property
    def origin(self) -> Fraction:
        """When the first still is shown, in seconds of the file's own clock."""

    def stills(self, size: Size, part: Part) -> Iterator[Still]:
        """The stills of a part, one after the other, each at a size.

        Raises:
            ClipError: nothing of it can be decoded.
        """

    def close(self) -> None:
        """Let go of the file."""


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
