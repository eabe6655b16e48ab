"""What an operator sees: health, figures and a line for each run."""

import json
import logging
import subprocess
import sys
from base64 import b64encode
from concurrent.futures import Future
from typing import Any

import httpx
import pytest
from helpers import STUDIO, noise
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.testclient import TestClient

from nst_core import Backbone, stylize
from nst_core.page.hosting.faults import reference_of
from nst_core.page.hosting.limits import Limits
from nst_core.page.hosting.operation import (
    Record,
    credentials,
    facts_of,
    health,
    held_beside,
    routes,
)
from nst_core.page.run import running
from nst_core.page.run.running import Answers, recorded
from nst_core.page.visit.visits import Task


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_run_leaves_one_line_and_counts(
    backbone: Backbone, caplog: pytest.LogCaptureFixture
) -> None:
    *_, frame = stylize(noise(32, 48, 1), noise(32, 32, 2), STUDIO, backbone, size=48, steps=2)
    before = count("nst_runs_total", recipe="studio", ending="finished")
    record = Record()
    record.begin()
    with caplog.at_level(logging.INFO, "nst_core.runs"):
        record.end("finished", facts_of(frame))
    (line,) = [json.loads(each.message) for each in caplog.records]
    assert line["run"] == "finished"
    assert (line["recipe"], line["size"], line["steps"], line["of"]) == ("studio", [48, 32], 2, 2)
    assert (line["backbone"], line["precision"]) == ("embedded", "float32")
    assert line["seconds"] >= 0 <= line["waited"]
    assert count("nst_runs_total", recipe="studio", ending="finished") == before + 1


def test_a_refusal_tells_its_kind_alone(caplog: pytest.LogCaptureFixture) -> None:
    before = count("nst_refusals_total", reason="BudgetError")
    with caplog.at_level(logging.INFO, "nst_core.runs"):
        Record().refuse("BudgetError")
    assert json.loads(caplog.records[0].message) == {"run": "refused", "reason": "BudgetError"}
    assert count("nst_refusals_total", reason="BudgetError") == before + 1


def test_a_run_that_failed_before_its_first_frame(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "nst_core.runs"):
        Record().end("failed", {})
    assert json.loads(caplog.records[0].message) == {"run": "failed", "seconds": 0.0, "waited": 0.0}


def test_a_run_that_failed_has_the_reference_that_the_visitor_was_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing() -> Answers:
        yield ()
        raise KeyError("secret")

    task = Task(facts={"recipe": "of the run before"})
    with caplog.at_level(logging.INFO, "nst_core.runs"), pytest.raises(KeyError) as failed:
        list(recorded(failing(), task, Record()))
    line = json.loads(caplog.records[0].message)
    assert line["reference"] == reference_of(failed.value)
    assert (line["run"], line["error"]) == ("failed", "KeyError")
    assert line.keys() == {"run", "seconds", "waited", "error", "reference"}


def test_a_run_that_outlasts_its_seconds_is_stopped(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work() -> Answers:
        for step in range(10):
            clock.now += 1.0
            yield (step,)
            if task.to_stop:
                return

    clock, task = Clock(), Task()
    monkeypatch.setattr(running, "time", clock)
    monkeypatch.setattr(running, "current", lambda: Limits(max_seconds=4))
    with caplog.at_level(logging.INFO, "nst_core.runs"):
        assert len(list(recorded(work(), task, Record()))) == 6  # a quarter more, and the next
    assert task.outlasted == "A run may take 4 s here."
    assert json.loads(caplog.records[0].message)["run"] == "stopped"
    clock.now = 0.0
    list(recorded(iter_of(1), task, Record()))
    assert task.outlasted == ""


class Clock:
    """In the place of `time`."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


def iter_of(count: int) -> Answers:
    yield from [()] * count


def test_health_follows_the_network() -> None:
    network: Future[Any] = Future()
    assert health(network) == ("loading", 503)
    network.set_result(object())
    assert health(network) == ("ready", 200)
    broken: Future[Any] = Future()
    broken.set_exception(OSError("gone"))
    assert health(broken) == ("failing", 503)


def basic(text: str, encoding: str = "utf-8") -> str:
    return "Basic " + b64encode(text.encode(encoding)).decode()


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (basic("class:secret"), ("class", "secret")),
        (basic("class:pa:ss"), ("class", "pa:ss")),
        (basic("Jürgen:pässwörd"), ("Jürgen", "pässwörd")),
        (basic("Jürgen:pässwörd", "latin-1"), ("Jürgen", "pässwörd")),
        (basic("класс:пароль 🎨"), ("класс", "пароль 🎨")),
        (basic("class:").replace("Basic", "bAsIc"), ("class", "")),
        (basic("no colon"), None),
        ("Basic é", None),
        ("Basic a", None),
        ("Basic", None),
        ("", None),
        ("Bearer abc", None),
    ],
)
def test_credentials(header: str, told: tuple[str, str] | None) -> None:
    assert credentials(header) == told


@pytest.mark.parametrize(
    ("account", "status"),
    [("Jürgen:pässwörd", 200), ("Jürgen:passwörd", 401), ("Jurgen:pässwörd", 401), (None, 401)],
)
def test_figures_for_who_has_the_password_in_whatever_letters(
    account: str | None, status: int
) -> None:
    server = Starlette(routes=routes("embedded"))
    server.auth = {"Jürgen": "pässwörd"}  # type: ignore[attr-defined]
    headers = {"Authorization": basic(account)} if account else {}
    answer = TestClient(server).get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_the_page_answers_a_load_balancer_and_a_collector(page_url: str) -> None:
    answer = httpx.get(f"{page_url}healthz")
    assert answer.json()["status"] in ("loading", "ready")
    assert answer.status_code == (200 if answer.json()["status"] == "ready" else 503)
    figures = httpx.get(f"{page_url}metrics")
    assert figures.headers["content-type"].startswith("text/plain")
    assert "# TYPE nst_run_seconds histogram" in figures.text
    assert "process_resident_memory_bytes" in figures.text
    assert "nst_processes_beside_resident_bytes" in figures.text


def test_the_memory_of_processes_beside_is_told() -> None:
    before = held_beside()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        while held_beside() < before + 1_000_000:  # until it has begun
            assert process.poll() is None
        process.communicate(b"\n")
