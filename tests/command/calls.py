"""What the tests of the command line share: what one call left behind, and frames of no run."""

import json
import signal
from typing import Any

import pytest
from PIL import Image

from nst_core import RECIPES, Frame, Losses

QUICK = ["--size", "32", "--steps", "4", "--precision", "float32", "--backbone", "embedded"]
OLD = b"what was there before"


class Run:
    """What one call left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def report(self) -> dict[str, Any]:
        """The JSON line, which must be all of standard output, and strict JSON."""
        (line,) = self.out.splitlines()
        return json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))

    def check_refused(self, *words: str) -> None:
        """One line for the user's mistake, and status 2."""
        assert self.status == 2
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("nst_core: ")
        assert all(word in line for word in words)


NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def frame(step: int = 1, loss: float = 1.0, colour: str = "red", **changes: Any) -> Frame:
    settings = {
        "image": Image.new("RGB", (20, 30), colour),
        "step": step,
        "total_steps": 9,
        "losses": Losses(loss, content=loss, style=loss, variation=loss),
        "elapsed": 1.0,
        "remaining": 2.0,
        "final": False,
        "checkpoint": False,
        "recipe": RECIPES["studio"],
        "backbone": "embedded",
    }
    return Frame(**{**settings, **changes})
