"""Errors that nobody foresaw: in full once, then counted, under a reference."""

import logging

import pytest
from starlette.requests import ClientDisconnect

from nst_core.errors import kind_of
from nst_core.page.hosting.faults import MOST_KINDS, Counted, reference_of
from nst_core.page.run.problems import UNEXPECTED, unexpected


def caught(what: object) -> KeyError:
    try:
        raise KeyError(what)
    except KeyError as error:
        return error


@pytest.fixture
def log() -> logging.Logger:
    """With a memory of its own."""
    log = logging.Logger("faults")
    log.addFilter(Counted())
    return log


def told(log: logging.Logger, errors: list[BaseException]) -> list[str]:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(logging.Formatter().format(record))  # type: ignore
    log.addHandler(handler)
    for error in errors:
        log.error("It failed", exc_info=error)
    log.removeHandler(handler)
    return lines


def test_a_kind_is_what_failed_and_where_and_not_what_was_sent() -> None:
    assert kind_of(caught("secret")) == kind_of(caught(5))
    assert kind_of(caught(5)).startswith("KeyError at test_faults.py:")
    assert kind_of(ValueError("never raised")) == "ValueError at no place"
    assert reference_of(caught(1)) == reference_of(caught(2)) != reference_of(ValueError())


def test_a_thousand_of_a_kind_are_eleven_lines_and_one_traceback(log: logging.Logger) -> None:
    first, *others = told(log, [caught(number) for number in range(1024)])
    assert "Traceback" in first
    assert first.startswith(f"It failed (reference {reference_of(caught(1))})\n")
    assert [line.split(", ")[-1] for line in others] == [
        f"{2**power} times by now" for power in range(1, 11)
    ]
    assert not any("Traceback" in line for line in others)


def test_another_kind_is_told_in_full(log: logging.Logger) -> None:
    lines = told(log, [caught(1), ValueError("x"), caught(2)])
    assert ["Traceback" in line for line in lines] == [True, False, False]
    assert "ValueError: x" in lines[1]


def test_lines_without_an_error_pass(log: logging.Logger) -> None:
    lines = [log.filter(logging.makeLogRecord({"msg": "started"})) for _ in range(3)]
    assert all(lines)


def test_kinds_are_counted_within_bounds(log: logging.Logger) -> None:
    errors = [type(f"Error{number}", (Exception,), {})() for number in range(MOST_KINDS + 1)]
    assert len(told(log, errors)) == MOST_KINDS + 1
    assert len(log.filters[0]._counts) == 1  # type: ignore[union-attr]


def test_the_page_and_the_log_have_the_same_reference(caplog: pytest.LogCaptureFixture) -> None:
    error = caught("secret")
    sentence = unexpected(error)
    assert sentence == f"{UNEXPECTED}, under reference {reference_of(error)}."
    assert "secret" not in sentence
    assert f"(reference {reference_of(error)})" in caplog.text


def test_a_visitor_who_leaves_is_no_fault(log: logging.Logger) -> None:
    assert told(log, [ClientDisconnect()]) == []
