"""`python app.py` in a process of its own, on machines of many kinds."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from helpers import ROOT

PATIENCE = 90
"""Seconds until the page's address must be there."""
NUMBER = 12345
"""A user without an entry in the machine's list."""
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
NO_ENTRY = """
import pwd

def unknown(number):
    raise KeyError(f"getpwuid(): uid not found: {number}")

pwd.getpwuid = unknown
"""
"""Python runs it before anything else, if it is called sitecustomize.py."""


class Served:
    """A page that answers.

    Attributes:
        url: the address it printed.
        told: all it wrote on the standard error; complete when its process has ended.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.told = ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**variables: str) -> dict[str, str]:
    """This one without proxies, Gradio's variables and Keras's folder, and with these."""
    left_out = {"KERAS_HOME", *PROXIES, *(name.upper() for name in PROXIES)}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in left_out and not name.startswith("GRADIO_")
    }
    return {**kept, "GRADIO_ANALYTICS_ENABLED": "False", **variables}


def refused(*arguments: str, **variables: str) -> str:
    """The one line that a call of app.py ends with, without a traceback; checks its status."""
    run = subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (run.returncode, run.stdout) == (2, ""), run.stdout + run.stderr
    (line,) = run.stderr.splitlines()
    assert line.startswith("app.py: ")
    return line


@contextmanager
def served(
    *arguments: str,
    variables: Mapping[str, str],
    folder: Path = ROOT,
    before: Sequence[str] = (),
) -> Iterator[Served]:
    """A page that was started with these arguments and only these variables.

    folder: where app.py lies.
    before: a command in front, which runs what follows as somebody else.
    """
    process = subprocess.Popen(
        [*before, sys.executable, "app.py", *arguments],
        cwd=folder,
        env=dict(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    late = threading.Timer(PATIENCE, process.kill)
    late.start()
    try:
        assert process.stdout
        told, found = "", None
        while not found and (line := process.stdout.readline()):
            told, found = told + line, re.search(r"Running on local URL: *(http://\S+)", line)
        late.cancel()
        if not found:
            process.kill()
        assert found, told + process.communicate()[1]
        page = Served(found.group(1))
        yield page
    finally:
        late.cancel()
        process.kill()
        told = process.communicate()[1]
    page.told = told


def as_a_number() -> list[str]:
    """A command in front that makes root a user who is a mere number, and who may only read.

    Empty where that can't be done: such a user may have no way to this Python otherwise.
    """
    caps = [f"--{kind}-caps=+dac_read_search" for kind in ("inh", "ambient")]
    command = ["setpriv", f"--reuid={NUMBER}", f"--regid={NUMBER}", "--clear-groups", *caps]
    if os.geteuid() or not shutil.which("setpriv"):
        return []
    tried = subprocess.run([*command, sys.executable, "-c", ""], check=False, capture_output=True)
    return command if tried.returncode == 0 else []
