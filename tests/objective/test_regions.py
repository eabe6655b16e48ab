"""Styles that apply in places: what each layer counts, the guided loss, and the pictures."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from helpers import CAT, CHURCH, MOMENTS, STUDIO, noise, photo
from PIL import Image

from nst_core import RECIPES, Backbone, Frame, ImageError, Job, Objective, RecipeError, stylize
from nst_core.images.masks import EDGE
from nst_core.images.own_colours import YIQ
from nst_core.loss.comparison import IMAGE, WholeMaps
from nst_core.loss.comparisons import COMPARISONS
from nst_core.loss.scalings import mean
from nst_core.loss.statistics import gram_matrix, moments
from nst_core.network.tensorflow import tf
from nst_core.objective.regions import drawn_in, find_regions, position_weights
from nst_core.painting.run import paint

CONTENT, STYLE, OTHER = photo(CAT, 48, 64), photo(CHURCH, 70, 56), noise(40, 48, 3)
QUICK = STUDIO.changed(size=64, steps=4, coarsest=32)
LEFT = np.zeros((48, 64), np.uint8)
LEFT[:, :32] = 255
SOFT = np.clip(np.linspace(1.5, -0.5, 64, dtype=np.float32), 0, 1) * np.ones((48, 1), np.float32)
WHITE, BLACK = np.full_like(LEFT, 255), np.zeros_like(LEFT)
CLEAR = round(EDGE * 64) + 3
"""px beside the border that may be soft."""


@pytest.fixture
def run(backbone: Backbone) -> Callable[..., list[Frame]]:
    def run(style: Any = STYLE, recipe: Any = QUICK, **changes: Any) -> list[Frame]:
        return list(stylize(CONTENT, style, recipe, backbone, **changes))

    return run


def pixels(frames: list[Frame]) -> np.ndarray:
    return np.asarray(frames[-1].image).astype(int)


def farthest(one: np.ndarray, other: np.ndarray) -> int:
    """The largest difference in grey levels."""
    return int(np.abs(one - other).max())


# What each position counts


@pytest.mark.parametrize("statistic", [gram_matrix, moments])
def test_weighted_statistics_against_numpy(statistic: Any) -> None:
    random = np.random.default_rng(2)
    maps, weights = random.normal(1, 1, (2, 6, 7, 5)), random.uniform(0, 1, (1, 6, 7, 1))
    found = statistic(tf.constant(maps, tf.float32), tf.constant(weights, tf.float32)).numpy()
    for each, own in zip(maps.reshape(2, 42, 5), found, strict=True):
        share = weights.reshape(42, 1) / weights.sum()
        mean = (share * each).sum(axis=0)
        gram = (share * each).T @ each
        wanted = gram
        if statistic is moments:
            wanted = np.column_stack([gram - np.outer(mean, mean), mean])
        np.testing.assert_allclose(own, wanted, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("statistic", [gram_matrix, moments])
def test_weights_of_one_count_as_none(statistic: Any, dtype: str) -> None:
    maps = tf.cast(np.random.default_rng(2).uniform(0, 2, (1, 24, 20, 6)), dtype)
    plain, guided = statistic(maps).numpy(), statistic(maps, tf.ones((1, 24, 20, 1))).numpy()
    np.testing.assert_allclose(guided, plain, atol=1e-5 if dtype == "float32" else 0.02)


@pytest.mark.parametrize("padding", ["zero", "reflect"])
@pytest.mark.parametrize("size", [(48, 64), (37, 50), (16, 17)])
def test_weights_have_the_maps_size(
    backbone: Backbone, padding: str, size: tuple[int, int]
) -> None:
    mask = np.random.default_rng(1).uniform(0, 1, size).astype(np.float32)
    layers = ["block1_conv1", "block3_conv2", "block5_conv1"]
    image = tf.zeros((1, *size, 3))
    maps = {IMAGE: image, **backbone.activations(image, layers, "max", padding)}
    for layer, each in maps.items():
        for weights in position_weights([mask, 1 - mask], layer, padding, backbone):
            assert weights.shape == (1, *each.shape[1:3], 1)
            assert weights.dtype == np.float32
            assert weights.max() > 0


def test_weights_are_drawn_in_beside_another_style_by_what_a_position_sees(
    backbone: Backbone,
) -> None:
    mask = np.zeros((256, 256), np.float32)
    mask[:, :128] = 1
    rims = {}
    for layer in ("block1_conv1", "block3_conv1", "block4_conv2"):
        (alone,) = position_weights([mask], layer, "zero", backbone)
        assert alone.mean() == 0.5
        weights = position_weights([mask, 1 - mask], layer, "zero", backbone)[0][0, :, :, 0]
        assert set(np.unique(weights)) == {0, 1}
        assert (weights[:, 0] == 1).all()  # the picture's own edge is no border
        rims[layer] = 128 - 256 // weights.shape[1] * (weights[0] == 1).sum()
    assert 0 <= rims["block1_conv1"] <= 2
    assert rims["block1_conv1"] < rims["block3_conv1"] < rims["block4_conv2"] <= 40


def test_weights_are_never_drawn_in_to_nothing() -> None:
    spot = np.zeros((9, 9), np.float32)
    spot[4, 4] = 0.1
    assert drawn_in(spot, 5.0).max() > 0
    assert drawn_in(np.full((9, 9), 0.3, np.float32), 5.0).min() > 0
    assert drawn_in(np.zeros((9, 9), np.float32), 5.0).min() > 0


def test_reach_of_layers(backbone: Backbone) -> None:
    """Half of 3, 6 + 2·2 + …: VGG's receptive fields less the pixel itself."""
    reaches = [backbone.reach(f"block{block}_conv1") for block in (1, 2, 3)]
    assert reaches == [1.0, 4.5, 11.5]


