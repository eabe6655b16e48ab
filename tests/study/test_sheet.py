"""Experiments as data, and the sheet that fills cell by cell."""

import math
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, STUDIO, photo
from PIL import Image

from nst_core import RECIPES, Backbone, BackboneError, ImageError, Objective, RecipeError, stylize
from nst_core.images.sheets import GAP, panel
from nst_core.painting.cost import seconds_by_quality
from nst_core.recipe.recipe import Recipe
from nst_core.study.experiments import (
    EXPERIMENTS,
    MAX_CELLS,
    Cell,
    number_fields,
    sweep,
)
from nst_core.study.sheet import SheetProgress, expected_seconds, explore

CONTENT, STYLE = photo(CAT, 32, 48), photo(CHURCH, 40, 32)
BOX = (48, 32)
QUICK = STUDIO.changed(checkpoint=1)
"""A frame after each step."""
SMALL: dict[str, Any] = {"size": 48, "steps": 3}
NO_LAYERS = {"block9_conv1": 1.0}
BROKEN = Cell("x", QUICK, {"content_layers": NO_LAYERS})


def cells(*changes: dict[str, Any]) -> list[Cell]:
    """Cells "a", "b", …, whose labels are narrower than their pictures."""
    return [Cell(chr(ord("a") + number), QUICK, change) for number, change in enumerate(changes)]


def pictures(progress: SheetProgress) -> list[np.ndarray]:
    """The panels of a sheet with one row of cells."""
    lefts = [GAP + number * (BOX[0] + GAP) for number in range(progress.total)]
    boxes = [(left, GAP, left + BOX[0], GAP + BOX[1]) for left in lefts]
    return [np.asarray(progress.sheet.crop(box)) for box in boxes]


def painted(backbone: Backbone, **changes: Any) -> np.ndarray:
    *_, frame = stylize(CONTENT, STYLE, QUICK, backbone, **changes)
    return np.asarray(frame.image)


@pytest.fixture
def run(backbone: Backbone) -> Any:
    def progress(chosen: Sequence[Cell], **common: Any) -> list[SheetProgress]:
        return list(explore(CONTENT, STYLE, chosen, backbone, **{**SMALL, **common}))

    return progress


# Experiments as data


def test_sweep_makes_one_cell_per_value() -> None:
    made = sweep("course", "learning_rate", [0.5, 2])
    assert [cell.label for cell in made] == ["learning_rate 0.5", "learning_rate 2"]
    assert [cell.changes for cell in made] == [{"learning_rate": 0.5}, {"learning_rate": 2}]
    assert {cell.recipe for cell in made} == {"course"}


@pytest.mark.parametrize("name", ["pooling", "keep_best", "style_layers", "memory", "nonsense"])
def test_sweep_takes_numbers_of_the_recipe_only(name: str) -> None:
    with pytest.raises(RecipeError, match=f"one of size, .*style_weight.*, not '{name}'"):
        sweep("studio", name, [1])


def test_number_fields_are_those_of_the_recipe_and_its_optimizer() -> None:
    adam, lbfgs = number_fields("studio"), number_fields(RECIPES["keras-book"])
    assert {"size", "coarsest", "style_weight", "steps", "seed"} <= {*adam} & {*lbfgs}
    assert "beta_1" in adam
    assert "memory" not in adam
    assert "memory" in lbfgs


def test_style_weights_are_powers_of_ten_around_the_recipes_own() -> None:
    made = EXPERIMENTS["style-weight"].cells("walkthrough")
    weights = [cell.changes["style_weight"] for cell in made]
    assert weights == pytest.approx([2.5e-5, 2.5e-4, 2.5e-3, 2.5e-2, 2.5e-1])
    assert made[0].label == "style_weight 2.5e-05"


def test_style_weights_need_a_style_weight() -> None:
    with pytest.raises(RecipeError, match="style_weight is 0"):
        EXPERIMENTS["style-weight"].cells(STUDIO.changed(style_weight=0))


