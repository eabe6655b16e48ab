"""What a decoder learns from: its columns, and its losses against NumPy."""

import numpy as np
import pytest
from helpers import CAT, CHURCH, noise, photo

from nst_core.decoder.decoder_columns import SIDE, columns
from nst_core.decoder.decoder_file import own_decoder
from nst_core.fast.decoder_loss import CENTRED, NEIGHBOURS, WEIGHTS, losses
from nst_core.fast.decoder_targets import Lesson, Targets, blocks, targets
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import Tensor, tf

LAYERS = ("block4_conv2", *NEIGHBOURS)


def images(*seeds: int) -> Tensor:
    return tf.constant(np.stack([noise(32, 32, seed) for seed in seeds]), tf.float32)


def lesson(share: float = 0.0, own: float = 0.0, content: Tensor | None = None) -> Lesson:
    """One image to be given back, and one photograph with its picture."""
    manners = tf.constant([[share, own]], tf.float32)
    photograph = images(2) if content is None else content
    return Lesson(images(1), photograph, images(3), manners, tf.constant([4, 0]))


def targets_of(network: Backbone, given: Lesson) -> Targets:
    return targets(network, own_decoder().parameters, given, "float32")


def test_each_place_is_given_the_nearest_of_the_picture(backbone: Backbone) -> None:
    given = lesson()
    found = targets_of(backbone, given)
    own, mine, theirs = (
        columns(backbone, each, "float32").numpy().reshape(-1, 960).astype(np.float64)
        for each in given[:3]
    )
    lengths = np.linalg.norm(theirs, axis=1)
    near = (mine @ theirs.T / lengths).argmax(1)
    np.testing.assert_allclose(found.columns[0].numpy().reshape(-1, 960), own, atol=1e-4)
    np.testing.assert_allclose(found.columns[1].numpy().reshape(-1, 960), theirs[near], atol=1e-4)
    pixels = given.pictures[0].numpy().astype(np.float64)
    square = pixels.reshape(32 // SIDE, SIDE, 32 // SIDE, SIDE, 3)
    wanted = np.concatenate([square.mean((1, 3)), np.sqrt(square.var((1, 3)) + 1)], axis=-1)
    np.testing.assert_allclose(
        found.blocks[1].numpy().reshape(-1, 6), wanted.reshape(-1, 6)[near], rtol=1e-3
    )


def test_with_all_its_own_columns_a_photograph_stays(backbone: Backbone) -> None:
    given = lesson(own=1.0)
    found = targets_of(backbone, given)
    mine = columns(backbone, given.photographs, "float32")
    np.testing.assert_allclose(found.columns[1:], mine, atol=1e-4)
    np.testing.assert_allclose(found.blocks[1:], blocks(given.photographs), rtol=1e-3)


def test_what_was_painted_at_half_the_size_is_matched_as_well(backbone: Backbone) -> None:
    """A grey photograph's own columns are grey; those of a picture begun from it are not."""
    grey = tf.fill([1, 32, 32, 3], 120.0)
    own, begun = (blocks_of(targets_of(backbone, lesson(share, 1.0, grey))) for share in (0.0, 0.5))
    assert np.abs(own - 120).max() < 0.1
    assert np.abs(begun - 120).max() < 30  # given back by the decoder, as nearly as it can
    painted = blocks_of(targets_of(backbone, lesson(0.5, 0.9, grey)))
    assert np.abs(painted - begun).mean() > 1


def blocks_of(found: Targets) -> np.ndarray:
    return found.blocks.numpy()[1, :, :, :3]


def test_the_terms_against_numpy(backbone: Backbone) -> None:
    given = lesson()
    own, picture = (each.numpy()[0].astype(np.float64) for each in (given.own, given.pictures))
    made = tf.constant(np.stack([own + 5, picture]), tf.float32)
    wanted = Targets(
        columns(backbone, tf.concat([given.own, given.pictures], 0), "float32"),
        blocks(tf.concat([given.own, given.pictures], 0)),
    )
    spread = np.full(wanted.columns.shape[-1], 2.0, np.float32)
    found = losses(backbone, made, given, wanted, spread, "float32")
    told = dict(zip(["total", *WEIGHTS], found.numpy(), strict=True))
    assert told["matched"] == pytest.approx(0, abs=1e-5)
    assert told["neighbours"] == pytest.approx(0, abs=1e-5)  # the picture itself
    assert told["pixels"] == pytest.approx(5 / 64, rel=1e-4)
    assert told["colour"] == pytest.approx(0.6 * 5 / 64 / 2, rel=1e-3)
    assert told["contrast"] == pytest.approx(0, abs=1e-4)
    assert told["range"] == pytest.approx(np.maximum(own + 5 - 255, 0).mean() / 2 / 64, rel=1e-3)
    mine, theirs = (columns(backbone, each, "float32").numpy() for each in (given.own, made[:1]))
    length = np.linalg.norm(mine, axis=3) * np.linalg.norm(theirs, axis=3)
    assert told["inverted"] == pytest.approx(1 - ((mine * theirs).sum(3) / length).mean(), rel=1e-3)
    squares = ((mine - theirs) ** 2).mean() / 2 / 4
    assert told["activations"] == pytest.approx(0.3 * squares, rel=1e-3)
    assert told["total"] == pytest.approx(sum(told[name] for name in WEIGHTS), rel=1e-5)


def test_content_and_neighbours_against_numpy(backbone: Backbone) -> None:
    """At 32 px all places of all layers are looked at."""
    given = lesson(content=tf.constant(photo(CAT, 32, 32)[None], tf.float32))
    painted = tf.constant(photo(CHURCH, 32, 32)[None], tf.float32)
    made, wanted = tf.concat([given.own, painted], 0), targets_of(backbone, given)
    spread = np.ones(wanted.columns.shape[-1], np.float32)
    found = losses(backbone, made, given, wanted, spread, "float32")
    told = dict(zip(["total", *WEIGHTS], found.numpy(), strict=True))
    one, photograph, picture = (
        {
            layer: maps.numpy()[0].reshape(-1, maps.shape[-1]).astype(np.float64)
            for layer, maps in backbone.activations(each, LAYERS, "max", "reflect").items()
        }
        for each in (painted, given.photographs, given.pictures)
    )
    nearest = []
    for layer in NEIGHBOURS:
        sides = [each[layer] - CENTRED * each[layer].mean(0) for each in (one, picture)]
        mine, theirs = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in sides)
        nearest.append((1 - (mine @ theirs.T).max(1)).mean())
    assert told["neighbours"] == pytest.approx(5 * np.mean(nearest), rel=1e-3)
    deep = [each["block4_conv2"] for each in (one, photograph, picture)]
    usual = (np.mean(deep[1] ** 2) + np.mean(deep[2] ** 2)) / 2
    content = np.mean((deep[0] - deep[1]) ** 2) / usual
    assert told["content"] == pytest.approx(0.8 * content, rel=1e-3)
