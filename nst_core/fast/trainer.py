"""A network that learns: its parameters, their running averages, and one step of Adam."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from nst_core.network.tensorflow import Tensor, TensorSpec, Variable, tf

LARGEST_GRADIENT = 10.0
"""Norm; a longer gradient is shortened to it."""
LONGEST_AVERAGE = 0.998
"""Part of the averages that a step keeps, once some thousands of steps are behind it."""


class Trainer:
    """Parameters on their way.

    What is shown and kept are running averages: single steps sway, and their mean is what a falling
    learning rate would come to. (Polyak & Juditsky 1992.)
    """

    def __init__(
        self,
        begun: Mapping[str, np.ndarray],
        measured: Callable[..., tuple[Tensor, Tensor]],
        signature: Sequence[TensorSpec],
    ) -> None:
        """Begin with some parameters.

        Args:
            begun: name -> float32 array.
            measured: of parameters and a batch: the pictures, float32 B×H×W×3 in 0..255, and their
                losses, of which the first is what is made smaller.
            signature: the `TensorSpec` of each part of a batch.
        """
        self._measured = measured
        self._parameters = {name: tf.Variable(values) for name, values in begun.items()}
        self._averages = {name: tf.Variable(values) for name, values in begun.items()}
        self._adam = tf.keras.optimizers.Adam(global_clipnorm=LARGEST_GRADIENT)
        self._adam.build(list(self._parameters.values()))
        share = tf.TensorSpec([], tf.float32)
        self._step = tf.function(
            self._one_step, input_signature=(share, *signature), autograph=False
        )
        self._look = tf.function(
            self._painted_and_measured, input_signature=signature, autograph=False
        )

    def step(self, batch: Sequence[Tensor], done: int, learning_rate: float) -> float:
        """One step of Adam on a batch; returns its loss.

        done: steps before this one, of which the averages take account.
        """
        self._adam.learning_rate.assign(learning_rate)
        share = max(9 / (done + 10), 1 - LONGEST_AVERAGE)  # what is old is poor, so at first little
        values = self._step(tf.constant(share, tf.float32), *batch)
        return float(values[0])

    def look(self, batch: Sequence[Tensor]) -> tuple[np.ndarray, Tensor]:
        """What the averages paint, float32 B×H×W×3 in 0..255, and its losses."""
        pictures, values = self._look(*batch)
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

    def _variables(self) -> dict[str, Variable]:
        return {
            **{f"now/{name}": each for name, each in self._parameters.items()},
            **{f"average/{name}": each for name, each in self._averages.items()},
            **{f"adam/{number}": each for number, each in enumerate(self._adam.variables)},
        }

    def _one_step(self, share: Tensor, *batch: Tensor) -> Tensor:
        variables = list(self._parameters.values())
        with tf.GradientTape() as tape:
            _, values = self._measured(self._parameters, *batch)
            total = values[0]
        gradients = tape.gradient(total, variables)
        self._adam.apply_gradients(zip(gradients, variables, strict=True))
        for variable, average in zip(variables, self._averages.values(), strict=True):
            average.assign_add(share * (variable - average))
        return values

    def _painted_and_measured(self, *batch: Tensor) -> tuple[Tensor, Tensor]:
        return self._measured(self._averages, *batch)
