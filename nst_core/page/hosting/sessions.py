"""What the server remembers of each open tab; the ones with something to lose go last.

Gradio keeps a copy of the page's whole description for each session, 0.3 MB, for links that are
closed here, and 0.2 MB of components as they were last changed, most of them alike in all sessions;
and where there are too many sessions, it drops the one not used for longest. So a few hundred
requests under made-up names would cost every visitor the picture in hand.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from datetime import datetime
from typing import Any, ClassVar, Protocol, runtime_checkable
from weakref import WeakValueDictionary

from gradio.blocks import Block
from gradio.state_holder import SessionState, StateHolder
from starlette.types import ASGIApp, Receive, Scope, Send

from nst_core.page.hosting.doors import KEY, path_of


@runtime_checkable
class Precious(Protocol):
    """A value of a session that may be of worth to its visitor."""

    @property
    def precious(self) -> bool:
        """Whether it is."""


class _Session(SessionState):
    """Without the description; components that are alike are one, whosever they are."""

    _alike: ClassVar[WeakValueDictionary[tuple[int, str], object]] = WeakValueDictionary()

    def __init__(self, blocks: Any) -> None:
        self.blocks_config = copy(blocks.default_config)
        self.config_values: dict[int, object] = {}
        self.state_data: dict[int, object] = {}
        self._state_ttl: dict[int, object] = {}
        self.is_closed = False
        self.STATE_TTL_WHEN_CLOSED = 3600

    def __setitem__(self, key: int, value: object) -> None:
        if isinstance(value, Block):
            value = self._alike.setdefault((key, repr(value.constructor_args)), value)
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        pass

    def _update_value_in_config(self, key: int, value: object) -> None:
        pass

    @property
    def precious(self) -> bool:
        held = list(self.state_data.values())
        return any(isinstance(value, Precious) and value.precious for value in held)


class Sessions(StateHolder):
    """All sessions of a page, by their names, the last one used at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._open: Counter[str] = Counter()  # connections of each that are there for its life

    def __getitem__(self, name: str) -> SessionState:
        with self.lock:
            if name not in self.session_data:
                self.session_data[name] = _Session(self.blocks)
            self.session_data.move_to_end(name)
            self.time_last_used[name] = datetime.now()
            while len(self.session_data) > self.capacity:
                least = self._least(but=name)
                del self.session_data[least]
                self.time_last_used.pop(least, None)
            return self.session_data[name]

    @contextmanager
    def opened(self, name: str) -> Iterator[None]:
        """Meanwhile a tab is there for this session."""
        self._open[name] += 1
        try:
            yield
        finally:
            self._open -= Counter([name])

    def _least(self, but: str) -> str:
        """That has the least to lose; of several the one not used for longest."""

        def loss(name: str) -> tuple[bool, bool]:
            session = self.session_data[name]
            return session.precious, self._open[name] > 0

        return min((name for name in self.session_data if name != but), key=loss)


class Heartbeats:
    """ASGI middleware that knows which tabs are open: each has a connection for as long."""

    ADDRESS = re.compile(f"/gradio_api/heartbeat/({KEY})", re.ASCII)

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self.ADDRESS.fullmatch(path_of(scope)) if scope["type"] == "http" else None
        with self._sessions.opened(found[1]) if found else nullcontext():
            await self._app(scope, receive, send)
