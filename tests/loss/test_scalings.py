"""Known answers for the three terms; every scaling against its formula in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nst_core.loss import scalings, statistics
from nst_core.loss.comparison import WholeMaps
from nst_core.loss.comparisons import COMPARISONS
from nst_core.loss.scalings import MapShape, variation
from nst_core.loss.statistics import gram_matrix
from nst_core.network.tensorflow import tf

HEIGHT, WIDTH, CHANNELS = 5, 7, 4
POSITIONS = HEIGHT * WIDTH
PIXELS = 11 * 13
RANDOM = np.random.default_rng(0)
F, P, S = RANDOM.uniform(0, 50, (3, 1, HEIGHT, WIDTH, CHANNELS))


SHAPE = MapShape(float(POSITIONS), float(PIXELS))


def float32(array: Any) -> Any:
    return tf.constant(array, tf.float32)


def only(value: Any) -> float:
    """The one number in a tensor for a batch of one."""
    return value.numpy().item()


def whole_gram(maps: np.ndarray) -> np.ndarray:
    """FᵀF as the papers write it, not divided."""
    flat = maps.reshape(-1, maps.shape[-1])
    return flat.T @ flat


def checkerboard(height: int, width: int) -> np.ndarray:
    board = np.indices((height, width)).sum(0) % 2.0
    return board[None, :, :, None].repeat(3, 3)


# Gram matrix


def test_gram_of_a_map_made_by_hand() -> None:
    # FᵀF = [[1·1 + 3·3, 1·2 + 3·4], [2·1 + 4·3, 2·2 + 4·4]], over two positions
    gram = gram_matrix(float32([[[[1, 2]], [[3, 4]]]]))
    np.testing.assert_array_equal(gram, [[[5, 7], [7, 10]]])


def test_gram_does_not_know_where_things_are() -> None:
    shuffled = RANDOM.permutation(F.reshape(-1, CHANNELS)).reshape(1, WIDTH, HEIGHT, CHANNELS)
    np.testing.assert_allclose(gram_matrix(float32(F)), gram_matrix(float32(shuffled)), rtol=1e-5)


def test_gram_of_bfloat16_maps_is_summed_in_float32() -> None:
    """A sum of ones in bfloat16 stops growing at 256."""
    gram = gram_matrix(tf.ones([1, 40, 40, 2], tf.bfloat16))
    assert gram.dtype == tf.float32
    np.testing.assert_array_equal(gram, np.ones((1, 2, 2)))


def gram_gradient(maps: Any, upstream: np.ndarray) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(maps)
        value = tf.reduce_sum(float32(upstream) * gram_matrix(maps))
    return tape.gradient(value, maps)


def test_gram_gradient_against_finite_differences() -> None:
    upstream = RANDOM.normal(size=(CHANNELS, CHANNELS))  # not symmetric, as a gradient may be
    expected = np.zeros_like(F)
    for index in np.ndindex(*F.shape):
        step = np.zeros_like(F)
        step[index] = 0.5  # any size will do: central differences of a square are exact
        rise = whole_gram(F + step) - whole_gram(F - step)
        expected[index] = (upstream * rise).sum() / POSITIONS
    gradient = gram_gradient(float32(F), upstream)
    np.testing.assert_allclose(gradient, expected, atol=1e-4 * np.abs(expected).max())


def test_gram_gradient_in_bfloat16_is_close() -> None:
    upstream = RANDOM.normal(size=(CHANNELS, CHANNELS))
    exact = gram_gradient(float32(F), upstream).numpy()
    close = gram_gradient(tf.constant(F, tf.bfloat16), upstream)
    assert close.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(close, tf.float32), exact, atol=0.02 * np.abs(exact).max())


# Content and style scalings, with the formulas as their sources print them


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        (scalings.mean, ((F - P) ** 2).mean()),
        (scalings.relative, ((F - P) ** 2).mean() / (P**2).mean()),
        (scalings.summed, ((F - P) ** 2).sum()),
        (scalings.root, ((F - P) ** 2).sum() / (2 * CHANNELS**0.5 * POSITIONS**0.5)),
        (scalings.quarter, ((F - P) ** 2).sum() / (4 * POSITIONS * CHANNELS)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_content_scaling(scaling: scalings.Scaling, expected: float) -> None:
    assert only(scaling(float32(F), float32(P), SHAPE)) == pytest.approx(expected, rel=1e-5)


G, A = whole_gram(F), whole_gram(S)


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        (scalings.relative, ((G - A) ** 2).mean() / (A**2).mean()),
        (scalings.mean, (((G - A) / POSITIONS) ** 2).mean()),
        (scalings.gatys, ((G - A) ** 2).sum() / (4 * CHANNELS**2 * POSITIONS**2)),
        (scalings.image_area, ((G - A) ** 2).sum() / (4 * 3**2 * PIXELS**2)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_style_scaling(scaling: scalings.Scaling, expected: float) -> None:
    value = scaling(gram_matrix(float32(F)), gram_matrix(float32(S)), SHAPE)
    assert only(value) == pytest.approx(expected, rel=1e-4)


def test_relative_scalings_of_nothing_are_zero() -> None:
    nothing = tf.zeros([1, 2, 2, 3])
    for scaling in (scalings.relative, scalings.moments_relative, scalings.ratio):
        assert only(scaling(nothing[:, 0], nothing[:, 0], SHAPE)) == 0


# Mean and covariance


def mean_and_covariance(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flat = maps.reshape(-1, CHANNELS)
    return flat.mean(0), np.cov(flat.T, bias=True)


def test_moments_are_covariance_and_mean() -> None:
    found = statistics.moments(float32(F)).numpy()[0]
    mean, covariance = mean_and_covariance(F)
    np.testing.assert_allclose(found[:, :-1], covariance, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(found[:, -1], mean, rtol=1e-6)


def test_moments_make_the_gram_matrix() -> None:
    """G = C + μμᵀ."""
    found = statistics.moments(float32(F)).numpy()[0]
    whole = found[:, :-1] + np.outer(found[:, -1], found[:, -1])
    np.testing.assert_allclose(whole, gram_matrix(float32(F))[0], rtol=1e-5)


def test_moments_gradient_by_central_differences() -> None:
    weights = RANDOM.normal(size=(CHANNELS, CHANNELS + 1))

    def value(maps: np.ndarray) -> float:
        mean, covariance = mean_and_covariance(maps)
        return float((weights * np.column_stack([covariance, mean])).sum())

    maps = float32(F)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        total = tf.reduce_sum(float32(weights) * statistics.moments(maps))
    gradient = tape.gradient(total, maps).numpy()
    for region in [(0, 0, 0, 0), (0, 4, 6, 3), (0, 2, 3, 1)]:
        step = np.zeros_like(F)
        step[region] = 1e-4
        expected = (value(F + step) - value(F - step)) / 2e-4
        assert gradient[region] == pytest.approx(expected, rel=1e-3)


def test_moments_of_bfloat16_maps_are_close() -> None:
    exact = statistics.moments(float32(F)).numpy()
    close = statistics.moments(tf.constant(F, tf.bfloat16))
    assert close.dtype == tf.float32
    np.testing.assert_allclose(close, exact, atol=0.02 * np.abs(exact).max())


def test_relative_distance_of_moments() -> None:
    found, target = statistics.moments(float32(F)), statistics.moments(float32(S))
    (mean, covariance), (wanted_mean, wanted) = mean_and_covariance(F), mean_and_covariance(S)
    expected = ((covariance - wanted) ** 2).sum() / (wanted**2).sum()
    expected += 8 * ((mean - wanted_mean) ** 2).sum() / (wanted_mean**2).sum()
    assert only(scalings.moments_relative(found, target, SHAPE)) == pytest.approx(
        expected, rel=1e-4
    )
    assert only(scalings.moments_relative(target, target, SHAPE)) == 0


# Batches


FORMULAS = [each for each in COMPARISONS.values() if isinstance(each, WholeMaps)]
STATISTICS = dict.fromkeys(getattr(each, "sums", each.statistic) for each in FORMULAS)
SCALINGS = dict.fromkeys(each.scaling for each in FORMULAS)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_a_statistic_of_a_batch_is_that_of_each_image(statistic: Callable[[Any], Any]) -> None:
    batch = statistic(float32(np.concatenate([F, P])))
    for index, maps in enumerate((F, P)):
        np.testing.assert_allclose(batch[index], statistic(float32(maps))[0], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_scaling_of_a_batch_gives_one_number_an_image(scaling: scalings.Scaling) -> None:
    found, target = float32(np.concatenate([F, P])), float32(S)
    if scaling is scalings.moments_relative:
        found, target = statistics.moments(found), statistics.moments(target)
    values = scaling(found, target, SHAPE).numpy()
    assert values.shape == (2,)
    for index in range(2):
        alone = only(scaling(found[index : index + 1], target, SHAPE))
        assert values[index] == pytest.approx(alone, rel=1e-5)


def test_ratio_of_roughness() -> None:
    board, half = float32(100 * checkerboard(4, 5)), float32(50 * checkerboard(4, 5))
    found, target = statistics.roughness(board), statistics.roughness(half)
    expected = 100**2 * 31 / 20 / (50**2 * 31 / 20 + 100)
    assert only(scalings.ratio(found, target, SHAPE)) == pytest.approx(expected, rel=1e-5)


# Total variation


def rough(image: Any, _target: Any, shape: MapShape) -> Any:
    return scalings.plain(statistics.roughness(image), None, shape)


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        # 3 × 4 corners, three channels, each with a = b = 1
        (variation, 3 * 4 * 3 * 2),
        (scalings.variation_chollet, 3 * 4 * 3 * 2**1.25),
        # 3 × 5 pairs below each other and 4 × 4 side by side
        (rough, (3 * 5 + 4 * 4) / (4 * 5)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_variation_of_a_checkerboard(scaling: scalings.Scaling, expected: float) -> None:
    assert only(scaling(float32(checkerboard(4, 5)), None, SHAPE)) == pytest.approx(
        expected, rel=1e-6
    )


def test_variation_of_a_slope() -> None:
    image = np.zeros((1, 4, 6, 3)) + 2 * np.arange(6)[None, None, :, None]
    assert only(variation(float32(image), None, SHAPE)) == 3 * 5 * 3 * 2**2


def test_variation_leaves_out_the_last_corner() -> None:
    image = np.zeros((1, 4, 6, 3))
    image[0, -1, -1] = 99
    assert only(variation(float32(image), None, SHAPE)) == 0


def test_variation_does_not_see_a_shift_of_colour() -> None:
    image = RANDOM.uniform(0, 255, (1, 6, 5, 3))
    shifted = only(variation(float32(image - [123.68, 116.779, 103.939]), None, SHAPE))
    assert shifted == pytest.approx(only(variation(float32(image), None, SHAPE)), rel=1e-5)


@pytest.mark.parametrize("exponent", [1.0, 1.25])
def test_variation_has_a_gradient_on_a_plain_image(exponent: float) -> None:
    image = tf.fill([1, 4, 4, 3], 100.0)
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = variation(image, None, SHAPE, exponent)
    np.testing.assert_array_equal(tape.gradient(value, image), np.zeros((1, 4, 4, 3)))
