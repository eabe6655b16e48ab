"""Known sentences about runs and sheets."""

from math import nan
from typing import Any

import pytest
from PIL import Image

from nst_core import RECIPES, Frame, Losses
from nst_core.checks import spoken_time
from nst_core.page.look.words import (
    begin_all_the_same,
    run_figures,
    run_progress,
    run_summary,
    sheet_progress,
    sheet_summary,
    size_text,
    time_expected,
    time_left,
)
from nst_core.study.sheet import SheetProgress

PICTURE = Image.new("RGB", (30, 20))
UNMEASURED = Losses.unmeasured(["content", "style", "variation"])


def frame(losses: Losses = UNMEASURED, final: bool = False, message: str = "") -> Frame:
    recipe = RECIPES["studio"]
    return Frame(PICTURE, 3, 9, losses, 1.0, nan, final, False, recipe, "embedded", message)


def sheet(**changes: Any) -> SheetProgress:
    now = {"finished": 1, "total": 3, "elapsed": 12.4, "remaining": nan, "final": False}
    return SheetProgress(PICTURE, cells=(), **{**now, **changes})


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (99.4, "99 s"), (100, "2 min"), (3600, "60 min")]
)
def test_times(seconds: float, text: str) -> None:
    assert spoken_time(seconds) == text
    assert time_left(seconds) == f"{text} left"


def test_a_time_not_known_is_not_told() -> None:
    assert time_left(nan) == ""


def test_a_run() -> None:
    assert run_progress(frame()) == "Painting at 30 × 20 px."
    assert run_summary(frame(final=True)) == "Finished: 30 × 20 px."
    stopped = run_summary(frame(message="It went far."))
    assert stopped == "Stopped; the picture so far is kept: 30 × 20 px. It went far."


def test_figures_of_a_run() -> None:
    assert run_figures(frame(), "") == "step 3 of 9"
    assert run_figures(frame(), "5 s left") == "step 3 of 9 · 5 s left"
    assert run_figures(
        frame(Losses(1234.5, content=1.0, style=0.0625, variation=0.00333)), "5 s"
    ) == ("step 3 of 9 · 5 s · loss 1.23e+03 = content 1 + style 0.0625 + variation 0.00333")


def test_a_sheet() -> None:
    assert sheet_progress(sheet()) == "Painting cell 2 of 3."
    assert sheet_progress(sheet(finished=3)) == "Painting cell 3 of 3."
    assert sheet_summary(sheet(finished=3, final=True)) == "Finished: 3 of 3 cells, 12 s."
    stopped = "Stopped; the finished cells are kept: 1 of 3 cells, 12 s."
    assert sheet_summary(sheet()) == stopped


def test_what_takes_long_is_asked_about() -> None:
    assert time_expected(25.3) == "about 25 s"
    assert begin_all_the_same(180, "Draft") == ""
    question = "This takes about 6 min. Press Paint again, or choose Draft."
    assert begin_all_the_same(361, "Draft") == question


def test_what_is_said_of_a_size() -> None:
    assert size_text("small") == "Small"
    assert size_text("small", (256, 192)) == "Small\n256 × 192 px"
    assert size_text("medium", (512, 384), 40.2) == "Medium\n512 × 384 px\nabout 40 s"
