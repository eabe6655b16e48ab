"""Keeping the photograph's colours, against what the paper's equations say."""

import numpy as np
import pytest

from nst_core.images.own_colours import TREATMENTS, YIQ, match_colours

RANDOM = np.random.default_rng(5)
PHOTO = RANDOM.uniform(60, 190, (24, 30, 3))
STYLE = RANDOM.normal(120, 20, (20, 22, 3)) @ np.array([[1, 0.4, 0], [0, 0.7, 0.2], [0.1, 0, 0.5]])


def covariance(pixels: np.ndarray) -> np.ndarray:
    return np.cov(pixels.reshape(-1, 3).T, bias=True)


def test_matching_gives_mean_and_covariance_of_the_model() -> None:
    matched = match_colours(STYLE, PHOTO)
    assert matched.mean(axis=(0, 1)) == pytest.approx(PHOTO.mean(axis=(0, 1)), rel=1e-6)
    assert np.allclose(covariance(matched), covariance(PHOTO), rtol=1e-3, atol=1e-3)


def test_matching_an_image_to_itself_changes_nothing() -> None:
    assert np.allclose(match_colours(PHOTO, PHOTO), PHOTO, atol=1e-6)


def test_a_grey_image_gets_finite_colours_and_the_mean() -> None:
    grey = np.repeat(RANDOM.uniform(0, 255, (16, 16, 1)), 3, axis=2)
    matched = match_colours(grey, PHOTO)
    assert matched.mean(axis=(0, 1)) == pytest.approx(PHOTO.mean(axis=(0, 1)))
    assert np.abs(matched).max() < 1000
    flat = match_colours(np.full((16, 16, 3), 90.0), PHOTO)
    assert np.allclose(flat, PHOTO.mean(axis=(0, 1)))
    assert np.isfinite(match_colours(PHOTO, grey)).all()


def test_luminance_leaves_the_photographs_colours_to_eight_bits() -> None:
    content = RANDOM.uniform(90, 160, (12, 14, 3))
    picture = content + RANDOM.uniform(-40, 40, (12, 14, 1))  # stays within the gamut
    shown = np.rint(TREATMENTS["luminance"](1.0).picture(picture[..., ::-1], content))
    assert 0 <= shown.min() <= shown.max() <= 255
    assert np.abs((shown - content) @ YIQ[1:].T).max() <= 1.0
    assert np.abs((shown - picture[..., ::-1]) @ YIQ[0]).max() <= 0.5


def test_luminance_paints_in_grey_with_the_styles_light_brought_to_the_photographs() -> None:
    treatment = TREATMENTS["luminance"](1.0)
    style = treatment.style(STYLE, PHOTO)
    assert np.ptp(style, axis=2).max() < 0.1  # NTSC's rows of I and Q add up to nearly 0
    assert (style @ YIQ[0]).mean() == pytest.approx((PHOTO @ YIQ[0]).mean())
    assert (style @ YIQ[0]).std() == pytest.approx((PHOTO @ YIQ[0]).std())
    assert np.allclose(treatment.photograph(PHOTO) @ YIQ[0], PHOTO @ YIQ[0])


def test_a_style_of_one_grey_has_no_spread_to_match() -> None:
    flat = TREATMENTS["luminance"](1.0).style(np.full((8, 8, 3), 40.0), PHOTO)
    assert np.allclose(flat @ YIQ[0], (PHOTO @ YIQ[0]).mean())


@pytest.mark.parametrize("name", TREATMENTS)
def test_a_share_of_nothing_touches_nothing(name: str) -> None:
    treatment = TREATMENTS[name](0.0)
    assert np.allclose(treatment.photograph(PHOTO), PHOTO)
    assert np.allclose(treatment.style(STYLE, PHOTO), STYLE)
    assert np.allclose(treatment.picture(PHOTO[::-1], PHOTO), PHOTO[::-1])


@pytest.mark.parametrize("name", TREATMENTS)
def test_half_a_share_lies_half_way(name: str) -> None:
    whole, half = TREATMENTS[name](1.0), TREATMENTS[name](0.5)
    assert np.allclose(half.style(STYLE, PHOTO), (STYLE + whole.style(STYLE, PHOTO)) / 2)
    picture = PHOTO[::-1]
    assert np.allclose(half.picture(picture, PHOTO), (picture + whole.picture(picture, PHOTO)) / 2)
