"""stylize(): its frames."""

import math
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise

import numpy as np
import pytest
from helpers import noise
from painting.evaluations import CONTENT, QUICK, STYLE, TWO_SIZES, Evaluations, pixels
from PIL import Image

from nst_core import Backbone, stylize
from nst_core.painting import run as running
from nst_core.painting.notes import small_photograph_note
from nst_core.painting.stages import plan

pytestmark = pytest.mark.usefixtures("no_clock")


def test_one_frame_is_final_and_it_is_the_last(run: Callable) -> None:
    frames = run(TWO_SIZES)
    assert [frame.final for frame in frames] == [False] * (len(frames) - 1) + [True]
    assert frames[-1].remaining == 0


def test_steps_count_over_all_sizes(run: Callable) -> None:
    frames = run(TWO_SIZES)
    assert [frame.step for frame in frames] == list(range(1, 8))
    assert {frame.total_steps for frame in frames} == {7}
    sizes = [frame.image.size for frame in frames]
    assert sizes == [(32, 22)] * sizes.count((32, 22)) + [(64, 43)] * sizes.count((64, 43))
    assert len(set(sizes)) == 2


def test_every_size_ends_with_a_frame(run: Callable) -> None:
    frames = run(TWO_SIZES, checkpoint=1000)
    coarse = [frame for frame in frames if frame.image.size == (32, 22)]
    assert coarse[-1].step == plan(TWO_SIZES, (48, 32))[0].steps
    assert frames[-1].image.size == (64, 43)


def test_clock_runs_forwards(run: Callable) -> None:
    frames = run(TWO_SIZES)
    assert all(one.elapsed <= other.elapsed for one, other in pairwise(frames))
    assert all(frame.elapsed >= 0 for frame in frames)
    assert all(0 <= frame.remaining < math.inf for frame in frames)


def test_first_frame_may_not_know_how_long_it_takes(backbone: Backbone) -> None:
    large = noise(320, 320, seed=1)
    with closing(stylize(large, STYLE, QUICK, backbone, size=320, coarsest=None)) as frames:
        assert math.isnan(next(frames).remaining)


def test_a_slow_step_shows_the_same_picture_again(
    run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "FRAME_SECONDS", 0.0)
    frames = run(TWO_SIZES)
    steps = [frame.step for frame in frames]
    assert len(steps) > len(set(steps))
    assert steps == sorted(steps)
    assert [frame.final for frame in frames] == [False] * (len(frames) - 1) + [True]


def test_losses_are_finite(run: Callable) -> None:
    assert all(math.isfinite(loss) for frame in run(TWO_SIZES) for loss in frame.losses.values())


def test_frames_know_recipe_and_backbone(run: Callable) -> None:
    frame = run(seed=3)[0]
    assert frame.recipe == QUICK.changed(seed=3)
    assert frame.backbone == "embedded"
    assert frame.image.mode == "RGB"


@pytest.mark.parametrize(
    ("sides", "told"), [((40, 40), ""), ((44, 44), ""), ((20, 22), "20 × 22 px had to be enlarged")]
)
def test_a_style_enlarged_beyond_its_pixels_is_told(
    sides: tuple[int, int], told: str, backbone: Backbone
) -> None:
    style = Image.fromarray(noise(sides[1], sides[0], seed=1))
    *_, last = stylize(CONTENT, style, QUICK, backbone, steps=1)  # 48 × 32 px
    assert told in last.message
    assert bool(last.message) == bool(told)


@pytest.mark.parametrize(
    ("content", "generated", "told"),
    [
        ((2048, 1000), (4096, 2000), "2048 × 1000 px had to be enlarged 2.0 times"),
        ((1000, 2048), (2000, 4096), "1000 × 2048 px had to be enlarged 2.0 times"),
        ((4000, 2000), (4096, 2048), ""),
        ((400, 200), (1024, 512), ""),
    ],
)
def test_a_photograph_enlarged_for_a_print_is_told(
    content: tuple[int, int], generated: tuple[int, int], told: str
) -> None:
    note = small_photograph_note(content, generated)
    assert told in note
    assert bool(note) == bool(told)


def test_the_size_of_every_style_counts(backbone: Backbone) -> None:
    styles = [(STYLE, 1.0), (noise(16, 16, seed=1), 1.0)]
    *_, last = stylize(CONTENT, styles, QUICK, backbone, steps=1)
    assert "enlarged 2.4 times" in last.message


def test_auto_precision_is_settled(run: Callable) -> None:
    assert run(precision="auto")[-1].precision in {"float32", "bfloat16"}


@pytest.mark.parametrize("seconds", [0.0, 1000.0], ids=["flood", "no clock"])
def test_checkpoints_are_marked_once(
    seconds: float, run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "FRAME_SECONDS", seconds)
    frames = run(steps=7, checkpoint=3)
    assert [frame.step for frame in frames if frame.checkpoint] == [3, 6, 7]


@pytest.mark.parametrize("seconds", [0.0, 1000.0], ids=["flood", "no clock"])
@pytest.mark.parametrize("name", ["keras-book", "gatys-lbfgs"])
def test_each_round_of_lbfgs_is_a_checkpoint(
    name: str, seconds: float, run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "FRAME_SECONDS", seconds)
    frames = run(name, size=32, steps=12, round_steps=4, checkpoint=4)
    assert [frame.step for frame in frames if frame.checkpoint] == [4, 8, 12]


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_first_frame_comes_after_one_step(
    optimizer: str, backbone: Backbone, evaluations: Evaluations
) -> None:
    recipe = QUICK.changed(optimizer=optimizer, steps=30)
    with closing(stylize(CONTENT, STYLE, recipe, backbone)) as frames:
        next(frames)
        assert evaluations.count <= 1


def test_large_picture_opens_with_its_start_at_once(
    backbone: Backbone, evaluations: Evaluations
) -> None:
    recipe = QUICK.changed(size=320, coarsest=None, start="content")
    square = noise(320, 320, seed=1)
    with closing(stylize(square, STYLE, recipe, backbone)) as frames:
        first = next(frames)
    assert evaluations.count == 0
    assert (first.step, first.final, first.checkpoint) == (0, False, False)
    assert first.backbone == "embedded"
    np.testing.assert_array_equal(pixels(first), square)
