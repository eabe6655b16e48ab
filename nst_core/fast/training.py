"""train(): a folder of photographs and some paintings in, a stream of progress out."""

import json
import math
import os
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nst_core.checks import shown
from nst_core.errors import NetworkError, TrainingError
from nst_core.fast.files import check_styles, read_npz, save_network, write_npz
from nst_core.fast.learner import Learner
from nst_core.fast.lesson import Lesson
from nst_core.fast.network import FastNetwork
from nst_core.fast.photographs import Photographs
from nst_core.images.opening import ImageSource, open_image
from nst_core.images.saving import check_target
from nst_core.images.sizes import to_image
from nst_core.kinds import Number, Whole, check_kinds, described
from nst_core.loss.terms import Losses
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.painting.image_settings import pixels_sha256
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe
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
        batch: crops a step, each in one of the styles.
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
class Progress:
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


def train(
    styles: Mapping[str, ImageSource],
    photographs: str | os.PathLike[str],
    output: str | os.PathLike[str],
    recipe: str | Recipe = "moments",
    backbone: str | Backbone = "auto",
    schedule: Schedule | None = None,
    **changes: Any,
) -> Generator[Progress, None, None]:
    """Train a network for one style or several, yielding progress on the way.

    The arguments are checked and the images opened at once; the work begins with the first
    progress asked for. The best network so far lies at `output`. Closing the generator ends the
    training within a step; beside `output` is then what the next call needs to go on from there.

    Args:
        styles: name -> its image, as `stylize` takes one.
        photographs: a folder of them, of any sizes and subjects.
        output: the network's file, `.npz`.
        recipe: the loss, as for `stylize`; what it says of steps, sizes and the picture so far is
            left aside, and its places count alike.
        backbone: as for `stylize`.
        schedule: None for the usual one.
        **changes: to the recipe, as for `stylize`.

    Raises:
        TrainingError: too few photographs, a style of one colour, or an interrupted training of
            something else beside `output`.
        NetworkError: a name that no style can have.
        ImageError, RecipeError, BackboneError, OutputError: as elsewhere.
    """
    schedule = schedule or Schedule()
    check_styles(tuple(styles))
    check_target(output)
    opened = {name: open_image(each, "style image") for name, each in styles.items()}
    changed = find_recipe(recipe).changed(**changes)
    photos = Photographs(photographs, schedule.crop, schedule.seed)
    return _Training(opened, photos, Path(output), changed, backbone, schedule).progress()


