"""What a plain `pytest` leaves out, and that whatever is named is run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

pytestmark = pytest.mark.process
EXAMPLE = """
import pytest

@pytest.fixture
def browser() -> None: ...

@pytest.fixture
def page_url() -> None: ...

def test_quick() -> None: ...

def test_of_the_page(page_url: None) -> None: ...

def test_in_a_browser(page_url: None, browser: None) -> None: ...

@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_slow(number: int) -> None: ...

@pytest.mark.cluster
@pytest.mark.slow
def test_of_a_cluster() -> None: ...
"""
MARKERS = "[pytest]\nmarkers =\n    browser\n    process\n    slow\n    cluster\n"
LEFT_OUT = "Left out, since they take long: "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of tests, with the choice that these tests have."""
    shutil.copy(ROOT / "tests" / "choice.py", tmp_path / "conftest.py")
    (tmp_path / "pytest.ini").write_text(MARKERS)
    for name in ("test_one.py", "test_other.py"):
        (tmp_path / name).write_text(EXAMPLE)
    return tmp_path


def told(folder: Path, *words: str) -> str:
    program = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False).stdout


ALL = "2 cluster, 2 browser, 2 process, 6 slow"


@pytest.mark.parametrize(
    ("words", "passed", "left_out"),
    [
        ([], 2, ALL),
        (["-n", "2"], 2, ALL),
        (["."], 2, ALL),
        (["test_one.py"], 7, ""),
        (["test_one.py::test_slow", "test_other.py::test_of_a_cluster"], 4, ""),
        (["-k", "slow"], 6, "2 cluster"),
        (["-k", "browser"], 2, "2 cluster"),
        (["-m", "browser"], 2, ""),
        (["-m", "process"], 2, ""),
        (["-m", "slow"], 8, ""),
        (["-m", "not cluster"], 12, ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_named_is_run_and_the_rest_is_told(
    words: list[str], passed: int, left_out: str, folder: Path
) -> None:
    said = told(folder, *words)
    assert re.findall(r"(\d+) passed", said) == [str(passed)]
    assert re.findall(rf"^{LEFT_OUT}(.*?)\.", said, re.MULTILINE) == [left_out] * bool(left_out)


def test_without_time_what_takes_long_is_skipped_and_counted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_MINUTES", "0")
    report = told(folder, "-q", "-rs", "-m", "not cluster")
    assert "2 passed, 10 skipped" in report
    assert "SKIPPED [10]" in report
    assert "no time is left of 0 minutes" in report
