"""Whatever a visitor or a crafted request sends, every event answers with a sentence."""

import errno
import sys
from collections.abc import Iterator
from math import nan
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio import processing_utils, route_utils
from gradio.exceptions import ComponentProcessingError, InvalidPathError
from helpers import ROOT
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
    assert answer.startswith("The style must be one of blueprint, café terrace at night, ")


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
        (
            httpx.ConnectError("refused"),
            "A file could not be fetched from the address that was given: upload it instead.",
        ),
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
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(_backbone: str, _painter: object) -> None:
        raise OutputError("The page could not be made: the disk is full.")

    monkeypatch.setattr(app, "build_page", none)
    monkeypatch.setattr(sys, "argv", ["app.py"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "app.py: The page could not be made: the disk is full.\n"


def test_where_no_problem_was_left_the_server_may_be_full() -> None:
    assert "If the server is full, try again" in say_problem(Task())
    assert say_problem(Task(problem="<b>")) == "<p>&lt;b&gt;</p>"
