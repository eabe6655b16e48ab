"""The layers against plain NumPy, and what the whole pass must keep."""

import numpy as np
import pytest

from nst_core.fast.network_pass import (
    EPSILON,
    LAST,
    NORMALISED,
    Layer,
    convolved,
    initial,
    normalised,
    painted,
    shapes,
)
from nst_core.network.tensorflow import tf

RANDOM = np.random.default_rng(7)


def reference(layer: Layer, kernel: np.ndarray, x: np.ndarray) -> np.ndarray:
    """One image H×W×C, position by position, in float64."""
    x = x.astype(np.float64).repeat(layer.enlarge, axis=0).repeat(layer.enlarge, axis=1)
    beyond = layer.size // 2
    x = np.pad(x, [(beyond, beyond), (beyond, beyond), (0, 0)], "reflect")
    rows = range(0, x.shape[0] - 2 * beyond, layer.stride)
    columns = range(0, x.shape[1] - 2 * beyond, layer.stride)
    return np.array(
        [
            [
                np.tensordot(x[row : row + layer.size, column : column + layer.size], kernel, 3)
                for column in columns
            ]
            for row in rows
        ]
    )


@pytest.mark.parametrize(
    "layer",
    [
        Layer("plain", 3, 2, 5),
        Layer("wide", 9, 3, 4),
        Layer("strided", 3, 2, 3, stride=2),
        Layer("enlarged", 3, 4, 2, enlarge=2),
    ],
)
def test_convolution_is_that_of_numpy(layer: Layer) -> None:
    kernel = RANDOM.standard_normal((layer.size, layer.size, layer.inputs, layer.outputs))
    x = RANDOM.standard_normal((2, 12, 8, layer.inputs)).astype(np.float32)
    found = convolved({f"{layer.name}/kernel": kernel.astype(np.float32)}, layer, tf.constant(x))
    for image, one in zip(found.numpy(), x, strict=True):
        np.testing.assert_allclose(image, reference(layer, kernel, one), atol=1e-4)


def test_enlarging_repeats_neighbours() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32).reshape(1, 2, 2, 1)
    kernel = np.zeros((1, 1, 1, 1), np.float32) + 1
    found = convolved({"each/kernel": kernel}, Layer("each", 1, 1, 1, enlarge=2), tf.constant(x))
    wanted = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    np.testing.assert_array_equal(found.numpy()[0, ..., 0], wanted)


def test_normalisation_is_that_of_numpy() -> None:
    maps = RANDOM.normal(5.0, 3.0, (2, 7, 6, 4))
    scale, shift = RANDOM.standard_normal((2, 2, 4))
    found = normalised(*(tf.constant(each, tf.float32) for each in (maps, scale, shift)))
    mean, variance = maps.mean((1, 2), keepdims=True), maps.var((1, 2), keepdims=True)
    wanted = (maps - mean) / np.sqrt(variance + EPSILON)
    wanted = wanted * scale[:, None, None] + shift[:, None, None]
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-5)


def test_a_flat_map_becomes_its_shift() -> None:
    flat = tf.fill([1, 4, 4, 1], 9.0)
    found = normalised(flat, tf.constant([[2.0]]), tf.constant([[0.25]]))
    np.testing.assert_allclose(found.numpy(), 0.25, atol=1e-3)


@pytest.mark.parametrize("size", [(16, 16), (17, 30), (45, 33)])
def test_pictures_are_as_large_as_photographs_and_within_the_colours(size: tuple[int, int]) -> None:
    photographs = tf.constant(RANDOM.uniform(0, 255, (2, *size, 3)), tf.float32)
    found = painted(initial(1, 0), photographs, tf.ones([2, 1])).numpy()
    assert found.shape == (2, *size, 3)
    assert found.min() >= 0
    assert found.max() <= 255


def test_each_image_of_a_batch_has_its_own_style() -> None:
    parameters = initial(2, 0)
    for layer in NORMALISED:
        parameters[f"{layer.name}/shift"][1] = 0.5
    photograph = RANDOM.uniform(0, 255, (1, 24, 24, 3)).astype(np.float32)
    both = painted(parameters, np.concatenate([photograph] * 2), tf.eye(2)).numpy()
    for number in range(2):
        alone = painted(parameters, photograph, tf.eye(2)[number : number + 1]).numpy()
        np.testing.assert_allclose(both[number], alone[0], atol=0.01)
    assert np.abs(both[0] - both[1]).mean() > 1


def test_a_blend_of_equal_styles_is_the_style() -> None:
    parameters = initial(2, 3)
    photograph = RANDOM.uniform(0, 255, (1, 20, 20, 3)).astype(np.float32)
    alone = painted(parameters, photograph, tf.constant([[1.0, 0.0]]))
    half = painted(parameters, photograph, tf.constant([[0.5, 0.5]]))
    np.testing.assert_allclose(half.numpy(), alone.numpy(), atol=1e-3)


def test_parameters_have_the_number_and_the_spread_of_the_literature() -> None:
    found = initial(1, 0)
    kernels = [values for name, values in found.items() if name.endswith("kernel")]
    assert len(kernels) == 16  # of Johnson et al. 2016: three, five times two, two, and one
    assert sum(values.size for values in found.values()) < 430_000
    first = found["encoder2/kernel"]
    assert first.std() == pytest.approx(np.sqrt(2 / (3 * 3 * 16)), rel=0.05)  # He et al. 2015
    assert {name: each.shape for name, each in found.items()} == shapes(1)
    assert np.array_equal(initial(1, 0)[f"{LAST.name}/kernel"], found[f"{LAST.name}/kernel"])
    assert not np.array_equal(initial(1, 1)[f"{LAST.name}/kernel"], found[f"{LAST.name}/kernel"])
