"""Runs of stylize() on the small pair."""

from collections.abc import Callable
from typing import Any

import pytest
from painting.evaluations import CONTENT, QUICK, STYLE, Evaluations

from nst_core import Backbone, Frame, stylize
from nst_core.painting import run as running


@pytest.fixture
def run(backbone: Backbone) -> Callable[..., list[Frame]]:
    """All frames of a run on the small pair."""

    def frames(
        recipe: Any = QUICK, content: Any = CONTENT, style: Any = STYLE, **changes: Any
    ) -> list[Frame]:
        return list(stylize(content, style, recipe, backbone, **changes))

    return frames


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames at checkpoints and at the end of each size only, however slow the machine."""
    monkeypatch.setattr(running, "FRAME_SECONDS", 1000.0)


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> Evaluations:
    return Evaluations(monkeypatch)
