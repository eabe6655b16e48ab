"""What a network learns from: the losses of a batch whose images have a style each."""

import numpy as np
import pytest
from helpers import CAT, CHURCH, STUDIO, noise, photo
from PIL import Image

from nst_core import Backbone, RecipeError
from nst_core.fast.training_loss import TrainingLoss
from nst_core.network.tensorflow import tf

STYLES = [Image.fromarray(photo(CHURCH, 90, 64)), Image.fromarray(noise(48, 200, 3))]
"""Of different shapes, so that their maps have different numbers of positions."""
PHOTOS = np.stack([photo(CAT, 64, 64), noise(64, 64, 1)]).astype(np.float32)
PICTURES = np.stack([noise(64, 64, 2), noise(64, 64, 5)]).astype(np.float32)


def test_neighbours_are_those_of_each_images_own_style(backbone: Backbone) -> None:
    training_loss = TrainingLoss(STYLES, STUDIO, backbone)

    def losses(pictures: np.ndarray, photographs: np.ndarray, styles: list[int]) -> np.ndarray:
        tensors = map(tf.constant, (pictures, photographs, styles))
        return np.array(training_loss.losses(*tensors).numpy())

    both = losses(PICTURES, PHOTOS, [0, 1])
    alone = [losses(PICTURES[[k]], PHOTOS[[k]], [k]) for k in (0, 1)]
    np.testing.assert_allclose(both, np.mean(alone, axis=0), rtol=1e-4)
    assert np.abs(losses(PICTURES[[0]], PHOTOS[[0]], [1]) - alone[0]).max() > 1e-3
    assert {*training_loss.as_losses(tf.constant(both))} >= {"total", "content", "style", "palette"}


def test_what_learns_has_a_gradient(backbone: Backbone) -> None:
    training_loss = TrainingLoss(STYLES, STUDIO, backbone)
    pictures = tf.constant(PICTURES)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        total = training_loss.losses(pictures, tf.constant(PHOTOS), tf.constant([1, 0]))[0]
    gradient = tape.gradient(total, pictures).numpy()
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 0


def test_columns_are_for_one_photograph_at_a_time(backbone: Backbone) -> None:
    recipe = STUDIO.changed(style_comparison="columns")
    with pytest.raises(
        RecipeError, match=r"^style_comparison: matched columns .* learns from many"
    ):
        TrainingLoss(STYLES, recipe, backbone)
