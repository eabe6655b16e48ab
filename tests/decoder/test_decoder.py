"""The decoder: an image given back, the same picture again, places, mixtures, and its files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, noise, photo

from nst_core import Backbone
from nst_core.decoder.decoder import Decoder, RegionColumns, Scene, on_grid, sizes
from nst_core.decoder.decoder_columns import CHANNELS, LAYERS, columns
from nst_core.decoder.decoder_file import load_decoder, own_decoder, save_decoder
from nst_core.decoder.decoder_pass import decoded, initial, shapes
from nst_core.decoder.manner import Manner
from nst_core.errors import NetworkError
from nst_core.loss.neighbours import nearest_distances
from nst_core.network.archive import write_npz
from nst_core.network.tensorflow import tf

CONTENT, STYLE = photo(CAT, 64, 96).astype(np.float32), photo(CHURCH, 72, 80).astype(np.float32)

BROAD = photo(CAT, 64, 320).astype(np.float32)
REACH = 8 * 7 + 4 * 7 + 2 * 3 + 3 + 2
"""px that the pass looks at on each side: six convolutions of halved columns, which are enlarged
again, seven of columns, three at half the picture's size and three of pixels; and what the two
enlargements mix."""


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder(own_decoder().parameters, precision="float32")


def scene(decoder: Decoder, style: np.ndarray = STYLE, content: np.ndarray = CONTENT) -> Scene:
    return Scene(content, [RegionColumns(decoder.candidates([(style, 1.0)]))])


def test_columns_against_the_networks_maps(backbone: Backbone) -> None:
    image = tf.constant(CONTENT[None])
    found = columns(backbone, image, "float32").numpy()
    maps = backbone.activations(image, LAYERS, "max", "reflect")
    assert found.shape == (1, 16, 24, CHANNELS)
    third = maps["block3_conv1"].numpy() / 256
    np.testing.assert_allclose(found[..., 192:448], third, rtol=1e-5)
    first = maps["block1_conv1"].numpy()[0, 4:8, 8:12].mean(axis=(0, 1)) / 64
    np.testing.assert_allclose(found[0, 1, 2, :64], first, rtol=1e-4)


def test_what_is_kept_wholly_is_the_photographs_own(decoder: Decoder) -> None:
    styled = scene(decoder, content=BROAD)
    kept = np.zeros(BROAD.shape[:2], np.float32)
    kept[:, :160] = 1
    own = decoder.picture(Scene(BROAD, [RegionColumns(None)]), manner=Manner(0, 0))
    half = decoder.picture(styled._replace(kept=kept), manner=Manner(0, 0))
    untouched = 160 - REACH
    np.testing.assert_allclose(half[:, :untouched], own[:, :untouched], atol=0.01)
    assert np.abs(half - own)[:, 176:].mean() > 5


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((512, 340), [(64, 42), (128, 85), (256, 170), (512, 340)]),
        ((100, 60), [(100, 60)]),
        ((20, 300), [(16, 75), (16, 150), (20, 300)]),
    ],
)
def test_each_size_is_half_the_next(size: Any, wanted: Any) -> None:
    assert sizes(size) == wanted


def test_a_mask_counts_by_its_mean_over_each_column() -> None:
    mask = np.zeros((20, 32), np.float32)
    mask[:, :6] = 1
    grid = on_grid(mask)
    assert grid.shape == (8, 8)  # filled up to 32 × 32 px
    np.testing.assert_allclose(grid, np.tile([1, 0.5, 0, 0, 0, 0, 0, 0], (8, 1)))


@pytest.mark.parametrize("size", [(16, 16), (17, 43), (64, 96)])
def test_a_picture_has_the_photographs_size(decoder: Decoder, size: tuple[int, int]) -> None:
    picture = decoder.picture(scene(decoder, content=noise(*size, seed=1).astype(np.float32)))
    assert picture.shape == (*size, 3)
    assert 0 <= picture.min() <= picture.max() <= 255


def test_with_its_own_columns_a_photograph_comes_back(decoder: Decoder) -> None:
    content = photo(CAT, 192, 256).astype(np.float32)
    picture = decoder.picture(Scene(content, [RegionColumns(None)]))
    assert np.abs(picture - content).mean() < 9
    again = decoder.picture(scene(decoder, style=content, content=content))
    assert np.abs(again - content).mean() < 9


def test_it_is_nearer_to_its_style_than_the_photograph_is(
    decoder: Decoder, backbone: Backbone
) -> None:
    def distance(image: np.ndarray) -> float:
        found, style = (
            tf.reshape(columns(backbone, tf.constant(each[None]), "float32"), [1, -1, CHANNELS])
            for each in (image, STYLE)
        )
        return float(nearest_distances(found, style, None, 0.0)[0])

    matched = decoder.picture(scene(decoder), manner=Manner(own=0.0))
    assert distance(matched) < 0.75 * distance(CONTENT)


def test_the_same_again(decoder: Decoder) -> None:
    one, other = (list(decoder.paint([scene(decoder)] * 2)) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert np.abs(one[1] - one[0]).mean() > 1  # the second goes on from the first


def test_a_batch_is_its_images() -> None:
    parameters = initial(np.zeros(CHANNELS, np.float32), np.ones(CHANNELS, np.float32), 0)
    random = np.random.default_rng(0)
    each = random.normal(size=(2, 4, 6, CHANNELS)).astype(np.float32)
    whole = decoded(parameters, tf.constant(each)).numpy()
    assert whole.shape == (2, 16, 24, 3)
    for number in range(2):
        alone = decoded(parameters, tf.constant(each[number : number + 1])).numpy()[0]
        np.testing.assert_allclose(whole[number], alone, atol=1e-3)


def test_places_have_their_own_styles(decoder: Decoder) -> None:
    mask = np.zeros(BROAD.shape[:2], np.float32)
    mask[:, :160] = 1
    blue = np.full((64, 64, 3), (20, 40, 200), np.float32)
    regions = [
        RegionColumns(decoder.candidates([(STYLE, 1.0)]), mask),
        RegionColumns(decoder.candidates([(blue, 1.0)]), 1 - mask),
    ]
    picture = decoder.picture(Scene(BROAD, regions))
    alone = decoder.picture(scene(decoder, content=BROAD))
    untouched = 160 - REACH
    np.testing.assert_allclose(picture[:, :untouched], alone[:, :untouched], atol=0.01)
    assert picture[:, 200:, 2].mean() > picture[:, 200:, 0].mean() + 60


def test_of_less_weight_fewer_columns_can_be_chosen(decoder: Decoder) -> None:
    whole = decoder.candidates([(STYLE, 1.0)])
    both = decoder.candidates([(STYLE, 3.0), (CONTENT, 1.0)])
    assert whole is not None
    assert both is not None
    assert whole.shape == (20 * 20, CHANNELS)
    assert both.shape == (20 * 20 + 16 * 24 // 3, CHANNELS)
    none = decoder.candidates([(STYLE, 1.0), (CONTENT, 0.0)])
    assert none is not None
    assert none.shape == whole.shape
    assert decoder.candidates([]) is None


def test_a_round_trip_through_a_file(tmp_path: Path, decoder: Decoder) -> None:
    save_decoder(decoder, tmp_path / "d.npz")
    loaded = load_decoder(tmp_path / "d.npz")
    assert loaded.parameters.keys() == shapes().keys()
    for name, values in loaded.parameters.items():
        np.testing.assert_allclose(values, decoder.parameters[name], rtol=1e-3, atol=1e-4)


def test_what_is_no_decoder(tmp_path: Path, decoder: Decoder) -> None:
    path = tmp_path / "d.npz"
    with pytest.raises(NetworkError, match=r"'d.npz' does not exist"):
        load_decoder(path)
    path.write_bytes(b"garbage")
    with pytest.raises(NetworkError, match="is damaged, or no decoder"):
        load_decoder(path)
    write_npz(path, {"head": '{"version": 1, "styles": ["dots"], "story": {}}'}, {})
    with pytest.raises(NetworkError, match="of version None; this program knows version 2"):
        load_decoder(path)
    write_npz(path, {"head": '{"decoder": 2, "story": {}}'}, {"mean": np.zeros(3, np.float16)})
    with pytest.raises(NetworkError, match="is not of these layers"):
        load_decoder(path)
