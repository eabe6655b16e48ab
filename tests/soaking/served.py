"""A page in a process of its own, and what it holds."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
from helpers import ROOT
from starting import environment, free_port
from visiting import events_of, usual

Figures = dict[str, Any]
QUIET_SECONDS = 15
"""After which nothing is under way any more."""


@dataclass
class Page:
    """A page in a process of its own.

    Attributes:
        url: where it is.
        log: the file with its standard error.
        process: itself.
    """

    url: str
    log: Path
    process: psutil.Process
    events: dict[str, list[Any]] = field(default_factory=dict)

    def numbers(self, button: str = "stylize") -> tuple[int, int, int]:
        """Of the events that a click starts and Stop sends: begun, the run itself, stop."""
        run = self.find(button)
        before = [number for name, (number, _) in self.events.items() if name.startswith("begun")]
        after = [
            number for name, (number, _) in self.events.items() if name.startswith("ask_to_stop")
        ]
        return max(n for n in before if n < run), run, min(n for n in after if n > run)

    def find(self, name: str) -> int:
        return next(number for key, (number, _) in self.events.items() if key.split()[0] == name)

    def choices(self, **values: Any) -> list[Any]:
        """What the event of a run is sent."""
        _, components = self.events[f"stylize {self.find('stylize')}"]
        data = usual(components)
        names = {"recipe": "Recipe", "size": "Size", "steps": "Steps", "quality": "Quality"}
        labels = [each["props"].get("label") for each in components]
        for name, value in values.items():
            data[labels.index(names[name])] = value
        pair = [each["props"]["value"] for each in components[:2]]
        return [*pair, *data[2:]]

    def held(self) -> Figures:
        """Resident MB, also those of the processes beside it; threads and open files of its own."""
        beside = 0
        for child in self.process.children(recursive=True):
            with suppress(psutil.Error):
                beside += child.memory_info().rss
        with self.process.oneshot():
            return {
                "mb": round((self.process.memory_info().rss + beside) / 1e6),
                "beside": round(beside / 1e6),
                "threads": self.process.num_threads(),
                "files": self.process.num_fds(),
            }


@contextmanager
def page(**variables: str) -> Iterator[Page]:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        log = folder / "log"
        process = subprocess.Popen(
            [sys.executable, "app.py", "--backbone", "embedded", "--port", str(port)],
            cwd=ROOT,
            env=environment(GRADIO_TEMP_DIR=f"{name}/pictures", **variables),
            stdout=subprocess.DEVNULL,
            stderr=log.open("w"),
        )
        try:
            found = Page(f"http://127.0.0.1:{port}/", log, psutil.Process(process.pid))
            wait_until(partial(answers, process, found.url))
            found.events = events_of(found.url)
            yield found
        except BaseException:
            print(log.read_text()[-5000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(timeout=60)


def answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether a page is ready."""
    assert process.poll() is None, "the page has ended"
    return httpx.get(f"{url}healthz", trust_env=False).status_code == 200


def wait_until(done: Callable[[], bool], patience: float = 600.0) -> float:
    """Seconds until something is so."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        with suppress(httpx.HTTPError):
            if done():
                return time.monotonic() - began
        time.sleep(0.2)
    raise TimeoutError(f"not within {patience:.0f} s")