class _Training:
    def __init__(
        self,
        styles: Mapping[str, Image.Image],
        photos: Photographs,
        output: Path,
        recipe: Recipe,
        backbone: str | Backbone,
        schedule: Schedule,
    ) -> None:
        self._styles, self._photos, self._output = styles, photos, output
        self._recipe, self._backbone, self._schedule = recipe, backbone, schedule
        self._step, self._setbacks, self._best = 0, 0, math.inf
        self._held_out = Losses.unmeasured(term.name for term in recipe.active_terms)
        self._picture: Image.Image | None = None
        self._message = self._about_refused()
        self._unfinished = self._read_unfinished()

    def progress(self) -> Generator[Progress, None, None]:
        began = time.monotonic()
        lesson = Lesson(list(self._styles.values()), self._recipe, load_backbone(self._backbone))
        schedule = self._schedule
        learner = Learner(lesson, len(self._styles), schedule.crop, schedule.seed)
        self._go_on(learner)
        good, first, kept = learner.state(), self._step, False
        try:
            while self._step < schedule.steps:
                loss = self._one_step(learner)
                due = self._step % schedule.every == 0 or self._step == schedule.steps
                state = learner.state() if due else {}
                if not math.isfinite(loss) or not _is_sound(state):
                    self._set_back(learner, good)
                elif due:
                    good = state
                    kept = self._look(learner, lesson)
                    self._write_unfinished(good)
                elapsed = time.monotonic() - began
                pace = elapsed / (self._step - first)
                left = pace * (schedule.steps - self._step)
                yield self._told(loss, kept, elapsed, left)
                kept, self._message = False, ""
        finally:
            if self._step < schedule.steps:
                last = learner.state()
                self._write_unfinished(last if _is_sound(last) else good)
        self._beside.unlink(missing_ok=True)

    def _told(self, loss: float, kept: bool, elapsed: float, left: float) -> Progress:
        return Progress(
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

    def _one_step(self, learner: Learner) -> float:
        schedule = self._schedule
        random = np.random.default_rng((schedule.seed, self._step, 1))
        styles = random.permutation(np.arange(self._step, self._step + schedule.batch))
        crops = self._photos.batch(self._step, schedule.batch)
        rate = schedule.learning_rate / 2**self._setbacks * min((self._step + 1) / WARM_UP, 1.0)
        loss = learner.step(crops, styles % len(self._styles), self._step, rate)
        self._step += 1
        return loss

    def _set_back(self, learner: Learner, good: Mapping[str, np.ndarray]) -> None:
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
        learner.restore(good)
        self._message = (
            f"The loss was no finite number at step {self._step}: the training goes on from its "
            "last good state, with steps half as large."
        )

    def _look(self, learner: Learner, lesson: Lesson) -> bool:
        """Look at photographs that are not trained on; keep the network if it is the best.

        Each style paints two of them, which take turns.
        """
        held_out, size = self._photos.held_out(), self._schedule.batch
        styles = np.repeat(np.arange(len(self._styles)), 2)
        photos = held_out[(np.arange(len(styles)) + styles // len(held_out)) % len(held_out)]
        pictures: list[np.ndarray] = []
        values = []
        for start in range(0, len(styles), size):
            part = slice(start, start + size)
            painted, losses = learner.look(photos[part], styles[part])
            pictures.extend(painted)
            values.append(losses * (len(painted) / len(styles)))
        self._held_out = lesson.told(sum(values))
        if math.isfinite(self._held_out.total):
            self._picture = to_image(np.concatenate(pictures[::2], axis=1))
        if not self._held_out.total < self._best:
            return False
        self._best = self._held_out.total
        save_network(
            FastNetwork(tuple(self._styles), learner.averages, self._story()), self._output
        )
        return True

    def _story(self) -> dict[str, Any]:
        return {
            "recipe": self._recipe.name,
            "weights": {term.name: term.weight for term in self._recipe.active_terms},
            "steps": self._step,
            "crop": self._schedule.crop,
            "batch": self._schedule.batch,
            "photographs": self._photos.count,
            "held_out": {name: round(value, 5) for name, value in self._held_out.items()},
            "seed": self._schedule.seed,
            "program": VERSION,
        }

    # ------------------------------------------------------------ going on after an interruption

    @property
    def _beside(self) -> Path:
        return self._output.with_suffix(".training.npz")

    def _subject(self) -> dict[str, Any]:
        """What must be the same for a training to go on."""
        return {
            "styles": {name: pixels_sha256(image) for name, image in self._styles.items()},
            "recipe": repr(self._recipe),
            "crop": self._schedule.crop,
            "batch": self._schedule.batch,
            "seed": self._schedule.seed,
            "photographs": self._photos.count,
        }

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

    def _go_on(self, learner: Learner) -> None:
        if self._unfinished:
            try:
                learner.restore(self._unfinished)
            except (KeyError, ValueError) as error:
                raise NetworkError(
                    f"The interrupted training {shown(self._beside.name)} is of another network: "
                    "remove it to begin anew."
                ) from error
        self._unfinished = {}

    def _about_refused(self) -> str:
        refused = self._photos.refused
        if not refused:
            return ""
        return f"{len(refused)} of the photographs can't be used; the first: {refused[0]}"


def _is_sound(state: Mapping[str, np.ndarray]) -> bool:
    """Whether all of it are finite numbers: a gradient may be none where its loss is one."""
    return all(np.isfinite(values).all() for values in state.values())
