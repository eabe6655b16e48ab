"""Files that are sent: taken whole, or not at all, and then nothing of the request is left."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from page.driver import files_in, served

from nst_core.page.hosting.sweeping import STREAMED
from nst_core.page.hosting.uploading import MOST_FILES, TOO_MANY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a page for these tests alone: runs of others would leave their pictures there."""
    with files_in(tmp_path_factory.mktemp("sent")) as folder:
        yield folder


@pytest.fixture(scope="module")
def page_url(folder: Path) -> Iterator[str]:
    with served() as url:
        yield url


def held(folder: Path) -> set[Path]:
    """What lies in a folder, from which something may be deleted meanwhile."""
    found = {
        Path(where, name) for where, dirs, files in os.walk(folder) for name in (*dirs, *files)
    }
    return {path for path in found if STREAMED not in path.parts}


@pytest.fixture
def left(folder: Path) -> Callable[[], set[Path]]:
    """What a test has left in the folder, soon after."""
    before = held(folder)

    def look() -> set[Path]:
        until = time.monotonic() + 10
        while held(folder) - before and time.monotonic() < until:
            time.sleep(0.1)
        return held(folder) - before

    return look


def test_files_lie_where_nobody_guesses_and_keep_their_names(page_url: str, folder: Path) -> None:
    files = [("files", (name, name.encode())) for name in ("cat.jpg", "cat.jpg", "né e.png")]
    sent = httpx.post(f"{page_url}gradio_api/upload", files=files).json()
    paths = [Path(each) for each in sent]
    assert [path.read_bytes().decode() for path in paths] == ["cat.jpg", "cat.jpg", "né e.png"]
    assert len(set(paths)) == 3
    assert {path.parents[1].parent for path in paths} == {folder}
    assert all(len(path.parents[1].name) == 40 for path in paths)
    again = httpx.post(f"{page_url}gradio_api/upload", files=files).json()
    assert not set(sent) & set(again)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../../x", "/etc/passwd", "a/b", "x" * 5000, "a\0"]
)
def test_odd_names_lead_nowhere_else(page_url: str, folder: Path, name: str) -> None:
    answer = httpx.post(f"{page_url}gradio_api/upload", files={"files": (name, b"x")})
    if answer.is_success:
        (path,) = map(Path, answer.json())
        assert path.read_bytes() == b"x"
        assert path.resolve().is_relative_to(folder)
    else:
        assert answer.status_code in (400, 413)
        assert answer.json()["detail"]


def test_files_by_another_name_are_not_kept(page_url: str, left: Callable[[], set[Path]]) -> None:
    answer = httpx.post(f"{page_url}gradio_api/upload", files={"photo": b"x" * 10**6})
    assert (answer.status_code, answer.json()) == (200, [])
    assert not left()


@pytest.mark.parametrize("body", [{"files": "text"}, {}])
def test_what_is_no_file_is_told(
    page_url: str, body: dict[str, str], left: Callable[[], set[Path]]
) -> None:
    upload = f"{page_url}gradio_api/upload"
    kept = {"files": ("a.png", b"x")}
    for answer in (
        httpx.post(upload, json=body),
        httpx.post(upload, data=body),
        httpx.post(upload, data={"files": "text"}, files=kept),
        httpx.post(upload, content=b"--x\r\n", headers={"Content-Type": "multipart/form-data"}),
    ):
        assert answer.status_code == 400
        assert answer.json()["detail"]
    assert not left()


def test_too_many_files_are_not_kept(page_url: str, left: Callable[[], set[Path]]) -> None:
    files = [("files", (f"{number}.png", b"x")) for number in range(MOST_FILES + 1)]
    answer = httpx.post(f"{page_url}gradio_api/upload", files=files)
    assert (answer.status_code, answer.json()["detail"]) == (400, TOO_MANY)
    assert not left()


def test_a_request_that_is_too_large_leaves_nothing(
    page_url: str, left: Callable[[], set[Path]]
) -> None:
    """Announced by nobody, so that it is found out in the middle."""

    def pieces() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        for _ in range(60):
            yield b"x" * 10**6

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    upload = f"{page_url}gradio_api/upload"
    assert httpx.post(upload, content=pieces(), headers=kind, timeout=60).status_code == 413
    assert not left()


def test_a_connection_that_is_closed_in_the_middle_leaves_nothing(
    page_url: str, left: Callable[[], set[Path]], folder: Path
) -> None:
    address = urlsplit(page_url)
    before = held(folder)
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 9000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    )
    for _ in range(5):
        with socket.create_connection((address.hostname, address.port or 80)) as connection:
            connection.sendall(head.encode() + b"x" * 2 * 10**6)
            until = time.monotonic() + 10
            while held(folder) == before and time.monotonic() < until:
                time.sleep(0.05)
            assert held(folder) != before
        assert not left()  # before the next one: what is left of this one is not that of another
