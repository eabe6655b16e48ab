"""Standard streams that are closed, full, or without a reader: the result is written."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers import CAT, CHURCH, ROOT
from PIL import Image

from nst_core.__main__ import main
from nst_core.streams import Lasting, lasting_streams

pytestmark = pytest.mark.process

PAINTS = """
import sys
from types import SimpleNamespace
from PIL import Image
from nst_core import RECIPES, Frame, Losses
from nst_core import __main__ as command

def paint(job):
    for step in (1, 2, 3):
        yield Frame(
            image=Image.new("RGB", (32, 21), "red"), step=step, total_steps=3, checkpoint=True,
            losses=Losses(1.0, content=1.0), elapsed=1.0, remaining=2.0, final=step == 3,
            recipe=RECIPES["studio"].changed(size=32), backbone="embedded",
        )

command.paint, command.load_tensorflow_quietly = paint, lambda: None
command.load_backbone = lambda name: SimpleNamespace(origin="of this test")
sys.exit(command.main())
"""
"""The command line with a run that takes no time, and a line for each step."""
GONE = (
    *("2>&-", "2>/dev/full", "2>&1 | head -1", "2> >(true)"),
    *(">&-", ">/dev/full", "| true"),
    *(">&- 2>&- <&-", ">/dev/full 2>/dev/full"),
)
"""What a shell may make of them."""


def shell(redirections: str, *words: str | Path, program: str = PAINTS) -> Any:
    """The command line, its streams led elsewhere by the shell, which tells its exit status."""
    line = f'set -o pipefail; "$0" -c "$PROGRAM" "$@" {redirections}'
    return subprocess.run(
        ["bash", "-c", line, sys.executable, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PROGRAM": program, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("redirections", GONE)
def test_the_result_is_written_whatever_becomes_of_the_streams(
    redirections: str, tmp_path: Path
) -> None:
    output = tmp_path / "out.png"
    run = shell(redirections, CAT, CHURCH, "-o", output)
    assert run.returncode == 0
    with Image.open(output) as picture:
        assert picture.getcolors() == [(32 * 21, (255, 0, 0))]
    told = run.stdout + run.stderr
    assert b"Traceback" not in told
    assert b"Exception ignored" not in told


def test_a_real_run_without_a_standard_error(tmp_path: Path) -> None:
    """TensorFlow's remarks must not end up in the file of the result, whose number may be free."""
    real = "import sys; from nst_core.__main__ import main; sys.exit(main())"
    output = tmp_path / "out.png"
    quick = ["--size", "32", "--steps", "2", "--precision", "float32", "--backbone", "embedded"]
    run = shell("2>&-", CAT, CHURCH, "-o", output, *quick, "--json", program=real)
    assert run.returncode == 0
    assert run.stdout.count(b"\n") == 1
    with Image.open(output) as picture:
        picture.load()


def test_a_mistake_that_can_not_be_told_still_has_its_status(tmp_path: Path) -> None:
    for redirections in ("2>&-", "2>/dev/full"):
        run = shell(redirections, "none.jpg", CHURCH, "-o", tmp_path / "out.png")
        assert (run.returncode, run.stdout) == (2, b"")
        run = shell(redirections, CAT, CHURCH, "--no-such-option")
        assert (run.returncode, run.stdout) == (2, b"")


def test_the_standard_output_takes_the_picture_and_the_error_all_words(tmp_path: Path) -> None:
    run = shell("", CAT, CHURCH, "-o", "-", "--json")
    assert run.returncode == 0
    (tmp_path / "out.png").write_bytes(run.stdout)
    with Image.open(tmp_path / "out.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (32, 21))
        assert "nst-settings" in picture.info
    assert b'{"output": "-"' in run.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "out.png"]


@pytest.mark.parametrize(
    ("redirections", "told"),
    [
        (">&-", b"The standard output is closed"),
        (">/dev/full", b"could not be written to the standard output: No space left on device"),
    ],
)
def test_a_picture_that_the_standard_output_does_not_take(redirections: str, told: bytes) -> None:
    run = shell(redirections, CAT, CHURCH, "-o", "-")
    assert run.returncode == 2
    assert told in run.stderr
    assert b"Traceback" not in run.stderr
    assert b"Exception ignored" not in run.stderr


def test_a_terminal_gets_no_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout.buffer, "isatty", lambda: True, raising=False)
    assert main([str(CAT), str(CHURCH), "-o", "-"]) == 2
    assert "the standard output is a terminal" in capsys.readouterr().err


def test_what_is_written_to_nothing_costs_nothing() -> None:
    with Path(os.devnull).open() as readable:
        for stream in (Lasting(None), Lasting(readable)):
            assert stream.write("words") == 5
            stream.flush()
            stream.end()


def test_the_streams_are_put_back() -> None:
    before = sys.stdout, sys.stderr
    with lasting_streams():
        assert sys.stdout is not before[0]
    assert (sys.stdout, sys.stderr) == before
