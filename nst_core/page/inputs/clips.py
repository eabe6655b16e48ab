"""Clips that visitors bring: what they are, whether they may be painted, and how long it takes."""

import math
from pathlib import Path

from nst_core.checks import NO_BREAK, number_text, shown
from nst_core.clip.clip_film import film_seconds, film_size
from nst_core.clip.looking import Look, LookingProcess
from nst_core.clip.still import Facts
from nst_core.errors import BudgetError, ClipError
from nst_core.images.film import FASTEST, NOMINAL_RATE
from nst_core.network.backbone import Backbone
from nst_core.page.hosting.limits import current
from nst_core.page.hosting.request_limits import MEGABYTE
from nst_core.page.inputs.opening_queue import Line
from nst_core.page.look.words import time_expected
from nst_core.painting.job import Job

TOLERANCE = 0.5
"""Seconds by which a clip may be longer than allowed: who records 15 s gets a little more."""


def longest() -> float:
    """Seconds of a clip that are painted, at most."""
    return current().max_clip_seconds + TOLERANCE


def too_large(what: str) -> str:
    """Said of a clip's file, which scripts call `what`."""
    return f"{what} has more than {current().max_clip_mb} MB: make it shorter, or smaller."


class Clips:
    """Looks at clips in a line of its own, and in a process of its own."""

    def __init__(self) -> None:
        self._process = LookingProcess()
        self._line = Line("clips", "Too many clips are being opened: try again in a moment.")

    async def look(self, file: Path) -> Look:
        """As `looked_at`, but others need not wait for it; raises `BusyError`, too."""
        return await self._line.do(self.looked_at, file)

    def looked_at(self, file: Path) -> Look:
        """What is known of a clip; raises `ClipError` where it can't be painted, or not here."""
        if file.exists() and file.stat().st_size > current().max_clip_mb * MEGABYTE:
            raise ClipError(too_large(f"The clip {shown(file.name)}"))
        look = self._process.look(file)
        if look.facts.seconds is not None and look.facts.seconds > longest():
            raise ClipError(
                f"The clip {shown(file.name)} is {number_text(round(look.facts.seconds, 1))} s "
                f"long, and {current().max_clip_seconds} s at most are painted here: cut it first."
            )
        return look

    def close(self) -> None:
        """End the process."""
        self._process.close()


def seconds_of(job: Job, facts: Facts, network: Backbone) -> float:
    """Seconds that the film of a job takes, whose clip is of these facts; raises `RecipeError`."""
    length = longest() if facts.seconds is None else facts.seconds
    stills = length * min(facts.rate or NOMINAL_RATE, FASTEST)
    return film_seconds(network, film_size(job, facts.size), stills)


def check_seconds(seconds: float) -> float:
    """The same, if a run may take so long; else raises `BudgetError`."""
    most = current().max_seconds
    if seconds > most:
        raise BudgetError(
            f"This film would take {time_expected(seconds)} on this machine, and a run may take "
            f"{time_expected(most).removeprefix('about ')}: choose a smaller size, or cut the clip."
        )
    return seconds


def facts_text(facts: Facts, seconds: float = math.nan) -> str:
    """What a clip is, and the seconds that its film will take, where they are known."""
    width, height = facts.size
    parts = [f"{width} × {height} px"]
    if facts.seconds is not None:
        parts.append(f"{facts.seconds:.1f}{NO_BREAK}s")
    if facts.rate:
        parts.append(f"{facts.rate:.0f} pictures a second")
    parts.append("with sound" if facts.sound else "without sound")
    text = f"The clip: {', '.join(parts)}."
    if not math.isnan(seconds):
        text += f" The film takes {time_expected(seconds).replace(' ', NO_BREAK)}."
    return f"{text} {facts.note}".strip()
