"""Links over HTTP: what the page behind one answers, to whom, and what attackers get."""

import io
import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers import CAT, CHURCH
from PIL import Image
from visiting import addresses

import app
from nst_core.page.hosting import limits
from nst_core.page.hosting.doors import NOTHING_HERE
from nst_core.page.hosting.limits import Limits
from nst_core.page.hosting.links import LINKED, Link
from nst_core.page.look.link_page import NOT_SIGNED_IN, NOT_THERE, About

ACCOUNT = ("class", "se:cret")
ABOUT = About('In the style of <b>"waves"</b>', "cat")


def launched(folder: Path, **options: Any) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "_settled", [Limits(link_hours=2)])
        page = app.build_page("embedded")
        settings = {**app.launch_options("embedded"), **options}
        page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, **settings)
    yield page
    page.close(verbose=False)
    shutil.rmtree(folder / LINKED, ignore_errors=True)


@pytest.fixture(scope="module")
def page(upload_folder: Path) -> Iterator[Any]:
    yield from launched(upload_folder)


@pytest.fixture(scope="module")
def guarded_page(upload_folder: Path) -> Iterator[Any]:
    """With a password, and behind a server that shows it elsewhere."""
    yield from launched(upload_folder, auth=ACCOUNT, root_path="/paint")


def client_of(page: Any) -> httpx.Client:
    return httpx.Client(base_url=page.local_url, timeout=60, trust_env=False)


@pytest.fixture
def stranger(page: Any) -> Iterator[httpx.Client]:
    with client_of(page) as client:
        yield client


@pytest.fixture
def link(page: Any) -> Link:
    made: Link = page.links.make(CAT, CHURCH, ABOUT)
    return made


def content(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """All that an answer tells, but for when it was given."""
    return answer.status_code, answer.text, {k: v for k, v in answer.headers.items() if k != "date"}


# ---------------------------------------------------------------- what there is


def test_who_has_the_address_sees_picture_and_photo(stranger: httpx.Client, link: Link) -> None:
    answer = stranger.get(f"/link/{link.token}")
    assert answer.status_code == 200
    assert "<h1>In the style of &lt;b&gt;&quot;waves&quot;&lt;/b&gt;</h1>" in answer.text
    assert len(answer.content) < 15_000
    assert link.key not in answer.text
    for name in ("picture", "photo"):
        sent = stranger.get(f"/link/{link.token}/{name}.jpg")
        assert sent.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(sent.content)) as image:
            assert image.size == link.size


def test_what_a_browser_is_told(stranger: httpx.Client, link: Link) -> None:
    for path in ("", "/picture.jpg", "/photo.jpg", "x"):
        told = stranger.get(f"/link/{link.token}{path}").headers
        assert told["x-robots-tag"] == "noindex"
        assert told["referrer-policy"] == "no-referrer"
        assert told["x-content-type-options"] == "nosniff"
        assert told["content-security-policy"].startswith("default-src 'none'")
        if path == "x":
            assert told["cache-control"] == "no-store"
        else:
            found = re.fullmatch(r"private, max-age=(\d+)", told["cache-control"])
            assert found
            assert int(found[1]) <= 60
        assert "set-cookie" not in told


def test_a_browser_keeps_nothing_longer_than_it_is_there(
    page: Any, stranger: httpx.Client, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.links, "_clock", lambda: link.until - 3.5)
    told = stranger.get(f"/link/{link.token}/picture.jpg").headers
    assert told["cache-control"] == "private, max-age=3"


def test_its_picture_is_found_through_a_server_in_front(stranger: httpx.Client, link: Link) -> None:
    headers = {"Host": "art.example", "X-Forwarded-Proto": "https"}
    text = stranger.get(f"/link/{link.token}", headers=headers).text
    address = f"https://art.example/link/{link.token}"
    assert f'<meta property="og:image" content="{address}/picture.jpg">' in text
    evil = stranger.get(f"/link/{link.token}", headers={"Host": 'a"><script>x'})
    assert '"><script>x' not in evil.text


