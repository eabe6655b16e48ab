"""VGG activations against a plain Keras model of the same kernels."""

from typing import Any

import numpy as np
import pytest
from helpers import keras_maps, noise

from nst_core import Backbone, BackboneError, load_backbone
from nst_core.network.tensorflow import tf

SIZES = [(37, 50), (16, 16), (33, 17)]


def tensor(image: np.ndarray) -> Any:
    return tf.constant(image[None], tf.float32)


def check_close(value: Any, expected: np.ndarray, tolerance: float) -> None:
    """Compare with the largest activation as the measure."""
    value = tf.cast(value, tf.float32).numpy()[0]
    np.testing.assert_allclose(value, expected, rtol=0, atol=tolerance * expected.max())


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("size", SIZES)
def test_every_layer_equals_keras(backbone: Backbone, pooling: str, size: tuple[int, int]) -> None:
    image = noise(*size, seed=1)
    found = backbone.activations(tensor(image), backbone.layers, pooling)
    expected = keras_maps(backbone, pooling)(image)
    assert set(found) == set(expected)
    for layer, value in found.items():
        check_close(value, expected[layer], 1e-5)


def test_layers_are_named_as_in_keras(backbone: Backbone) -> None:
    """VGG16, configuration D of Simonyan & Zisserman, but for the last layer, nobody's need."""
    blocks = enumerate([2, 2, 3, 3, 2], start=1)
    expected = [f"block{b}_conv{c}" for b, count in blocks for c in range(1, count + 1)]
    assert list(backbone.layers) == expected


def test_only_what_is_wanted_comes_back(backbone: Backbone) -> None:
    wanted = ["block3_conv1", "block1_conv2"]
    assert set(backbone.activations(tensor(noise(16, 16, 1)), wanted)) == set(wanted)


@pytest.mark.parametrize(
    ("wanted", "convolutions"),
    [([], 0), (["block1_conv1"], 1), (["block3_conv1", "block2_conv2"], 5), (["block5_conv2"], 12)],
)
def test_nothing_runs_beyond_the_deepest_layer(
    backbone: Backbone, wanted: list[str], convolutions: int
) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        return dict(backbone.activations(image, wanted))

    graph = run.get_concrete_function(tf.TensorSpec([1, None, None, 3])).graph
    assert [op.type for op in graph.get_operations()].count("Conv2D") == convolutions


def test_reflect_padding_stands_in_front_of_the_first_layer_only(backbone: Backbone) -> None:
    image = noise(21, 30, seed=2)
    found = backbone.activations(tensor(image), backbone.layers, padding="reflect")
    expected = keras_maps(backbone, "max", margin=1)(image)
    for layer, value in found.items():
        check_close(value, expected[layer], 1e-5)


def test_bfloat16_is_close_and_leaves_float32_exact(backbone: Backbone) -> None:
    image, layers = noise(32, 48, seed=3), ["block1_conv1", "block4_conv2"]
    expected = keras_maps(backbone, "max")(image)
    rough = backbone.activations(tensor(image), layers, dtype="bfloat16")
    exact = backbone.activations(tensor(image), layers)
    for layer in layers:
        assert rough[layer].dtype == tf.bfloat16
        check_close(rough[layer], expected[layer], 0.02)
        assert exact[layer].dtype == tf.float32
        check_close(exact[layer], expected[layer], 1e-5)


def test_a_trace_leaves_nothing_behind_that_eager_code_trips_over(backbone: Backbone) -> None:
    fresh, image = Backbone("fresh", "", backbone.kernels), tensor(noise(16, 16, 1))

    def run(image: Any) -> Any:
        return fresh.activations(image, ["block1_conv1"])["block1_conv1"]

    traced = tf.function(run, autograph=False)(image)
    np.testing.assert_allclose(run(image), traced, rtol=1e-5, atol=1e-3)


def test_up_to_deepest(backbone: Backbone) -> None:
    wanted = ["block1_conv2", "block2_conv1", "block1_conv1"]
    assert backbone.up_to_deepest(wanted) == ("block1_conv1", "block1_conv2", "block2_conv1")


def test_loaded_once_per_process() -> None:
    assert load_backbone("embedded") is load_backbone("embedded")


@pytest.mark.parametrize("name", ["vgg16", "", "VGG19", "weights.pth"])
def test_unknown_name_lists_the_known(name: str) -> None:
    with pytest.raises(BackboneError, match=r"auto, vgg19, embedded") as caught:
        load_backbone(name)
    assert repr(name) in str(caught.value)
