"""What a visitor is told when something goes wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import gradio as gr

from nst_core.errors import StyleTransferError
from nst_core.page.look.markup import paragraph
from nst_core.page.visits import Task

log = logging.getLogger(__name__)


@contextmanager
def plain_errors(task: Task) -> Iterator[None]:
    """Turn every error into one sentence on the page; only the unexpected ones are logged.

    Raises:
        gr.Error: with that sentence, which is left in `task.problem`, too.
    """
    try:
        yield
    except StyleTransferError as error:
        task.problem = str(error)
    except Exception:
        log.exception("An event failed")
        task.problem = "Something went wrong on the server, and the picture was not finished."
    else:
        return
    raise gr.Error(escape(task.problem, quote=False), print_exception=False)


def say_problem(task: Task) -> str:
    """Why the work failed; where it never began, no problem was left behind."""
    full = "Nothing was painted. If the server is full, try again in a minute."
    return paragraph(task.problem or full)
