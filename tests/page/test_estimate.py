"""The time before the click."""

from concurrent.futures import Future
from typing import Any

import pytest
from helpers import CAT, CHURCH, ROOT

from nst_core import RECIPES, Backbone
from nst_core.page.inputs import estimate
from nst_core.page.settings.controls import NAMES, own_values

EXAMPLES = ROOT / "examples"


def told(monkeypatch: pytest.MonkeyPatch, network: Backbone | None, **changed: Any) -> str:
    """What the line says, with this network or while there is none yet."""
    measured: Future[Backbone] = Future()
    if network:
        measured.set_result(network)
    monkeypatch.setattr(estimate, "measuring", lambda _: measured)
    values = {**dict.fromkeys(NAMES), **own_values(RECIPES["studio"]), **changed}
    line = estimate.Estimate("embedded", EXAMPLES)
    said, _ = line.line_and_sizes({"path": str(CAT)}, {"path": str(CHURCH)}, *values.values())
    assert isinstance(said, str)
    return said


def test_nothing_is_told_before_the_network_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, None) == ""


def test_a_time_is_told(monkeypatch: pytest.MonkeyPatch, backbone: Backbone) -> None:
    assert told(monkeypatch, backbone, quality="draft", size=128).startswith("<p>about ")
    assert told(monkeypatch, backbone, size=5) == ""


@pytest.mark.parametrize(
    ("changed", "quicker"),
    [
        ({}, "choose Draft."),
        ({"quality": "draft"}, "choose a smaller size."),
        ({"steps": 2000}, "choose a smaller size."),
        ({"recipe": "course", "quality": None}, "choose a smaller size."),
    ],
)
def test_what_is_offered_instead(
    monkeypatch: pytest.MonkeyPatch, backbone: Backbone, changed: dict[str, Any], quicker: str
) -> None:
    monkeypatch.setattr("nst_core.page.look.words.SLOW_SECONDS", 0)
    assert quicker in told(monkeypatch, backbone, **changed)
