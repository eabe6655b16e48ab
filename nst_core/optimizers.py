"""Ways down a loss: settings are data, and their `start` gives a `Descent`, which can `step`."""

import math
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from functools import cache
from typing import Any, ClassVar, Protocol, cast

import numpy as np

from nst_core.checks import check_bool, check_choice, check_number, check_whole
from nst_core.lazy import tf

Evaluate = Callable[[Any], tuple[Any, Any]]
"""Image tensor 1×H×W×3 -> (losses tensor [total, content, style, variation], gradient 1×H×W×3)."""


class Descent(Protocol):
    """A descent under way.

    Attributes:
        image: the picture measured last, float32 tensor 1×H×W×3, RGB in 0..255.
        losses: its losses, float32 tensor [total, content, style, variation].
        ahead: where the descent stands now: what the next step measures; the result after the last.
        steps: how many of the recipe's steps are done.
        over: whether it can't go on, although steps are left.
        message: what a person should know about its course, if anything.
    """

    image: Any
    losses: Any
    ahead: Any
    steps: int
    over: bool
    message: str

    def step(self) -> None:
        """Measure the picture ahead and move on: one evaluation of the loss."""

    def close(self) -> None:
        """Give back what the descent holds. May be called twice."""


class Optimizer(Protocol):
    """Settings of an optimiser: a frozen dataclass that knows how to start a descent."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def start(self, image: Any, evaluate: Evaluate, steps: int) -> Descent:
        """A descent of `steps` steps from `image`."""


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1, with ε inside as in Keras).

    Attributes:
        learning_rate: size of the first step, in pixel values.
        beta_1, beta_2: decay of the running mean of the gradient, and of its square.
        epsilon: added to the root of the mean square.
        clip: keep pixels in 0..255 after each step.
        decay: size of the last step over that of the first, falling along half a cosine.
        averaging: decay of a running mean of the iterates, which then is the picture; 0 is none.
    """

    learning_rate: float = 2.0
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    clip: bool = False
    decay: float = 1.0
    averaging: float = 0.0

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, 1e-6, 1e6)
        check_number("beta_1", self.beta_1, 0.0, 0.9999)
        check_number("beta_2", self.beta_2, 0.0, 0.999999)
        check_number("epsilon", self.epsilon, 1e-12, 1e6)
        check_number("decay", self.decay, 0.0, 1.0)
        check_number("averaging", self.averaging, 0.0, 0.9999)
        check_bool("clip", self.clip)

    def start(self, image: Any, evaluate: Evaluate, steps: int) -> Descent:
        return _AdamDescent(self, image, evaluate, steps)

    def rate(self, step: int, steps: int) -> float:
        """Step size of step number `step`, counted from 0, out of `steps`."""
        progress = step / max(steps - 1, 1)
        fall = (1 - math.cos(math.pi * progress)) / 2
        return self.learning_rate * (1 - (1 - self.decay) * fall)


class _AdamDescent:
    over = False
    message = ""

    def __init__(self, settings: Adam, image: Any, evaluate: Evaluate, steps: int) -> None:
        self.steps = 0
        self.image = self.ahead = image
        self.losses: Any = None
        self._settings = settings
        self._evaluate = evaluate
        self._planned = steps
        self._iterate = image
        self._state = [tf.zeros_like(image)] * 3

    def step(self) -> None:
        settings = self._settings
        self.image = self.ahead
        self.losses, gradient = self._evaluate(self._iterate)
        rate = settings.rate(self.steps, self._planned)
        self.steps += 1
        rate *= math.sqrt(1 - settings.beta_2**self.steps) / (1 - settings.beta_1**self.steps)
        self._iterate, *self._state = _adam_update()(
            self._iterate,
            gradient,
            *self._state,
            tf.constant(rate, tf.float32),
            tf.constant([settings.beta_1, settings.beta_2, settings.epsilon, settings.averaging]),
            tf.constant(settings.clip),
        )
        self.ahead = self._iterate
        if settings.averaging:
            self.ahead = self._state[-1] / (1 - settings.averaging**self.steps)

    def close(self) -> None:
        """Nothing to give back."""


@cache
def _adam_update() -> Callable[..., tuple[Any, ...]]:
    """One traced update for images of every size."""
    image = tf.TensorSpec([1, None, None, 3], tf.float32)
    numbers = [tf.TensorSpec([], tf.float32), tf.TensorSpec([4], tf.float32)]
    signature = [image] * 5 + numbers + [tf.TensorSpec([], tf.bool)]

    @tf.function(input_signature=signature, autograph=False)
    def update(
        x: Any, gradient: Any, m: Any, v: Any, mean: Any, rate: Any, constants: Any, clip: Any
    ) -> tuple[Any, ...]:
        beta_1, beta_2, epsilon, averaging = tf.unstack(constants)
        m += (gradient - m) * (1 - beta_1)
        v += (gradient**2 - v) * (1 - beta_2)
        x -= rate * m / (tf.sqrt(v) + epsilon)
        x = tf.where(clip, tf.clip_by_value(x, 0.0, 255.0), x)
        return x, m, v, mean + (x - mean) * (1 - averaging)

    return update


