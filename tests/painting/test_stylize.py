"""stylize(): the real thing at small sizes, its start, its sizes and its end."""

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, MOMENTS, photo
from painting.evaluations import (
    CONTENT,
    ONE_PHASE,
    QUICK,
    STYLE,
    TWO_SIZES,
    Evaluations,
    check_same,
    pixels,
)
from PIL import Image

from nst_core import RECIPES, Backbone, Objective, stylize
from nst_core.images.sizes import resize, resize_pixels, to_array
from nst_core.painting import run as running

pytestmark = pytest.mark.usefixtures("no_clock")

# The real thing


def test_style_loss_falls_tenfold_in_a_short_run(backbone: Backbone) -> None:
    frames = list(stylize(CAT, CHURCH, MOMENTS, backbone, size=96, steps=40, checkpoint=1))
    assert frames[-1].losses.style < frames[0].losses.style / 10
    assert frames[-1].image.size == (96, 64)
    assert frames[-1].losses.content < 1  # 1 is an unrelated picture


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - {"studio"}))
def test_published_recipe_lowers_its_loss(name: str, run: Callable) -> None:
    frames = run(name, size=48, steps=10, checkpoint=1)
    assert all(math.isfinite(loss) for frame in frames for loss in frame.losses.values())
    first = next(frame for frame in frames if frame.losses.style)  # a layout has another loss
    assert frames[-1].losses.total < first.losses.total
    assert frames[-1].message == ""


def test_losses_are_those_of_the_final_picture(run: Callable, backbone: Backbone) -> None:
    """To the rounding of its pixels."""
    final = run(ONE_PHASE, steps=30)[-1]
    style = Image.fromarray(STYLE)
    style = resize(style, ONE_PHASE.style_size(style.size, final.image.size))
    objective = Objective(CONTENT, to_array(style), ONE_PHASE, backbone)
    assert objective(pixels(final)) == pytest.approx(final.losses, rel=0.05)


# Coarse to fine


@pytest.mark.parametrize("counting", ["evaluation", "iteration"])
@pytest.mark.parametrize("round_steps", [3, 20])
def test_both_sizes_take_part_with_lbfgs(counting: str, round_steps: int, run: Callable) -> None:
    final = run(TWO_SIZES, optimizer="lbfgs", counting=counting, round_steps=round_steps)[-1]
    assert final.image.size == (64, 43)
    assert final.step == 7


def test_next_size_begins_near_the_last_one(run: Callable) -> None:
    frames = run(TWO_SIZES, steps=12, learning_rate=0.01)
    small, large = (
        [frame for frame in frames if frame.image.size == size][place]
        for size, place in (((32, 22), -1), ((64, 43), 0))
    )
    shrunk = np.asarray(large.image.resize((32, 22)), float)
    assert np.abs(shrunk - pixels(small)).mean() < 6


SUPERSAMPLED = QUICK.changed(supersampling=2.0, coarsest=None, start="content")


def test_what_is_worked_at_larger_is_shown_reduced(backbone: Backbone) -> None:
    large = photo(CAT, 64, 96)
    frames = list(stylize(large, STYLE, SUPERSAMPLED, backbone, steps=2, learning_rate=1e-6))
    expected = resize_pixels(large.astype(np.float32), (48, 32)).clip(0, 255)
    for frame in frames:
        assert frame.image.size == (48, 32)
        assert np.abs(pixels(frame) - expected).max() < 0.51


def test_beside_a_mask_the_photograph_stays_where_it_is_shown_reduced(backbone: Backbone) -> None:
    mask = np.zeros((32, 48), np.uint8)
    *_, final = stylize(photo(CAT, 64, 96), STYLE, SUPERSAMPLED, backbone, mask=mask)
    expected = resize(Image.fromarray(photo(CAT, 64, 96)), (48, 32))
    np.testing.assert_array_equal(pixels(final), np.asarray(expected))


def test_going_on_from_a_picture_that_was_shown_reduced(backbone: Backbone) -> None:
    *_, first = stylize(CONTENT, STYLE, SUPERSAMPLED, backbone)
    *_, second = stylize(CONTENT, STYLE, SUPERSAMPLED, backbone, resume=first.image)
    assert second.image.size == first.image.size
    assert np.abs(pixels(second).astype(float) - pixels(first)).mean() < 30


# Seeds


def test_same_seed_same_picture(run: Callable) -> None:
    check_same(run(start="noise", seed=5)[-1], run(start="noise", seed=5)[-1])


def test_other_seed_other_noise(run: Callable) -> None:
    one, other = (pixels(run(start="noise", seed=seed)[-1]) for seed in (5, 6))
    assert np.abs(one.astype(float) - other).mean() > 20


@pytest.mark.parametrize("start", ["content", "style"])
def test_start_image(run: Callable, start: str) -> None:
    expected = {"content": CONTENT, "style": np.asarray(Image.fromarray(STYLE).resize((48, 32)))}
    first = run(start=start, steps=1, learning_rate=1e-6, averaging=0.0)[0]
    difference = pixels(first).astype(float) - expected[start]
    assert np.abs(difference).mean() < (1e-6 if start == "content" else 5)


# Stop


def test_closing_stops_the_work(backbone: Backbone, evaluations: Evaluations) -> None:
    frames = stylize(CONTENT, STYLE, TWO_SIZES, backbone, steps=1000)
    next(frames)
    frames.close()
    assert evaluations.count <= 1
    assert list(frames) == []


def test_the_step_under_way_has_ended_when_closing_returns(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()
    original = Objective.evaluate

    def slow(objective: Objective, image: Any, step: int) -> Any:
        begun.set()
        may_end.wait(20)
        found = original(objective, image, step)
        ended.set()
        return found

    monkeypatch.setattr(Objective, "evaluate", slow)
    monkeypatch.setattr(running, "FRAME_SECONDS", 0.01)
    frames = stylize(CONTENT, STYLE, QUICK.changed(size=320, coarsest=None), backbone)
    while not begun.is_set():
        next(frames)  # the start image, time and again while the first step takes long
    assert not ended.is_set()
    threading.Timer(0.2, may_end.set).start()
    frames.close()
    assert ended.is_set()


def test_closing_stops_lbfgs_within_two_evaluations(
    backbone: Backbone, evaluations: Evaluations
) -> None:
    frames = stylize(CONTENT, STYLE, QUICK, backbone, optimizer="lbfgs", steps=1000)
    for _ in range(5):
        next(frames)
    before = evaluations.count
    frames.close()
    assert evaluations.count <= before + 2


def test_a_run_that_nobody_begins_does_no_work(
    backbone: Backbone, evaluations: Evaluations
) -> None:
    stylize(CONTENT, STYLE, QUICK, backbone).close()
    assert evaluations.count == 0
