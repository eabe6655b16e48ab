"""What is said of a run, and of a sheet of them, in plain words."""

import math

from nst_core.painting.frame import Frame
from nst_core.study.explore import Progress


def spoken_time(seconds: float) -> str:
    """In seconds up to a hundred of them, then in minutes."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


SLOW_SECONDS = 180.0
"""What takes longer than this is asked about before it begins."""


def time_expected(seconds: float) -> str:
    """How long a picture will take here."""
    return f"about {spoken_time(seconds)}"


def begin_all_the_same(seconds: float, quicker: str) -> str:
    """What to ask where a picture takes long; empty where it doesn't.

    Args:
        seconds: that it will take.
        quicker: what to choose instead.
    """
    if seconds <= SLOW_SECONDS:
        return ""
    return f"This takes {time_expected(seconds)}. Press Paint again, or choose {quicker}."


def time_left(seconds: float) -> str:
    """Empty for NaN, which stands for a time not known yet."""
    return "" if math.isnan(seconds) else f"{spoken_time(seconds)} left"


def waiting(ahead: int, seconds: float) -> str:
    """What to tell somebody whose picture has not begun."""
    who = "One picture is" if ahead == 1 else f"{ahead} pictures are"
    return f"{who} ahead of yours: it begins in about {spoken_time(max(seconds, 1.0))}."


def outlasted(seconds: float) -> str:
    """Why a run was ended that took longer than was expected."""
    return f"A run may take {spoken_time(seconds)} here."


def run_progress(frame: Frame) -> str:
    """What a run is doing."""
    width, height = frame.image.size
    return f"Painting at {width} × {height} px."


def run_summary(frame: Frame) -> str:
    """How a run ended with this frame."""
    width, height = frame.image.size
    how = "Finished" if frame.final else "Stopped; the picture so far is kept"
    return f"{how}: {width} × {height} px. {frame.message}".strip()


def larger_text(size: int | None = None, seconds: float = math.nan) -> str:
    """What the button to make a picture larger says; without a size there is no larger one."""
    if size is None:
        return "Make it large"
    takes = "" if math.isnan(seconds) else f", about {spoken_time(seconds)}"
    return f"Make it large: {size} px{takes}"


def run_figures(frame: Frame, time: str) -> str:
    """Step, time and, once they are measured, losses."""
    parts = [f"step {frame.step} of {frame.total_steps}", time]
    if math.isfinite(frame.losses.total):
        losses = frame.losses
        parts += [
            f"loss {losses.total:.3g} = "
            + " + ".join(
                f"{name} {value:.3g}" for name, value in losses.items() if value and name != "total"
            )
        ]
    return " · ".join(filter(None, parts))


def sheet_progress(now: Progress, what: str = "cell") -> str:
    """What a sheet is at; `what` one of its pictures is called."""
    return f"Painting {what} {min(now.finished + 1, now.total)} of {now.total}."


def sheet_summary(now: Progress, what: str = "cell", why: str = "") -> str:
    """How a sheet ended, and why, if that is not plain."""
    how = "Finished" if now.final else f"Stopped; the finished {what}s are kept"
    ended = f"{how}: {now.finished} of {now.total} {what}s, {spoken_time(now.elapsed)}."
    return f"{ended} {why}".strip()