def active(recipe: Recipe) -> dict[str, list[str]]:
    """Term that counts -> the layers that count in it."""
    return {term.name: [*term.active_layers] for term in recipe.active_terms}


def test_content_reconstruction_has_one_layer_of_each_block() -> None:
    made = EXPERIMENTS["content-reconstruction"].cells("studio")
    recipes = [RECIPES["studio"].changed(**cell.changes) for cell in made]
    layers = [f"block{block}_conv2" for block in range(1, 6)]
    assert [cell.label for cell in made] == layers
    assert [active(recipe) for recipe in recipes] == [{"content": [layer]} for layer in layers]
    assert {recipe.start for recipe in recipes} == {"grey-noise"}


def test_style_reconstruction_takes_more_and_more_layers() -> None:
    made = EXPERIMENTS["style-reconstruction"].cells("moments")
    recipes = [RECIPES["moments"].changed(**cell.changes) for cell in made]
    layers = [f"block{block}_conv1" for block in range(1, 6)]
    assert [active(recipe) for recipe in recipes] == [{"style": layers[:n]} for n in range(1, 6)]
    assert sum(recipes[2].style_layers.values()) == pytest.approx(1)


@pytest.mark.parametrize("name", ["content-reconstruction", "style-reconstruction", "start-images"])
def test_content_detail_is_not_given_back_where_it_would_help(name: str) -> None:
    made = EXPERIMENTS[name].cells("studio")
    assert all(RECIPES["studio"].changed(**cell.changes).coarsest is None for cell in made)


def test_other_experiments_differ_in_one_thing() -> None:
    def values(name: str, field: str) -> list[Any]:
        return [cell.changes[field] for cell in EXPERIMENTS[name].cells(QUICK)]

    assert values("start-images", "start") == ["content", "style", "noise"]
    assert values("poolings", "pooling") == ["max", "average"]
    assert [cell.recipe for cell in EXPERIMENTS["recipes"].cells(QUICK)] == list(RECIPES)


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_every_experiment_suits_every_recipe(name: str, recipe: str, backbone: Backbone) -> None:
    made = EXPERIMENTS[name].cells(recipe)
    assert 0 < expected_seconds(made, (600, 400), backbone) < math.inf
    assert len({cell.label for cell in made}) == len(made)
    assert EXPERIMENTS[name].description.endswith(".")
    assert len(EXPERIMENTS[name].title) <= 24  # what a phone has room for


# The sheet


def test_sheet_fills_cell_by_cell(run: Any) -> None:
    progress = run(cells({}, {"seed": 1}, {"style_weight": 1.0}))
    blank = np.asarray(panel(BOX))
    for each in progress:
        filled = [not np.array_equal(picture, blank) for picture in pictures(each)]
        under_way = sum(filled) - each.finished
        assert under_way in (0, 1)
        assert filled == sorted(filled, reverse=True)
    finished = [each.finished for each in progress]
    assert finished == sorted(finished)
    assert {*finished} == {0, 1, 2, 3}


def test_cells_tell_what_the_sheet_shows(run: Any) -> None:
    progress = run(cells({}, {"style_weight": 1e39, "content_weight": 1e39}, {}))
    for each in progress:
        assert [cell.label for cell in each.cells] == ["a", "b", "c"]
        for cell, picture in zip(each.cells, pictures(each), strict=True):
            np.testing.assert_array_equal(np.asarray(cell.picture), picture)
        assert all(cell.done == 1 for cell in each.cells[: each.finished])
    done = [each.cells[0].done for each in progress]
    assert done == sorted(done)
    assert len({*done}) > 2


