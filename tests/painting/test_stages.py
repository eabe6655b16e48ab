"""Coarse to fine: sizes, steps, and the content's detail given back."""

from typing import Any

import numpy as np
import pytest
from helpers import CAT, MOMENTS, noise, photo
from PIL import Image

from nst_core import RECIPES
from nst_core.images.sizes import resize_pixels
from nst_core.loss.terms import DETAIL, LAYOUT
from nst_core.painting.stages import enlarge, plan, shares


@pytest.mark.parametrize(
    ("total", "parts", "ratio", "expected"),
    [
        (7, 3, 2.0, [1, 2, 4]),
        (14, 3, 0.5, [8, 4, 2]),
        (9, 3, 1.0, [3, 3, 3]),
        (100, 1, 0.5, [100]),
        (2, 3, 1.0, [0, 1, 1]),
        (1, 4, 0.5, [0, 0, 0, 1]),
        (175, 3, 0.9, [64, 58, 53]),
    ],
)
def test_shares(total: int, parts: int, ratio: float, expected: list[int]) -> None:
    assert shares(total, parts, ratio) == expected


def test_sizes_double() -> None:
    scales = plan(MOMENTS.changed(size=512, coarsest=128, steps=310, step_ratio=2.0), (640, 400))
    assert [scale.size for scale in scales] == [(128, 80), (256, 160), (512, 320)]
    assert [scale.steps for scale in scales] == [44, 88, 178]
    assert [scale.pixels for scale in scales] == [128 * 80, 256 * 160, 512 * 320]


def test_no_stage_is_coarser_than_the_coarsest() -> None:
    scales = plan(MOMENTS.changed(size=700, coarsest=100), (700, 350))
    assert [max(scale.size) for scale in scales] == [175, 350, 700]


@pytest.mark.parametrize(
    ("size", "times", "longest"),
    [
        (512, 1.0, [128, 256, 512]),
        (512, 1.5, [192, 384, 768]),
        (2048, 2.0, [128, 256, 512, 1024, 2048, 4096]),
        (3072, 2.0, [128, 256, 512, 1024, 2048, 4096]),
        (6144, 2.0, [192, 384, 768, 1536, 3072, 6144]),
    ],
)
def test_worked_at_larger_than_shown(size: int, times: float, longest: list[int]) -> None:
    """But never larger than a print, if it is not a larger one itself."""
    recipe = MOMENTS.changed(size=size, supersampling=times, coarsest=128)
    assert [max(scale.size) for scale in plan(recipe, (640, 400))] == longest
    (only,) = plan(recipe.changed(coarsest=None), (640, 400))
    assert max(only.size) == longest[-1]


@pytest.mark.parametrize("coarsest", [None, 128, 512])
def test_one_stage_where_nothing_is_coarser(coarsest: int | None) -> None:
    scales = plan(MOMENTS.changed(size=128, coarsest=coarsest, steps=9), (50, 50))
    assert [(scale.size, scale.steps) for scale in scales] == [((128, 128), 9)]


def test_fewer_stages_where_steps_are_few() -> None:
    scales = plan(MOMENTS.changed(size=512, coarsest=64, steps=2), (50, 50))
    assert [(scale.size, scale.steps) for scale in scales] == [((256, 256), 1), ((512, 512), 1)]


@pytest.mark.parametrize(
    ("size", "steps"),
    [
        (2048, [8, 13, 17, 24, 34]),
        (4096, [7, 10, 15, 20, 29, 15]),
        (8192, [6, 8, 12, 16, 24, 15, 15]),
    ],
)
def test_few_steps_at_the_sizes_of_prints(size: int, steps: list[int]) -> None:
    scales = plan(MOMENTS.changed(size=size, steps=96), (3000, 2000))
    assert [scale.steps for scale in scales] == steps
    assert sum(steps) == 96


def test_steps_at_a_size_grow_as_its_pixels_get_fewer() -> None:
    recipe = MOMENTS.changed(steps=10_000, print_steps=10)
    last = [plan(recipe.changed(size=size), (100, 100))[-1].steps for size in (4096, 2048, 1024)]
    assert last == [10, 40, 160]


def test_all_steps_at_a_print_that_has_no_coarser_size() -> None:
    (only,) = plan(MOMENTS.changed(size=4096, coarsest=None, steps=96), (3000, 2000))
    assert only.steps == 96


