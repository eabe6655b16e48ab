"""stylize(): the real thing at small sizes, its frames, its end, and what it refuses."""

import math
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, MOMENTS, STUDIO, noise, photo
from PIL import Image
from scipy.optimize import minimize

from nst_core import (
    RECIPES,
    Backbone,
    BackboneError,
    Frame,
    ImageError,
    Objective,
    OutOfMemoryError,
    RecipeError,
    stylize,
)
from nst_core.images.sizes import resize, to_array
from nst_core.network.tensorflow import tf
from nst_core.painting import run as running
from nst_core.painting.notes import small_photograph_note
from nst_core.painting.stages import plan

CONTENT, STYLE = photo(CAT, 32, 48), photo(CHURCH, 70, 56)
QUICK = STUDIO.changed(size=48, steps=4, checkpoint=1)
"""48 × 32 px for these images; a frame after each step."""
ONE_PHASE = QUICK.changed(layout_until=None)
"""Nothing but detail, so that all steps have one loss."""
TWO_SIZES = QUICK.changed(size=64, coarsest=32, steps=7)
"""32 × 22 px, then 64 × 43 px."""


@pytest.fixture
def run(backbone: Backbone) -> Callable[..., list[Frame]]:
    """All frames of a run on the small pair."""

    def frames(
        recipe: Any = QUICK, content: Any = CONTENT, style: Any = STYLE, **changes: Any
    ) -> list[Frame]:
        return list(stylize(content, style, recipe, backbone, **changes))

    return frames


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames at checkpoints and at the end of each size only, however slow the machine."""
    monkeypatch.setattr(running, "FRAME_SECONDS", 1000.0)


Change = Callable[[int, Any, Any], tuple[Any, Any]]
"""(number of the evaluation from 1, losses, gradient) -> what is reported instead."""


class Evaluations:
    """Counts the evaluations of every objective, and can falsify what they report."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.report: Change = lambda _number, losses, gradient: (losses, gradient)
        real = Objective.evaluate

        def evaluate(objective: Objective, image: Any, step: int) -> tuple[Any, Any]:
            self.count += 1
            return self.report(self.count, *real(objective, image, step))

        monkeypatch.setattr(Objective, "evaluate", evaluate)


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> Evaluations:
    return Evaluations(monkeypatch)


def pixels(frame: Frame) -> np.ndarray:
    return np.asarray(frame.image)


def check_same(frame: Frame, other: Frame) -> None:
    np.testing.assert_array_equal(pixels(frame), pixels(other))


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


# Frames


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
    recipe = QUICK.changed(size=320, coarsest=None)
    square = noise(320, 320, seed=1)
    with closing(stylize(square, STYLE, recipe, backbone)) as frames:
        first = next(frames)
    assert evaluations.count == 0
    assert (first.step, first.final, first.checkpoint) == (0, False, False)
    assert first.backbone == "embedded"
    np.testing.assert_array_equal(pixels(first), square)


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


# Ends


@pytest.mark.parametrize("weight", [1e39, 1e300])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    ("recipe", "field"), [("moments", "style_weight"), ("studio", "layout_weight")]
)
def test_loss_that_overflows_at_once_is_refused(
    recipe: str, field: str, optimizer: str, weight: float, run: Callable
) -> None:
    """The photograph as it was is no result."""
    changes = {"size": 48, "steps": 4, "precision": "float32", field: weight}
    with pytest.raises(RecipeError, match=r"^Nothing was painted: .* finite .* smaller weight"):
        run(recipe, optimizer=optimizer, **changes)


def not_finite_from(number: int, value: float) -> Change:
    return lambda count, losses, gradient: (losses * (value if count >= number else 1.0), gradient)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_loss_that_stops_being_finite_ends_the_run(
    optimizer: str, value: float, run: Callable, evaluations: Evaluations
) -> None:
    evaluations.report = not_finite_from(4, value)
    frames = run(optimizer=optimizer, steps=20)
    assert evaluations.count == 4
    assert "finite" in frames[-1].message
    assert [frame.final for frame in frames].count(True) == 1
    assert all(math.isfinite(frame.losses.total) for frame in frames)
    check_same(frames[-1], frames[-2])