def test_a_cell_may_have_a_style_of_its_own(backbone: Backbone) -> None:
    other = photo(CAT, 40, 40)
    chosen = [Cell("a", QUICK), Cell("b", QUICK, style=other)]
    *_, last = explore(CONTENT, STYLE, chosen, backbone, **SMALL)
    first, second = pictures(last)
    np.testing.assert_array_equal(first, painted(backbone, **SMALL))
    *_, frame = stylize(CONTENT, other, QUICK, backbone, **SMALL)
    np.testing.assert_array_equal(second, np.asarray(frame.image))


def test_cells_with_styles_of_their_own_need_no_other(backbone: Backbone) -> None:
    *_, last = explore(CONTENT, None, [Cell("a", QUICK, style=STYLE)], backbone, **SMALL)
    np.testing.assert_array_equal(pictures(last)[0], painted(backbone, **SMALL))
    with pytest.raises(RecipeError, match="a: there is no style image"):
        explore(CONTENT, None, cells({}), backbone)


def test_sheet_keeps_its_size(run: Any) -> None:
    progress = run([*cells({}, {"size": 32}), Cell("a longer label", "course")])
    assert len({each.sheet.size for each in progress}) == 1


def test_only_the_last_progress_is_final(run: Any) -> None:
    progress = run(cells({}, {}))
    assert [each.final for each in progress] == [False] * (len(progress) - 1) + [True]
    assert progress[-1].finished == progress[-1].total == 2
    assert progress[-1].remaining == 0
    assert math.isnan(progress[0].remaining)
    assert all(each.remaining >= 0 for each in progress[1:])
    elapsed = [each.elapsed for each in progress]
    assert elapsed == sorted(elapsed)


def test_cell_shows_what_stylize_paints(run: Any, backbone: Backbone) -> None:
    *_, last = run(cells({}, {"steps": 5, "start": "style"}))
    first, second = pictures(last)
    np.testing.assert_array_equal(first, painted(backbone, **SMALL))
    np.testing.assert_array_equal(second, painted(backbone, size=48, steps=5, start="style"))


def test_current_cell_is_shown_at_work(run: Any) -> None:
    progress = run(cells({"steps": 5}))
    assert len({pictures(each)[0].tobytes() for each in progress}) > 3


def test_cells_are_alike_in_size_whatever_the_recipes_rule(run: Any, backbone: Backbone) -> None:
    """`walkthrough` takes its size as a height, which would make these 72 × 48 px."""
    *_, last = run([Cell("a", "walkthrough")])
    *_, frame = stylize(CONTENT, STYLE, "walkthrough", backbone, size=32, steps=3)
    np.testing.assert_array_equal(pictures(last)[0], np.asarray(frame.image))


def test_cell_that_cannot_run_says_so_and_the_next_one_follows(backbone: Backbone) -> None:
    """Which layers there are is known once the network is loaded."""
    *_, last = explore(CONTENT, STYLE, [BROKEN, *cells({})], "embedded", **SMALL)
    with pytest.raises(RecipeError) as problem:
        stylize(CONTENT, STYLE, QUICK, backbone, content_layers=NO_LAYERS)
    failed, good = pictures(last)
    note = panel(BOX, note=f"failed: {problem.value}")
    np.testing.assert_array_equal(failed, np.asarray(note))
    np.testing.assert_array_equal(good, painted(backbone, **SMALL))
    assert last.final


def test_cell_whose_loss_overflows_says_so(run: Any, backbone: Backbone) -> None:
    changes: dict[str, Any] = {"style_weight": 1e39, "content_weight": 1e39}
    *_, last = run(cells(changes, {}))
    with pytest.raises(RecipeError, match="finite") as problem:
        list(stylize(CONTENT, STYLE, QUICK, backbone, **SMALL, **changes))
    note = panel(BOX, note=f"failed: {problem.value}")
    np.testing.assert_array_equal(pictures(last)[0], np.asarray(note))
    assert last.finished == 2