def test_places_that_are_nowhere_are_none() -> None:
    ones, zeros = np.ones((4, 4), np.float32), np.zeros((4, 4), np.float32)
    assert find_regions(STYLE, ones, OTHER) == [(STYLE, None, 1.0)]
    assert find_regions(STYLE, zeros, OTHER) == [(OTHER, None, 1.0)]
    assert find_regions(STYLE, zeros, ()) == [(STYLE, None, 1.0)]
    assert [region.share for region in find_regions(STYLE, ones / 4, OTHER)] == [0.25, 0.75]


# The loss


@pytest.mark.slow
@pytest.mark.parametrize("name", ["studio", "moments", "keras-book", "course"])
def test_swapping_mask_and_styles_changes_nothing(backbone: Backbone, name: str) -> None:
    recipe = RECIPES[name].changed(precision="float32")
    image = noise(48, 64, 5)
    one = Objective(CONTENT, STYLE, recipe, backbone, SOFT, OTHER)
    other = Objective(CONTENT, OTHER, recipe, backbone, 1 - SOFT, STYLE)
    assert one(image) == pytest.approx(other(image), rel=1e-4)


def test_the_same_style_inside_and_outside_is_near_the_plain_loss(backbone: Backbone) -> None:
    """Not the same: two parts of a picture have statistics of their own."""
    image = noise(48, 64, 5)
    plain = Objective(CONTENT, STYLE, MOMENTS, backbone)(image)
    parted = Objective(CONTENT, STYLE, MOMENTS, backbone, SOFT, STYLE)(image)
    assert parted.style == pytest.approx(plain.style, rel=0.2)
    assert (parted.content, parted.variation) == pytest.approx((plain.content, plain.variation))


def test_a_style_term_pulls_where_its_mask_is_and_one_pixel_on(backbone: Backbone) -> None:
    recipe = MOMENTS.changed(reconstruct="style", style_layers={"block1_conv1": 1.0})
    mask = (LEFT / 255).astype(np.float32)
    _, gradient = Objective(CONTENT, STYLE, recipe, backbone, mask).value_and_gradient(CONTENT)
    assert np.abs(gradient[:, :32]).max() > 0
    assert np.abs(gradient[:, 33:]).max() == 0


@pytest.mark.parametrize("changes", [{}, {"style_comparison": "gram-relative"}])
@pytest.mark.parametrize("outside", [(), OTHER], ids=["rest", "two"])
def test_gradient_against_finite_differences(
    backbone: Backbone, changes: dict[str, Any], outside: Any
) -> None:
    layers = {"block1_conv1": 0.75, "block2_conv1": 0.25}
    recipe = MOMENTS.changed(style_layers=layers, content_layers={"block2_conv1": 1.0}, **changes)
    objective = Objective(CONTENT, STYLE, recipe, backbone, SOFT, outside)
    image = noise(48, 64, 5).astype(np.float32)
    _, gradient = objective.value_and_gradient(image)
    for seed in range(2):
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], image.shape) * np.sign(gradient)
        direction = (np.sign(gradient) + 0.5 * signs).astype(np.float32)
        rise = objective(image + 0.25 * direction).total - objective(image - 0.25 * direction).total
        assert rise / 0.5 == pytest.approx((gradient * direction).sum(), rel=1e-2)


def test_a_batch_has_the_mean_of_its_images_losses(backbone: Backbone) -> None:
    contents, images = (np.stack([noise(48, 64, s), noise(48, 64, s + 1)]) for s in (1, 3))
    both = Objective(contents, STYLE, MOMENTS, backbone, SOFT, OTHER)(images)
    alone = [
        Objective(content, STYLE, MOMENTS, backbone, SOFT, OTHER)(image)
        for content, image in zip(contents, images, strict=True)
    ]
    for name, value in both.items():
        assert value == pytest.approx(np.mean([losses[name] for losses in alone]), rel=1e-4)


