"""Plain grounds, painted at once: as calm as the style is, and in its colours.

A product before white and a head before black are of these. What is measured is the spread of greys
in windows of 64 px; of a style, at the size at which it is looked at.
"""

from functools import cache

import numpy as np
import pytest
from helpers import ROOT
from PIL import Image

from nst_core import Job
from nst_core.decoder.manner import USUAL
from nst_core.images.sizes import fit, resize
from nst_core.painting.at_once import paint_at_once

SIDE, WINDOW = 128, 64
GROUNDS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "red": (200, 40, 40),
    "green": (60, 140, 70),
    "blue": (50, 90, 180),
    "yellow": (240, 210, 80),
    "skin": (225, 180, 150),
}
CALMER = 1.3
"""Times the calmest tenth of the style."""
OWN = 32
"""Levels, of 255 along each channel together, between a ground's mean and a colour of the style."""


@cache
def style(name: str) -> Image.Image:
    image = Image.open(ROOT / "examples" / "style" / f"{name}.jpg").convert("RGB")
    return resize(image, fit(image.size, SIDE))


@cache
def painted(name: str, ground: str) -> np.ndarray:
    photograph = Image.new("RGB", (SIDE, SIDE), GROUNDS[ground])
    *_, picture = paint_at_once(Job.of(photograph, style(name), size=SIDE).opened())
    return np.asarray(picture, np.float32)


def spreads(pixels: np.ndarray) -> np.ndarray:
    """Of each window, half a window apart."""
    grey, half = pixels.mean(axis=2), WINDOW // 2
    windows = np.lib.stride_tricks.sliding_window_view(grey, (WINDOW, WINDOW))[::half, ::half]
    return windows.std(axis=(2, 3))


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", ["church-at-auvers", "stained-glass", "watercolour"])
def test_a_plain_ground_is_calm_and_has_colours_of_the_style(name: str, ground: str) -> None:
    own, found = np.asarray(style(name), np.float32), painted(name, ground)
    assert spreads(found).max() <= CALMER * np.quantile(spreads(own), 0.1)
    mean = found.mean(axis=(0, 1))
    assert np.linalg.norm(own - mean, axis=2).min() <= OWN


@pytest.mark.parametrize("ground", ["white", "yellow", "skin"])
def test_light_grounds_in_pen_and_ink_are_its_paper(ground: str) -> None:
    """But for the part of the photograph's own columns that a picture keeps."""
    paper = np.quantile(np.asarray(style("pen-and-ink")), 0.9, axis=(0, 1))
    found = painted("pen-and-ink", ground)
    kept = USUAL.own * np.abs(GROUNDS[ground] - paper)
    assert np.all(np.abs(found.mean(axis=(0, 1)) - paper) <= 10 + kept)
    assert spreads(found).max() <= 10


def test_dark_grounds_are_darker_than_light_ones() -> None:
    for name in ("church-at-auvers", "stained-glass", "watercolour", "pen-and-ink"):
        assert painted(name, "black").mean() + 25 < painted(name, "white").mean()
