"""A page with a password: a stranger gets nothing of it, and a load balancer its health."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from visiting import addresses

import app
from nst_core.page.head import LANGUAGES
from nst_core.page.hosting.guesses import OF_ONE, ONE_EVERY

ACCOUNT = ("class", "se:cret")
OPEN = {
    *("/", "/healthz", "/preview.jpg", "/icon.png", "/icon.svg", "/favicon.ico", "/pwa_icon"),
    *("/cropper.min.js", "/cropper.min.css", *(f"/languages/{name}" for name in LANGUAGES)),
    *("/theme.css", "/gradio_api/theme.css", "/robots.txt", "/manifest.json"),
    *("/gradio_api/app_id", "/gradio_api/startup-events", "/gradio_api/heartbeat/x"),
}
"""What answers a stranger: a form to log in with, its looks, and that the server is there."""
REFUSED = {400, 401, 403, 404, 422}


@pytest.fixture(scope="module")
def page(upload_folder: Any) -> Iterator[Any]:
    page = app.build_page("embedded")
    options = app.launch_options("embedded")
    page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, auth=ACCOUNT, **options)
    yield page
    page.close(verbose=False)


@pytest.fixture
def stranger(page: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=page.local_url, timeout=60) as client:
        yield client


def test_a_stranger_gets_nothing(page: Any, stranger: httpx.Client) -> None:
    known = {each for each in addresses(page.app.routes) if each[0] in ("GET", "POST")}
    assert ("POST", "/gradio_api/upload") in known
    assert ("GET", "/gradio_api/file=x") in known
    for method, path in sorted(known):
        with stranger.stream(method, path, json={} if method == "POST" else None) as answer:
            expected = {200, 503} if path.rstrip("/") in OPEN or path == "/" else REFUSED
            assert answer.status_code in (expected | {302} if path == "/logout" else expected), path


def test_the_form_holds_nothing_of_the_page(stranger: httpx.Client) -> None:
    text = stranger.get("/").text
    assert '"auth_required":true' in text.replace(" ", "")
    assert "Look inside" not in text


def test_who_knows_the_password_is_let_in(stranger: httpx.Client) -> None:
    wrong = stranger.post("/login", data={"username": "class", "password": "secret"})
    assert wrong.status_code == 400
    assert stranger.get("/config").status_code == 401
    user, password = ACCOUNT
    assert stranger.post("/login", data={"username": user, "password": password}).is_success
    assert "Look inside" in stranger.get("/config").text
    assert stranger.get("/gradio_api/info").is_success


def test_whoever_leaves_takes_nobody_along(page: Any, stranger: httpx.Client) -> None:
    """Gradio's own way out ends the sessions of all who have come in by one name."""
    account = dict(zip(("username", "password"), ACCOUNT, strict=True))
    assert stranger.post("/login", data=account).is_success
    with httpx.Client(base_url=page.local_url, timeout=60) as other:
        assert other.post("/login", data=account).is_success
        kept = dict(stranger.cookies)
        answer = stranger.get("/logout")
        assert (answer.status_code, answer.headers["location"]) == (302, "/")
        for cookies in (dict(stranger.cookies), kept):  # nor is what the browser kept worth a thing
            again = httpx.get(f"{page.local_url}config", cookies=cookies)
            assert again.status_code == 401
        assert stranger.get("/logout").status_code == 302
        assert other.get("/config").is_success


def test_a_part_of_a_file_tells_nothing_of_the_request(stranger: httpx.Client) -> None:
    """Gradio answers it with the request's headers, cookies included."""
    stranger.post("/login", data=dict(zip(("username", "password"), ACCOUNT, strict=True)))
    (sent,) = stranger.post("/gradio_api/upload", files={"files": ("a.png", b"0123456789")}).json()
    told = {"Range": "bytes=2-4", "X-Secret": "secret"}
    answer = stranger.get(f"/gradio_api/file={sent}", headers=told)
    assert (answer.status_code, answer.text) == (206, "234")
    assert answer.headers["content-range"] == "bytes 2-4/10"
    assert answer.request.headers["cookie"]
    assert not {"cookie", "x-secret", "host", "range", "user-agent"} & set(answer.headers)


def test_health_is_for_everybody_and_figures_for_those_who_may_see_the_page(
    stranger: httpx.Client,
) -> None:
    assert stranger.get("/healthz").json()["status"] in ("loading", "ready")
    assert stranger.get("/metrics").headers["www-authenticate"] == "Basic"
    assert stranger.get("/metrics", auth=("class", "wrong")).status_code == 401
    assert stranger.get("/metrics", auth=("no one", "")).status_code == 401
    assert "nst_run_seconds" in stranger.get("/metrics", auth=ACCOUNT).text


def test_passwords_are_guessed_slowly(page: Any, stranger: httpx.Client) -> None:
    """By the form and by HTTP Basic; the right one has to wait, too."""
    wrong = {"username": "class", "password": "x"}
    answers = [stranger.post("/login", data=wrong).status_code for _ in range(OF_ONE + 5)]
    assert answers[0] == 400
    assert answers[-5:] == [429] * 5
    told = stranger.get("/metrics", auth=("class", "y"))
    assert told.status_code == 429
    assert 0 < int(told.headers["retry-after"]) <= ONE_EVERY
    assert told.json()["detail"].startswith("Too many wrong passwords were sent: try again in ")
    assert stranger.post("/login", data={**wrong, "password": ACCOUNT[1]}).status_code == 429