def test_closing_stops_the_work_and_keeps_what_is_finished(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluations = []
    real = Objective.evaluate

    def evaluate(objective: Objective, image: Any, step: int) -> Any:
        evaluations.append(objective)
        return real(objective, image, step)

    monkeypatch.setattr(Objective, "evaluate", evaluate)
    sheets = explore(CONTENT, STYLE, cells({}, {"steps": 5}, {}), backbone, **SMALL)
    progress = next(each for each in sheets if each.finished == 1)
    next(sheets)
    sheets.close()
    for thread in threading.enumerate():
        if thread.name.startswith("stylize"):
            thread.join()
    assert len(evaluations) < 3 + 5
    np.testing.assert_array_equal(pictures(progress)[0], painted(backbone, **SMALL))


# Refused before the start


@pytest.mark.parametrize(
    ("chosen", "complaint"),
    [
        ([], f"1 to {MAX_CELLS} cells, not 0"),
        (cells(*[{}] * (MAX_CELLS + 1)), f"not {MAX_CELLS + 1}"),
        (cells({}, {"style_weight": -1}), "b: style_weight must be .* not -1"),
        (cells({"nonsense": 1}), "a: A recipe has no field 'nonsense'"),
        (cells({"size": 1024}), "a: size must be a whole number from 32 to 512 px on a sheet"),
        (cells({"size": None}), "a: size must be .* not None"),
        (cells({"steps": 5000}), "a: steps must be a whole number from 1 to 1000 on a sheet"),
        ([Cell("a", "no-such")], "a: There is no recipe 'no-such'"),
        ([*cells({}), BROKEN], "x: content_layers: .* no layer 'block9_conv1'"),
    ],
)
def test_bad_cells_are_refused_at_once(
    chosen: list[Cell], complaint: str, backbone: Backbone
) -> None:
    with pytest.raises(RecipeError, match=complaint):
        explore(CONTENT, STYLE, chosen, backbone)
    with pytest.raises(RecipeError, match=complaint):
        expected_seconds(chosen, BOX, backbone)


def test_bad_images_are_refused_at_once(text_as_png: str, backbone: Backbone) -> None:
    with pytest.raises(ImageError, match="The content image"):
        explore(text_as_png, STYLE, cells({}), backbone)
    with pytest.raises(ImageError, match="The style image"):
        explore(CONTENT, text_as_png, cells({}), backbone)
    with pytest.raises(RecipeError, match="style weights"):
        explore(CONTENT, [(STYLE, -1.0)], cells({}), backbone)


def test_missing_weights_end_the_sheet() -> None:
    with pytest.raises(BackboneError):
        list(explore(CONTENT, STYLE, cells({}), "no-such", **SMALL))


# The expected time


def test_expected_time_grows_with_steps_and_cells(backbone: Backbone) -> None:
    def seconds(count: int, steps: int) -> float:
        return expected_seconds(cells(*[{}] * count), (600, 400), backbone, steps=steps)

    ten, twenty, thirty = (seconds(1, steps) for steps in (10, 20, 30))
    assert thirty - twenty == pytest.approx(twenty - ten, rel=0.1)  # both sizes get whole steps
    assert twenty > ten
    assert seconds(3, 10) == pytest.approx(3 * ten)


def test_expected_time_is_longer_for_deeper_layers(backbone: Backbone) -> None:
    made = EXPERIMENTS["content-reconstruction"].cells(QUICK)
    times = [expected_seconds([cell], (600, 400), backbone) for cell in made]
    assert times == sorted(times)
    assert times[0] < times[-1]


def test_picture_of_a_portrait_fits_its_box(backbone: Backbone) -> None:
    portrait = Image.fromarray(CONTENT).transpose(Image.Transpose.ROTATE_90)
    sheet = next(explore(portrait, STYLE, cells({}), backbone, **SMALL)).sheet
    assert sheet.size[0] == 32 + 2 * GAP


def test_better_qualities_take_longer(backbone: Backbone) -> None:
    seconds = seconds_by_quality((3, 2), backbone)
    assert 0 < seconds["draft"] < seconds["balanced"] < seconds["fine"]
