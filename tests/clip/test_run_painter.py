"""Stills painted by runs: the first as a picture, the others calm, and a film of them goes on."""

import itertools
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clip.clips import cat, encode, pan
from helpers import CHURCH, photo
from PIL import Image

from nst_core import Job, OutputError, Painted, paint_film, stylize
from nst_core.clip import run_painter
from nst_core.clip.flow import brought_along, flow_between
from nst_core.clip.run_painter import RunPainter, going_on, still_seconds
from nst_core.recipe.adam import Adam
from nst_core.recipe.catalogue import RECIPES

STYLE = photo(CHURCH, 80, 64)
SIZE = (96, 64)
QUICK: dict[str, Any] = {
    "recipe": "moments",
    "steps": 4,
    "backbone": "embedded",
    "precision": "float32",
}


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_painter, "STEPS", 2)


def painted(stills: list[np.ndarray], **changes: Any) -> list[np.ndarray]:
    one = RunPainter(Job.of(stills[0], STYLE, size=96, **{**QUICK, **changes}).opened(), SIZE)
    return [np.asarray(one.paint(Image.fromarray(still)), int) for still in stills]


def test_the_first_still_is_painted_as_a_photograph_is() -> None:
    (found,) = painted([cat()])
    *_, wanted = stylize(cat(), STYLE, size=96, **QUICK)
    assert np.abs(found - np.asarray(wanted.image, int)).max() <= 1


def test_what_does_not_move_does_not_change() -> None:
    first, second = painted([cat(), cat()])
    assert (first == second).all()


def test_strokes_move_with_what_they_are_on() -> None:
    stills = pan(2)
    together = painted(stills, steps=30)
    alone = [together[0], *painted(stills[1:], steps=30)]

    flow = flow_between(*(each.astype(np.float32) for each in stills))
    along = brought_along(together[0].astype(np.float32), flow.back)

    def flicker(pictures: list[np.ndarray]) -> float:
        return float(((pictures[1] - along) ** 2).mean(2)[flow.known > 0].mean())

    assert flicker(together) < flicker(alone) / 3


def test_a_still_that_goes_on_has_few_steps_at_one_size() -> None:
    recipe = going_on(RECIPES["studio"].changed(size=512))
    assert (recipe.steps, recipe.coarsest, recipe.size) == (2, None, 512)
    assert isinstance(recipe.optimizer, Adam)
    assert (recipe.optimizer.learning_rate, recipe.optimizer.warm_up) == (3.0, 0)
    few, many = (still_seconds(recipe, "embedded", (side, side)) for side in (64, 256))
    assert 0 < few < many


def test_any_recipe_can_go_on() -> None:
    for recipe in RECIPES.values():
        assert type(going_on(recipe).optimizer) is type(recipe.optimizer)


def paint(clip: Path, output: Path, stills: int | None = None, **options: Any) -> list[Painted]:
    given: Any = {"size": 64, "by_runs": True, "resumable": True, **options}
    styles = [(Image.fromarray(STYLE), 1.0), (Image.fromarray(cat()), 1.0)]
    with closing(paint_film(clip, styles, output, **{**QUICK, **given})) as run:
        return list(itertools.islice(run, stills))


def test_a_film_by_runs_goes_on_and_its_styles_may_change(tmp_path: Path) -> None:
    clip, pair = encode(tmp_path / "clip.mp4", pan(3)), ([1, 0], [0, 1])
    wanted = paint(clip, tmp_path / "whole.mp4", weights=pair)
    output = tmp_path / "film.mp4"
    paint(clip, output, 2, weights=pair)
    with pytest.raises(OutputError, match="has another way of painting"):
        paint(clip, output, weights=pair, by_runs=False)
    with pytest.raises(OutputError, match="has another way of painting"):
        paint(clip, output, weights=pair, steps=5)
    found = paint(clip, output, weights=pair)
    assert [each.number for each in found] == [2, 3]
    for one, other in zip(found, wanted[1:], strict=True):
        assert np.abs(np.asarray(one.picture, int) - np.asarray(other.picture, int)).max() <= 1