def take_all_memory(_number: int, losses: Any, gradient: Any) -> tuple[Any, Any]:
    """TensorFlow itself is asked for 2⁴⁷ bytes, which no machine gives."""
    return losses, gradient + tf.zeros([2**45])


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_memory_that_runs_out_ends_the_run_with_a_sentence(
    optimizer: str, run: Callable, evaluations: Evaluations
) -> None:
    honest, evaluations.report = evaluations.report, take_all_memory
    with pytest.raises(
        OutOfMemoryError, match="memory ran out at 48 × 32 px; a smaller size may fit"
    ):
        run(optimizer=optimizer)
    evaluations.report = honest
    assert run(optimizer=optimizer)[-1].final


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize("number", [1, 2, 4])
def test_gradient_that_is_not_finite_never_reaches_the_picture(
    optimizer: str, number: int, run: Callable, evaluations: Evaluations
) -> None:
    """Also in the last of the four steps, after which only the result is measured."""

    def report(count: int, losses: Any, gradient: Any) -> tuple[Any, Any]:
        return losses, gradient * (math.nan if count >= number else 1.0)

    evaluations.report = report
    final = run(optimizer=optimizer)[-1]
    assert final.final
    assert math.isfinite(final.losses.total)
    assert optimizer == "lbfgs" or "finite" in final.message


def test_losses_that_end_at_the_coarse_size(run: Callable, evaluations: Evaluations) -> None:
    evaluations.report = not_finite_from(2, math.nan)
    final = run(TWO_SIZES)[-1]
    assert final.final
    assert final.image.size == (32, 22)


def test_large_learning_rate_ends_in_a_picture_whatever_happens(run: Callable) -> None:
    final = run(learning_rate=1e6, clip=False, steps=8)[-1]
    assert final.final
    assert math.isfinite(final.losses.total) or final.message


def test_abnormal_end_of_lbfgs_is_told(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def abnormal(*arguments: Any, **options: Any) -> Any:
        result = minimize(*arguments, **options)
        result.update(status=2, nit=0, message="ABNORMAL")
        return result

    monkeypatch.setattr("scipy.optimize.minimize", abnormal)
    frames = run(optimizer="lbfgs", round_steps=4, steps=200)
    assert "abnormal" in frames[-1].message
    assert frames[-1].final
    assert frames[-1].step < 200
    assert frames[-1].losses.total == min(frame.losses.total for frame in frames)


def praise_the_third(count: int, losses: Any, gradient: Any) -> tuple[Any, Any]:
    return losses * (1e-3 if count == 3 else 1.0), gradient


def test_best_picture_is_kept_where_the_recipe_says_so(
    run: Callable, evaluations: Evaluations
) -> None:
    evaluations.report = praise_the_third
    frames = run(ONE_PHASE, keep_best=True, steps=6)
    check_same(frames[-1], frames[2])
    assert frames[-1].losses == frames[2].losses
    assert frames[-1].step == 6


def test_last_picture_counts_where_the_recipe_does_not_say_so(
    run: Callable, evaluations: Evaluations
) -> None:
    evaluations.report = praise_the_third
    frames = run(ONE_PHASE, keep_best=False, steps=6)
    assert not np.array_equal(pixels(frames[-1]), pixels(frames[2]))


# Sources


def test_content_in_every_form(run: Callable, tmp_path: Path) -> None:
    path = tmp_path / "content.png"
    Image.fromarray(CONTENT).save(path)
    expected = run()[-1]
    for content in (path, str(path), Image.fromarray(CONTENT)):
        check_same(run(content=content)[-1], expected)


def test_style_in_every_form(run: Callable, tmp_path: Path) -> None:
    path = tmp_path / "style.png"
    Image.fromarray(STYLE).save(path)
    expected = run()[-1]
    for style in (path, str(path), Image.fromarray(STYLE), [(STYLE, 2.0)], ((path, 1),)):
        check_same(run(style=style)[-1], expected)


def test_style_of_weight_zero_does_not_count(run: Callable) -> None:
    check_same(run(style=[(STYLE, 1.0), (noise(30, 30, 1), 0.0)])[-1], run()[-1])


def test_several_styles_are_mixed(run: Callable) -> None:
    other = noise(30, 30, 1)
    mixed = run(style=[(STYLE, 1.0), (other, 1.0)])[-1]
    for alone in (STYLE, other):
        assert not np.array_equal(pixels(mixed), pixels(run(style=alone)[-1]))


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (1, 1)])
def test_strips(shape: tuple[int, int], run: Callable) -> None:
    strip = noise(*shape, seed=1)
    final = run(content=strip, style=strip, steps=1, size=64)[-1]
    assert min(final.image.size) >= 16


