"""How soon the page answers."""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from typing import Any

from measurements.figures import Figures, goal, spread
from measurements.pair import ROOT


def start(quick: bool) -> Figures:
    """Seconds from `python app.py` to the page's first answer."""
    times = [seconds_to_answer() for _ in range(1 if quick else 3)]
    limit = None if quick else 3.0  # a slow machine alone is no reason to fail
    return {**spread(times), "first_answer": goal(statistics.median(times), at_most=limit)}


def seconds_to_answer() -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_SSR_MODE": "False"}
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began = time.perf_counter()
    page = subprocess.Popen(
        [sys.executable, ROOT / "app.py", "--backbone", "embedded"], env=environment, **silent
    )
    try:
        while page.poll() is None and time.perf_counter() - began < START_PATIENCE:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                    answer.read()
                return time.perf_counter() - began
            time.sleep(0.02)
        raise RuntimeError("The page did not answer.")
    finally:
        page.terminate()
        page.wait()


START_PATIENCE = 60.0
"""Seconds after which a page that does not answer is given up."""
