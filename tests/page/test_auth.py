"""A page with a password: a stranger gets nothing of it, and a load balancer its health."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import app

ACCOUNT = ("class", "se:cret")
OPEN = {
    *("/", "/healthz", "/preview.jpg", "/icon.png", "/icon.svg", "/favicon.ico", "/pwa_icon"),
    *("/theme.css", "/gradio_api/theme.css", "/robots.txt", "/manifest.json", "/openapi.json"),
    *("/gradio_api/user", "/gradio_api/token", "/gradio_api/app_id", "/gradio_api/startup-events"),
    "/gradio_api/heartbeat/x",
}
"""What answers a stranger: a form to log in with, its looks, and that the server is there."""
REFUSED = {401, 403, 404, 422}


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


def addresses(routes: Any, front: str = "") -> Iterator[tuple[str, str]]:
    """(method, path) of all that the server knows, each gap in a path filled with an x."""
    for route in routes:
        inner = getattr(getattr(route, "original_router", route), "routes", None)
        if inner:
            yield from addresses(inner, front)
            continue
        for method in getattr(route, "methods", None) or ():
            if method in ("GET", "POST"):
                yield method, front + re.sub(r"\{[^}]*\}", "x", route.path)


def test_a_stranger_gets_nothing(page: Any, stranger: httpx.Client) -> None:
    known = set(addresses(page.app.routes))
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


def test_health_is_for_everybody_and_figures_for_those_who_may_see_the_page(
    stranger: httpx.Client,
) -> None:
    assert stranger.get("/healthz").json()["status"] in ("loading", "ready")
    assert stranger.get("/metrics").headers["www-authenticate"] == "Basic"
    assert stranger.get("/metrics", auth=("class", "wrong")).status_code == 401
    assert stranger.get("/metrics", auth=("no one", "")).status_code == 401
    assert "nst_run_seconds" in stranger.get("/metrics", auth=ACCOUNT).text