def test_head_and_parts(stranger: httpx.Client, link: Link) -> None:
    for path in ("", "/picture.jpg"):
        whole = stranger.get(f"/link/{link.token}{path}")
        head = stranger.head(f"/link/{link.token}{path}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(whole.content))
        for part in ("bytes=0-3", "bytes=-1", "bytes=9-2", "bytes=" + "0-1," * 500, "x"):
            answer = stranger.get(f"/link/{link.token}{path}", headers={"Range": part})
            assert (answer.status_code, answer.content) == (200, whole.content)
    assert stranger.head(f"/link/{link.token}x").status_code == 404


# ---------------------------------------------------------------- what is gone


def test_unknown_over_and_deleted_look_alike(
    page: Any, stranger: httpx.Client, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = [content(stranger.get(f"/link/{'x' * 32}{path}")) for path in ("", "/photo.jpg")]
    assert unknown[0] == unknown[1]
    status, text, _ = unknown[0]
    assert (status, text.count("<h1>")) == (404, 1)
    assert NOT_THERE[0] in text
    over, deleted = link, page.links.make(CAT, CHURCH, ABOUT)
    assert stranger.post(f"/link/{deleted.token}/delete", data={"key": deleted.key}).is_success
    assert content(stranger.get(f"/link/{deleted.token}")) == unknown[0]
    with monkeypatch.context() as patch:
        patch.setattr(page.links, "_clock", lambda: over.until)
        assert content(stranger.get(f"/link/{over.token}")) == unknown[0]
        gone = content(stranger.post(f"/link/{over.token}/delete", data={"key": over.key}))
    assert gone == unknown[0]
    assert stranger.get(f"/link/{over.token}").status_code == 200


def test_files_that_are_gone_leave_no_error(stranger: httpx.Client, link: Link) -> None:
    shutil.rmtree(link.folder)
    assert stranger.get(f"/link/{link.token}/picture.jpg").status_code == 404


@pytest.mark.parametrize("body", ["key", "other", "token", "", "long", "bytes", "json"])
def test_a_key_that_does_not_fit_tells_nothing(
    page: Any, stranger: httpx.Client, link: Link, body: str
) -> None:
    other = page.links.make(CAT, CHURCH, ABOUT)
    bodies: dict[str, Any] = {
        "key": b"key=x",
        "other": f"key={other.key}".encode(),
        "token": f"key={link.token}".encode(),
        "": b"",
        "long": b"key=" + b"x" * 900_000,
        "bytes": b"key=%ff\xff\x00%00",
        "json": f'{{"key": "{link.key}"}}'.encode(),
    }
    unknown = stranger.post(f"/link/{'x' * 32}/delete", content=bodies[body])
    answer = stranger.post(f"/link/{link.token}/delete", content=bodies[body])
    assert content(answer) == content(unknown)
    assert answer.status_code == 404
    assert stranger.get(f"/link/{link.token}").status_code == 200


def test_no_other_site_can_delete_it(stranger: httpx.Client, link: Link) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    address, key = f"/link/{link.token}/delete", {"key": link.key}
    assert stranger.post(address, data=key, headers=foreign).status_code == 403
    assert stranger.post(address, content=b"x" * 1_100_000).status_code == 413
    assert stranger.get(f"/link/{link.token}").status_code == 200
    assert stranger.post(address, data=key).status_code == 204
    assert stranger.get(f"/link/{link.token}").status_code == 404


# ---------------------------------------------------------------- what is none


@pytest.mark.parametrize(
    "path",
    [
        "/link",
        "/link/",
        "/link/..",
        "/link/%2e%2e",
        "/link/%2e%2e%2fapp.py",
        "/link/{}/",
        "/link/{}/../../etc/passwd",
        "/link/{}/%2e%2e/{}",
        "/link/{}/picture.jpg/..",
        "/link/{}/picture.png",
        "/link/{}%00",
        "/link/{}%0a",
        "/link/{}%20",
        "/link//{}",
        "/LINK/{}",
        "/link/" + "x" * 65,
        "/link/" + "x" * 60_000,
        "/link/%ff%fe",
        "/link/{}/delete",
    ],
)
def test_other_addresses_are_none(page: Any, link: Link, path: str) -> None:
    """Sent as they are, which clients would tidy up before."""
    connection = HTTPConnection("127.0.0.1", page.server_port)
    connection.request("GET", path.replace("{}", link.token))
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert (answer.status, json.loads(text)["detail"]) == (404, NOTHING_HERE)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
def test_other_methods_are_none(stranger: httpx.Client, link: Link, method: str) -> None:
    for path in ("", "/picture.jpg", *([] if method == "POST" else ["/delete"])):
        answer = stranger.request(method, f"/link/{link.token}{path}", content=b"x")
        assert (answer.status_code, answer.json()["detail"]) == (404, NOTHING_HERE)


def test_the_files_are_not_had_beside_it(page: Any, stranger: httpx.Client, link: Link) -> None:
    """Whoever knew where they lie would have them until they are deleted."""
    answer = stranger.get(f"/gradio_api/file={link.folder}/picture.jpg")
    assert answer.status_code == 404


def test_many_read_while_others_delete(page: Any, link: Link) -> None:
    made = [page.links.make(CAT, CHURCH, ABOUT) for _ in range(6)]

    def read(number: int) -> int:
        each = made[number % len(made)]
        with client_of(page) as client:
            if number >= 18:
                client.post(f"/link/{each.token}/delete", data={"key": each.key})
            return client.get(f"/link/{each.token}/picture.jpg").status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(read, range(24))) <= {200, 404}
    assert not any(page.links.find(each.token) for each in made)


# ---------------------------------------------------------------- a password, and no links at all


def test_a_link_does_not_stand_in_for_the_password(guarded_page: Any) -> None:
    link = guarded_page.links.make(CAT, CHURCH, ABOUT)
    with client_of(guarded_page) as client:
        answers = [
            content(answer)
            for token in (link.token, "x" * 32)
            for answer in (
                client.get(f"/link/{token}"),
                client.get(f"/link/{token}/picture.jpg"),
                client.post(f"/link/{token}/delete", data={"key": link.key}),
            )
        ]
        assert all(answer == answers[0] for answer in answers)
        assert answers[0][0] == 401
        assert NOT_SIGNED_IN[0] in answers[0][1]
        account = dict(zip(("username", "password"), ACCOUNT, strict=True))
        assert client.post("/login", data=account).is_success
        for path in (f"/link/{link.token}", f"/paint/link/{link.token}"):
            text = client.get(path, headers={"Host": "art.example"}).text
            address = f"http://art.example/paint/link/{link.token}/picture.jpg"
            assert f'<meta property="og:image" content="{address}">' in text
        assert client.post(f"/link/{link.token}/delete", data={"key": link.key}).status_code == 204


def test_where_links_are_not_allowed_there_is_nothing_of_them(page_url: str) -> None:
    for path in ("link/" + "x" * 32, "link/x/picture.jpg"):
        answer = httpx.get(f"{page_url}{path}", trust_env=False)
        assert (answer.status_code, answer.json()["detail"]) == (404, NOTHING_HERE)
    config = httpx.get(f"{page_url}config", trust_env=False).json()
    ids = {each["props"].get("elem_id") for each in config["components"]}
    assert "keep" in ids
    assert not {"link", "link-wanted"} & ids


def test_where_they_are_allowed_nothing_else_is_open(page: Any) -> None:
    known = {path for _, path in addresses(page.app.routes) if path.startswith("/link")}
    assert known == {f"/link/x{end}" for end in ("", "/picture.jpg", "/photo.jpg", "/delete")}
