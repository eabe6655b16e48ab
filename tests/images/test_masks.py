"""Masks: what is read of them, how soft their edge is, and the text that pictures keep."""

import base64
import io

import numpy as np
import pytest
from helpers import noise
from PIL import Image

from nst_core import ImageError
from nst_core.images.masks import (
    EDGE,
    TEXT_CHARACTERS,
    TEXT_SIDE,
    SoftMask,
    mask_from_text,
    mask_to_text,
    open_mask,
)


def half(width: int, height: int) -> Image.Image:
    """White on the left."""
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, : width // 2] = 255
    return Image.fromarray(pixels)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
def test_a_mask_of_any_mode_is_grey(mode: str) -> None:
    mask = open_mask(half(20, 10).convert(mode))
    assert mask.mode == "L"
    assert mask == half(20, 10)


def test_what_is_no_mask_is_refused_in_a_sentence(text_as_png: str) -> None:
    with pytest.raises(ImageError, match=r"^The mask 'holiday\.png' is not an image"):
        open_mask(text_as_png)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_one_grey_stays_one_grey(grey: int) -> None:
    soft = SoftMask(Image.new("L", (33, 20), grey)).at((100, 60))
    assert soft.shape == (60, 100)
    assert np.ptp(soft) == 0
    assert soft[0, 0] == pytest.approx(grey / 255)


@pytest.mark.parametrize("size", [(400, 300), (200, 150), (1000, 40)])
def test_the_edge_is_soft_and_ends(size: tuple[int, int]) -> None:
    soft = SoftMask(half(*size)).at((400, 300))
    row, edge = soft[150], round(EDGE * 400)
    assert (row[: 200 - edge - 3] == 1).all()
    assert (row[200 + edge + 3 :] == 0).all()
    assert (np.diff(row) <= 0).all()
    assert row[199:201].mean() == pytest.approx(0.5, abs=0.02)
    assert 0.02 < np.abs(np.diff(row)).max() < 0.3


def test_outside_of_the_edge_the_photograph_is_exact() -> None:
    photograph = noise(30, 40, 1).astype(np.float32)
    picture = np.full((30, 40, 3), np.inf, np.float32)
    shown = SoftMask(half(40, 30)).within(np.nan_to_num(picture), photograph)
    assert (shown[:, 24:] == photograph[:, 24:]).all()
    assert (shown[:, :16] != photograph[:, :16]).all()


def test_text_and_back() -> None:
    for mask in (
        half(300, 200),
        Image.new("L", (16, 16)),
        Image.fromarray(noise(60, 70, 1)[..., 0]),
    ):
        text = mask_to_text(mask)
        assert len(text) <= TEXT_CHARACTERS
        assert mask_from_text(text) == mask


def test_a_mask_that_would_be_too_long_gets_smaller() -> None:
    for mask in (Image.fromarray(noise(600, 900, 1)[..., 0]), half(5000, 3000)):
        kept = mask_from_text(mask_to_text(mask))
        assert kept.width < mask.width
        assert kept.width / kept.height == pytest.approx(mask.width / mask.height, rel=0.02)


def png(size: tuple[int, int]) -> str:
    file = io.BytesIO()
    Image.new("L", size).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize(
    "text",
    ["", "no base64!", "aGVsbG8=", png((40, 40))[:-40], png((TEXT_SIDE + 1, 16)), "A" * 10**6],
    ids=["empty", "letters", "no PNG", "cut", "large", "long"],
)
def test_text_that_is_no_mask(text: str) -> None:
    with pytest.raises(ImageError, match="mask"):
        mask_from_text(text)
