"""What stands in front of all that Gradio serves, its own middleware included."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from nst_core.page.hosting.browsers import Browsers
from nst_core.page.hosting.cameras import Cameras, Frames
from nst_core.page.hosting.doors import Doors
from nst_core.page.hosting.guesses import SlowGuesses
from nst_core.page.hosting.limits import current
from nst_core.page.hosting.sessions import Heartbeats, Sessions
from nst_core.page.hosting.sweeping import Sweeper


def in_front(
    uploads: Path, examples: Path
) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """The `lifespan` of the page's server, which puts ours in front as soon as Gradio's is there.

    It keeps the folder of uploads swept, and the sessions in order, as well. Given as `middleware`,
    it would stand behind Gradio's, which lets other sites in.

    Args:
        uploads: see `Doors`.
        examples: likewise.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        def names() -> list[str]:
            return [app.root_path or "", getattr(app.get_blocks(), "share_url", None) or ""]

        app.state_holder = sessions = Sessions()
        sessions.set_blocks(app.get_blocks())
        cameras = Cameras(app.get_blocks()._queue)
        known = Frames(Heartbeats(app.middleware_stack, sessions), cameras)
        links = app.get_blocks().links
        inner = Doors(known, uploads, examples, links=links is not None)
        guessed = SlowGuesses(inner, current().trusted_proxy)
        app.middleware_stack = Browsers(guessed, os.environ, names)
        work = [Sweeper(uploads).keep(), cameras.watch()]
        if links is not None:
            work.append(links.keep())
        tasks = [asyncio.create_task(each) for each in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

    return lifespan
