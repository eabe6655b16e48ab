"""Ways down a loss. An optimiser's settings are data; `start` gives the thing that has a `step`."""

from dataclasses import dataclass
from typing import Any, Protocol

from nst_core.errors import RecipeError
from nst_core.lazy import tf
from nst_core.objective import Objective

PIXEL_RANGE = (0.0, 255.0)


class Optimizer(Protocol):
    """A descent under way.

    Attributes:
        image: the picture reached, float32 tensor 1×H×W×3, RGB in 0..255.
        losses: float32 tensor (total, content, style, variation), last measured.
        steps: how many of the recipe's steps are done.
    """

    image: Any
    losses: Any
    steps: int

    def step(self) -> None:
        """Evaluate the objective once and move on."""

    def close(self) -> None:
        """Give back what the descent holds; may be called twice."""


@dataclass(frozen=True)
class Adam:
    """Settings of Adam (Kingma & Ba 2015, algorithm 1, in Keras's form).

    Attributes:
        learning_rate: first step size, in pixel values.
        beta_1, beta_2: decay of the mean and of the mean square of the gradient.
        epsilon: added to the root of the mean square.
        clip: keep pixels in 0..255 after each step.
        decay: the last step's size over the first one's, falling as half a cosine; 1 keeps it.
        averaging: decay of a running mean of the iterates, which is then the picture; 0 for none.
    """

    learning_rate: float = 2.0
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    clip: bool = False
    decay: float = 1.0
    averaging: float = 0.0
