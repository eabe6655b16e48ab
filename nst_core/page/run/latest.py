"""Answering the last of many events, which come faster than they can be answered."""

from collections.abc import Callable, Sequence
from typing import Unpack

import gradio as gr

from nst_core.page.run.running import EventOptions

Components = Sequence[gr.components.Component]

NEW_TEXT = "() => String(Math.random())"
TELL_NEW_TEXT = 'watch("value", () => trigger("select"));'


def answer_last(
    events: Sequence[Callable[..., object]],
    answer: Callable[..., object],
    takes: Components,
    gives: Components,
    **more: Unpack[EventOptions],
) -> None:
    """Have `answer` follow these events; those that come while it is at work become one.

    Each function gets an event of its own to listen to, which the browser makes of the others:
    where two functions listen to one event, and each is to see the last one, Gradio 6.31 has
    either begin anew whenever the other one has ended, for ever.

    Args:
        events: such as `component.change`.
        answer: takes the values of `takes`, and answers with those of `gives`.
        takes: see above.
        gives: see above.
        more: as for any listener.
    """
    bell = gr.HTML("", js_on_load=TELL_NEW_TEXT, label="Bell", elem_classes="unseen")
    gr.on(events, None, None, bell, js=NEW_TEXT, show_progress="hidden")
    bell.select(answer, takes, gives, trigger_mode="always_last", **more)
