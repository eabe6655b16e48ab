"""Greys of whole numbers beyond 8 bits, as programs and files have them: which one is white."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst_core.images.opening import open_image


def greys(source: Any) -> list[int]:
    return np.asarray(open_image(source))[0, :, 0].tolist()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 100, 200], [0, 100, 200]),
        ([0, 128, 255], [0, 128, 255]),
        ([0, 257, 25700, 65535], [0, 1, 100, 255]),
        ([0, 256], [0, 1]),
        ([0, 1, 0], [0, 255, 0]),
        ([0, 0], [0, 0]),
    ],
)
def test_of_32_bits(values: list[int], expected: list[int], tmp_path: Path) -> None:
    image = Image.fromarray(np.array([values], np.int32))
    image.save(tmp_path / "a.tiff")
    assert image.mode == "I"
    assert greys(image) == greys(tmp_path / "a.tiff") == expected


def test_a_photograph_that_became_32_bits_stays_what_it_was() -> None:
    photograph = Image.fromarray(np.array([[0, 30, 90, 180, 240]], np.uint8))
    assert greys(photograph.convert("I")) == greys(photograph)
