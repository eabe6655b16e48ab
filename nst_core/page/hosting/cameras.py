"""A camera that sends nothing any more gives its place to the next one."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from nst_core.page.hosting.doors import KEY, path_of

PATIENCE = 10.0
"""Seconds without a frame; a browser sends the next one when it has the picture of the last."""
EVERY = 1.0
"""Seconds between two looks."""
ADDRESS = re.compile(f"/gradio_api/stream/({KEY})/?", re.ASCII)


class Cameras:
    """Looks at the streams that have a place; Gradio itself would wait a minute for each."""

    def __init__(self, queue: Any, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            queue: Gradio's, of the page.
            clock: monotonic seconds.
        """
        self._queue, self._clock = queue, clock
        self._heard: dict[str, float] = {}

    def hear(self, event: str) -> None:
        """A frame has come."""
        if event in self._heard:
            self._heard[event] = self._clock()

    def look(self) -> None:
        """End the streams that have sent nothing for too long."""
        jobs = [event for job in self._queue.active_jobs for event in job or ()]
        streams = {event._id: event for event in jobs if event.streaming}
        now = self._clock()
        self._heard = {name: self._heard.get(name, now) for name in streams}
        for name, heard in self._heard.items():
            if now - heard > PATIENCE:
                streams[name].closed = True
                streams[name].signal.set()

    async def watch(self) -> None:
        """Look time and again, for ever."""
        while True:
            self.look()
            await asyncio.sleep(EVERY)


class Frames:
    """ASGI middleware that hears of frames."""

    def __init__(self, app: ASGIApp, cameras: Cameras) -> None:
        self._app, self._cameras = app, cameras

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = ADDRESS.fullmatch(path_of(scope)) if scope["type"] == "http" else None
        if found:
            self._cameras.hear(found[1])
        await self._app(scope, receive, send)
