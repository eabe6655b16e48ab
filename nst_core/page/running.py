"""A run, as a tab of the page has it: what its buttons and its status do from start to end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Any, Generic, TypeVar

import gradio as gr

from nst_core.page.look.markup import paragraph
from nst_core.page.problems import say_problem
from nst_core.page.visits import Task

AS_SENT: dict[str, Any] = {"preprocess": False}
"""It would open any file that a crafted request names, and refuse in words of its own."""
PRIVATE: dict[str, Any] = {**AS_SENT, "show_progress": "hidden", "api_visibility": "private"}
"""For events that only this page needs."""
AT_ONCE: dict[str, Any] = {**PRIVATE, "queue": False}
AT_WORK: dict[str, Any] = {**AS_SENT, "concurrency_id": "painting", "concurrency_limit": 1}
"""One picture at a time."""

Updates = dict[Any, Any]
"""Component -> what changes about it."""
Work = Callable[..., Iterator[Any]]
SomeTask = TypeVar("SomeTask", bound=Task)


class RunTab(Generic[SomeTask]):
    """A tab with work that a button starts. Each tab sets its components, and adds to the answers.

    Attributes:
        task: holds the visitor's `Task`.
        go, status: what starts the work, and what is said of it.
        stop, download: where the work can be stopped, and ends with a file.
    """

    task: gr.State
    go: gr.Button
    status: gr.HTML
    stop: gr.Button | None = None
    download: gr.DownloadButton | None = None

    def wire_run(
        self,
        button: gr.Button,
        work: Work,
        takes: Mapping[str, gr.components.Component],
        gives: Sequence[gr.components.Component],
        begun: Callable[[SomeTask], Updates] | None = None,
        **api: Any,
    ) -> gr.events.Dependency:
        """Have `button` start `work`, and `stop` stop it; gives the event of its success.

        Args:
            button: `go`, or another one that starts such work.
            work: answers with one value for each of `gives`, time and again.
            takes: the parameters of `work` by name; the values of these components. The last one
                is `task`, where a problem is left for `failed` to tell.
            gives: where the answers are shown.
            begun: what changes at the click, if not what `self.begun` has.
            api: how other programs may have the work done.
        """
        changing = self.changing()
        button.click(begun or self.begun, self.task, changing, **AT_ONCE)
        run = button.click(
            with_names(work, list(takes)),
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


def ask_to_stop(task: Task) -> gr.Button:
    """The run looks at this after each frame; cancelling it would lose the picture."""
    task.stop_asked = True
    return gr.Button("Stopping …", interactive=False)


def with_names(work: Work, names: Sequence[str]) -> Work:
    """`work` with these parameters: Gradio takes the names for its API from the signature."""

    def call(*values: Any) -> Iterator[Any]:
        yield from work(**dict(zip(names, values, strict=True)))

    kind = Parameter.POSITIONAL_OR_KEYWORD
    parameters = [Parameter(name, kind, default=None) for name in names]
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return call
