"""L-BFGS-B, as settings and as a descent: SciPy's loop, one evaluation at a time."""

import math
import queue
import sys
import threading
from dataclasses import dataclass

import numpy as np

from nst_core.kinds import Choice, Flag, Whole, check_kinds, described
from nst_core.network.tensorflow import Tensor, tf
from nst_core.recipe.descent import Descent, Evaluate

_SCIPY_LIMITS = {"evaluation": "maxfun", "iteration": "maxiter"}
_SCIPY_ABNORMAL = 2


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

    counting: str = described(Choice(_SCIPY_LIMITS), default="evaluation")
    round_steps: int = described(Whole(1, 100_000), default=20)
    memory: int = described(Whole(1, 100), default=10)
    clip: bool = described(Flag(), default=False)

    def __post_init__(self) -> None:
        check_kinds(self)

    def start(self, image: Tensor, evaluate: Evaluate, steps: int) -> Descent:
        return _LBFGSDescent(self, image, evaluate, steps)

    def scipy_options(self, steps: int) -> dict[str, float]:
        """The options that make `scipy.optimize.minimize` run one round of `steps`."""
        unlimited = dict.fromkeys(_SCIPY_LIMITS.values(), sys.maxsize)
        limits = {**unlimited, _SCIPY_LIMITS[self.counting]: steps}
        return {**limits, "maxcor": self.memory, "ftol": 0.0, "gtol": 0.0}


class _LBFGSDescent:
    """SciPy's loop turned inside out: a thread that asks for one evaluation at a time."""

    losses: Tensor

    def __init__(self, settings: LBFGS, image: Tensor, evaluate: Evaluate, steps: int) -> None:
        self.steps = 0
        self.image = self.ahead = image
        self.over = False
        self.message = ""
        self._settings = settings
        self._evaluate = evaluate
        self._planned = steps
        self._questions: queue.Queue[np.ndarray | Exception | None] = queue.Queue()
        self._answers: queue.Queue[tuple[float, np.ndarray] | None] = queue.Queue()
        threading.Thread(target=self._minimise, daemon=True, name="l-bfgs").start()
        self._first = True
        self._next()

    def step(self) -> None:
        self._measured = tf.constant(self._question.reshape(tuple(self.image.shape)), tf.float32)
        self._values, gradient = self._evaluate(self._measured, self._end)
        total = float(self._values[0])
        if self._first or not math.isfinite(total):
            self.losses, self._first = self._values, False
        self._answers.put((total, gradient.numpy().ravel().astype(np.float64)))
        self._next()
        self.ahead = self.image

    def close(self) -> None:
        self._answers.put(None)

    def _next(self) -> None:
        """Wait until SciPy asks for an evaluation, or is done."""
        question = self._questions.get()
        if isinstance(question, Exception):
            raise question
        self.over = question is None and self.steps < self._planned
        if question is not None:
            self._question = question

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
