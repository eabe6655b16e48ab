"""What is said of a run, and of a sheet of them, in plain words."""

import math

from nst_core.checks import spoken_time
from nst_core.images.sizes import Size
from nst_core.painting.frame import Frame
from nst_core.study.sheet import SheetProgress

MOST_RISE = 1.1
"""Times the seconds told before: the next ones are never more."""
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


def steadied(before: float, left: float) -> float:
    """Seconds left, which rise by a tenth at most over those told before; NaN is not known."""
    if math.isnan(before) or math.isnan(left):
        return left
    return min(left, MOST_RISE * before)


def waiting(ahead: int, seconds: float) -> str:
    """What to tell somebody whose picture has not begun."""
    time = spoken_time(max(seconds, 1.0))
    if ahead == 1:
        return f"One picture is ahead of yours: it begins in about {time}."
    return f"{ahead} pictures are ahead of yours: it begins in about {time}."


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


def film_progress(seconds: float, whole: float | None, left: float) -> str:
    """How far a film is, in seconds of it, and the seconds of work that are left."""
    of = "" if whole is None else f" of {whole:.1f}"
    time = time_left(left)
    return f"{seconds:.1f}{of} s of film are painted. {time}{'.' if time else ''}".strip()


def film_summary(size: tuple[int, int], seconds: float, whole: bool, more: str) -> str:
    """How a film ended, that is `whole` or not, and what else there is to tell of it."""
    how = "Finished" if whole else "Stopped; the film so far is kept"
    return f"{how}: {size[0]} × {size[1]} px, {seconds:.1f} s of film. {more}".strip()


def size_text(name: str, size: Size | None = None, seconds: float | None = None) -> str:
    """What is said of a size that can be chosen, in lines.

    Args:
        name: of it.
        size: (width, height) in px that the picture will have, if that is known.
        seconds: that it will take, if that is known.
    """
    pixels = [f"{size[0]} × {size[1]} px"] if size else []
    time = [time_expected(seconds)] if seconds is not None else []
    return "\n".join([name.capitalize(), *pixels, *time])


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


def sheet_progress(now: SheetProgress, what: str = "cell") -> str:
    """What a sheet is at; `what` one of its pictures is called."""
    return f"Painting {what} {min(now.finished + 1, now.total)} of {now.total}."


def sheet_summary(now: SheetProgress, what: str = "cell", why: str = "") -> str:
    """How a sheet ended, and why, if that is not plain."""
    how = "Finished" if now.final else f"Stopped; the finished {what}s are kept"
    ended = f"{how}: {now.finished} of {now.total} {what}s, {spoken_time(now.elapsed)}."
    return f"{ended} {why}".strip()
