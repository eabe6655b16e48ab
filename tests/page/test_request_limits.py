"""A request's length is limited as a whole, announced or not."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from nst_core.page.hosting.request_limits import FULL, MEGABYTE, BodyLimit, Held, client_address

SENTENCE = "This request may send 2 MB at most: send less, or smaller files."


async def count(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    routes = [Route(path, count, methods=["GET", "POST"]) for path in ("/", "/upload")]
    limit = Middleware(BodyLimit, uploads=3, others=2, held=Held(tmp_path, 100))
    return TestClient(Starlette(routes=routes, middleware=[limit]))


def test_what_is_within_the_limit_passes(client: TestClient) -> None:
    assert client.get("/").text == "0"
    assert client.post("/", content=b"x" * 2 * MEGABYTE).text == str(2 * MEGABYTE)


def test_an_announced_length_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post("/", content=b"x" * (2 * MEGABYTE + 1))
    assert (answer.status_code, answer.text) == (413, SENTENCE)


def test_an_upload_may_be_longer(client: TestClient) -> None:
    assert client.post("/upload", content=b"x" * 3 * MEGABYTE).text == str(3 * MEGABYTE)
    answer = client.post("/upload", content=b"x" * (3 * MEGABYTE + 1))
    assert (answer.status_code, answer.text) == (413, SENTENCE.replace("2 MB", "3 MB"))


def test_a_length_that_nobody_announced_is_counted(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * (MEGABYTE // 10)

    answer = client.post("/", content=pieces())
    assert (answer.status_code, answer.text) == (413, SENTENCE)


def test_no_upload_is_taken_while_the_folder_is_full(tmp_path: Path, client: TestClient) -> None:
    folder = tmp_path / "visitor"
    folder.mkdir()
    with (folder / "large.png").open("wb") as file:
        file.truncate(100 * MEGABYTE)
    answer = client.post("/upload", content=b"x")
    assert (answer.status_code, answer.text) == (507, FULL)
    assert client.post("/", content=b"x").text == "1"


def test_a_folder_is_looked_at_anew_after_a_while(tmp_path: Path) -> None:
    now = [0.0]
    held = Held(tmp_path, 1, lambda: now[0])
    assert not held.full()
    (tmp_path / "a.png").write_bytes(bytes(MEGABYTE))
    now[0] = Held.LASTS - 1
    assert not held.full()
    now[0] = Held.LASTS
    assert held.full()
    (tmp_path / "a.png").unlink()
    now[0] = 2 * Held.LASTS
    assert not held.full()


def test_what_comes_in_counts_at_once_and_what_was_refused_no_longer(tmp_path: Path) -> None:
    now = [0.0]
    held = Held(tmp_path, 1, lambda: now[0])
    assert not held.full()
    held.take(MEGABYTE)
    assert held.full()
    now[0] = Held.LASTS_FULL
    assert not held.full()
    (tmp_path / "a.png").write_bytes(bytes(MEGABYTE))
    now[0] += Held.LASTS
    assert held.full()


def test_many_files_of_one_upload_to_the_page(page_url: str) -> None:
    """Each of 20 MB is allowed; three are not."""
    upload, file = f"{page_url}gradio_api/upload", b"\0" * 20 * MEGABYTE
    files = [("files", (f"{number}.jpg", file)) for number in range(3)]
    answer = httpx.post(upload, files=files, timeout=60)
    assert answer.status_code == 413
    assert "This request may send 51 MB at most" in answer.text
    assert httpx.post(upload, files=files[:1], timeout=60).status_code == 200


def test_what_the_controls_hold_is_short(page_url: str) -> None:
    body = {"data": ["x" * 2 * MEGABYTE], "fn_index": 0, "session_hash": "long"}
    answer = httpx.post(f"{page_url}gradio_api/queue/join", json=body)
    assert answer.status_code == 413


PROXIES = (ip_network("127.0.0.1/32"), ip_network("2001:db8::1/128"))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", None),
        ("::ffff:127.0.0.1", None),
        ("2001:db8::1", None),
        ("testclient", None),
        ("", None),
    ],
)
def test_an_address_counts_where_a_trusted_proxy_tells_it(host: str, address: str | None) -> None:
    assert client_address(host, PROXIES) == address
    assert client_address(host, ()) is None