@pytest.mark.parametrize("name", ["black", "white"])
def test_plain_images(name: str, run: Callable) -> None:
    plain = Image.new("RGB", (48, 32), name)
    final = run(content=plain, style=plain)[-1]
    assert all(math.isfinite(loss) for loss in final.losses.values())


# Refusals: by the call itself, before the first frame is asked for


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recipe": "nope"}, ["'nope'", "studio"]),
        ({"colour": 1}, ["'colour'", "style_weight"]),
        ({"size": 8}, ["size", "8", "32"]),
        ({"steps": 0}, ["steps", "0", "1"]),
        ({"style_weight": math.nan}, ["style_weight", "nan"]),
        ({"content_weight": -1.0}, ["content_weight", "-1.0"]),
        ({"learning_rate": "fast"}, ["learning_rate", "'fast'"]),
        ({"recipe": "moments", "reconstruct": "style", "style_weight": 0}, ["All weights are 0"]),
        ({"content_layers": {"block9_conv9": 1.0}}, ["content_layers", "block9_conv9"]),
        ({"style_layers": {"conv1": 1.0}}, ["style_layers", "'conv1'", "block1_conv1"]),
    ],
)
def test_bad_recipe(backbone: Backbone, changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(RecipeError) as caught:
        stylize(CONTENT, STYLE, backbone=backbone, **changes)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    "style",
    [
        [],
        [(STYLE, 0.0)],
        [(STYLE, -1.0), (STYLE, 2.0)],
        [(STYLE, math.nan)],
        [(STYLE, math.inf)],
        [(STYLE, 1e308), (STYLE, 1e308)],
        [(STYLE, "1")],
        [CHURCH, CAT],
        (STYLE, 1.0),
    ],
    ids=["none", "zero", "negative", "nan", "inf", "huge", "text", "bare", "one pair"],
)
def test_bad_styles(backbone: Backbone, style: Any) -> None:
    with pytest.raises(RecipeError, match=r"[Ss]tyle"):
        stylize(CONTENT, style, QUICK, backbone)


def test_bad_images(backbone: Backbone, tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    for bad in (tmp_path / "missing.png", text, CONTENT.astype(float), None, 5):
        with pytest.raises(ImageError, match="content image"):
            stylize(bad, STYLE, QUICK, backbone)  # type: ignore[arg-type]
        with pytest.raises(ImageError, match="style image"):
            stylize(CONTENT, [(STYLE, 1.0), (bad, 1.0)], QUICK, backbone)  # type: ignore[list-item]


def test_unknown_backbone() -> None:
    with pytest.raises(BackboneError, match="'resnet'"):
        stylize(CONTENT, STYLE, QUICK, "resnet")


def test_given_arrays_are_left_alone(run: Callable) -> None:
    content, style = CONTENT.copy(), STYLE.copy()
    run(content=content, style=style)
    np.testing.assert_array_equal(content, CONTENT)
    np.testing.assert_array_equal(style, STYLE)
