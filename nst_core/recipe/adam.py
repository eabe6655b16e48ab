"""Adam, as settings and as a descent."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from nst_core.kinds import Flag, Number, Whole, check_kinds, described
from nst_core.network.tensorflow import Tensor, tf
from nst_core.recipe.descent import Descent, Evaluate
from nst_core.recipe.pyramid import composed, decomposed, gradients_of_levels


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1, with ε inside as in Keras).

    Keras's own keeps its state in variables of one shape; this one serves every size with one
    trace, and clips and averages within the same update.

    Attributes:
        learning_rate: size of a step at first, in pixel values.
        beta_1, beta_2: decay of the running mean of the gradient, and of its square.
        epsilon: added to the root of the mean square.
        clip: keep pixels in 0..255 after each step.
        decay: size of the last step over `learning_rate`, falling along half a cosine.
        warm_up: smaller steps that come first, growing evenly: the running means know next to
            nothing then, and whole steps would throw the picture's colours about (as in Goyal et
            al. 2017, Accurate, Large Minibatch SGD, section 2.2).
        averaging: decay of a running mean of the iterates, which then is the picture; 0 is none.
        pyramid: move the picture's `Pyramid` in place of its pixels, so that one step can change
            large areas and fine detail alike.
    """

    learning_rate: float = described(Number(1e-6, 1e6), default=2.0)
    beta_1: float = described(Number(0.0, 0.9999), default=0.9)
    beta_2: float = described(Number(0.0, 0.999999), default=0.999)
    epsilon: float = described(Number(1e-12, 1e6), default=1e-7)
    clip: bool = described(Flag(), default=False)
    decay: float = described(Number(0.0, 1.0), default=1.0)
    warm_up: int = described(Whole(0, 100_000), default=0)
    averaging: float = described(Number(0.0, 0.9999), default=0.0)
    pyramid: bool = described(Flag(), default=False)

    def __post_init__(self) -> None:
        check_kinds(self)

    def start(self, image: Tensor, evaluate: Evaluate, steps: int) -> Descent:
        return _AdamDescent(self, image, evaluate, steps)

    def rate(self, step: int, steps: int) -> float:
        """Step size of step number `step`, counted from 0, out of `steps`."""
        progress = step / max(steps - 1, 1)
        fall = (1 - math.cos(math.pi * progress)) / 2
        growth = min((step + 1) / (self.warm_up + 1), 1.0)
        return self.learning_rate * growth * (1 - (1 - self.decay) * fall)


Levels = list[Tensor]
"""Of a pyramid, the finest first."""


class _AdamDescent:
    losses: Tensor
    over = False
    message = ""

    def __init__(self, settings: Adam, image: Tensor, evaluate: Evaluate, steps: int) -> None:
        self.steps = 0
        self.image = self.ahead = image
        self._settings = settings
        self._evaluate = evaluate
        self._planned = steps
        self._iterate = image
        self._mean = tf.zeros_like(image)
        self._levels = decomposed(image, None if settings.pyramid else 0)
        self._first = [tf.zeros_like(level) for level in self._levels]
        self._second = self._first

    def step(self) -> None:
        settings = self._settings
        self.image = self.ahead
        self.losses, gradient = self._evaluate(self._iterate, self.steps)
        rate = settings.rate(self.steps, self._planned)
        self.steps += 1
        rate *= math.sqrt(1 - settings.beta_2**self.steps) / (1 - settings.beta_1**self.steps)
        constants = [settings.beta_1, settings.beta_2, settings.epsilon, settings.averaging]
        update = _update(len(self._levels))
        self._levels, self._first, self._second, self._iterate, self._mean = update(
            self._levels,
            self._first,
            self._second,
            gradient,
            self._mean,
            tf.constant(rate, tf.float32),
            tf.constant(constants),
            tf.constant(settings.clip),
        )
        self.ahead = self._iterate
        if settings.averaging:
            self.ahead = self._mean / (1 - settings.averaging**self.steps)

    def close(self) -> None:
        """Nothing to give back."""


@lru_cache(maxsize=16)
def _update(levels: int) -> Callable[..., tuple[Levels, Levels, Levels, Tensor, Tensor]]:
    """One traced update of so many levels, for images of every size."""
    image = tf.TensorSpec([1, None, None, 3], tf.float32)
    each = [image] * levels
    numbers = [tf.TensorSpec([], tf.float32), tf.TensorSpec([4], tf.float32)]
    signature = [each, each, each, image, image, *numbers, tf.TensorSpec([], tf.bool)]

    @tf.function(input_signature=signature, autograph=False)
    def update(
        x: Levels,
        m: Levels,
        v: Levels,
        gradient: Tensor,
        mean: Tensor,
        rate: Tensor,
        constants: Tensor,
        clip: Tensor,
    ) -> tuple[Levels, Levels, Levels, Tensor, Tensor]:
        beta_1, beta_2, epsilon, averaging = tf.unstack(constants)
        moves = gradients_of_levels(x, gradient)
        m = [old + (new - old) * (1 - beta_1) for old, new in zip(m, moves, strict=True)]
        v = [old + (new**2 - old) * (1 - beta_2) for old, new in zip(v, moves, strict=True)]
        x = [
            level - rate * first / (tf.sqrt(second) + epsilon)
            for level, first, second in zip(x, m, v, strict=True)
        ]
        image = composed(x)
        clipped = tf.where(clip, tf.clip_by_value(image, 0.0, 255.0), image)
        x[0] += clipped - image  # the finest level has what is cut off
        return x, m, v, clipped, mean + (clipped - mean) * (1 - averaging)

    return update