@dataclass(frozen=True)
class LBFGS:
    """L-BFGS-B (Byrd et al. 1995) as SciPy has it, in rounds that each begin with an empty memory.

    SciPy's two tests for convergence are off: with a loss of 1e12 the one on the relative decrease
    would end the descent at once.

    Attributes:
        counting: what a step is: an "evaluation" of the loss, or an "iteration", which may take
            several evaluations. As in SciPy, evaluations past the limit complete their iteration.
        round_steps: steps in a round.
        memory: pairs of corrections that are kept.
        clip: keep pixels in 0..255.
    """

    counting: str = "evaluation"
    round_steps: int = 20
    memory: int = 10
    clip: bool = False

    def __post_init__(self) -> None:
        check_choice("counting", self.counting, _SCIPY_LIMITS)
        check_whole("round_steps", self.round_steps, 1, 100_000)
        check_whole("memory", self.memory, 1, 100)
        check_bool("clip", self.clip)

    def start(self, image: Any, evaluate: Evaluate, steps: int) -> Descent:
        return _LBFGSDescent(self, image, evaluate, steps)

    def scipy_options(self, steps: int) -> dict[str, Any]:
        """The options that make `scipy.optimize.minimize` run one round of `steps`."""
        unlimited = dict.fromkeys(_SCIPY_LIMITS.values(), sys.maxsize)
        limits = {**unlimited, _SCIPY_LIMITS[self.counting]: steps}
        return {**limits, "maxcor": self.memory, "ftol": 0.0, "gtol": 0.0}


_SCIPY_LIMITS = {"evaluation": "maxfun", "iteration": "maxiter"}
_SCIPY_ABNORMAL = 2


class _LBFGSDescent:
    """SciPy's loop turned inside out: a thread that asks for one evaluation at a time."""

    def __init__(self, settings: LBFGS, image: Any, evaluate: Evaluate, steps: int) -> None:
        self.steps = 0
        self.image = self.ahead = image
        self.losses: Any = None
        self.over = False
        self.message = ""
        self._settings = settings
        self._evaluate = evaluate
        self._planned = steps
        self._questions: queue.Queue[Any] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._minimise, daemon=True, name="l-bfgs").start()
        self._next()

    def step(self) -> None:
        self._measured = tf.constant(self._question.reshape(self.image.shape), tf.float32)
        self._values, gradient = self._evaluate(self._measured)
        total = float(self._values[0])
        if self.losses is None or not math.isfinite(total):
            self.losses = self._values
        self._answers.put((total, gradient.numpy().ravel().astype(np.float64)))
        self._next()
        self.ahead = self.image

    def close(self) -> None:
        self._answers.put(None)

    def _next(self) -> None:
        """Wait until SciPy asks for an evaluation, or is done."""
        self._question = self._questions.get()
        if isinstance(self._question, Exception):
            raise self._question
        self.over = self._question is None and self.steps < self._planned

    # What follows runs in SciPy's thread, while the caller's waits in `_next`.

    def _minimise(self) -> None:
        x = self.image.numpy().ravel().astype(np.float64)
        try:
            for begin in range(0, self._planned, self._settings.round_steps):
                x, goes_on = self._round(x, begin)
                if not goes_on:
                    break
            self._questions.put(None)
        except _ClosedError:
            return
        except Exception as error:
            self._questions.put(error)

    def _round(self, x: np.ndarray, begin: int) -> tuple[np.ndarray, bool]:
        from scipy.optimize import minimize  # half a second to import; not every run needs it

        end = self._end = min(begin + self._settings.round_steps, self._planned)
        result = minimize(
            self._ask,
            x,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, 255.0)] * x.size if self._settings.clip else None,
            callback=self._accept,
            options=self._settings.scipy_options(end - begin),
        )
        if result.status == _SCIPY_ABNORMAL:
            self.message = f"L-BFGS ended abnormally near step {self.steps}: {result.message}."
        if result.nit == 0:  # another round from here would find no step either
            self.message = self.message or f"L-BFGS found no further step after step {begin}."
            return x, False
        self.steps = end
        return result.x, True

    def _ask(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        self._questions.put(x.copy())
        answer = self._answers.get()
        if answer is None:
            raise _ClosedError
        if self._settings.counting == "evaluation":
            self._count()
        return answer

    def _accept(self, _x: np.ndarray) -> None:
        """SciPy took the point measured last."""
        self.image, self.losses = self._measured, self._values
        if self._settings.counting == "iteration":
            self._count()

    def _count(self) -> None:
        # Evaluations past the limit complete their iteration; the round's end is its last step.
        self.steps = min(self.steps + 1, self._end - 1)


class _ClosedError(Exception):
    """Unwinds SciPy's loop when nobody wants its result any more."""


OPTIMIZERS: dict[str, Optimizer] = {"adam": Adam(), "lbfgs": LBFGS()}
"""Name -> default settings."""


def find_optimizer(optimizer: "str | Optimizer") -> Optimizer:
    """The default settings of the optimiser called `optimizer`, or `optimizer` itself.

    Raises:
        RecipeError: there is none of that name; lists those there are.
    """
    if is_dataclass(optimizer):
        return optimizer
    check_choice("optimizer", optimizer, OPTIMIZERS)
    return OPTIMIZERS[cast(str, optimizer)]
