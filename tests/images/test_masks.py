"""Masks: what is read of them, how soft their edge is, and the text that pictures keep."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from helpers import noise
from PIL import Image

from nst_core import ImageError, stylize
from nst_core.images.masks import (
    EDGE,
    TEXT_CHARACTERS,
    TEXT_SIDE,
    SoftMask,
    mask_from_text,
    mask_to_text,
    open_mask,
    open_painted,
)
from nst_core.images.opening import NOTE, ImageSource


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


def note_of(source: ImageSource) -> str:
    return open_mask(source).info.get(NOTE, "")


def test_white_paint_on_nothing_is_white_on_black(tmp_path: Path) -> None:
    layer = Image.new("RGBA", (20, 10), (255, 255, 255, 0))
    layer.paste((255, 255, 255, 255), (0, 0, 10, 10))
    layer.putpixel((15, 5), (255, 255, 255, 102))
    layer.save(tmp_path / "mask.png")
    expected = half(20, 10)
    expected.putpixel((15, 5), 102)
    assert open_mask(tmp_path / "mask.png") == open_mask(layer) == expected
    assert open_mask(np.asarray(layer)) == expected


def test_what_is_painted_over_a_photo_is_dark_on_nothing(tmp_path: Path) -> None:
    layer = Image.new("RGBA", (20, 10))
    layer.paste((67, 56, 202, 255), (0, 0, 10, 10))
    layer.save(tmp_path / "layer.png")
    assert open_painted(tmp_path / "layer.png") == half(20, 10)
    Image.new("RGBA", (20, 10)).save(tmp_path / "layer.png")
    assert open_painted(tmp_path / "layer.png") is None


ONES = np.asarray(half(20, 10)) // 255


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "uint16", "float32", "float64"])
def test_arrays_of_zeros_and_ones(dtype: str) -> None:
    assert open_mask(ONES.astype(dtype)) == half(20, 10)


def test_arrays_of_shares() -> None:
    shares = np.linspace(0, 1, 6, dtype=np.float32)[None]
    assert np.asarray(open_mask(shares)).tolist() == [[0, 51, 102, 153, 204, 255]]


NO_MASKS = [
    *(np.full((4, 4), value) for value in (np.nan, -1.0, 1.5)),
    *(np.zeros(shape, bool) for shape in ((0, 4), (4,), (4, 4, 2))),
    *(np.zeros((4, 4), dtype) for dtype in (complex, object)),
]


@pytest.mark.parametrize("array", NO_MASKS, ids=str)
def test_arrays_that_are_no_masks(array: np.ndarray) -> None:
    with pytest.raises(ImageError, match=r"^The mask "):
        open_mask(array)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float32"])
@pytest.mark.parametrize("name", ["labels.png", "labels.tiff"])
def test_files_of_zeros_and_ones(name: str, dtype: str, tmp_path: Path) -> None:
    if name.endswith("png") and dtype in ("int32", "float32"):
        pytest.skip("PNG has none")
    Image.fromarray(ONES.astype(dtype)).save(tmp_path / name)
    mask = open_mask(tmp_path / name)
    assert mask.tobytes() == half(20, 10).tobytes()
    told = f"The mask '{name}' has no values but 0 and 1: 1 is taken for white."
    assert mask.info.get(NOTE, "") == (told if dtype == "uint8" else "")


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (Image.new("L", (20, 10)), "The mask is wholly black: the style is nowhere."),
        (Image.new("L", (20, 10), 255), "The mask is wholly white: the style is everywhere."),
        (Image.new("RGBA", (20, 10)), "The mask is wholly black: the style is nowhere."),
        (Image.new("1", (20, 10), 1), "The mask is wholly white: the style is everywhere."),
        (
            Image.fromarray(2 * ONES),
            "The mask is nearly black, for white is 255 and its highest value 2.",
        ),
        (half(20, 10), ""),
        (Image.new("L", (20, 10), 128), ""),
    ],
)
def test_a_mask_that_does_nothing_says_so(mask: Image.Image, words: str) -> None:
    assert note_of(mask) == words
    assert note_of(open_mask(mask)) == words  # opened again, as for one photo after the other


def test_a_run_tells_of_its_mask() -> None:
    grey = Image.new("RGB", (32, 32), "grey")
    black = np.zeros((32, 32), bool)
    *_, last = stylize(grey, grey, "course", "embedded", mask=black, size=32, steps=1)
    assert last.message == "The mask is wholly black: the style is nowhere."
