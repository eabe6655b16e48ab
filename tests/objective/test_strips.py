"""Pictures in strips: the same loss and gradient as those of the picture as a whole."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pytest
from helpers import CAT, CHURCH, MOMENTS, STUDIO, noise, photo

from nst_core import RECIPES, Backbone, Objective, Recipe, stylize
from nst_core.loss.comparison import Summed
from nst_core.loss.comparisons import COMPARISONS
from nst_core.loss.scalings import relative
from nst_core.loss.statistics import gram_matrix
from nst_core.objective.graph import as_a_whole
from nst_core.objective.strips import Strips
from nst_core.painting import run as running

NARROW = partial(Strips, strip_values=1)
"""Strips of the least height: 8 rows of a block's maps."""
SHALLOW = MOMENTS.changed(
    content_layers={"block2_conv1": 1.0},
    style_layers={"block1_conv1": 0.75, "block2_conv1": 0.25},
)
"""Quick, and its content term needs a map as a whole."""


def check_equal(
    recipe: Recipe,
    backbone: Backbone,
    size: tuple[int, int],
    mask: np.ndarray | None = None,
    outside: Any = (),
    emphasis: np.ndarray | None = None,
) -> None:
    content, style, image = photo(CAT, *size), photo(CHURCH, 43, 61), noise(*size, seed=1)
    whole, strips = (
        Objective(
            content, style, recipe, backbone, mask, outside, way, emphasis=emphasis
        ).value_and_gradient(image)
        for way in (as_a_whole, NARROW)
    )
    assert strips[0] == pytest.approx(whole[0], rel=1e-4)
    atol = 1e-4 * np.abs(whole[1]).max()
    np.testing.assert_allclose(strips[1], whole[1], rtol=1e-4, atol=atol)


@pytest.mark.parametrize(("padding", "pooling"), [("zero", "max"), ("reflect", "average")])
@pytest.mark.parametrize("comparison", ["gram-relative", "moments"])
def test_loss_and_gradient_are_those_of_the_whole(
    backbone: Backbone, padding: str, pooling: str, comparison: str
) -> None:
    """At an odd size that is no multiple of 16, and gives the third block two strips."""
    recipe = MOMENTS.changed(padding=padding, pooling=pooling, style_comparison=comparison)
    check_equal(recipe, backbone, (53, 37))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe(backbone: Backbone, name: str) -> None:
    check_equal(RECIPES[name].changed(precision="float32"), backbone, (33, 20))


def test_places_that_count_more(backbone: Backbone) -> None:
    emphasis = np.linspace(1, 5, 53 * 37, dtype=np.float32).reshape(53, 37)
    check_equal(SHALLOW, backbone, (53, 37), emphasis=emphasis)


@pytest.mark.parametrize("height", [16, 17, 18, 24, 25, 26, 31])
def test_pictures_about_as_high_as_a_few_strips(backbone: Backbone, height: int) -> None:
    check_equal(SHALLOW.changed(padding="zero"), backbone, (height, 16))


def test_one_strip(backbone: Backbone) -> None:
    content, image = photo(CAT, 24, 37), noise(24, 37, seed=1)
    whole, strips = (
        Objective(content, content[::-1], SHALLOW, backbone, way=way).value_and_gradient(image)
        for way in (as_a_whole, Strips)
    )
    assert strips[0] == pytest.approx(whole[0], rel=1e-5)
    np.testing.assert_allclose(strips[1], whole[1], atol=1e-5 * np.abs(whole[1]).max())


def test_loss_alone(backbone: Backbone) -> None:
    content, image = photo(CAT, 40, 37), noise(40, 37, seed=1)
    whole, strips = (
        Objective(content, content[::-1], SHALLOW, backbone, way=way)(image)
        for way in (as_a_whole, NARROW)
    )
    assert strips == pytest.approx(whole, rel=1e-5)


def test_a_loss_that_looks_at_no_layer(backbone: Backbone) -> None:
    recipe = SHALLOW.changed(content_weight=0.0, style_weight=0.0)
    check_equal(recipe, backbone, (33, 20))


def test_a_batch(backbone: Backbone) -> None:
    batch = np.stack([noise(40, 21, seed=seed) for seed in (1, 2)])
    whole, strips = (
        Objective(batch[::-1], batch[0], SHALLOW, backbone, way=way).value_and_gradient(batch)
        for way in (as_a_whole, NARROW)
    )
    assert strips[0] == pytest.approx(whole[0], rel=1e-4)
    np.testing.assert_allclose(strips[1], whole[1], atol=1e-4 * np.abs(whole[1]).max())


