"""Steadying: what of a result is kept in the next one, as values; no network, no file.

Three things keep a film calm. What was painted is brought along by the flow, so that the decoder
goes on from it and a stroke stays on what it belongs to. The new picture is blended with it where
the flow is known, and gets the detail back that it loses by that. And where nothing has changed
since a place was painted, it is held as it is.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nst_core.clip.flow import Flow, blurred, brought_along, flow_between, narrowed

KEPT = 0.65
"""Of the result before, where the flow is known."""
DETAIL, AROUND = 1.5, 8.0
"""px, sigma: what is finer than the first is detail; its strength is averaged over the second."""
MOST_GAIN = 2.0
"""Times the detail that a blend has, to have as much as what was painted; no more."""
CUT = 0.2
"""Of a still, that must be known from the one before; less of it is a cut, and begins anew."""
SAME, CHANGED = 2.0, 5.0
"""Grey levels from what a place looked like when it was painted: up to the first it is held, from
the second it is painted. Noise is averaged out before."""
RESTING, MOVING = 0.25, 0.5
"""px from still to still, likewise."""
SOFT = 2.0
"""px, sigma of what changes and noise are averaged over, and of all borders here."""


class Shown(NamedTuple):
    """What is remembered of a film; float32 H×W×3 in 0..255 each.

    Attributes:
        still: the last one of the clip.
        result: what it was painted as.
        painted_from: what each place of the clip looked like when it was last painted.
    """

    still: np.ndarray
    result: np.ndarray
    painted_from: np.ndarray

    @classmethod
    def anew(cls, still: np.ndarray, result: np.ndarray) -> "Shown":
        """The beginning of a shot."""
        return cls(still, result, still)


class Carried(NamedTuple):
    """What a new still has from the result before.

    Attributes:
        result: float32 H×W×3, the result before, brought along.
        known: float32 H×W in 0..1, where that is this still's.
        held: float32 H×W in 0..1, where the result before stays as it is.
    """

    result: np.ndarray
    known: np.ndarray
    held: np.ndarray

    @property
    def all_held(self) -> bool:
        """Whether nothing has to be painted."""
        return bool(self.held.min() >= 1.0)


def carried(shown: Shown, still: np.ndarray) -> Carried | None:
    """What the next still has from the result before; None at a cut.

    Args:
        shown: what is remembered.
        still: float32 H×W×3 in 0..255, of the size of those before.
    """
    flow = flow_between(shown.still, still)
    if flow.known.mean() < CUT:
        return None
    along = brought_along(shown.result, flow.back)
    known = flow.known * blurred(flow.known, SOFT)  # soft inwards: no ghost behind what moves
    return Carried(along, known, _held(shown, still, flow))


def so_far(carried: Carried, otherwise: np.ndarray) -> np.ndarray:
    """The picture that the decoder goes on from: what was painted, and another where none is."""
    known = carried.known[..., None]
    return known * carried.result + (1 - known) * otherwise


def steadied(
    shown: Shown, carried: Carried, still: np.ndarray, painted: np.ndarray, kept: float = KEPT
) -> Shown:
    """A new picture as it is shown after those before.

    Args:
        shown: what is remembered of those before.
        carried: what the still has from them.
        still: float32 H×W×3.
        painted: float32 H×W×3, what the decoder made of the still.
        kept: of the result before, 0..1.
    """
    known, held = carried.known[..., None], carried.held[..., None]
    blended = painted + kept * known * (carried.result - painted)
    blended += known * lost_detail(painted, blended)
    result = blended + held * (shown.result - blended)
    return Shown(still, result, still + held * (shown.painted_from - still))


def lost_detail(painted: np.ndarray, blend: np.ndarray) -> np.ndarray:
    """What a blend lacks to have as much detail as what was painted; averaging weakens it.

    Args:
        painted: float32 H×W×3.
        blend: of it and another picture, likewise.

    Returns:
        float32 H×W×3, to be added to the blend.
    """
    detail = blend - blurred(blend, DETAIL)
    wanted, there = (
        blurred((each**2).mean(2), AROUND) for each in (painted - blurred(painted, DETAIL), detail)
    )
    gain = np.sqrt(wanted / np.maximum(there, 1e-3)).clip(1, MOST_GAIN)
    return (gain - 1)[..., None] * detail


def going_on(
    before: Shown | None,
    still: np.ndarray,
    anew: Callable[[], np.ndarray],
    over: Callable[[Carried], np.ndarray],
    holds: bool = True,
) -> Shown:
    """The next still, painted so that it goes on from the one before, if there is one.

    Args:
        before: what is remembered; another size begins anew, as a cut does.
        still: float32 H×W×3 in 0..255.
        anew: paints the still from nothing.
        over: paints it on what it has from the result before, see `so_far`.
        holds: whether what rests stays as it is; not where it is to look otherwise than before.
    """
    same = before is not None and before.still.shape == still.shape
    brought = carried(before, still) if before is not None and same else None
    if before is None or brought is None:
        return Shown.anew(still, anew())
    if not holds:
        brought = brought._replace(held=np.zeros_like(brought.held))
    if brought.all_held:
        return before._replace(still=still)
    return steadied(before, brought, still, over(brought))


def _held(shown: Shown, still: np.ndarray, flow: Flow) -> np.ndarray:
    changed = np.abs(blurred(still - shown.painted_from, SOFT)).max(2)
    moved = blurred(flow.motion, 2 * SOFT)
    rests = np.minimum(_falling(changed, SAME, CHANGED), _falling(moved, RESTING, MOVING))
    return narrowed(rests, round(2 * SOFT))


def _falling(values: np.ndarray, first: float, last: float) -> np.ndarray:
    """1 up to the first value, 0 from the last one."""
    return ((last - values) / (last - first)).clip(0, 1)
