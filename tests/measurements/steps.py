"""Steps as their sources have them, bare passes, and the operations that they take."""

from collections.abc import Callable
from typing import Any

import numpy as np
from measurements.pair import CONTENT, STYLE, backbone, objective, pixels

from nst_core import Recipe
from nst_core.images.opening import open_image
from nst_core.images.sizes import resize, to_array
from nst_core.loss.terms import DETAIL
from nst_core.network.backbone import downsampling
from nst_core.network.tensorflow import tf

MATRIX = 2048
"""Rows and columns of the matrix product that tells the machine's speed."""
BATCH_OF_THREE = ("keras-book", "walkthrough")
"""Sources that send content, style and generated image through the network at every step."""
EAGER = ("tf-eager",)
"""Sources that run without a graph."""


def steps_as_published(recipe: Recipe, size: int) -> dict[str, Callable[[], Any]]:
    """{"published": one evaluation with gradient as the source has it}, or nothing.

    Nothing for `gatys-lbfgs` and `course`: each of their steps is one run of a TensorFlow 1
    graph on one image. What sets that apart from our own step can't be had in TensorFlow 2, and
    our own step under their name would tell nothing.
    """
    if recipe.name in BATCH_OF_THREE:
        return {"published": batch_of_three_step(recipe, size)}
    if recipe.name in EAGER:
        return {"published": eager_step(recipe, size)}
    return {}


def batch_of_three_step(recipe: Recipe, size: int) -> Callable[[], Any]:
    """Content, style and generated image through the network in float32, in a graph.

    The smoothing term and the weights are left out, which makes it a little faster than it was.
    """
    image = tf.constant(pixels(CONTENT, size)[None])
    constants = tf.concat([image, tf.constant(resized_style(size)[None])], axis=0)
    layers = tuple({*recipe.content_layers, *recipe.style_layers})

    @tf.function(autograph=False)
    def evaluate(image: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            batch = tf.concat([constants, image], axis=0)
            maps = backbone().activations(batch, layers, recipe.pooling)
            total = sum(
                tf.reduce_sum((maps[layer][2] - maps[layer][0]) ** 2)
                for layer in recipe.content_layers
            )
            total += sum(
                tf.reduce_sum((gram(maps[layer][2]) - gram(maps[layer][1])) ** 2)
                for layer in recipe.style_layers
            )
        return tape.gradient(total, image)

    return lambda: evaluate(image).numpy()


def eager_step(recipe: Recipe, size: int) -> Callable[[], Any]:
    """The recipe's loss in float32, operation by operation, without a graph."""
    loss = objective(recipe.changed(precision="float32"), size)
    image = tf.constant(pixels(CONTENT, size)[None])

    def evaluate() -> None:
        tf.config.run_functions_eagerly(True)
        try:
            loss.evaluate(image)[1].numpy()
        finally:
            tf.config.run_functions_eagerly(False)

    return evaluate


def gram(maps: Any) -> Any:
    flat = tf.reshape(maps, [-1, maps.shape[-1]])
    return tf.matmul(flat, flat, transpose_a=True)


def resized_style(size: int) -> np.ndarray:
    height, width, _ = pixels(CONTENT, size).shape
    return to_array(resize(open_image(STYLE), (width, height)))


def bare_pass(recipe: Recipe, size: int) -> Callable[[], Any]:
    """The network up to the recipe's deepest layer, with the gradient, and nothing else."""
    image = tf.constant(pixels(CONTENT, size)[None])
    loss = objective(recipe, size)
    deepest = backbone().up_to_deepest(recipe.layers)[-1]

    @tf.function(autograph=False)
    def forth_and_back(image: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            maps = backbone().activations(
                image, [deepest], recipe.pooling, recipe.padding, loss.recipe.precision
            )
            total = tf.reduce_sum(maps[deepest])
        return tape.gradient(total, image)

    return lambda: forth_and_back(image).numpy()


def flops(recipe: Recipe, size: int) -> float:
    """Operations of one evaluation with gradient: convolutions and comparisons, both ways."""
    height, width, _ = pixels(CONTENT, size).shape
    if recipe.padding == "reflect":  # filled up to a multiple of 16, see `backbone`
        height, width = height + -height % 16, width + -width % 16
    terms = recipe.terms_in(DETAIL)
    total = 0.0
    for layer in backbone().up_to_deepest({*recipe.layers}):
        shrink = downsampling(layer)
        positions = (height // shrink) * (width // shrink)
        kernel = backbone().kernels[layer][0]
        total += positions * kernel.size
        total += sum(
            term.compared.multiplications(positions, kernel.shape[-1], height * width)
            for term in terms
            if layer in term.active_layers
        )
    return 2 * 2 * total


def matrix_product(dtype: str) -> Callable[[], Any]:
    matrix = tf.cast(tf.random.normal([MATRIX, MATRIX]), dtype)
    product = tf.function(lambda x: tf.matmul(x, x), autograph=False)
    return lambda: product(matrix).numpy()
