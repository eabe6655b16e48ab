"""Columns: known answers in float64, and what a picture is matched to."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, noise, photo

from nst_core import RECIPES, Backbone, Objective
from nst_core.loss import columns as module
from nst_core.loss.columns import column_maps, joined, matches, on_one_grid
from nst_core.loss.scalings import MapShape
from nst_core.loss.terms import LAYOUT
from nst_core.network.tensorflow import tf
from nst_core.objective.graph import Graph, as_a_whole
from nst_core.objective.matching import GUIDE, Look, choices, match

RANDOM = np.random.default_rng(5)
STUDIO = RECIPES["studio"].changed(precision="float32")
ALONE = STUDIO.changed(content_weight=0.0, palette_weight=0.0, layout_weight=1.0)
"""The columns alone, in the phase of the layout."""


@pytest.mark.parametrize("centred", [0.0, 1.0])
def test_matches_against_numpy(centred: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """In several blocks as well as in one."""
    mine, theirs = RANDOM.uniform(-1, 1, (50, 9)), RANDOM.uniform(-1, 1, (40, 9))
    one, other = (each - centred * each.mean(0) for each in (mine, theirs))
    cosines = one @ other.T / np.linalg.norm(one, axis=1)[:, None] / np.linalg.norm(other, axis=1)
    for values in (2**24, 400, 1):
        monkeypatch.setattr(module, "BLOCK_VALUES", values)
        found = matches(float32(mine), float32(theirs), centred, "float32")
        np.testing.assert_array_equal(found, cosines.argmax(1))


def test_columns_have_a_position_for_each_four_pixels() -> None:
    maps = {
        f"block{block}_conv1": float32(RANDOM.uniform(0, 1, (1, 32 // 2**k, 48 // 2**k, 2)))
        for k, block in enumerate(range(1, 5))
    }
    brought = {layer: column_maps(layer, each) for layer, each in maps.items()}
    found = on_one_grid(brought)
    assert {tuple(each.shape) for each in found.values()} == {(1, 8, 12, 2)}
    first = maps["block1_conv1"].numpy().reshape(8, 4, 12, 4, 2).mean((1, 3))
    np.testing.assert_allclose(found["block1_conv1"][0], first, rtol=1e-5)
    np.testing.assert_array_equal(found["block3_conv1"], maps["block3_conv1"])


def test_the_loss_against_numpy() -> None:
    """1 − cosine of joined columns, each map over its number of channels and times its weight."""
    comparison = module.Columns(label="", subjects=("style",), target="style")
    layers = {"block3_conv1": 3.0, "block3_conv2": 1.0}
    found, target = (
        {
            layer: (RANDOM.uniform(0, 1, (1, 4, 5, n)),)
            for layer, n in zip(layers, (6, 8), strict=True)
        }
        for _ in range(2)
    )
    columns, wanted = (
        np.concatenate(
            [
                maps[layer][0] * weight / maps[layer][0].shape[-1]
                for layer, weight in layers.items()
            ],
            axis=3,
        )
        for maps in (found, target)
    )
    lengths = np.linalg.norm(columns, axis=3) * np.linalg.norm(wanted, axis=3)
    expected = 4.0 * (1 - (columns * wanted).sum(3) / lengths).mean()
    loss = comparison.loss(
        tf.nest.map_structure(float32, found),
        tf.nest.map_structure(float32, target),
        {layer: (tf.constant(weight),) for layer, weight in layers.items()},
        dict.fromkeys(layers, MapShape(20, 320)),
        dict.fromkeys(layers, (None,)),
    )
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_a_picture_that_is_the_style_is_matched_to_itself(backbone: Backbone) -> None:
    style = photo(CHURCH, 48, 64)
    graph = Graph.of(STUDIO, backbone)
    looks = [Look(tf.constant(style[None], tf.float32), 1.0)]
    weights = dict.fromkeys(GUIDE.layers, 1.0)
    found = match(graph, as_a_whole, GUIDE, weights, looks[0].pixels, looks)
    assert found.grid == found.grids[0] == (12, 16)
    np.testing.assert_array_equal(found.numbers, np.arange(12 * 16))
    assert Objective(style, style, ALONE, backbone, phase=LAYOUT)(style).total == pytest.approx(
        0, abs=1e-5
    )


def test_two_styles_are_matched_among_in_the_proportion_of_their_weights(
    backbone: Backbone,
) -> None:
    """Of one with a fourth of the weight a fourth of the places can be chosen."""
    graph = Graph.of(STUDIO, backbone)
    picture, styles = noise(64, 64, 1), [photo(CHURCH, 64, 48), photo(CAT, 48, 64)]
    looks = [
        Look(tf.constant(style[None], tf.float32), weight)
        for style, weight in zip(styles, (2.0, 0.5), strict=True)
    ]
    query = tf.constant(picture[None], tf.float32)
    found = match(graph, as_a_whole, GUIDE, dict.fromkeys(GUIDE.layers, 1.0), query, looks)
    assert [len(each) for each in found.candidates] == [192, 48]
    times = found.choices(np.ones(found.grid))
    assert sum(each.sum() for each in times) == 16 * 16
    assert [each.shape for each in times] == found.grids


def test_a_place_under_no_mask_chooses_nothing(backbone: Backbone) -> None:
    """What is chosen follows the part of the picture that counts."""
    style = np.concatenate([np.full((64, 32, 3), 20), np.full((64, 32, 3), 230)], axis=1)
    graph = Graph.of(STUDIO, backbone)
    looks = [Look(tf.constant(style[None], tf.float32), 1.0)]
    left = (np.arange(64)[None] < 24).repeat(64, axis=0).astype(np.float32)
    for mask in (left, left[:, ::-1]):
        (chosen,) = choices(graph, as_a_whole, looks[0].pixels, looks, mask)
        assert chosen[:, :8].sum() > 20 * chosen[:, 8:].sum() or mask[0, 0] == 0
        assert chosen[:, 8:].sum() > 20 * chosen[:, :8].sum() or mask[0, 0] == 1


def test_the_target_depends_on_the_picture_so_far(backbone: Backbone) -> None:
    content, style, image = photo(CAT, 48, 64), photo(CHURCH, 48, 64), noise(48, 64, 2)
    alone, after = (
        Objective(content, style, ALONE, backbone, phase=LAYOUT, so_far=so_far)(image).total
        for so_far in (None, noise(48, 64, 9))
    )
    assert alone != pytest.approx(after, rel=1e-3)


@pytest.mark.parametrize("join", [joined])
def test_joined_columns(join: Callable[..., Any]) -> None:
    maps = {"a": float32(np.ones((3, 2))), "b": float32(np.ones((3, 4)))}
    np.testing.assert_allclose(join(maps, {"a": 1.0, "b": 2.0}), np.full((3, 6), 0.5))


def float32(values: Any) -> Any:
    return tf.constant(np.ascontiguousarray(values), tf.float32)
