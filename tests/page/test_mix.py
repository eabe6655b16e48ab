"""Several styles on the page: which files, how much of each, and there and back."""

from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT

from nst_core import ImageError, RecipeError, Style
from nst_core.page.inputs.mix import Mix
from nst_core.painting.job import Job

EXAMPLES = (ROOT / "examples").resolve()
GLASS, WAVES, PEN, DOTS = (
    EXAMPLES / "style" / f"{name}.jpg"
    for name in ("stained-glass", "woodblock-waves", "pen-and-ink", "pointillist-dots")
)


def upload(path: Path) -> dict[str, Any]:
    return {"path": str(path)}


@pytest.fixture(scope="module")
def mix() -> Mix:
    import gradio as gr

    with gr.Blocks():
        return Mix(EXAMPLES)


def test_one_style_counts_wholly_whatever_its_share_says(mix: Mix) -> None:
    assert mix.chosen(GLASS, {}) == [Style(GLASS)]
    assert mix.chosen(GLASS, {"share": 0.25, "style_2": None}) == [Style(GLASS)]


def test_styles_with_their_shares(mix: Mix) -> None:
    values = {"share": 0.25, "style_2": upload(WAVES), "style_4": upload(PEN), "share_4": 0.5}
    assert mix.chosen(GLASS, values) == [Style(GLASS, 0.25), Style(WAVES), Style(PEN, 0.5)]


def test_each_added_style_has_a_brush_of_its_own(mix: Mix) -> None:
    values = {"style_2": upload(WAVES), "brush_2": 0.5, "style_3": upload(PEN)}
    assert mix.chosen(GLASS, values) == [Style(GLASS), Style(WAVES, brush=0.5), Style(PEN)]
    with pytest.raises(RecipeError, match=r"The brush of style 2 must be a number from 0\.25 to 2"):
        mix.chosen(GLASS, {**values, "brush_2": 3})


@pytest.mark.parametrize("share", [-0.5, 2, float("nan"), "much", [1]])
def test_a_share_out_of_range(mix: Mix, share: Any) -> None:
    with pytest.raises(RecipeError, match="The share of style 2 must be a number from 0 to 1"):
        mix.chosen(GLASS, {"style_2": upload(WAVES), "share_2": share})


def test_a_file_of_the_server_is_no_style(mix: Mix) -> None:
    with pytest.raises(ImageError, match="was not uploaded"):
        mix.chosen(GLASS, {"style_2": upload(ROOT / "README.md")})


def test_the_style_in_place_is_added_to_the_first_free_place(mix: Mix) -> None:
    problem, *others = mix.added(upload(WAVES), upload(GLASS), None, None)
    assert (problem, others[1]) == ("", str(WAVES))
    with pytest.raises(ImageError, match="4 styles already: take one out first"):
        mix.added(upload(WAVES), *[upload(GLASS)] * 3)
    with pytest.raises(ImageError, match="There is no style"):
        mix.added(None, None, None, None)


def test_a_job_s_mix_there_and_back(mix: Mix) -> None:
    job = Job.of(GLASS, [(GLASS, 0.25), Style(WAVES, 1.0, brush=2.0), (DOTS, 0.5)])
    shown = mix.fill(job)
    values = {
        name: upload(Path(str(held))) if str(held).endswith(".jpg") else held
        for name, component in mix.components.items()
        for held in [shown[component]]
    }
    assert mix.chosen(GLASS, values) == list(job.styles)


def test_without_a_job_there_is_no_second_style(mix: Mix) -> None:
    shown = {name: mix.fill()[component] for name, component in mix.components.items()}
    assert [shown[f"style_{number}"] for number in (2, 3, 4)] == [None] * 3
    assert [shown[name] for name in ("share", "share_2")] == [1.0, 1.0]
