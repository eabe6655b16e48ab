"""A run, as a tab of the page has it: what its buttons and its status do from start to end."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, Generic, Literal, TypedDict, TypeVar, Unpack

import gradio as gr
from gradio.context import LocalContext

from nst_core.errors import StyleTransferError
from nst_core.page.hosting.faults import reference_of
from nst_core.page.hosting.limits import current
from nst_core.page.hosting.operation import Record
from nst_core.page.hosting.request_limits import client_address
from nst_core.page.look import words
from nst_core.page.look.markup import paragraph
from nst_core.page.run.listening import Listener
from nst_core.page.run.problems import say_problem
from nst_core.page.visit.visits import Task
from nst_core.serving.painter import Painter
from nst_core.serving.run_queue import RunQueue, Waiting


class EventOptions(TypedDict, total=False):
    """What a listener of Gradio's is told of an event, besides what it takes and gives."""

    preprocess: bool
    queue: bool
    concurrency_limit: int | None
    trigger_mode: Literal["once", "multiple", "always_last"]
    show_progress: Literal["full", "minimal", "hidden"]
    api_visibility: Literal["public", "private", "undocumented"]
    api_name: str
    api_description: str | None


AS_SENT: EventOptions = {"preprocess": False}
"""It would open any file that a crafted request names, and refuse in words of its own."""
PRIVATE: EventOptions = {**AS_SENT, "show_progress": "hidden", "api_visibility": "private"}
"""For events that only this page needs."""
AT_ONCE: EventOptions = {**PRIVATE, "queue": False}
IN_ORDER: EventOptions = {**PRIVATE, "concurrency_limit": None}
"""For events of any number at a time, whose answers come by one stream: none overtakes another."""
AT_WORK: EventOptions = {**AS_SENT, "concurrency_limit": None}
"""For events that wait in the page's own queue, which tells them how long."""

OVERRUN = 1.25
"""Times the seconds that a run may take: an estimate is not cut short for being a little off."""
LEFT_QUEUE = "You left the queue before your picture was begun."

Updates = dict[gr.components.Component, object]
"""Component -> what changes about it."""
Answers = Generator[Sequence[object], None, None]
"""Of some work, time and again: one value for each component that shows them."""
SomeTask = TypeVar("SomeTask", bound=Task)


@dataclass(frozen=True)
class Prepared:
    """Work whose turn may come: all that it was given is checked.

    Attributes:
        seconds: that it will take.
        begin: begins it; closing the answers ends it.
    """

    seconds: float
    begin: Callable[[], Answers]


Prepare = Callable[..., Prepared]
"""Checks what some work was given, by name; raises `StyleTransferError`."""


@dataclass(frozen=True)
class Shared:
    """What the tabs beside Paint work with.

    Attributes:
        queue: the page's runs.
        painter: paints them.
        backbone: as in `nst_core.load_backbone`.
        examples: the folder of the examples, links resolved.
        pair: "content" and "style" -> the component of the Paint tab that holds the image.
    """

    queue: RunQueue
    painter: Painter
    backbone: str
    examples: Path
    pair: Mapping[str, gr.components.Component]


