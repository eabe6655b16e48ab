"""Manner: from the photograph to the texture, in even steps."""

import numpy as np
import pytest
from helpers import CAT, CHURCH, photo

from nst_core.decoder.decoder import Decoder, RegionColumns, Scene
from nst_core.decoder.decoder_file import own_decoder
from nst_core.decoder.manner import USUAL, Manner, manner_at


def test_the_strengths_of_the_ends_and_of_the_middle() -> None:
    assert manner_at(0) == USUAL == Manner(0.4, 0.2, 1)
    assert manner_at(-10) == Manner(0.0, 0.7, 1)
    assert manner_at(10) == Manner(0.8, 0.0, 2)
    assert manner_at(-5) == pytest.approx(Manner(0.2, 0.45, 1))


def test_with_its_own_columns_alone_the_photograph_stays() -> None:
    decoder = Decoder(own_decoder().parameters, precision="float32")
    content = photo(CAT, 96, 128).astype(np.float32)
    style = decoder.candidates([(photo(CHURCH, 72, 80).astype(np.float32), 1.0)])
    one = decoder.picture(Scene(content, [RegionColumns(style)]), manner=Manner(own=1.0))
    other = decoder.picture(Scene(content, [RegionColumns(None)]))
    np.testing.assert_allclose(one, other, atol=1e-2)


@pytest.mark.parametrize("strengths", [(-10, -5, 0, 5, 10)])
def test_each_step_goes_further(strengths: tuple[int, ...]) -> None:
    decoder = own_decoder()
    content = photo(CAT, 96, 128).astype(np.float32)
    style = decoder.candidates([(photo(CHURCH, 72, 80).astype(np.float32), 1.0)])
    scenes = [Scene(content, [RegionColumns(style)])] * 2
    pictures = [list(decoder.paint(scenes, manner_at(each)))[-1] for each in strengths]
    far = [float(np.abs(picture - content).mean()) for picture in pictures]
    assert far == sorted(far)
