"""Whatever a visitor or a crafted request sends, every event answers with a sentence."""

import errno
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import nan
from pathlib import Path
from threading import Thread
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio import processing_utils, route_utils
from gradio.exceptions import ComponentProcessingError, InvalidPathError
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from helpers import CAT, ROOT
from visiting import Visitor, events_of, usual

import app
from nst_core import ImageError
from nst_core.errors import OutputError
from nst_core.page.layout import build_page
from nst_core.page.run.problems import DISK_FULL, UNEXPECTED, say_problem, sentence_for
from nst_core.page.visit.visits import Task

UPLOADED = {"meta": {"_type": "gradio.FileData"}}
BAD: tuple[Any, ...] = (
    2**70,
    nan,
    "<b>" * 1000,
    [1],
    {"path": "/etc/passwd", **UPLOADED},
    {"path": "x" * 5000, **UPLOADED},
)
"""Each is sent in the place of each value."""


@pytest.fixture
def visitor(page_url: str, request: pytest.FixtureRequest) -> Visitor:
    return Visitor(page_url, request.node.name)


@pytest.fixture(scope="module")
def events(page_url: str) -> dict[str, list[Any]]:
    """Name -> (number, components of the inputs) of all that the server answers."""
    return events_of(page_url)


def number_of(events: dict[str, list[Any]], name: str) -> int:
    """Of the first event with this name."""
    return next(number for key, (number, _) in events.items() if key.split()[0] == name)


def attacks(components: list[Any]) -> Iterator[list[Any]]:
    yield []
    for place, component in enumerate(components):
        for value in BAD if component["type"] != "state" else ():
            data = usual(components)
            data[place] = value
            yield data


def test_every_event_answers_with_a_sentence(visitor: Visitor, events: dict[str, Any]) -> None:
    assert len(events) > 30
    for name, (number, components) in events.items():
        for data in attacks(components):
            success, answer = visitor.ask(number, data)
            if success:
                continue
            assert isinstance(answer, str), (name, data)
            assert 20 < len(answer) < 400, (name, data, answer)
            assert answer.endswith((".", "…")), (name, data, answer)
            assert "<b>" not in answer, (name, data)
            assert not answer.startswith(UNEXPECTED), (name, data)


@pytest.mark.parametrize("told", [None, 5, {}, {"index": 2**70}, {"index": [0]}, {"index": "x"}])
def test_a_place_that_the_strip_has_not(
    visitor: Visitor, events: dict[str, Any], told: Any
) -> None:
    answer = visitor.ask(number_of(events, "bring_back"), [None], told)
    assert answer == (False, "There is no picture to bring back: press Paint first.")


@pytest.mark.parametrize("told", [None, "x", {"style": "../castle"}, {"style": [2**70]}])
def test_a_style_that_the_shelf_has_not(
    visitor: Visitor, events: dict[str, Any], told: Any
) -> None:
    success, answer = visitor.ask(number_of(events, "choose"), [None], told)
    assert not success
    assert answer.startswith("The style must be one of cafe-terrace-at-night, stained-glass, ")


def test_a_run_tells_what_was_wrong_with_what_it_was_sent(
    visitor: Visitor, events: dict[str, Any]
) -> None:
    """Also where its own function never came to see it."""
    number, components = events[f"stylize {number_of(events, 'stylize')}"]
    data = usual(components)
    data[0] = 5
    sentence = "Photo must be an uploaded file, not 5."
    assert visitor.ask(number, data) == (False, sentence)
    failed = [int(key.split()[1]) for key in events if key.startswith("failed")]
    said = [visitor.ask(each, [None])[1] for each in failed]
    assert any(f"<p>{sentence}</p>" in str(answer) for answer in said)


@pytest.fixture
def other_server() -> Iterator[tuple[str, list[str]]]:
    """The address of a picture on another server, and what was asked of that."""
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CAT.read_bytes())

        do_HEAD = do_GET  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/cat.jpg", asked
        server.shutdown()


