"""Which addresses and events of the server are open; all others are not there, attacked or not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from helpers import CAT, ROOT
from visiting import addresses, events_of

import app
from nst_core.page.head import LANGUAGES
from nst_core.page.hosting.doors import BAD_QUERY, NOTHING_HERE
from nst_core.page.hosting.loading import loading

FILE = "/gradio_api/file="
OPEN = {
    *("GET /", "HEAD /", "GET /healthz", "HEAD /healthz", "GET /metrics", "HEAD /metrics"),
    *("GET /preview.jpg", "HEAD /preview.jpg", "GET /icon.png", "HEAD /icon.png", "GET /icon.svg"),
    *(f"{method} /languages/{name}" for method in ("GET", "HEAD") for name in LANGUAGES),
    *(f"{method} /cropper.min.{kind}" for method in ("GET", "HEAD") for kind in ("js", "css")),
    *("HEAD /icon.svg", "GET /favicon.ico", "GET /pwa_icon", "GET /robots.txt"),
    *("GET /manifest.json", "GET /theme.css", "GET /gradio_api/theme.css"),
    *("GET /assets/x", "GET /static/x", "GET /config", "GET /logout", "POST /login"),
    *("GET /gradio_api/info", "GET /gradio_api/app_id", "GET /gradio_api/startup-events"),
    *("GET /gradio_api/heartbeat/x", "GET /gradio_api/queue/data"),
    *("GET /gradio_api/upload_progress", "POST /gradio_api/upload", "POST /gradio_api/cancel"),
    *("POST /gradio_api/reset", "POST /gradio_api/queue/join", "POST /gradio_api/stream/x"),
    "POST /gradio_api/stream/x/close",
}
"""Method and path of all that may answer, of what Gradio's and our own routes are; gaps are x."""


@pytest.fixture(scope="module")
def page(upload_folder: Path) -> Iterator[Any]:
    page = app.build_page("embedded")
    options = app.launch_options("embedded")
    page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, **options)
    yield page
    page.close(verbose=False)


@pytest.fixture
def stranger(page: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=page.local_url, timeout=30) as client:
        yield client


def test_every_route_of_the_server_is_closed_but_those_that_the_page_needs(
    page: Any, stranger: httpx.Client
) -> None:
    known = {" ".join(each) for each in addresses(page.app.routes)}
    assert len(known) > 80
    assert {each.rstrip("/") or each for each in OPEN - {"GET /", "HEAD /"}} <= known
    for each in sorted(known):
        method, path = each.split()
        body: Any = {} if method == "POST" else None
        with stranger.stream(method, path, json=body) as answer:
            if f"{method} {path.rstrip('/') or '/'}" in OPEN:
                unknown = path.endswith("/x") or "/x/" in path  # where x is none of what there is
                assert answer.status_code != 404 or unknown, each
                continue
            answer.read()
            assert answer.status_code == 404, each
            if method != "HEAD":
                assert answer.json()["detail"] == NOTHING_HERE, each


@pytest.mark.parametrize(
    "address",
    [
        "/pwa_icon/40000",
        "/pwa_icon/0",
        "/pwa_icon/513",
        "/gradio_api/deep_link?session_hash=x",
        f"{FILE}http://127.0.0.1:9/x.png",
        f"{FILE}HTTP://127.0.0.1:9/x.png",
        f"{FILE}//127.0.0.1:9/x.png",
        f"{FILE}/etc/passwd",
        f"{FILE}{ROOT}/README.md",
        f"{FILE}{ROOT}/examples/render.py",
        f"{FILE}{ROOT}/examples/drawing/tiles.py",
        f"{FILE}{ROOT}/examples/pairs.json",
        f"{FILE}{ROOT}/examples/content/../render.py",
        f"{FILE}{ROOT}/examples/content/%2e%2e/render.py",
        f"{FILE}{ROOT}/examples/content/cat.jpg/../../render.py",
        "/gradio_api/custom_component/x%0Ay/server/x/x",
        "/gradio_api/heartbeat/x%0Ay",
        f"/gradio_api/heartbeat/{'x' * 65}",
        "/svelte/x.js",
        "/gradio_api/proxy=https://x.hf.space/x",
        "/docs",
        "/openapi.json",
    ],
)
def test_what_was_attacked_is_not_there(stranger: httpx.Client, address: str) -> None:
    answer = stranger.get(address)
    assert (answer.status_code, answer.json()["detail"]) == (404, NOTHING_HERE)


def test_what_the_page_shows_is_there(stranger: httpx.Client) -> None:
    for size in ("", "/192", "/512"):
        assert stranger.get(f"/pwa_icon{size}").headers["content-type"] == "image/png"
    assert stranger.get(f"{FILE}{CAT}").content == CAT.read_bytes()
    (sent,) = stranger.post("/gradio_api/upload", files={"files": ("no suffix", b"x")}).json()
    assert stranger.get(f"{FILE}{sent}").text == "x"


def test_forged_lines_reach_no_log(stranger: httpx.Client, capfd: Any) -> None:
    for path in ("/gradio_api/custom_component/a%0Aforged/client/a/a", "/a%0Aforged", "/%0Aforged"):
        stranger.get(path)
        stranger.post(path)
    assert "forged" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("name", ["session_hash", "upload_id"])
