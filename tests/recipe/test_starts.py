"""Start images: mean, spread and seed."""

import numpy as np
import pytest
from helpers import CAT, CHURCH, photo

from nst_core.recipe.starts import STARTS, Beginning

CONTENT = photo(CAT, 60, 80).astype(np.float32)
STYLE = photo(CHURCH, 60, 80).astype(np.float32)
BGR_MEAN = np.array([103.939, 116.779, 123.68])
DECODED = photo(CAT, 60, 80).astype(np.float32)[::-1]
RANDOM = sorted(STARTS.keys() - {"content", "style", "decoder"})


def start(name: str, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return STARTS[name](Beginning(CONTENT, STYLE, random, lambda: DECODED))


def check_uniform(values: np.ndarray, low: float, high: float) -> None:
    """Whether 14 400 values fill U(low, high): mean and spread within six standard errors."""
    width = high - low
    assert low - 0.001 * width <= values.min() < low + 0.01 * width
    assert high + 0.001 * width >= values.max() > high - 0.01 * width
    assert values.mean() == pytest.approx((low + high) / 2, abs=6 * width / 12**0.5 / 120)
    assert values.std() == pytest.approx(width / 12**0.5, rel=0.03)


@pytest.mark.parametrize("name", STARTS)
def test_is_an_image_of_the_contents_shape(name: str) -> None:
    image = start(name)
    assert image.shape == CONTENT.shape
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() <= 255


@pytest.mark.parametrize("name", STARTS)
def test_leaves_its_arguments_alone(name: str) -> None:
    content, style = CONTENT.copy(), STYLE.copy()
    STARTS[name](Beginning(content, style, np.random.default_rng(0), lambda: DECODED))
    np.testing.assert_array_equal(content, CONTENT)
    np.testing.assert_array_equal(style, STYLE)


@pytest.mark.parametrize("name", RANDOM)
def test_seed_decides(name: str) -> None:
    np.testing.assert_array_equal(start(name, seed=1), start(name, seed=1))
    assert not np.array_equal(start(name, seed=1), start(name, seed=2))


def test_content() -> None:
    np.testing.assert_array_equal(start("content"), CONTENT)


def test_style() -> None:
    np.testing.assert_array_equal(start("style"), STYLE)


def test_decoder() -> None:
    np.testing.assert_array_equal(start("decoder"), DECODED)


def test_noise_fills_the_pixel_range() -> None:
    check_uniform(start("noise"), 0, 255)


def test_noisy_content_is_nine_tenths_content() -> None:
    mean, spread = float(CONTENT.mean()), float(CONTENT.std())
    part = start("noisy-content").astype(np.float64) - 0.9 * CONTENT
    check_uniform(part / 0.1, mean - spread, mean + spread)


def test_mostly_noise_is_mixed_in_network_space() -> None:
    network_start = start("mostly-noise")[..., ::-1].astype(np.float64) - BGR_MEAN
    network_content = CONTENT[..., ::-1] - BGR_MEAN
    check_uniform((network_start - 0.4 * network_content) / 0.6, -20, 20)


def test_grey_noise_is_uniform_in_network_space() -> None:
    check_uniform(start("grey-noise")[..., ::-1].astype(np.float64) - BGR_MEAN, 0, 1)
