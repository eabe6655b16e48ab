"""Whose state is kept: strangers with made-up names cost nobody what is theirs."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import httpx
import pytest
from visiting import Visitor, events_of

import app
from nst_core.page.hosting.sessions import Sessions
from nst_core.page.visit.visits import Album, Kept, Task, Visit
from nst_core.serving.run_queue import Ticket


def with_picture() -> Visit:
    return Visit(current=cast(Kept, SimpleNamespace()))


@pytest.fixture
def sessions() -> Sessions:
    with gr.Blocks() as page:
        state = gr.State(Visit())
    page.state_session_capacity = 3
    sessions = Sessions()
    sessions.set_blocks(page)
    sessions.visit = state._id
    return sessions


def hold(sessions: Any, name: str, visit: Visit) -> None:
    sessions[name][sessions.visit] = visit


def test_what_is_of_worth() -> None:
    assert not Task().precious
    assert not Visit().precious
    assert with_picture().precious
    shelf = Album()
    with shelf.expecting():
        assert Visit(album=shelf).precious
    waits, ended = (cast(Ticket, SimpleNamespace(ending=how)) for how in ("", "finished"))
    assert Visit(ticket=waits).precious
    assert not Visit(ticket=ended, under_way=True).precious  # which a single request says


def test_empty_sessions_go_first(sessions: Sessions) -> None:
    hold(sessions, "painted", with_picture())
    for number in range(1000):
        hold(sessions, f"stranger-{number}", Visit())
    assert len(sessions.session_data) == 3
    assert "painted" in sessions
    assert "stranger-999" in sessions


def test_of_empty_ones_those_with_an_open_tab_stay_longer(sessions: Sessions) -> None:
    with sessions.opened("tab"):
        hold(sessions, "tab", Visit())
        for number in range(10):
            hold(sessions, f"stranger-{number}", Visit())
        assert "tab" in sessions
    hold(sessions, "one more", Visit())
    assert "tab" not in sessions


def test_of_full_ones_the_one_not_used_for_longest_goes(sessions: Sessions) -> None:
    for name in "abc":
        hold(sessions, name, with_picture())
    assert sessions["a"]
    hold(sessions, "d", with_picture())
    assert list(sessions.session_data) == ["c", "a", "d"]


def test_components_that_are_alike_are_held_once_for_all_sessions(sessions: Any) -> None:
    with sessions.blocks:
        text = gr.HTML("a", elem_id="text")
    sessions.set_blocks(sessions.blocks)
    for name in ("first", "second"):
        sessions[name][text._id] = gr.HTML(visible=False, render=False)
    sessions["other"][text._id] = gr.HTML(visible=True, render=False)
    first, second, other = (sessions[name][text._id] for name in ("first", "second", "other"))
    assert first is second
    assert not first.visible
    assert other.visible


@pytest.fixture(scope="module")
def page(upload_folder: Path) -> Iterator[Any]:
    page = app.build_page("embedded")
    page.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, **app.launch_options("embedded")
    )
    yield page
    page.close(verbose=False)


def test_a_thousand_strangers_take_nothing_from_an_open_tab(page: Any) -> None:
    """310 requests took its picture, and 1010 a visitor's strip."""
    events = {name.split()[0]: number for name, (number, _) in events_of(page.local_url).items()}
    visitor = Visitor(page.local_url, "visitor")
    success, (secret, *_) = visitor.ask(events["come_back"], [None, None, None])
    assert success
    state = page.app.state_holder["visitor"]
    (visit,) = (each for each in state.state_data.values() if isinstance(each, Visit))
    visit.current = cast(Kept, SimpleNamespace(there=False))
    visit.album.add(cast(Kept, SimpleNamespace(there=False)))
    with httpx.Client(base_url=page.local_url) as stranger:
        for number in range(1100):
            body = {"data": [None], "fn_index": events["begun"], "session_hash": f"s{number}"}
            assert stranger.post("/gradio_api/run/predict", json=body).is_success
    assert page.app.state_holder["visitor"] is state
    again = visitor.ask(events["come_back"], [secret, None, None])[1][0]
    assert again == secret