def test_published_recipes_keep_their_steps_at_every_size() -> None:
    for recipe in RECIPES.values():
        if recipe.name not in ("studio", "moments"):
            scales = plan(recipe.changed(size=4096), (3000, 2000))
            assert (len(scales) == 1) == (recipe.coarsest is None)
            steps = [scale.steps for scale in scales]
            assert sum(steps) == recipe.steps
            assert max(steps) - min(steps) <= 1


def test_strip_keeps_the_shortest_side() -> None:
    scales = plan(MOMENTS.changed(size=256, coarsest=64), (1000, 1))
    assert [scale.size for scale in scales] == [(64, 16), (128, 16), (256, 16)]


def test_enlarging_the_smaller_content_gives_the_content_back() -> None:
    content = photo(CAT, 57, 83).astype(np.float32)
    smaller = resize_pixels(content, (41, 29))
    back = enlarge(smaller, Image.fromarray(content.astype(np.uint8)), (83, 57))
    np.testing.assert_allclose(back, content, atol=1e-3)


def test_enlarging_another_picture_adds_the_contents_detail_to_it() -> None:
    content = photo(CAT, 64, 64)
    detail = enlarge(np.zeros((32, 32, 3), np.float32), Image.fromarray(content), (64, 64))
    flat = enlarge(np.full((32, 32, 3), 100, np.float32), Image.fromarray(content), (64, 64))
    np.testing.assert_allclose(flat - detail, 100, atol=1e-3)
    assert detail.std() > 1


def test_flat_content_has_no_detail_to_give() -> None:
    picture = noise(20, 24, 1).astype(np.float32)
    plain = Image.new("RGB", (48, 40), (10, 200, 90))
    expected = resize_pixels(picture, (48, 40))
    np.testing.assert_allclose(enlarge(picture, plain, (48, 40)), expected, atol=1e-3)


def test_pixels_keep_fractions_and_values_beyond_the_range() -> None:
    ramp = np.broadcast_to(np.linspace(-50.25, 300.25, 64), (32, 64))[..., None].repeat(3, 2)
    resized = resize_pixels(ramp.astype(np.float32), (32, 16))
    assert resized.dtype == np.float32
    expected = ramp[::2].reshape(16, 32, 2, 3).mean(2)
    np.testing.assert_allclose(resized[:, 4:-4], expected[:, 4:-4], atol=0.01)
    assert resized.min() < -40
    assert resized.max() > 290


# Phases


def test_a_size_may_have_both_phases() -> None:
    recipe = RECIPES["studio"].changed(layout_until=256, coarsest=64, steps=50)
    stages = [(max(scale.size), scale.phase) for scale in plan(recipe, (512, 384))]
    assert stages == [
        (64, LAYOUT),
        (128, LAYOUT),
        (256, LAYOUT),
        (256, DETAIL),
        (512, DETAIL),
    ]
    assert sum(scale.steps for scale in plan(recipe, (512, 384))) == 50


def test_the_last_size_always_has_its_detail() -> None:
    recipe = RECIPES["studio"].changed(layout_until=256, coarsest=64, size=64, steps=10)
    assert [scale.phase for scale in plan(recipe, (640, 480))] == [LAYOUT, DETAIL]
    assert [scale.phase for scale in plan(recipe.changed(steps=1), (640, 480))] == [DETAIL]


@pytest.mark.parametrize("changes", [{"layout_until": None}, {"layout_weight": 0.0}])
def test_without_terms_of_the_layout_there_is_one_phase(changes: dict[str, Any]) -> None:
    recipe = RECIPES["studio"].changed(coarsest=64, **changes)
    assert {scale.phase for scale in plan(recipe, (512, 384))} == {DETAIL}


def test_neural_neighbours_have_columns_at_every_size_and_neighbours_at_the_last() -> None:
    stages = [
        (*scale.size, scale.steps, scale.phase) for scale in plan(RECIPES["nnst"], (512, 512))
    ]
    columns = [(side, side, 200, LAYOUT) for side in (64, 128, 256, 512)]
    assert stages == [*columns, (512, 512, 200, DETAIL)]


@pytest.mark.parametrize("size", [32, 150, 200, 201, 399, 400, 511, 512, 1000, 4096])
def test_a_run_of_studio_begins_with_the_layout_at_a_small_size(size: int) -> None:
    first = plan(RECIPES["studio"].changed(size=size), (4096, 2731))[0]
    assert first.phase == LAYOUT
    assert min(size, 100) <= max(first.size) <= 200
