"""Cameras that hold a place and send nothing."""

import asyncio
from types import SimpleNamespace
from typing import Any

from nst_core.page.hosting.cameras import PATIENCE, Cameras


def event(name: str, streaming: bool = True) -> Any:
    return SimpleNamespace(_id=name, streaming=streaming, closed=False, signal=asyncio.Event())


def test_a_camera_that_sends_nothing_gives_its_place_up() -> None:
    now = [100.0]
    run, idle, busy, waits = event("run", streaming=False), event("a"), event("b"), event("c")
    queue = SimpleNamespace(active_jobs=[[run], None, [idle], [busy]], waiting=[waits])
    cameras = Cameras(queue, lambda: now[0])
    cameras.look()
    now[0] += PATIENCE
    cameras.hear("b")
    cameras.hear("made up")
    now[0] += 0.1
    cameras.look()
    assert [each.closed for each in (run, idle, busy, waits)] == [False, True, False, False]
    assert idle.signal.is_set()
    assert set(cameras._heard) == {"a", "b"}
    queue.active_jobs = [None, [busy]]
    cameras.look()
    assert set(cameras._heard) == {"b"}
