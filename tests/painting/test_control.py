"""What a person may choose besides the style: colours of their own, and how large strokes are."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, STUDIO, photo

from nst_core import Backbone, Frame, stylize
from nst_core.images.own_colours import YIQ

CONTENT, STYLE = photo(CAT, 32, 48), photo(CHURCH, 70, 56)
QUICK = STUDIO.changed(size=48, steps=4)


@pytest.fixture
def run(backbone: Backbone) -> Callable[..., list[Frame]]:
    def run(**changes: Any) -> list[Frame]:
        return list(stylize(CONTENT, STYLE, QUICK, backbone, **changes))

    return run


def chroma(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(float) @ YIQ[1:].T


def test_luminance_keeps_the_photographs_colours_in_every_frame(run: Callable) -> None:
    frames = run(keep_colours="luminance")
    assert np.abs(np.asarray(frames[-1].image).astype(int) - CONTENT).max() > 10
    for frame in frames:
        pixels = np.asarray(frame.image)
        within = ((pixels > 0) & (pixels < 255)).all(axis=2)
        assert within.mean() > 0.5
        assert np.abs(chroma(pixels) - chroma(CONTENT))[within].max() <= 1.0


def test_matched_colours_bring_the_picture_nearer_to_the_photographs(run: Callable) -> None:
    plain, matched = (run(keep_colours=name)[-1].image for name in ("none", "matched"))
    far, near = (
        np.abs(np.mean(np.asarray(each) - CONTENT.mean((0, 1)), axis=(0, 1))).max()
        for each in (plain, matched)
    )
    assert near < far / 2


def test_a_share_of_nothing_is_the_plain_run(run: Callable) -> None:
    plain = run()[-1].image
    for name in ("luminance", "matched"):
        assert run(keep_colours=name, keep_colours_share=0.0)[-1].image == plain


def test_brush_size_scales_the_style_image_alone() -> None:
    generated = (64, 48)
    sizes = {
        brush: STUDIO.changed(brush_size=brush).style_size((300, 200), generated)
        for brush in (0.5, 1.0, 2.0)
    }
    width, height = sizes[1.0]
    assert sizes[0.5] == (round(width / 2), round(height / 2))
    assert sizes[2.0] == (2 * width, 2 * height)
    assert STUDIO.changed(brush_size=2.0).generated_size((300, 200)) == STUDIO.generated_size(
        (300, 200)
    )


def test_a_brush_beyond_the_styles_own_pixels_is_told(run: Callable) -> None:
    assert "enlarged" not in run()[-1].message
    small = photo(CHURCH, 40, 32)
    frames = stylize(CONTENT, small, QUICK, "embedded", brush_size=2.0)
    assert "had to be enlarged 2.2 times" in list(frames)[-1].message
