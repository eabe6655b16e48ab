"""What a visitor is told when something goes wrong: one sentence that is true, whatever failed."""

import errno
import logging
import re
import textwrap
from collections.abc import Sequence
from html import escape

import gradio as gr
from fastapi import Request
from fastapi.responses import PlainTextResponse
from gradio.blocks import BlockFunction
from gradio.exceptions import ComponentProcessingError, InvalidPathError
from gradio.state_holder import SessionState
from pydantic import ValidationError

from nst_core.checks import shown
from nst_core.errors import LONGEST_SENTENCE, ImageError, RecipeError, StyleTransferError
from nst_core.page.hosting.faults import Counted, reference_of
from nst_core.page.hosting.links import Links
from nst_core.page.look.markup import paragraph
from nst_core.page.visit.visits import Task
from nst_core.serving.run_queue import RunQueue

DISK_FULL = "The disk of this server is full: nothing can be kept here until there is room again."
UNEXPECTED = "Something went wrong on the server: its log says what"
"""And under which reference."""
ADDRESS = re.compile(r"\s*\w+://")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

log = logging.getLogger(__name__)
log.addFilter(Counted())


class PlainBlocks(gr.Blocks):
    """A page on which every event, however it fails, answers with a sentence.

    All of them pass through `process_api`, with what they were sent, not only with what their
    functions do; so no function has to see to it.

    Attributes:
        runs: the queue of the page's runs.
        links: to its pictures; None where the operator allows none.
    """

    runs: RunQueue
    links: Links | None = None

    async def process_api(
        self,
        block_fn: BlockFunction | int,
        inputs: list[object],
        state: SessionState | None = None,
        *rest: object,
        **more: object,
    ) -> dict[str, object]:
        """As Gradio has it.

        Raises:
            gr.Error: with the sentence, which is left in the event's `Task`, too, if it has one. It
                pops up only where no other event, which follows this one's failure, tells it.
        """
        event = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        try:
            if not more.get("iterator"):  # else it goes on, and what it was sent is long read
                _check_sent(event.inputs, inputs)
            return await super().process_api(event, inputs, state, *rest, **more)
        except Exception as error:
            sentence = sentence_for(error) or unexpected(error)
            task = _task_of(event.inputs, state)
            if task is not None:
                task.problem = sentence
            text = escape(sentence, quote=False)
            visible = not self._shown_elsewhere(event)
            raise gr.Error(text, visible=visible, print_exception=False) from error

    def _shown_elsewhere(self, event: BlockFunction) -> bool:
        """Whether another event follows when this one fails, to say so in its own place."""
        return any(
            each.trigger_after == event._id and each.trigger_only_on_failure
            for each in self.fns.values()
        )


def sentence_for(error: BaseException) -> str | None:
    """What to tell a visitor of an error; None for one that nobody foresaw."""
    if isinstance(error, ComponentProcessingError) and error.__cause__ is not None:
        return sentence_for(error.__cause__)
    if no_room(error):
        return DISK_FULL
    match error:
        case StyleTransferError():
            return str(error)
        case gr.Error():  # Gradio's own, which may repeat all that it was sent
            return textwrap.shorten(str(error.message), LONGEST_SENTENCE, placeholder=" …")
        case InvalidPathError():
            return "A file was not uploaded to this page: upload it first."
        case ValidationError():
            return "What was sent for a file can't be understood: upload it first."
        case OSError(errno=errno.ENAMETOOLONG):
            return "A file has a name that is too long to be opened: upload it first."
    return None


def unexpected(error: BaseException) -> str:
    """What to tell of an error that nobody foresaw; the log gets the rest."""
    log.error("An event failed", exc_info=error)
    return f"{UNEXPECTED}, under reference {reference_of(error)}."


def no_room(error: BaseException) -> bool:
    """Whether a disk, or what one may take of it, is full; also where that led to an `error`."""
    reason = error.__cause__ if isinstance(error, StyleTransferError) else error
    return isinstance(reason, OSError) and reason.errno in _NO_ROOM


async def answer_full_disk(request: Request, error: Exception) -> PlainTextResponse:
    """What to answer to an upload, which is no event, where it led to an `OSError`."""
    if not no_room(error):
        raise error
    return PlainTextResponse(DISK_FULL, status_code=507)


def say_problem(task: Task) -> str:
    """Why the work failed; where it never began, no problem was left behind."""
    full = "Nothing was painted. If the server is full, try again in a minute."
    return paragraph(task.problem or full)


def _check_sent(components: Sequence[gr.components.Component], values: Sequence[object]) -> None:
    """Raise an error of ours where Gradio's would not say what is wrong."""
    if len(values) < len(components):
        raise RecipeError(f"Too few values were sent: {len(values)}, of {len(components)}.")
    for component, value in zip(components, values, strict=False):
        if _names_address(value):
            raise ImageError(
                f"{component.label or 'A file'} is an address, and none is fetched: upload it."
            )
        kind = getattr(component, "data_model", None)
        if kind is None or value is None:
            continue
        try:
            kind.model_validate(value)
        except ValidationError as error:
            raise ImageError(
                f"{component.label} must be an uploaded file, not {shown(value)}."
            ) from error


def _names_address(value: object) -> bool:
    """Whether it has another server's address in a file's place, which Gradio would fetch whole."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            path = each.get("path")
            if isinstance(path, str) and ADDRESS.match(path):
                return True
            each = list(each.values())
        if isinstance(each, list):
            left += each
    return False


def _task_of(
    components: Sequence[gr.components.Component], state: SessionState | None
) -> Task | None:
    """The task that an event works on: the last of its inputs that is one."""
    held = [state[each._id] for each in components if isinstance(each, gr.State)] if state else []
    tasks = [each for each in held if isinstance(each, Task)]
    return tasks[-1] if tasks else None
