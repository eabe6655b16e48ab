"""A course of training: how long, what is told on the way, and going on after an interruption."""

import json
import math
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from nst_core.checks import shown
from nst_core.errors import NetworkError, TrainingError
from nst_core.fast.trainer import Trainer
from nst_core.images.sizes import to_image
from nst_core.kinds import Number, Whole, check_kinds, described
from nst_core.loss.terms import Losses
from nst_core.network.archive import read_npz, write_npz
from nst_core.network.tensorflow import Tensor
from nst_core.version import VERSION

WARM_UP = 50
"""Steps, in which the learning rate rises from nothing."""
MOST_SETBACKS = 8
"""Losses that were no finite number; each halves the learning rate."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long to train, and on what.

    Attributes:
        steps: of Adam.
        crop: px, side of the square crops.
        batch: crops a step.
        learning_rate: after the first fifty steps.
        seed: of the initial parameters, the crops and their styles.
        every: steps between two looks at photographs that are not trained on.

    Raises:
        RecipeError: a field has a value that can't work.
    """

    steps: int = described(Whole(1, 1_000_000), default=2500)
    crop: int = described(Whole(32, 512, unit=" px"), default=224)
    batch: int = described(Whole(1, 32), default=4)
    learning_rate: float = described(Number(1e-6, 1e-1), default=1e-3)
    seed: int = described(Whole(0, 2**32 - 1), default=0)
    every: int = described(Whole(1, 10_000), default=100)

    def __post_init__(self) -> None:
        check_kinds(self)


@dataclass(frozen=True)
class TrainingProgress:
    """One moment of a training.

    Attributes:
        step, total_steps: those before an interruption included.
        loss: of this step's batch, the recipe's total; NaN before the first.
        held_out: the losses of photographs that are not trained on, when they were last looked at.
        picture: those photographs as they come out now, side by side, or None before the first
            look.
        kept: whether the network was written just now, for being the best so far.
        elapsed, remaining: seconds since this call, and until the end; NaN before it is known.
        message: what a person should know, if anything.
        final: True for the last one only.
    """

    step: int
    total_steps: int
    loss: float
    held_out: Losses
    picture: Image.Image | None
    kept: bool
    elapsed: float
    remaining: float
    message: str = ""
    final: bool = False