def test_a_statistic_that_does_not_add_up_knows_no_places(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    rough = cast(WholeMaps, COMPARISONS["roughness"])
    own = replace(rough, subjects=("style",), target="style", scaling=mean)
    assert not own.by_region
    monkeypatch.setitem(COMPARISONS, "style-roughness", own)
    recipe = MOMENTS.changed(style_comparison="style-roughness")
    image = noise(48, 64, 5)
    plain = Objective(CONTENT, CONTENT, recipe, backbone)(image)
    assert Objective(CONTENT, CONTENT, recipe, backbone, SOFT, CONTENT)(image) == pytest.approx(
        plain, rel=1e-5
    )


def test_a_mask_of_another_size_than_the_content(backbone: Backbone) -> None:
    with pytest.raises(ValueError, match="mask"):
        Objective(CONTENT, STYLE, STUDIO, backbone, SOFT[1:])


# Pictures


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, {"keep_colours": "luminance"}], ids=["", "colours"])
def test_the_rest_is_the_photograph_in_every_frame(run: Callable, changes: dict[str, Any]) -> None:
    sizes = set()
    for frame in run(mask=LEFT, checkpoint=1, **changes):
        width, height = frame.image.size
        sizes.add(width)
        resized = Image.fromarray(CONTENT).resize((width, height), Image.Resampling.LANCZOS)
        right = width // 2 + CLEAR
        assert np.array_equal(np.asarray(frame.image)[:, right:], np.asarray(resized)[:, right:])
    assert sizes == {32, 64}
    assert farthest(pixels(run(mask=LEFT, **changes))[:, :20], CONTENT[:, :20]) > 10


def test_colours_are_kept_inside_as_well(run: Callable) -> None:
    shown = pixels(run(mask=LEFT, keep_colours="luminance"))
    within = ((shown > 0) & (shown < 255)).all(axis=2)
    assert np.abs((shown - CONTENT) @ YIQ[1:].T)[within].max() <= 1.0


@pytest.mark.slow
def test_a_white_mask_is_the_plain_run(run: Callable) -> None:
    plain = pixels(run())
    assert farthest(pixels(run(mask=WHITE)), plain) <= 1
    assert farthest(pixels(run(mask=WHITE, outside=OTHER)), plain) <= 1


def test_a_black_mask_leaves_the_photograph_or_the_other_style(run: Callable) -> None:
    assert np.array_equal(pixels(run(mask=BLACK)), CONTENT)
    assert farthest(pixels(run(mask=BLACK, outside=OTHER)), pixels(run(OTHER))) <= 1


@pytest.mark.slow
def test_swapped_runs_give_one_picture(run: Callable) -> None:
    one, other = run(mask=LEFT, outside=OTHER), run(OTHER, mask=255 - LEFT, outside=STYLE)
    assert farthest(pixels(one), pixels(other)) <= 2


def test_each_place_goes_to_its_own_style(run: Callable) -> None:
    red = OTHER // np.array([1, 4, 4], np.uint8)
    blue = red[..., ::-1]
    shown, swapped = (
        pixels(run(inside, mask=LEFT, outside=outside, steps=10))
        for inside, outside in ((red, blue), (blue, red))
    )
    change = shown - swapped
    left, right = change[:, :24].mean((0, 1)), change[:, 40:].mean((0, 1))
    assert min(left[0], -left[2], -right[0], right[2]) > 10


@pytest.mark.parametrize("size", [(640, 480), (16, 12), (30, 60)])
def test_a_mask_of_another_size_is_brought_to_the_contents(
    run: Callable, size: tuple[int, int]
) -> None:
    mask = Image.fromarray(LEFT).resize(size, Image.Resampling.NEAREST)
    assert np.array_equal(pixels(run(mask=mask))[:, 42:], CONTENT[:, 42:])


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"recipe": "walkthrough"},
        {"reconstruct": "style", "start": "noise"},
        {"optimizer": "lbfgs"},
        {"precision": "bfloat16"},
        {"resume": OTHER[:36, :48]},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_places_go_with_everything(run: Callable, changes: dict[str, Any]) -> None:
    more = {"size": 64, "size_rule": "longest-side", "steps": 2, **changes}
    for outside in ((), [(OTHER, 1.0), (STYLE, 0.5)]):
        frames = run(mask=LEFT, outside=outside, **more)
        assert frames[-1].final
        if not outside:
            assert np.array_equal(pixels(frames)[:, 40:], CONTENT[:, 40:])


# Jobs and mistakes


def test_a_job_with_places_paints_the_same_in_another_process() -> None:
    job = Job.of(
        CONTENT, STYLE, recipe=QUICK, backbone="embedded", mask=LEFT, outside=OTHER
    ).opened()
    assert job.mask is not None
    assert job.mask.mode == "L"
    assert [(style.image.size, style.weight) for style in job.outside] == [((48, 40), 1.0)]
    *_, here = paint(job)
    *_, there = paint(pickle.loads(pickle.dumps(job)))
    assert farthest(pixels([here]), pixels([there])) <= 1


def test_styles_outside_of_nothing_are_refused() -> None:
    with pytest.raises(RecipeError, match="outside need a mask"):
        Job.of(CONTENT, STYLE, outside=OTHER)
    with pytest.raises(RecipeError, match="style weights"):
        Job.of(CONTENT, STYLE, mask=LEFT, outside=[(OTHER, 0.0)])


def test_a_mask_that_is_no_image_is_refused(text_as_png: str) -> None:
    with pytest.raises(ImageError, match="The mask"):
        stylize(CONTENT, STYLE, mask=text_as_png)
