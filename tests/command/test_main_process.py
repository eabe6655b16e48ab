"""The command line in a process of its own: the real thing."""

import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command.calls import NUMBERS, QUICK, Run
from helpers import CAT, CHURCH, ROOT
from PIL import Image
from starting import NO_ENTRY, environment, free_port

from nst_core.painting.settings import read_settings

pytestmark = pytest.mark.process


def subprocess_run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nst_core", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_process(output: Path) -> None:
    run = subprocess_run(CAT, CHURCH, "-o", output, *QUICK, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["size"] == [32, 21]
    assert Image.open(output).size == (32, 21)


def test_process_tells_a_mistake_in_one_line(output: Path) -> None:
    """TensorFlow's own greetings must not stand beside it."""
    run = subprocess_run(CAT, CHURCH, "-o", output, *QUICK, "--content-layers", "block9_conv9")
    Run(run.returncode, run.stdout, run.stderr).check_refused("block9_conv9")


def test_process_whose_output_lacks_a_character(output: Path) -> None:
    run = subprocess_run(CAT, CHURCH, "-o", output, *QUICK, PYTHONIOENCODING="ascii")
    assert run.returncode == 0, run.stderr
    assert "32?21 px" in run.stdout
    Image.open(output).verify()


NOISY = """
import logging, sys, warnings
from nst_core import __main__ as command

def noisy(*arguments, **changes):
    warnings.warn("This will change.")
    yield next(quiet := real(*arguments, **changes))
    for name in ("tensorflow", "absl"):
        logging.getLogger(name).warning("5 out of the last 5 calls triggered retracing.")
    warnings.warn("This will change, too.", FutureWarning)
    yield from quiet

real, command.paint = command.paint, noisy
sys.exit(command.main())
"""


def test_process_shows_nobody_elses_remarks(output: Path) -> None:
    """Neither TensorFlow's, nor absl's, nor Python's: a status line is one of ours."""
    run = subprocess.run(
        [sys.executable, "-c", NOISY, CAT, CHURCH, "-o", output, *QUICK],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = [line.strip() for line in run.stderr.splitlines() if line.strip()]
    assert lines
    assert not [line for line in lines if not re.match(r"Backbone: |step \d|\d+% \|", line)]


def test_process_without_a_home(output: Path, tmp_path: Path) -> None:
    """Nor an entry for its user: VGG19 is looked for where it can't be, and VGG16 paints."""
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "sitecustomize.py").write_text(NO_ENTRY)
    variables = environment(
        PYTHONPATH=os.pathsep.join([str(tmp_path / "start"), str(ROOT)]),
        TMPDIR=str(tmp_path),
        https_proxy=f"http://127.0.0.1:{free_port()}",
    )
    variables.pop("HOME", None)
    quick = ["-o", str(output), "--size", "32", "--steps", "2", "--precision", "float32"]
    run = subprocess.run(
        [sys.executable, "-m", "nst_core", CAT, CHURCH, *quick],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = run.stderr.splitlines()[0]
    assert re.match(r"Backbone: VGG16 .* VGG19 can't be fetched \(.*refused", told)
    assert (tmp_path / ".keras" / "models").is_dir()
    assert not (tmp_path / "~").exists()
    Image.open(output).verify()


@pytest.mark.parametrize("program", [["-m", "nst_core"], ["app.py"]])
def test_help_warns_of_nothing(program: list[str]) -> None:
    """Even where each warning of what it imports would be an error."""
    words = [sys.executable, "-W", "error", *program, "--help"]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("usage: ")


LONG = ["--size", "64", "--steps", "5000", "--precision", "float32", "--backbone", "embedded"]


@contextmanager
def long_run(output: Path, terminal: int | None = None, **streams: Any) -> Iterator[Any]:
    """A process that paints for minutes; `terminal`, if given, is the one it depends on."""

    def settle() -> None:
        for number in NUMBERS:  # ignored where the tests run in the background
            signal.signal(number, signal.SIG_DFL)
        if terminal is not None:
            os.setsid()
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    words = map(str, (CAT, CHURCH, "-o", output, *LONG, "--checkpoint", "5"))
    run = subprocess.Popen(
        [sys.executable, "-m", "nst_core", *words], cwd=ROOT, preexec_fn=settle, **streams
    )
    try:
        yield run
    finally:
        run.kill()
        run.wait()


def wait_for_step(read: Callable[[], bytes]) -> None:
    seen = b""
    while b"step 5:" not in seen:
        new = read()
        assert new, seen
        seen += new


@pytest.mark.parametrize("number", NUMBERS)
def test_process_that_is_told_to_stop(number: signal.Signals, output: Path) -> None:
    with long_run(output, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        wait_for_step(run.stderr.readline)
        run.send_signal(number)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 128 + number
    assert b"Traceback" not in err
    assert str(output).encode() in out
    assert read_settings(output).steps >= 5


def test_process_whose_terminal_is_closed(output: Path) -> None:
    ours, theirs = pty.openpty()
    with long_run(output, theirs, stdin=theirs, stdout=theirs, stderr=theirs) as run:
        os.close(theirs)
        wait_for_step(lambda: os.read(ours, 1000))
        os.close(ours)
        assert run.wait(timeout=60) == 128 + signal.SIGHUP
    assert read_settings(output).steps >= 5