class Course(Protocol):
    """What is learnt, and of what.

    Attributes:
        terms: the names of the losses, after their total.
        refused: a sentence for each image that could not be used.
    """

    @property
    def terms(self) -> Sequence[str]: ...
    @property
    def refused(self) -> Sequence[str]: ...

    def begin(self) -> Trainer:
        """Load what it takes, and begin."""

    def batch(self, step: int) -> Sequence[Tensor]:
        """The tensors of a step, the same for the same step."""

    def held_out(self) -> Sequence[Sequence[Tensor]]:
        """Batches that are never trained on."""

    def as_losses(self, values: Tensor) -> Losses:
        """The losses by name, of a tensor of them."""

    def shown(self, pictures: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        """Those of the held-out pictures, H×W×3, that people are shown."""

    def save(
        self, parameters: Mapping[str, np.ndarray], story: Mapping[str, object], path: Path
    ) -> None:
        """Write the network's file."""

    def story(self) -> dict[str, object]:
        """What it is trained with, for people."""

    def subject(self) -> dict[str, object]:
        """What must be the same for it to go on."""


class Training:
    """A course from its beginning, or from where it was interrupted, to its end."""

    def __init__(self, course: Course, output: Path, schedule: Schedule) -> None:
        self._course, self._output, self._schedule = course, output, schedule
        self._step, self._setbacks, self._best = 0, 0, math.inf
        self._held_out = Losses.unmeasured(course.terms)
        self._picture: Image.Image | None = None
        self._message = self._about_refused()
        self._unfinished = self._read_unfinished()

    def progress(self) -> Generator[TrainingProgress, None, None]:
        """Learn; closing the generator ends that within a step."""
        began = time.monotonic()
        trainer = self._course.begin()
        schedule = self._schedule
        self._go_on(trainer)
        good, first, kept = trainer.state(), self._step, False
        try:
            while self._step < schedule.steps:
                loss = self._one_step(trainer)
                due = self._step % schedule.every == 0 or self._step == schedule.steps
                state = trainer.state() if due else {}
                if not math.isfinite(loss) or not _is_sound(state):
                    self._set_back(trainer, good)
                elif due:
                    good = state
                    kept = self._look(trainer)
                    self._write_unfinished(good)
                elapsed = time.monotonic() - began
                pace = elapsed / (self._step - first)
                left = pace * (schedule.steps - self._step)
                yield self._progress(loss, kept, elapsed, left)
                kept, self._message = False, ""
        finally:
            if self._step < schedule.steps:
                last = trainer.state()
                self._write_unfinished(last if _is_sound(last) else good)
        self._beside.unlink(missing_ok=True)

    def _progress(self, loss: float, kept: bool, elapsed: float, left: float) -> TrainingProgress:
        return TrainingProgress(
            step=self._step,
            total_steps=self._schedule.steps,
            loss=loss,
            held_out=self._held_out,
            picture=self._picture,
            kept=kept,
            elapsed=elapsed,
            remaining=left,
            message=self._message,
            final=self._step == self._schedule.steps,
        )

    def _one_step(self, trainer: Trainer) -> float:
        schedule = self._schedule
        rate = schedule.learning_rate / 2**self._setbacks * min((self._step + 1) / WARM_UP, 1.0)
        loss = trainer.step(self._course.batch(self._step), self._step, rate)
        self._step += 1
        return loss

    def _set_back(self, trainer: Trainer, good: Mapping[str, np.ndarray]) -> None:
        """Go on from the last good state, with steps half as large."""
        self._setbacks += 1
        if self._setbacks > MOST_SETBACKS:
            raise TrainingError(
                f"The loss was no finite number {self._setbacks} times, with ever smaller steps: "
                f"with these weights nothing can be learnt. The best network so far was kept."
                if math.isfinite(self._best)
                else "The loss is no finite number, however small the steps: smaller weights or a "
                "smaller learning rate are needed."
            )
        trainer.restore(good)
        self._message = (
            f"The loss was no finite number at step {self._step}: the training goes on from its "
            "last good state, with steps half as large."
        )

    def _look(self, trainer: Trainer) -> bool:
        """Look at what is not trained on; keep the network if it is the best."""
        pictures: list[np.ndarray] = []
        values: list[Tensor] = []
        for batch in self._course.held_out():
            painted, losses = trainer.look(batch)
            pictures.extend(painted)
            values.append(losses * len(painted))
        self._held_out = self._course.as_losses(sum(values[1:], start=values[0]) / len(pictures))
        if math.isfinite(self._held_out.total):
            self._picture = to_image(np.concatenate(self._course.shown(pictures), axis=1))
        if not self._held_out.total < self._best:
            return False
        self._best = self._held_out.total
        self._course.save(trainer.averages, self._story(), self._output)
        return True

    def _story(self) -> dict[str, object]:
        return {
            **self._course.story(),
            "steps": self._step,
            "crop": self._schedule.crop,
            "batch": self._schedule.batch,
            "held_out": {name: round(value, 5) for name, value in self._held_out.items()},
            "seed": self._schedule.seed,
            "program": VERSION,
        }

    # ------------------------------------------------------------ going on after an interruption

    @property
    def _beside(self) -> Path:
        return self._output.with_suffix(".training.npz")

    def _subject(self) -> dict[str, object]:
        """What must be the same for a training to go on."""
        schedule = self._schedule
        same = {"crop": schedule.crop, "batch": schedule.batch, "seed": schedule.seed}
        return {**self._course.subject(), **same}

    def _write_unfinished(self, state: Mapping[str, np.ndarray]) -> None:
        head = {
            "subject": self._subject(),
            "step": self._step,
            "setbacks": self._setbacks,
            "best": self._best,
        }
        write_npz(self._beside, {"head": json.dumps(head)}, state)

    def _read_unfinished(self) -> Mapping[str, np.ndarray]:
        """The state of an interrupted training of the same subject; empty if there is none."""
        name = shown(self._beside.name)
        if not self._beside.exists():
            return {}
        try:
            arrays = read_npz(self._beside.read_bytes())
            head = json.loads(arrays.pop("head").tobytes())
            subject, self._step = head["subject"], int(head["step"])
            self._setbacks, self._best = int(head["setbacks"]), float(head["best"])
        except Exception as error:
            raise NetworkError(
                f"The interrupted training {name} is damaged: remove it to begin anew."
            ) from error
        if subject != self._subject():
            raise TrainingError(
                f"There is an interrupted training of something else, {name}: finish it with what "
                "it was begun with, remove it, or choose another output."
            )
        self._message += f" Going on after step {self._step}."
        return arrays

    def _go_on(self, trainer: Trainer) -> None:
        if self._unfinished:
            try:
                trainer.restore(self._unfinished)
            except (KeyError, ValueError) as error:
                raise NetworkError(
                    f"The interrupted training {shown(self._beside.name)} is of another network: "
                    "remove it to begin anew."
                ) from error
        self._unfinished = {}

    def _about_refused(self) -> str:
        refused = self._course.refused
        if not refused:
            return ""
        return f"{len(refused)} of the photographs can't be used; the first: {refused[0]}"


def _is_sound(state: Mapping[str, np.ndarray]) -> bool:
    """Whether all of it are finite numbers: a gradient may be none where its loss is one."""
    return all(np.isfinite(values).all() for values in state.values())