@pytest.mark.parametrize("value", ["x" * 65, "a b", "a%0Ab", ""])
def test_a_long_name_is_not_remembered(stranger: httpx.Client, name: str, value: str) -> None:
    answer = stranger.get(f"/gradio_api/queue/data?{name}={value}")
    assert (answer.status_code, answer.json()["detail"]) == (400, BAD_QUERY)


# ---------------------------------------------------------------- another visitor's state


def test_no_link_opens_the_state_of_another_visitor(page: Any, stranger: httpx.Client) -> None:
    """Even where a state is there to be opened."""
    link = "a" * 43
    folder = Path(page.app.uploaded_file_dir) / "deep_links" / link
    folder.mkdir(parents=True)
    (folder / "state.json").write_text("[]")
    for path in ("/config", "/"):
        plain = stranger.get(path).text
        for query in (f"?deep_link={link}", f"?a=b&deep%5flink={link}"):
            assert stranger.get(path + query).text.replace("?a=b", "") == plain


# ---------------------------------------------------------------- what an event may be


def numbers(page: Any) -> tuple[int, int]:
    """Of an event that the server answers, and of one that is the browser's own."""
    events = page.config["dependencies"]
    own = next(each["id"] for each in events if not each["backend_fn"])
    return next(number for number, _ in events_of(f"{page.local_url}").values()), own


def test_an_unknown_event_is_told(page: Any, stranger: httpx.Client) -> None:
    known, own = numbers(page)
    unknown: list[Any] = [10**6, -1, own, True, "0", None, 1.0, [], 2**70]
    for path in ("queue/join", "run/predict"):
        for number in unknown:
            body = {"data": [], "fn_index": number, "session_hash": "x"}
            answer = stranger.post(f"/gradio_api/{path}", json=body)
            assert answer.status_code == 400
            assert answer.json()["detail"].startswith("This page has no event ")
    body = {"data": [None] * 9, "fn_index": known, "session_hash": "x"}
    assert stranger.post("/gradio_api/queue/join", json=body).status_code == 200
    assert stranger.post("/gradio_api/call/nothing", json={"data": []}).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"5", b"\xff", b"[" * 10**5, b'{"data": ' + b"[" * 40 + b"]" * 40]
)
def test_what_is_no_event_is_told(stranger: httpx.Client, body: bytes) -> None:
    answer = stranger.post("/gradio_api/queue/join", content=body)
    assert answer.status_code == 400
    assert 20 < len(answer.json()["detail"]) < 400


@pytest.mark.parametrize("name", ["session_hash", "event_id"])
@pytest.mark.parametrize("value", ["x" * 900_000, "a\nb", 5, ["x"]])
def test_a_long_name_of_an_event_is_not_remembered(
    page: Any, stranger: httpx.Client, name: str, value: Any
) -> None:
    before = len(page.app.state_holder.session_data)
    body = {"data": [], "fn_index": numbers(page)[0], "session_hash": "x", name: value}
    for path in ("queue/join", "run/predict", "cancel", "reset", "call/stylize", "stream/x"):
        answer = stranger.post(f"/gradio_api/{path}", json=body)
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith(f"{name} must be 64 letters")
    assert len(page.app.state_holder.session_data) == before


def test_names_fill_no_memory(page: Any, stranger: httpx.Client) -> None:
    """A hundred of 0.9 MB would be 90 MB."""
    loading("embedded").result()  # which takes memory of its own
    body = {"data": [], "fn_index": numbers(page)[0]}
    held = []
    for number in range(150):
        name = f"{number}" + "x" * 900_000
        assert stranger.post("/gradio_api/queue/join", json={**body, "session_hash": name}).is_error
        held.append(psutil.Process().memory_info().rss)
    assert held[-1] - held[50] < 30e6


def test_an_editor_can_not_be_sent_a_layer_beside_the_queue(
    page: Any, stranger: httpx.Client
) -> None:
    """A layer number of 300 million took 5 GB."""
    editor = next(each["id"] for each in page.config["components"] if each["type"] == "imageeditor")
    data = {"type": "layer", "index": "300000000", "id": "a", "fn_name": "accept_blobs"}
    data |= {"component_id": str(editor), "session_hash": "x"}
    before = psutil.Process().memory_info().rss
    answer = stranger.post("/gradio_api/component_server", data=data, files={"file": b"x"})
    assert answer.status_code == 404
    assert psutil.Process().memory_info().rss - before < 50e6


def test_gradios_way_for_other_languages_is_open(page: Any, stranger: httpx.Client) -> None:
    """As *Use via API* has it; nothing was chosen, which is told."""
    for body in ({"data": [None] * 60}, {"content": None, "style": None}):
        path = "call/stylize" if "data" in body else "call/v2/stylize"
        sent = stranger.post(f"/gradio_api/{path}", json=body)
        if not sent.is_success:
            assert sent.status_code in (400, 422)
            continue
        with stranger.stream("GET", f"/gradio_api/{path}/{sent.json()['event_id']}") as answer:
            assert "event: error" in answer.read().decode()
