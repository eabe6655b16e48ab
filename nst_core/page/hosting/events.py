"""What an event is sent, looked at before Gradio keeps any of it."""

import json
import re
from collections.abc import Mapping
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst_core.checks import shown
from nst_core.errors import StyleTransferError
from nst_core.page.hosting.doors import KEY, LONGEST_KEY, path_of, refusal

ADDRESSES = re.compile(
    r"/gradio_api/(queue/join|run/predict|cancel|reset|call/.*|stream/[^/]*)/?", re.ASCII
)
"""Where events are sent to, and what is said of them."""
NAMED = re.compile(r"/gradio_api/(queue/join|run/predict)/?")
"""Of these, where an event is named by its number."""
KEYS = ("session_hash", "event_id")
"""Of what is sent; the server remembers them."""
DEEPEST = 32
"""Lists and groups within each other."""
NO_EVENT = "What was sent is no event: a group of names and values, in JSON."


class _RefusedError(StyleTransferError):
    """Never leaves this module."""


class Events:
    """ASGI middleware that refuses what is no event of this page.

    What is in front of it has to bound how much may be sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sends = scope["type"] == "http" and scope["method"] == "POST"
        if not sends or not ADDRESSES.fullmatch(path_of(scope)):
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:  # whoever sent it is gone
            return
        try:
            sent = _read(body)
            _check_keys(sent)
            if NAMED.fullmatch(path_of(scope)):
                _check_number(sent.get("fn_index"), scope["app"].get_blocks().fns)
        except _RefusedError as problem:
            await refusal(400, str(problem))(scope, receive, send)
            return
        first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return first.pop() if first else await receive()

        await self._app(scope, again, send)


async def _whole(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _read(body: bytes) -> dict[str, object]:
    try:
        sent = json.loads(body or b"{}")  # a stream is closed with nothing
        deep = not isinstance(sent, dict) or _deeper_than(sent, DEEPEST)
    except (ValueError, RecursionError):
        raise _RefusedError(NO_EVENT) from None
    if deep:
        raise _RefusedError(NO_EVENT)
    return sent


def _deeper_than(group: dict[str, object], levels: int) -> bool:
    """Whether lists and groups lie within each other so deep."""
    layer: list[dict[str, object] | list[object]] = [group]
    for _ in range(levels + 1):
        groups = [each.values() if isinstance(each, dict) else each for each in layer]
        layer = [each for group in groups for each in group if isinstance(each, dict | list)]
        if not layer:
            return False
    return True


def _check_keys(sent: dict[str, object]) -> None:
    for name in KEYS:
        value = sent.get(name)
        if value is not None and not (isinstance(value, str) and re.fullmatch(KEY, value, re.A)):
            raise _RefusedError(
                f"{name} must be {LONGEST_KEY} letters, digits, - and _ at most, "
                f"not {shown(value)}."
            )


class _Event(Protocol):
    @property
    def fn(self) -> object: ...


def _check_number(number: object, known: Mapping[int, _Event]) -> None:
    whole = isinstance(number, int) and not isinstance(number, bool)
    event = known.get(number) if isinstance(number, int) and whole else None
    if event is None or event.fn is None:  # or the browser's own
        raise _RefusedError(f"This page has no event {shown(number)}: open it anew.")
