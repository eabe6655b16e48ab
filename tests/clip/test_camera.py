"""What a camera sees, frame by frame: what rests stays, and what is new begins anew."""

import numpy as np
import pytest
from clip.clips import cat, pan
from helpers import CHURCH, noise, photo
from PIL import Image

from nst_core.clip.camera import CameraPainter
from nst_core.painting.at_once import KeptStyle

SIZES = (64, 96)


@pytest.fixture(scope="module")
def style() -> KeptStyle:
    return KeptStyle(Image.fromarray(photo(CHURCH, 80, 64)), SIZES)


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, int)


def test_the_first_frame_is_painted_alone_and_stays_while_nothing_moves(style: KeptStyle) -> None:
    painter, frame = CameraPainter(), Image.fromarray(cat())
    first = pixels(painter.paint(frame, style))
    assert (first == pixels(style.paint(frame))).all()
    assert (pixels(painter.paint(frame, style)) == first).all()


def test_what_moves_goes_on_from_the_frame_before(style: KeptStyle) -> None:
    painter = CameraPainter()
    *_, last = (painter.paint(Image.fromarray(each), style) for each in pan(3))
    alone = style.paint(Image.fromarray(pan(3)[-1]))
    assert last.size == alone.size
    assert np.abs(pixels(last) - pixels(alone)).mean() > 1


def test_another_style_or_size_begins_anew(style: KeptStyle) -> None:
    painter, frame = CameraPainter(), Image.fromarray(cat())
    painter.paint(frame, style)
    other = KeptStyle(Image.fromarray(noise(64, 80, 1)), SIZES)
    assert (pixels(painter.paint(frame, other)) == pixels(other.paint(frame))).all()
    upright = frame.transpose(Image.Transpose.ROTATE_90)
    assert (pixels(painter.paint(upright, other)) == pixels(other.paint(upright))).all()