def test_no_address_is_fetched_whatever_event_is_sent_it(
    visitor: Visitor, events: dict[str, Any], other_server: tuple[str, list[str]], page_url: str
) -> None:
    address, asked = other_server
    told = []
    for number, components in events.values():
        for place, component in enumerate(components):
            for path in (address, address.upper()) if component["type"] != "state" else ():
                data = usual(components)
                file = {"path": path, "url": path, **UPLOADED}
                many = {"background": file, "layers": [file], "composite": None}
                data[place] = {"imageeditor": many, "gallery": [{"image": file}]}.get(
                    component["type"], file
                )
                success, answer = visitor.ask(number, data)
                told += [] if success else [answer]
    assert len(told) > 40
    assert all(each.endswith("is an address, and none is fetched: upload it.") for each in told)
    httpx.get(f"{page_url}gradio_api/file={address}")
    assert asked == []


def test_who_paints_by_a_program_is_told_that_no_address_is_fetched(page_url: str) -> None:
    client = Client(page_url, verbose=False, analytics_enabled=False)
    photo = {"path": "https://other.example/cat.jpg", **UPLOADED}
    with pytest.raises(AppError, match=r"Photo is an address, and none is fetched"):
        client.predict(photo, handle_file(str(CAT)), api_name="/stylize")
    client.close()


def test_layers_that_are_no_text_are_told_and_not_remembered(
    visitor: Visitor, events: dict[str, Any]
) -> None:
    """A browser could not have read a number of more than 64 bits."""
    number, components = events[f"note {number_of(events, 'note')}"]
    data = usual(components)
    place = [each["props"].get("label") for each in components].index("Style layers")
    data[place] = 2**70
    success, answer = visitor.ask(number, data)
    assert success
    assert "Style layers must be text such as" in answer[0]
    assert answer[1] == {"__type__": "update"}


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ImageError("No image."), "No image."),
        (OSError(errno.ENOSPC, "No space left on device"), DISK_FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DISK_FULL),
        (OSError(errno.EACCES, "Permission denied"), None),
        (
            OSError(errno.ENAMETOOLONG, "File name too long", "x" * 5000),
            "A file has a name that is too long to be opened: upload it first.",
        ),
        (gr.Error("y" * 10**5), "…"),
        (InvalidPathError("/secret"), "A file was not uploaded to this page: upload it first."),
        (KeyError("secret"), None),
    ],
)
def test_errors_have_a_sentence(error: Exception, sentence: str | None) -> None:
    assert sentence_for(error) == sentence
    wrapped = ComponentProcessingError("inside")
    wrapped.__cause__ = error
    assert sentence_for(wrapped) == sentence


def test_a_full_disk_is_told_whatever_failed_for_it() -> None:
    error = OutputError("The result could not be written.")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert sentence_for(error) == DISK_FULL


class Full:
    """A file on a disk that has no room."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_upload_to_a_full_disk_is_told(page_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = f"{page_url}gradio_api/upload"
    monkeypatch.setattr(route_utils, "NamedTemporaryFile", Full)
    answer = httpx.post(upload, files={"files": ("photo.jpg", b"pixels")})
    assert (answer.status_code, answer.text) == (507, DISK_FULL)
    monkeypatch.undo()
    assert httpx.post(upload, files={"files": ("photo.jpg", b"pixels")}).status_code == 200


def test_a_page_that_finds_the_disk_full_can_not_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_copy(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("GRADIO_TEMP_DIR", "/full")
    monkeypatch.setattr(processing_utils, "save_file_to_cache", no_copy)
    with pytest.raises(OutputError) as error:
        build_page("embedded", ROOT / "examples")
    assert str(error.value) == (
        "The page could not be made: No space left on device. It keeps its files in '/full'; "
        "the environment variable GRADIO_TEMP_DIR names another place."
    )


def test_a_page_that_can_not_be_made_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def none(_backbone: str, _painter: object) -> None:
        raise OutputError("The page could not be made: the disk is full.")

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))  # which it sets for all that follows
    monkeypatch.setattr(app, "build_page", none)
    monkeypatch.setattr(sys, "argv", ["app.py"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "app.py: The page could not be made: the disk is full.\n"


def test_where_no_problem_was_left_the_server_may_be_full() -> None:
    assert "If the server is full, try again" in say_problem(Task())
    assert say_problem(Task(problem="<b>")) == "<p>&lt;b&gt;</p>"