class RunTab(Generic[SomeTask]):
    """A tab with work that a button starts. Each tab sets its components, and adds to the answers.

    Attributes:
        queue: the page's, in which the work waits for its turn.
        task: holds the visitor's `Task`.
        go, status: what starts the work, and what is said of it.
        stop, download: where the work can be stopped, and ends with a file.
    """

    queue: RunQueue
    task: gr.State
    go: gr.Button
    status: gr.HTML
    stop: gr.Button | None = None
    download: gr.DownloadButton | None = None

    def wire_run(
        self,
        button: gr.Button,
        prepare: Prepare,
        takes: Mapping[str, gr.components.Component],
        gives: Sequence[gr.components.Component],
        begun: Callable[[SomeTask], Updates] | None = None,
        **api: Unpack[EventOptions],
    ) -> gr.events.Dependency:
        """Have `button` start some work, and `stop` stop it; gives the event of its success.

        Args:
            button: `go`, or another one that starts such work.
            prepare: gives the work, whose answers have one value for each of `gives`.
            takes: the parameters of `prepare` by name; the values of these components. The last one
                is `task`, where a problem is left for `failed` to tell.
            gives: where the answers are shown.
            begun: what changes at the click, if not what `self.begun` has.
            api: how other programs may have the work done.
        """
        changing = self.changing()
        button.click(begun or self.begun, self.task, changing, **AT_ONCE)
        run = button.click(
            with_names(partial(self._in_turn, prepare, list(takes), list(gives)), list(takes)),
            list(takes.values()),
            gives,
            show_progress_on=[self.status],
            **api,
            **AT_WORK,
        )
        if self.stop is not None and button is self.go:  # once, however many buttons start it
            self.stop.click(ask_to_stop, self.task, self.stop, **AT_ONCE)
        run.failure(self.failed, self.task, changing, **AT_ONCE)
        return run.success(self.finished, self.task, changing, **AT_ONCE)

    def _in_turn(
        self,
        prepare: Prepare,
        names: Sequence[str],
        gives: Sequence[gr.components.Component],
        *values: Any,
    ) -> Iterator[Sequence[object]]:
        """Wait for the work's turn, then answer as it does; it goes on where nobody listens."""
        task, record = values[-1], Record()
        try:
            self.queue.check_room(visitor(task), address())  # before there is any work for it
            prepared = prepare(**dict(zip(names, values, strict=True)))
            ticket = self.queue.enter(
                visitor(task),
                lambda: recorded(prepared.begin(), task, record),
                prepared.seconds,
                ask=partial(setattr, task, "stop_asked", True),
                address=address(),
            )
        except StyleTransferError as problem:
            record.refuse(type(problem).__name__)
            raise
        task.ticket = ticket
        nothing = None if from_a_program() else gr.skip()

        def said(text: str) -> list[object]:
            return [paragraph(text) if each is self.status else nothing for each in gives]

        listener = Listener()
        try:
            with closing(ticket.updates()) as updates:
                for update in updates:
                    if isinstance(update, Waiting):
                        yield said(words.waiting(update.ahead, update.seconds))
                    else:
                        yield update
                    if listener.gone():
                        ticket.give_up()
        except GeneratorExit:
            if not listener.lost():
                ticket.give_up()
            raise
        if ticket.ending == "stopped" and record.began is None:
            yield said(LEFT_QUEUE)

    def changing(self) -> list[gr.components.Component]:
        """What the answers below may change."""
        mine = [self.go, self.status, self.stop, self.download]
        return [each for each in mine if each is not None]

    def begun(self, task: SomeTask) -> Updates:
        """A run was asked for: there may be a queue to wait in before it begins."""
        task.stop_asked, task.problem, task.under_way = False, "", True
        changes = {
            self.go: gr.update(interactive=False),
            self.status: paragraph("Waiting to begin …"),
        }
        if self.stop is not None:
            changes[self.stop] = gr.Button("Stop", interactive=True)
        if self.download is not None:
            changes[self.download] = gr.update(value=None, interactive=False)
        return changes

    def idle(self, task: SomeTask) -> Updates:
        """No run is under way any more, however it ended."""
        changes = {self.go: gr.update(interactive=True)}
        if self.stop is not None:
            changes[self.stop] = gr.Button("Stop", interactive=False)
        return changes

    def finished(self, task: SomeTask) -> Updates:
        """The work ended by itself or was stopped; either way its last answer is in place."""
        task.under_way = False
        return self.idle(task)

    def failed(self, task: SomeTask) -> Updates:
        """The work ended with a problem, or had no place in the queue."""
        task.under_way = False
        return {**self.idle(task), self.status: say_problem(task)}


class SideTab(RunTab[SomeTask]):
    """A tab beside Paint, which works on the pair in place there."""

    def __init__(self, shared: Shared) -> None:
        self.queue, self.painter = shared.queue, shared.painter
        self.backbone = shared.backbone
        self.examples = shared.examples
        self.pair = shared.pair


def ask_to_stop(task: Task) -> gr.Button:
    """The run looks at this after each frame; one that has not begun leaves the queue at once."""
    task.stop_asked = True
    if task.ticket is not None:
        task.ticket.stop()
    return gr.Button("Stopping …", interactive=False)


def visitor(task: Task) -> str:
    """Who has sent the event under way: one tab of one browser."""
    request = LocalContext.request.get(None)
    return getattr(request, "session_hash", None) or str(id(task))


def address() -> str | None:
    """From where the event under way was sent, as far as a trusted proxy tells."""
    request = LocalContext.request.get(None)
    client = getattr(request, "client", None)
    return client_address(client.host, current().trusted_proxy) if client else None


def from_a_program() -> bool:
    """Whether the event under way came through `gradio_client`, for which nothing is null."""
    request = LocalContext.request.get(None)
    return request is not None and request.headers.get("x-gradio-user") == "api"


def recorded(answers: Answers, task: Task, record: Record) -> Answers:
    """The same answers, as long as they may take; how they ended is told to the operator."""
    record.begin()
    ending, task.facts, task.outlasted = "failed", {}, ""
    most = current().max_seconds
    latest = time.monotonic() + OVERRUN * most
    try:
        with closing(answers):
            for answer in answers:
                yield answer
                if time.monotonic() > latest and not task.stop_asked:
                    task.outlasted = words.outlasted(most)
        ending = "stopped" if task.to_stop else "finished"
    except GeneratorExit:
        ending = "left"
        raise
    except Exception as error:
        kind = {"error": type(error).__name__, "reference": reference_of(error)}
        task.facts = {**task.facts, **kind}
        raise
    finally:
        record.end(ending, task.facts)


def with_names(
    work: Callable[..., Iterator[object]], names: Sequence[str]
) -> Callable[..., Iterator[object]]:
    """`work` with these parameters: Gradio takes the names for its API from the signature."""
    call: Any = partial(work)
    call.__name__ = "run"  # what the event is called where it has no name for other programs
    kind = Parameter.POSITIONAL_OR_KEYWORD
    call.__signature__ = Signature([Parameter(name, kind, default=None) for name in names])
    return call
