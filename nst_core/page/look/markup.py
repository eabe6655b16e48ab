"""What is said on the page, as HTML; whatever comes from outside is escaped."""

from html import escape
from pathlib import Path
from urllib.parse import quote

from nst_core.images.sizes import Size
from nst_core.page.look import words
from nst_core.painting.frame import Frame
from nst_core.study.sheet import SheetProgress


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def at_work(frame: Frame, photo: str, left: float) -> str:
    """The status of a run that goes on.

    Args:
        frame: of the run.
        photo: what the photograph is called.
        left: seconds.

    The script `title.js` has the browser's tab say what it finds in `data-title`.
    """
    percent = round(100 * frame.step / frame.total_steps)
    time = words.time_left(left)
    doing = f"{words.run_progress(frame)} {time}{'.' if time else ''}"
    title = escape(f"{percent} % · {photo}")
    line = bar(frame.step, frame.total_steps)
    return f'<div data-title="{title}">{line}{paragraph(doing)}</div>'


def ended(summary: str, photo: str) -> str:
    """The status of a run that has ended as `summary` says."""
    return f'<div data-title="{escape(f"Ready · {photo}")}" data-ready>{paragraph(summary)}</div>'


def film_player(file: Path, size: Size, name: str = "Time-lapse of the painting") -> str:
    """A film that plays by itself, without a sound, time and again.

    Args:
        file: which Gradio must be allowed to serve.
        size: (width, height), for the proportions of the box.
        name: what it is, for those who don't see it.
    """
    address, (width, height) = f"gradio_api/file={quote(str(file))}", size
    return (
        f'<video src="{address}" style="--ratio: {width / height:.4f}" '
        f'aria-label="{escape(name)}" '
        "autoplay muted loop playsinline controls></video>"
    )


def filling(now: SheetProgress, what: str = "cell") -> str:
    """The status of a sheet that fills; `what` one of its pictures is called."""
    left = paragraph(words.time_left(now.remaining))
    return paragraph(words.sheet_progress(now, what)) + bar(now.finished, now.total) + left


def filming(seconds: float, whole: float | None, left: float) -> str:
    """The status of a film of which so many seconds are painted; seconds of work are `left`."""
    done = bar(min(seconds, whole), whole) if whole else ""
    return paragraph(words.film_progress(seconds, whole, left)) + done


def expected(time: str, question: str) -> str:
    """How long a run will take; a question is put in its place when Paint is pressed."""
    asked = f' data-question="{escape(question)}"' if question else ""
    return f"<p{asked}>{escape(time)}</p>"


def bar(done: float, total: float) -> str:
    percent = round(100 * done / total)
    return (
        '<div class="bar" role="progressbar" aria-label="Done" aria-live="off" '
        f'aria-valuenow="{percent}"><div style="width: {percent}%"></div></div>'
    )


def aside(figures: str) -> str:
    """Small, and not spoken, as it changes all the time."""
    return f'<p class="figures" aria-live="off">{escape(figures)}</p>'
