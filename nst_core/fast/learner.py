"""A network that learns: its parameters, their running averages, and one step of Adam."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nst_core.fast.layers import initial, painted
from nst_core.fast.lesson import Lesson
from nst_core.network.tensorflow import tf

LARGEST_GRADIENT = 10.0
"""Norm; a longer gradient is shortened to it."""
LONGEST_AVERAGE = 0.998
"""Part of the averages that a step keeps, once some thousands of steps are behind it."""


class Learner:
    """Parameters on their way.

    What is shown and kept are running averages: single steps sway, and their mean is what a falling
    learning rate would come to. (Polyak & Juditsky 1992.)
    """

    def __init__(self, lesson: Lesson, styles: int, crop: int, seed: int) -> None:
        self._lesson, self._styles = lesson, styles
        begun = initial(styles, seed)
        self._parameters = {name: tf.Variable(values) for name, values in begun.items()}
        self._averages = {name: tf.Variable(values) for name, values in begun.items()}
        self._adam = tf.keras.optimizers.Adam(global_clipnorm=LARGEST_GRADIENT)
        self._adam.build(list(self._parameters.values()))
        crops = tf.TensorSpec([None, crop, crop, 3], tf.float32)
        numbers = tf.TensorSpec([None], tf.int32)
        share = tf.TensorSpec([], tf.float32)
        self._step = tf.function(
            self._one_step, input_signature=(crops, numbers, share), autograph=False
        )
        self._look = tf.function(
            self._painted_and_measured, input_signature=(crops, numbers), autograph=False
        )

    def step(
        self, photographs: np.ndarray, styles: np.ndarray, done: int, learning_rate: float
    ) -> float:
        """One step of Adam on a batch, each image in its own style; returns the batch's loss.

        done: steps before this one, of which the averages take account.
        """
        self._adam.learning_rate.assign(learning_rate)
        share = max(9 / (done + 10), 1 - LONGEST_AVERAGE)  # what is old is poor, so at first little
        values = self._step(*_tensors(photographs, styles), tf.constant(share, tf.float32))
        return float(values[0])

    def look(self, photographs: np.ndarray, styles: np.ndarray) -> tuple[np.ndarray, Any]:
        """What the averages paint, float32 B×H×W×3 in 0..255, and its losses (`Lesson.told`)."""
        pictures, values = self._look(*_tensors(photographs, styles))
        return pictures.numpy(), values

    @property
    def averages(self) -> dict[str, np.ndarray]:
        """What a network is made of."""
        return {name: variable.numpy() for name, variable in self._averages.items()}

    def state(self) -> dict[str, np.ndarray]:
        """All that the next step depends on."""
        return {name: variable.numpy() for name, variable in self._variables().items()}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to a state; raises KeyError or ValueError if it is that of another network."""
        for name, variable in self._variables().items():
            variable.assign(state[name])

    def _variables(self) -> dict[str, Any]:
        return {
            **{f"now/{name}": each for name, each in self._parameters.items()},
            **{f"average/{name}": each for name, each in self._averages.items()},
            **{f"adam/{number}": each for number, each in enumerate(self._adam.variables)},
        }

    def _one_step(self, photographs: Any, styles: Any, share: Any) -> Any:
        variables = list(self._parameters.values())
        with tf.GradientTape() as tape:
            _, values = self._measured(self._parameters, photographs, styles)
            total = values[0]
        gradients = tape.gradient(total, variables)
        self._adam.apply_gradients(zip(gradients, variables, strict=True))
        for variable, average in zip(variables, self._averages.values(), strict=True):
            average.assign_add(share * (variable - average))
        return values

    def _painted_and_measured(self, photographs: Any, styles: Any) -> tuple[Any, Any]:
        return self._measured(self._averages, photographs, styles)

    def _measured(
        self, parameters: Mapping[str, Any], photographs: Any, styles: Any
    ) -> tuple[Any, Any]:
        mix = tf.one_hot(styles, self._styles)
        pictures = painted(parameters, photographs, mix, self._lesson.recipe.precision)
        return pictures, self._lesson.losses(pictures, photographs, styles)


def _tensors(photographs: np.ndarray, styles: np.ndarray) -> tuple[Any, Any]:
    return tf.constant(photographs, tf.float32), tf.constant(styles, tf.int32)
