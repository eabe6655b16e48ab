"""Tiles: they fill a picture once, lie on the grid of the layers, and leave no seams."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import CAT, CHURCH, photo

from nst_core.decoder.decoder import Decoder, RegionColumns, Scene
from nst_core.decoder.decoder_file import own_decoder
from nst_core.decoder.manner import manner_at
from nst_core.decoder.tiles import tiles
from nst_core.network.backbone import FILLED


@pytest.mark.parametrize("size", [(16, 16), (300, 1000), (1024, 1025), (1365, 2048), (2048, 2048)])
def test_they_fill_a_picture_once(size: tuple[int, int]) -> None:
    filled, picture = np.zeros(size, int), np.arange(np.prod(size)).reshape(size)
    for tile in tiles(*size, 1024):
        filled[tile.area] += 1
        seen = picture[tile.seen]
        assert max(seen.shape) <= 1024
        np.testing.assert_array_equal(seen[tile.kept], picture[tile.area])
        assert all(each.start % FILLED == 0 for each in tile.seen)
    assert (filled == 1).all()


@pytest.mark.slow
def test_a_picture_in_tiles_is_that_of_the_whole() -> None:
    whole = Decoder(own_decoder().parameters, precision="float32")
    content, style = photo(CAT, 330, 490), photo(CHURCH, 70, 90)
    mask = np.zeros(content.shape[:2], np.float32)
    mask[:200, 100:] = 1
    candidates = whole.candidates([(style.astype(np.float32), 1.0)])
    scene = Scene(
        content.astype(np.float32), [RegionColumns(candidates, mask), RegionColumns(None, 1 - mask)]
    )
    pictures = [
        each.picture(scene, scene.photograph[::2, ::2], manner_at(-5))
        for each in (whole, replace(whole, tile=400))
    ]
    assert np.abs(pictures[0] - pictures[1]).max() < 0.05
