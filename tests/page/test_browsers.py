"""Other sites' pages can't speak for a visitor, and answers say what a browser may make of them."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from nst_core.page.hosting.browsers import FOREIGN, HERE_ONLY, Browsers

HOST = "art.example"


async def show_origin(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.headers.get("origin", "none"))


def client(**environment: str) -> TestClient:
    def names() -> list[str]:
        return ["https://x.gradio.live", "/paint", ""]

    routes = [Route("/", show_origin, methods=["GET", "POST"])]
    ours = Middleware(Browsers, environment=environment, names=names)
    return TestClient(Starlette(routes=routes, middleware=[ours]), base_url=f"http://{HOST}")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": f"http://{HOST}"},
        {"Origin": f"https://{HOST}"},  # what a server in front has for its visitors
        {"Origin": "https://x.gradio.live"},
        {"Origin": "https://inside.example", "X-Forwarded-Host": "inside.example, other"},
        {"Origin": "https://other.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_the_page_itself_and_programs_are_heard(headers: dict[str, str]) -> None:
    answer = client().post("/", headers=headers)
    assert (answer.status_code, answer.text) == (200, "none")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": f"https://{HOST}.evil.example"},
        {"Origin": f"https://{HOST}:8443"},
        {"Origin": f"https://a.{HOST}"},
        {"Origin": "null"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": ""},
    ],
)
def test_other_sites_are_not(headers: dict[str, str]) -> None:
    answer = client().post("/", headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (403, FOREIGN)


def test_what_a_browser_is_told() -> None:
    headers = client().get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"] == HERE_ONLY
    space = client(SPACE_ID="NAME/style-transfer").get("/").headers["content-security-policy"]
    assert "https://huggingface.co" in space.split()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost"])
def test_no_other_site_reads_the_page_with_its_visitors_cookies(page_url: str, origin: str) -> None:
    """Whatever the page is called: Gradio looks at origins only where it is called localhost."""
    for host in ("art.example", "127.0.0.1"):
        told: dict[str, Any] = {"Origin": origin, "Host": host}
        for path in ("config", "gradio_api/info", ""):
            answer = httpx.get(page_url + path, headers=told)
            assert not [name for name in answer.headers if name.startswith("access-control")]
        asked = {**told, "Access-Control-Request-Method": "POST"}
        assert httpx.options(f"{page_url}gradio_api/upload", headers=asked).status_code == 403
        sent = httpx.post(f"{page_url}gradio_api/upload", headers=told, files={"files": b"x"})
        assert sent.status_code == 403
