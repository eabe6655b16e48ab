"""What is said on the page, as HTML; whatever comes from outside is escaped."""

from html import escape

from nst_core.page import words
from nst_core.painting.frame import Frame
from nst_core.study.explore import Progress


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def at_work(frame: Frame) -> str:
    """The status of a run that goes on."""
    doing, left = paragraph(words.run_progress(frame)), words.time_left(frame.remaining)
    return doing + bar(frame.step, frame.total_steps) + aside(words.run_figures(frame, left))


def ended(frame: Frame) -> str:
    """The status of a run that ended with this frame."""
    figures = words.run_figures(frame, f"{frame.elapsed:.0f} s")
    return paragraph(words.run_summary(frame)) + aside(figures)


def filling(now: Progress, what: str = "cell") -> str:
    """The status of a sheet that fills; `what` one of its pictures is called."""
    left = paragraph(words.time_left(now.remaining))
    return paragraph(words.sheet_progress(now, what)) + bar(now.finished, now.total) + left


def bar(done: int, total: int) -> str:
    percent = round(100 * done / total)
    return (
        '<div class="bar" role="progressbar" aria-label="Done" aria-live="off" '
        f'aria-valuenow="{percent}"><div style="width: {percent}%"></div></div>'
    )


def aside(figures: str) -> str:
    """Small, and not spoken, as it changes all the time."""
    return f'<p class="figures" aria-live="off">{escape(figures)}</p>'
