"""Known answers for the three terms; every scaling against its formula in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nst_core.network.tensorflow import tf
from nst_core.recipe import losses
from nst_core.recipe.losses import MapShape, gram_matrix, total_variation

HEIGHT, WIDTH, CHANNELS = 5, 7, 4
POSITIONS = HEIGHT * WIDTH
PIXELS = 11 * 13
RANDOM = np.random.default_rng(0)
F, P, S = RANDOM.uniform(0, 50, (3, 1, HEIGHT, WIDTH, CHANNELS))


def float32(array: Any) -> Any:
    return tf.constant(array, tf.float32)


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
    np.testing.assert_array_equal(gram, [[5, 7], [7, 10]])


def test_gram_does_not_know_where_things_are() -> None:
    shuffled = RANDOM.permutation(F.reshape(-1, CHANNELS)).reshape(1, WIDTH, HEIGHT, CHANNELS)
    np.testing.assert_allclose(gram_matrix(float32(F)), gram_matrix(float32(shuffled)), rtol=1e-5)


def test_gram_of_bfloat16_maps_is_summed_in_float32() -> None:
    """A sum of ones in bfloat16 stops growing at 256."""
    gram = gram_matrix(tf.ones([1, 40, 40, 2], tf.bfloat16))
    assert gram.dtype == tf.float32
    np.testing.assert_array_equal(gram, np.ones((2, 2)))


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
        (losses.content_mean, ((F - P) ** 2).mean()),
        (losses.content_relative, ((F - P) ** 2).mean() / (P**2).mean()),
        (losses.content_sum, ((F - P) ** 2).sum()),
        (losses.content_root, ((F - P) ** 2).sum() / (2 * CHANNELS**0.5 * POSITIONS**0.5)),
        (losses.content_quarter, ((F - P) ** 2).sum() / (4 * POSITIONS * CHANNELS)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_content_scaling(scaling: losses.ContentScaling, expected: float) -> None:
    assert float(scaling(float32(F), float32(P))) == pytest.approx(expected, rel=1e-5)


G, A = whole_gram(F), whole_gram(S)


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        (losses.style_relative, ((G - A) ** 2).mean() / (A**2).mean()),
        (losses.style_mean, (((G - A) / POSITIONS) ** 2).mean()),
        (losses.style_gatys, ((G - A) ** 2).sum() / (4 * CHANNELS**2 * POSITIONS**2)),
        (losses.style_image_area, ((G - A) ** 2).sum() / (4 * 3**2 * PIXELS**2)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_style_scaling(scaling: losses.StyleScaling, expected: float) -> None:
    shape = MapShape(tf.constant(float(POSITIONS)), tf.constant(float(PIXELS)))
    value = scaling(gram_matrix(float32(F)), gram_matrix(float32(S)), shape)
    assert float(value) == pytest.approx(expected, rel=1e-4)


def test_relative_scalings_of_nothing_are_zero() -> None:
    nothing = tf.zeros([1, 2, 2, 3])
    assert float(losses.content_relative(nothing, nothing)) == 0
    shape = MapShape(tf.constant(4.0), tf.constant(4.0))
    assert float(losses.style_relative(nothing[0, 0], nothing[0, 0], shape)) == 0


# Mean and covariance


def mean_and_covariance(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flat = maps.reshape(-1, CHANNELS)
    return flat.mean(0), np.cov(flat.T, bias=True)


def test_moments_are_covariance_and_mean() -> None:
    found = losses.moments(float32(F)).numpy()
    mean, covariance = mean_and_covariance(F)
    np.testing.assert_allclose(found[:, :-1], covariance, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(found[:, -1], mean, rtol=1e-6)


def test_moments_make_the_gram_matrix() -> None:
    """G = C + μμᵀ."""
    found = losses.moments(float32(F)).numpy()
    whole = found[:, :-1] + np.outer(found[:, -1], found[:, -1])
    np.testing.assert_allclose(whole, gram_matrix(float32(F)), rtol=1e-5)


def test_moments_gradient_by_central_differences() -> None:
    weights = RANDOM.normal(size=(CHANNELS, CHANNELS + 1))

    def value(maps: np.ndarray) -> float:
        mean, covariance = mean_and_covariance(maps)
        return float((weights * np.column_stack([covariance, mean])).sum())

    maps = float32(F)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        total = tf.reduce_sum(float32(weights) * losses.moments(maps))
    gradient = tape.gradient(total, maps).numpy()
    for place in [(0, 0, 0, 0), (0, 4, 6, 3), (0, 2, 3, 1)]:
        step = np.zeros_like(F)
        step[place] = 1e-4
        expected = (value(F + step) - value(F - step)) / 2e-4
        assert gradient[place] == pytest.approx(expected, rel=1e-3)


def test_moments_of_bfloat16_maps_are_close() -> None:
    exact = losses.moments(float32(F)).numpy()
    close = losses.moments(tf.constant(F, tf.bfloat16))
    assert close.dtype == tf.float32
    np.testing.assert_allclose(close, exact, atol=0.02 * np.abs(exact).max())


def test_relative_distance_of_moments() -> None:
    shape = MapShape(tf.constant(1.0), tf.constant(1.0))
    found, target = losses.moments(float32(F)), losses.moments(float32(S))
    (mean, covariance), (wanted_mean, wanted) = mean_and_covariance(F), mean_and_covariance(S)
    expected = ((covariance - wanted) ** 2).sum() / (wanted**2).sum()
    expected += 8 * ((mean - wanted_mean) ** 2).sum() / (wanted_mean**2).sum()
    assert float(losses.moments_relative(found, target, shape)) == pytest.approx(expected, rel=1e-4)
    assert float(losses.moments_relative(target, target, shape)) == 0


# Total variation


@pytest.mark.parametrize(
    ("variation", "expected"),
    [
        # 3 × 4 corners, three channels, each with a = b = 1
        (total_variation, 3 * 4 * 3 * 2),
        (losses.total_variation_chollet, 3 * 4 * 3 * 2**1.25),
        # 3 × 5 pairs below each other and 4 × 4 side by side
        (losses.variation_mean, (3 * 5 + 4 * 4) / (4 * 5)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_variation_of_a_checkerboard(variation: Callable[[Any], Any], expected: float) -> None:
    assert float(variation(float32(checkerboard(4, 5)))) == pytest.approx(expected, rel=1e-6)


def test_variation_of_a_slope() -> None:
    image = np.zeros((1, 4, 6, 3)) + 2 * np.arange(6)[None, None, :, None]
    assert float(total_variation(float32(image))) == 3 * 5 * 3 * 2**2


def test_variation_leaves_out_the_last_corner() -> None:
    image = np.zeros((1, 4, 6, 3))
    image[0, -1, -1] = 99
    assert float(total_variation(float32(image))) == 0


def test_variation_does_not_see_a_shift_of_colour() -> None:
    image = RANDOM.uniform(0, 255, (1, 6, 5, 3))
    shifted = total_variation(float32(image - [123.68, 116.779, 103.939]))
    assert float(shifted) == pytest.approx(float(total_variation(float32(image))), rel=1e-5)


@pytest.mark.parametrize("exponent", [1.0, 1.25])
def test_variation_has_a_gradient_on_a_plain_image(exponent: float) -> None:
    image = tf.fill([1, 4, 4, 3], 100.0)
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = total_variation(image, exponent)
    np.testing.assert_array_equal(tape.gradient(value, image), np.zeros((1, 4, 4, 3)))
