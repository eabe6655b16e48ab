"""A painter in a process of its own: the same pictures, and what becomes of the process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import psutil
import pytest
from helpers import CAT, CHURCH, ROOT

from nst_core import BackboneError, Job, StyleTransferError
from nst_core.errors import ElsewhereError, PainterError
from nst_core.painting.frame import Frame
from nst_core.painting.run import paint
from nst_core.serving import own_process
from nst_core.serving.own_process import GONE, HUNG, LAST_PICTURE, WENT_ON, OwnProcess

pytestmark = pytest.mark.process

JOB = Job.of(CAT, CHURCH, backbone="embedded", size=64, steps=3, precision="float32").opened()
LONG = JOB.changed(steps=5000)


@pytest.fixture(scope="module")
def painter() -> Iterator[OwnProcess]:
    painter = OwnProcess("embedded")
    painter.prepare()
    yield painter
    painter.close()


def first(frames: Iterator[Frame]) -> Frame:
    """The first one with a step."""
    return next(frame for frame in frames if frame.step)


def processes() -> set[psutil.Process]:
    """That paint for this one."""
    zombie = psutil.STATUS_ZOMBIE
    children = [each for each in psutil.Process().children() if each.status() != zombie]
    return {each for each in children if "painting_process" in " ".join(each.cmdline())}


def test_the_frames_are_those_of_this_process(painter: OwnProcess) -> None:
    here, there = list(paint(JOB)), list(painter.paint(JOB))
    assert [(each.step, each.final) for each in there[-1:]] == [(3, True)]
    assert there[-1].losses.total == pytest.approx(here[-1].losses.total, rel=1e-5)
    difference = np.int16(here[-1].image) - np.int16(there[-1].image)  # type: ignore[arg-type]
    assert abs(difference).max() <= 1  # sums are not taken in the same order each time


def test_one_process_serves_one_run_after_the_other(painter: OwnProcess) -> None:
    list(painter.paint(JOB))
    before = processes()
    list(painter.paint(JOB))
    assert processes() == before
    assert len(before) == 1


def test_a_run_that_is_closed_has_ended(painter: OwnProcess) -> None:
    with closing(painter.paint(LONG)) as frames:
        first(frames)
    (process,) = processes()
    process.cpu_percent()
    assert process.cpu_percent(0.5) < 50
    *_, last = painter.paint(JOB)
    assert last.final


def test_two_runs_at_a_time_have_a_process_each(painter: OwnProcess) -> None:
    with closing(painter.paint(LONG)) as frames:
        first(frames)
        *_, last = painter.paint(JOB)
        assert last.final
        assert len(processes()) == 2


def test_a_run_whose_process_is_lost_ends_with_its_last_picture(painter: OwnProcess) -> None:
    frames = painter.paint(LONG)
    seen = first(frames)
    for process in processes():
        process.kill()
    (last,) = frames
    assert (last.final, last.step) == (True, seen.step)
    assert last.message == f"{GONE} {LAST_PICTURE}"
    np.testing.assert_array_equal(np.asarray(last.image), np.asarray(seen.image))
    *_, next_run = painter.paint(JOB)
    assert (next_run.final, next_run.message) == (True, "")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are enough for what is as small as here."""
    for name in ("LEAST_PATIENCE", "PATIENCE"):
        monkeypatch.setattr(own_process, name, 3.0)
    monkeypatch.setattr(own_process, "QUIET", 0.5)


def stop(painters: set[psutil.Process]) -> None:
    """They hang: neither do they answer, nor do they end when they are asked to."""
    for process in painters:
        process.suspend()


def test_a_run_whose_process_hangs_goes_on_in_another(impatient: None) -> None:
    others = processes()
    with closing(OwnProcess("embedded")) as painter, closing(painter.paint(LONG)) as frames:
        seen = first(frames)
        hung = processes() - others
        stop(hung)
        for frame in frames:
            if frame.message == WENT_ON:
                break
            assert frame.step >= seen.step  # while there is nothing new, the last one comes again
        assert frame.step > seen.step
        assert not processes() & hung


def test_a_run_whose_processes_all_hang_ends_with_its_last_picture(
    impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = processes()
    monkeypatch.setattr(own_process, "TRIES", 1)
    with closing(OwnProcess("embedded")) as painter:
        frames = painter.paint(LONG)
        first(frames)
        stop(processes() - others)
        *_, last = frames
        assert (last.final, last.message) == (True, f"{HUNG} {LAST_PICTURE}")


def test_whoever_stops_a_run_that_hangs_need_not_wait_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long a frame may take."""
    others = processes()
    monkeypatch.setattr(own_process, "QUIET", 0.5)
    monkeypatch.setattr(own_process, "LONGEST_END", 1.0)
    with closing(OwnProcess("embedded")) as painter:
        frames = painter.paint(LONG)
        seen = first(frames)
        hung = processes() - others
        stop(hung)
        while next(frames).step > seen.step:  # what was on its way
            pass
        frames.close()
        assert not processes() & hung
        *_, last = painter.paint(JOB)
        assert last.final


def test_what_was_finished_stays_finished(painter: OwnProcess) -> None:
    frames = painter.paint(JOB)
    while not next(frames).final:
        pass
    for process in processes():
        process.kill()
    assert list(frames) == []


def test_a_process_that_was_lost_while_it_waited_costs_no_run(painter: OwnProcess) -> None:
    list(painter.paint(JOB))
    for process in processes():
        process.kill()
        process.wait()
    *_, last = painter.paint(JOB)
    assert last.final


def test_without_a_picture_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(PainterError, match=f"^{GONE} Try again"):
        list(OwnProcess("embedded").paint(JOB))


def test_a_problem_is_told_as_in_this_process() -> None:
    with closing(OwnProcess("missing.h5")) as painter:
        for _ in range(2):  # the process outlives it
            with pytest.raises(BackboneError, match=r"missing\.h5"):
                list(painter.paint(JOB))


def test_what_nobody_foresaw_is_told_with_its_place(painter: OwnProcess) -> None:
    with pytest.raises(ElsewhereError, match="Traceback") as caught:
        list(painter.paint(replace(JOB, styles=())))
    assert not isinstance(caught.value, StyleTransferError)
    assert caught.value.kind.startswith("ValueError at sized.py:")
    *_, last = painter.paint(JOB)
    assert last.final


def test_a_process_that_has_grown_is_replaced() -> None:
    others = processes()
    with closing(OwnProcess("embedded", most_grown=-1)) as painter:
        list(painter.paint(JOB))
        before = processes() - others
        *_, last = painter.paint(JOB)
        assert last.final
        assert not processes() & before


def test_one_that_hangs_ends_with_whoever_started_it() -> None:
    """Though it does not read that its input has ended."""
    code = (
        "import sys; from nst_core.serving.own_process import OwnProcess\n"
        "OwnProcess('embedded').prepare(); print('begun', flush=True); sys.stdin.readline()"
    )
    pipe = subprocess.PIPE
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=pipe, stdout=pipe)
    assert starter.stdout is not None
    starter.stdout.readline()
    (process,) = psutil.Process(starter.pid).children()
    process.suspend()
    starter.communicate(b"\n")
    process.wait(60)


def test_it_ends_with_whoever_started_it_however_that_ends() -> None:
    code = (
        "import time; from nst_core.serving.own_process import OwnProcess\n"
        "OwnProcess('embedded').prepare(); print('begun', flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    starter.stdout.readline()
    (process,) = psutil.Process(starter.pid).children()
    starter.kill()
    starter.communicate()
    process.wait(60)