def test_bfloat16_is_close(backbone: Backbone) -> None:
    recipe = SHALLOW.changed(precision="bfloat16")
    content, image = photo(CAT, 40, 37), noise(40, 37, seed=1)
    (whole, expected), (strips, gradient) = (
        Objective(content, content[::-1], recipe, backbone, way=way).value_and_gradient(image)
        for way in (as_a_whole, NARROW)
    )
    assert strips == pytest.approx(whole, rel=0.01)
    cosine = (gradient * expected).sum() / np.linalg.norm(gradient) / np.linalg.norm(expected)
    assert cosine > 0.999


# Places

OTHER = noise(40, 48, 3)


def slope(height: int, width: int) -> np.ndarray:
    """A mask that is white at the top, black at the bottom, and slanting in between."""
    rows, columns = np.linspace(0, 3, height)[:, None], np.linspace(0, 0.5, width)
    return np.clip(2 - rows - columns, 0, 1).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("padding", ["zero", "reflect"])
@pytest.mark.parametrize("outside", [(), OTHER], ids=["rest", "two"])
@pytest.mark.parametrize("recipe", [MOMENTS, STUDIO], ids=["moments", "studio"])
def test_places_have_the_loss_and_gradient_of_the_whole(
    backbone: Backbone, padding: str, outside: Any, recipe: Recipe
) -> None:
    check_equal(recipe.changed(padding=padding), backbone, (53, 37), slope(53, 37), outside)


class OfTheWhole(Summed):
    """Sums over the whole picture, whatever its places."""

    by_region: ClassVar[bool] = False


@pytest.mark.parametrize("outside", [(), OTHER], ids=["rest", "two"])
def test_a_term_without_places_beside_one_with_places(
    backbone: Backbone, outside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sum up the same statistic of the same layer."""
    gram = OfTheWhole(
        label="", subjects=("content",), target="content", scaling=relative, sums=gram_matrix
    )
    monkeypatch.setitem(COMPARISONS, "content-gram", gram)
    changes = {"content_comparison": "content-gram", "style_comparison": "gram-relative"}
    check_equal(SHALLOW.changed(**changes), backbone, (39, 21), slope(39, 21), outside)


def test_the_loss_of_places_alone(backbone: Backbone) -> None:
    content, image = photo(CAT, 39, 21), noise(39, 21, seed=1)
    whole, strips = (
        Objective(content, OTHER, SHALLOW, backbone, slope(39, 21), content, way)(image)
        for way in (as_a_whole, NARROW)
    )
    assert strips == pytest.approx(whole, rel=1e-5)


# Runs


@pytest.fixture
def in_strips(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has runs from here on work in narrow strips at every size."""

    def force() -> None:
        monkeypatch.setattr(running, "needs_strips", lambda *_: True)
        monkeypatch.setattr(running, "Strips", NARROW)

    return force


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_run_paints_the_same_picture(
    backbone: Backbone, in_strips: Callable[[], None], optimizer: str
) -> None:
    recipe = SHALLOW.changed(size=64, coarsest=32, steps=4, optimizer=optimizer)
    pictures = []
    for prepare in (lambda: None, in_strips):
        prepare()
        *_, last = stylize(photo(CAT, 43, 64), photo(CHURCH, 40, 50), recipe, backbone)
        pictures.append(np.asarray(last.image, np.int16))
    assert np.abs(pictures[1] - pictures[0]).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("outside", [(), OTHER], ids=["rest", "two"])
def test_a_run_with_places_paints_the_same_picture(
    backbone: Backbone, in_strips: Callable[[], None], outside: Any
) -> None:
    recipe = SHALLOW.changed(size=64, coarsest=32, steps=4)
    mask = (255 * slope(43, 64)).astype(np.uint8)
    pictures = []
    for prepare in (lambda: None, in_strips):
        prepare()
        content = photo(CAT, 43, 64)
        *_, last = stylize(content, OTHER, recipe, backbone, mask=mask, outside=outside)
        pictures.append(np.asarray(last.image, np.int16))
    assert np.abs(pictures[1] - pictures[0]).max() <= 1


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_closing_ends_a_step_between_two_strips(
    backbone: Backbone,
    in_strips: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    optimizer: str,
) -> None:
    begun, may_go_on, ended = threading.Event(), threading.Event(), threading.Event()
    in_strips()
    original = Objective.evaluate

    def slow(objective: Objective, image: Any, step: int) -> Any:
        begun.set()
        may_go_on.wait(20)
        found = original(objective, image, step)
        ended.set()
        return found

    monkeypatch.setattr(Objective, "evaluate", slow)
    monkeypatch.setattr(running, "FRAME_SECONDS", 0.01)
    recipe = SHALLOW.changed(size=320, coarsest=None, optimizer=optimizer)
    frames = stylize(photo(CAT, 60, 90), photo(CHURCH, 40, 50), recipe, backbone)
    while not begun.is_set():
        next(frames)
    threading.Timer(0.2, may_go_on.set).start()  # once the closing is under way
    frames.close()
    assert may_go_on.is_set()
    assert not ended.is_set()
