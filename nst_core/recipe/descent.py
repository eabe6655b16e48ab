"""What an optimiser is: settings whose `start` gives a descent, which can `step`."""

from collections.abc import Callable
from dataclasses import Field
from typing import Any, ClassVar, Protocol

from nst_core.network.tensorflow import Tensor

Evaluate = Callable[[Tensor, int], tuple[Tensor, Tensor]]
"""Image tensor 1×H×W×3, number of the step -> (losses tensor: the total and then each active term,
gradient 1×H×W×3). A loss that looks at some positions only looks at others at each step."""


class Descent(Protocol):
    """A descent under way.

    Attributes:
        image: the picture measured last, float32 tensor 1×H×W×3, RGB in 0..255.
        losses: its losses, as `Evaluate` gives them.
        ahead: where the descent stands now: what the next step measures; the result after the last.
        steps: how many of the recipe's steps are done.
        over: whether it can't go on, although steps are left.
        message: what a person should know about its course, if anything.
    """

    image: Tensor
    losses: Tensor
    ahead: Tensor
    steps: int
    over: bool
    message: str

    def step(self) -> None:
        """Measure the picture ahead and move on: one evaluation of the loss."""

    def close(self) -> None:
        """Give back what the descent holds. May be called twice."""


class Optimizer(Protocol):
    """Settings of an optimiser: a frozen dataclass that knows how to start a descent."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def start(self, image: Tensor, evaluate: Evaluate, steps: int) -> Descent:
        """A descent of `steps` steps from `image`."""
