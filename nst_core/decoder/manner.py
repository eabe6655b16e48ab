"""Manner: how far the decoder goes from the photograph towards the style."""

from typing import NamedTuple


class Manner(NamedTuple):
    """How a picture is made at each of its sizes.

    Attributes:
        share: of the picture so far in what is matched, 0..1; the rest is the photograph, for
            faces to stay whole.
        own: of what is matched, its own columns beside those they are matched to, 0..1: for forms
            that the style has nothing like. With 1 what was given comes back.
        passes: at each size, each going on from the one before.
    """

    share: float = 0.4
    own: float = 0.2
    passes: int = 1


USUAL = Manner()
STRONGEST_SHARE = 0.8
"""Of a strength of 10."""
WEAKEST_OWN = 0.7
"""Of a strength of −10."""
TWICE = 5
"""The least strength with two passes."""
CALMER = 5.0
"""So much weaker than a run is what it begins with: strokes the run makes itself, and forms lost at
its beginning do not come back."""


def manner_at(strength: float) -> Manner:
    """That of a style strength, from −10, nearly the photograph, to 10, nearly the texture."""
    part = abs(strength) / 10
    if strength < 0:
        return Manner(_between(USUAL.share, 0.0, part), _between(USUAL.own, WEAKEST_OWN, part))
    share, own = _between(USUAL.share, STRONGEST_SHARE, part), _between(USUAL.own, 0.0, part)
    return Manner(share, own, 2 if strength >= TWICE else 1)


def manner_of_start(strength: float) -> Manner:
    """That of what a run of this style strength begins with, which is nearer to the photograph."""
    return manner_at(max(strength - CALMER, -10.0))


def _between(first: float, last: float, part: float) -> float:
    return first + (last - first) * part
