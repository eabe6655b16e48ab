"""Known sizes, and pixels there and back."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst_core.errors import ImageError
from nst_core.images.sizes import (
    MIN_SIDE,
    fit,
    fit_height,
    longest_for_area,
    resize,
    to_array,
    to_image,
)

DIM_RED = (200, 30, 60)


def plain(mode: str, colour: Any) -> Image.Image:
    return Image.new(mode, (8, 8), colour)


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 48, 3), np.uint8))


def check_plain(image: Image.Image, colour: tuple[int, ...], tolerance: int = 0) -> None:
    assert image.mode == "RGB"
    assert image.info == {}
    assert np.abs(to_array(image) - colour).max() <= tolerance


# Sizes


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [
        ((1000, 500), 512, (512, 256)),
        ((500, 1000), 512, (256, 512)),
        ((640, 427), 512, (512, 342)),  # 341.6
        ((100, 75), 512, (512, 384)),
        ((512, 512), 512, (512, 512)),
        ((1, 1000), 512, (MIN_SIDE, 512)),
        ((64_000_000, 1), 512, (512, MIN_SIDE)),
        ((1, 1), 96, (96, 96)),
        ((30, 20), 4, (MIN_SIDE, MIN_SIDE)),
        ((4961, 3508), 4961, (4961, 3508)),
    ],
)
def test_fit(size: tuple[int, int], longest: int, expected: tuple[int, int]) -> None:
    assert fit(size, longest) == expected


@pytest.mark.parametrize(
    ("size", "height", "expected"),
    [
        ((1000, 500), 400, (800, 400)),
        ((500, 1000), 400, (200, 400)),
        ((640, 427), 400, (600, 400)),  # 599.5 goes to the even number
        ((1, 1000), 400, (MIN_SIDE, 400)),
    ],
)
def test_fit_height(size: tuple[int, int], height: int, expected: tuple[int, int]) -> None:
    assert fit_height(size, height) == expected


@pytest.mark.parametrize(
    ("size", "longest"),
    [
        ((4, 3), 512),
        ((3000, 4000), 512),
        ((16, 9), 592),  # 591.2
        ((300, 200), 544),  # 543.1
        ((700, 700), 444),  # 443.4
        ((4, 1), 888),  # 886.8
        ((6000, 1000), 888),
        ((1, 10**6), 888),
    ],
)
def test_longest_side_for_an_area(size: tuple[int, int], longest: int) -> None:
    assert longest_for_area(size, 512 * 384) == longest


def test_fit_height_refuses_what_becomes_too_wide() -> None:
    assert fit_height((100, 1), 200) == (20_000, 200)
    with pytest.raises(ImageError, match=r"200000 × 200 px; each side .* at most 32768 px\."):
        fit_height((1000, 1), 200)
    with pytest.raises(ImageError, match=r"10000 × 1 px scaled .* 4000000 × 400 px, 1600\.0 mega"):
        fit_height((10_000, 1), 400)


def test_resize_returns_the_same_image_if_nothing_changes() -> None:
    image = noise()
    assert resize(image, image.size) is image


def test_resize_averages_when_smaller() -> None:
    board = Image.fromarray(np.indices((64, 64)).sum(0).astype(np.uint8) % 2 * 255).convert("RGB")
    small = to_array(resize(board, (16, 16)))
    assert small.shape == (16, 16, 3)
    assert np.abs(small - 127.5).max() < 3


@pytest.mark.parametrize("size", [(8, 8), (96, 80), (96, 8), (16, 160)])
def test_resize_keeps_a_plain_colour(size: tuple[int, int]) -> None:
    resized = resize(plain("RGB", DIM_RED).resize((48, 40)), size)
    assert resized.size == size
    check_plain(resized, DIM_RED)


def test_resize_is_bicubic_when_larger() -> None:
    # One dark and one light pixel to four: weights of the cubic kernel with a = -1/2 at
    # distances 1/4 and 3/4, normalised over the two pixels there are.
    def cubic(x: float) -> float:
        return 1.5 * x**3 - 2.5 * x**2 + 1 if x < 1 else -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2

    near, far, beyond = cubic(0.25), cubic(0.75), cubic(1.25)
    edge = 200 * beyond / (near + beyond)
    inner = 200 * far / (near + far)
    expected = [max(0.0, edge), inner, 200 - inner, min(255.0, 200 - edge)]
    image = to_image(np.array([[[0.0] * 3, [200.0] * 3]]))
    np.testing.assert_allclose(to_array(resize(image, (4, 1)))[0, :, 0], expected, atol=0.51)


# Pixels


def test_array_and_back_to_the_exact_pixel() -> None:
    image = noise()
    pixels = to_array(image)
    assert pixels.dtype == np.float32
    assert pixels.shape == (40, 48, 3)
    np.testing.assert_array_equal(pixels, np.asarray(image))
    np.testing.assert_array_equal(np.asarray(to_image(pixels)), np.asarray(image))


def test_to_image_rounds_and_clips() -> None:
    pixels = np.array([[[-7.0, 0.4, 0.6], [254.6, 255.4, 1e9], [0.5, 1.5, np.inf]]], np.float32)
    expected = [[[0, 0, 1], [255, 255, 255], [0, 2, 255]]]
    assert np.asarray(to_image(pixels)).tolist() == expected


def test_to_image_refuses_nan_and_other_shapes() -> None:
    with pytest.raises(ValueError, match="NaN"):
        to_image(np.full((2, 2, 3), np.nan))
    for shape in ((2, 2), (2, 2, 4), (1, 2, 2, 3)):
        with pytest.raises(ValueError, match="shape"):
            to_image(np.zeros(shape))
