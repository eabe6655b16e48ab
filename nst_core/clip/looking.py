"""What a clip is, and a still from its middle, by a process of its own: see `images.guarded`."""

import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from nst_core.clip.reading import opened_clip
from nst_core.clip.still import Clip, Facts, Part
from nst_core.errors import ClipError, ImageError
from nst_core.images.guarded import MOST_BYTES, Answer, Worker, serve
from nst_core.images.sizes import fit

SECONDS = 20
"""Of the processor, for a clip."""
LONGEST_SIDE = 512
"""px of the still, at most."""


@dataclass(frozen=True)
class Look:
    """What is known of a clip before it is painted.

    Attributes:
        facts: what its file says.
        still: from its middle, RGB, upright.
    """

    facts: Facts
    still: Image.Image


class LookingProcess:
    """Looks at clips in a process that starts at first use."""

    def __init__(self, seconds: int = SECONDS, most_bytes: int = MOST_BYTES) -> None:
        """
        Args:
            seconds: of the processor, for a clip.
            most_bytes: of memory, for the same.
        """
        advice = "save it anew as MP4, or make it smaller"
        self._worker = Worker(__name__, seconds, most_bytes, advice)

    def look(self, path: Path) -> Look:
        """Raises `ClipError` for a file that can't be painted as a film, and `BusyError`."""
        head, pixels = self._worker.ask({"source": str(path.absolute()), "role": "clip"})
        if "problem" in head:
            raise ClipError(head["problem"])
        facts = Facts(**{**head["facts"], "size": tuple(head["facts"]["size"])})
        return Look(facts, Image.frombytes("RGB", tuple(head["still"]), pixels))

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def looked_at(request: dict[str, Any]) -> Answer:
    """The "facts" of the clip at "source", the size of its "still", and its pixels; or a problem.

    What it takes is bounded by the process that this runs in.
    """
    try:
        with opened_clip(request["source"]) as clip:
            still = _middle(clip)
            return {"facts": asdict(clip.facts), "still": still.size}, still.tobytes()
    except ImageError as problem:
        return {"problem": str(problem)}, b""


def _middle(clip: Clip) -> Image.Image:
    """The still in the middle; the first one of a clip that breaks off before that."""
    whole = clip.facts.size
    size = fit(whole, min(max(whole), LONGEST_SIDE))
    with suppress(ClipError):
        for still in clip.stills(size, Part((clip.facts.seconds or 0.0) / 2)):
            return still.image
    return next(iter(clip.stills(size, Part()))).image


if __name__ == "__main__":
    serve(looked_at, *map(int, sys.argv[1:]))
