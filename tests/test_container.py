"""What the documented Dockerfile has run, as the user it names; no container engine is needed."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from gradio_client import Client, handle_file
from helpers import CAT, CHURCH, ROOT
from starting import as_a_number, free_port

GUIDE = ROOT / "nst_core" / "page" / "README.md"
(DOCKERFILE,) = re.findall(r"```dockerfile\n(.*?)```", GUIDE.read_text(), re.DOTALL)
PATIENCE = 90
"""s for what mostly takes a few."""


def instruction(name: str) -> str:
    (found,) = re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)
    return found


def test_it_begins_with_a_python_that_is_supported() -> None:
    assert re.fullmatch(r"python:3\.1[123]-slim", instruction("FROM"))


def painting(page: int) -> list[psutil.Process]:
    """The processes that paint for the page with this number."""
    children = psutil.Process(page).children(recursive=True)
    return [child for child in children if any("painting" in word for word in child.cmdline())]


def runs(process: psutil.Process) -> bool:
    """And is not dead, waiting for somebody to look at how it ended."""
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


@pytest.mark.process
@pytest.mark.parametrize("hangs", [False, True])
def test_a_user_without_a_home_is_served_until_the_container_is_stopped(
    public_folder: Path, tmp_path: Path, hangs: bool
) -> None:
    """By SIGTERM, in the middle of a run: its picture is kept, and the process ends by itself.

    Args: hangs: whether the process that paints is halted before.
    """
    code = public_folder / "app"
    for name in ("nst_core", "examples"):
        shutil.copytree(ROOT / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", code)
    public_folder.chmod(0o1777)
    variables = dict(word.split("=") for word in shlex.split(instruction("ENV")))
    variables = {
        name: value.replace("/tmp/", f"{public_folder}/") for name, value in variables.items()
    }
    port = str(free_port())
    command = [word.replace("7860", port) for word in json.loads(instruction("CMD"))]
    assert command[0] == "python"
    process = subprocess.Popen(
        [*as_a_number(), sys.executable, *command[1:]],
        cwd=code,
        env={"PATH": os.environ["PATH"], "https_proxy": "http://127.0.0.1:9", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert port in process.stdout.readline()
        client = Client(
            f"http://127.0.0.1:{port}",
            verbose=False,
            analytics_enabled=False,
            download_files=tmp_path,
        )
        pair = (handle_file(str(CAT)), handle_file(str(CHURCH)))
        job = client.submit(*pair, size=128, steps=2000, api_name="/stylize")
        assert any(answer[0] for answer in job)  # a picture: it is under way
        painters = painting(process.pid)
        assert painters
        for painter in painters if hangs else ():
            painter.suspend()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=PATIENCE)
        client.close()
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, told
    lines = told.splitlines()
    assert lines[0] == "Ending the runs under way …"
    assert json.loads(lines[1])["run"] == "stopped"
    assert "Traceback" not in told
    psutil.wait_procs(painters, timeout=PATIENCE)
    assert not any(runs(painter) for painter in painters)
