"""The course of a decoder's training.

After Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3.5. Part of a batch is to be
given back as it is; the others are photographs whose columns are replaced by the nearest of a
picture.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nst_core.decoder.decoder import Decoder
from nst_core.decoder.decoder_columns import columns
from nst_core.decoder.decoder_file import save_decoder
from nst_core.decoder.decoder_pass import FIXED, Parameters, decoded, initial
from nst_core.decoder.manner import USUAL
from nst_core.fast.decoder_loss import WEIGHTS, losses
from nst_core.fast.decoder_targets import Lesson, targets
from nst_core.fast.photographs import Photographs
from nst_core.fast.trainer import Trainer
from nst_core.fast.training_course import Schedule
from nst_core.loss.terms import Losses
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.precision import faster_dtype
from nst_core.network.tensorflow import Tensor, tf

MOST = (0.6, 0.4)
"""Of the share and the own columns of a `Manner`: from none to so much is learnt."""
GIVEN_BACK = 4
"""One of so many images is to be given back: a photograph or a picture, in turn."""
PLAIN = 0.1
"""Of the photographs, so many are a plain colour or a gradient, some with noise."""
SURVEYED = 30
"""Batches that mean and spread of the columns are taken from."""


class DecoderCourse:
    """The course of a decoder; see `Course`."""

    terms = tuple(WEIGHTS)

    def __init__(
        self,
        photos: Photographs,
        pictures: Photographs,
        schedule: Schedule,
        start: Decoder | None = None,
    ) -> None:
        """Begin with crops of photographs, and of pictures of all kinds.

        start: what is trained further, or None to begin anew.
        """
        self._photos, self._pictures, self._schedule = photos, pictures, schedule
        self._start = start
        self.refused = [*photos.refused, *pictures.refused]

    def begin(self) -> Trainer:
        network = load_backbone("embedded")
        dtype = faster_dtype(network)
        begun = self._begun(network, dtype)
        spread = np.asarray(begun["spread"])
        self._fixed = {name: begun.pop(name) for name in FIXED}
        crop = self._schedule.crop
        crops = tf.TensorSpec([None, crop, crop, 3], tf.float32)
        manners, seed = tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([2], tf.int32)

        def measured(parameters: Parameters, *batch: Tensor) -> tuple[Tensor, Tensor]:
            lesson = Lesson(*batch)
            every = {**self._fixed, **parameters}
            wanted = targets(network, every, lesson, dtype)
            made = decoded(every, wanted.columns, dtype)
            return made, losses(network, made, lesson, wanted, spread, dtype)

        return Trainer(begun, measured, (crops, crops, crops, manners, seed))

    def batch(self, step: int) -> Sequence[Tensor]:
        """See `Lesson`."""
        own = max(self._schedule.batch // GIVEN_BACK, 1)
        count = max(self._schedule.batch - own, 1)
        pictures = self._pictures.batch(step, count + own)
        photos = self._photos.batch(step, count + own)
        random = np.random.default_rng((self._schedule.seed, step, 2))
        given_back = photos if step % 2 else pictures
        plain = [random.random() < PLAIN for _ in range(count)]
        painted = [
            plain_ground(random, self._schedule.crop) if each else photo
            for each, photo in zip(plain, photos[:count], strict=True)
        ]
        manners = random.random((count, 2)) * MOST
        return _lesson(given_back[count:], np.stack(painted), pictures[:count], manners, step)

    def held_out(self) -> Sequence[Sequence[Tensor]]:
        photos, pictures = self._photos.held_out(), self._pictures.held_out()
        half = len(photos) // 2
        own = np.concatenate([photos[:half], pictures[:half]])
        manners = np.tile([USUAL.share, USUAL.own], (len(photos), 1))
        return [_lesson(own, photos, pictures, manners, 0)]

    def as_losses(self, values: Tensor) -> Losses:
        total, *parts = values.numpy().tolist()
        return Losses(total, **dict(zip(WEIGHTS, parts, strict=True)))

    def shown(self, pictures: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        return pictures

    def save(
        self, parameters: Mapping[str, np.ndarray], story: Mapping[str, object], path: Path
    ) -> None:
        save_decoder(Decoder({**self._fixed, **parameters}, story), path)

    def story(self) -> dict[str, object]:
        story: dict[str, object] = {
            "photographs": self._photos.count,
            "pictures": self._pictures.count,
        }
        return story | ({"start": dict(self._start.story)} if self._start else {})

    def subject(self) -> dict[str, object]:
        return {"decoder": WEIGHTS, **self.story()}

    def _begun(self, network: Backbone, dtype: str) -> dict[str, np.ndarray]:
        if self._start is None:
            return initial(*self._survey(network, dtype), self._schedule.seed)
        return {name: np.asarray(values) for name, values in self._start.parameters.items()}

    def _survey(self, network: Backbone, dtype: str) -> tuple[np.ndarray, np.ndarray]:
        """Mean and spread of the columns' channels."""
        found = []
        for step in range(SURVEYED):
            images = np.concatenate([self._photos.batch(step, 2), self._pictures.batch(step, 2)])
            some = columns(network, tf.constant(images, tf.float32), dtype).numpy()
            found.append(some.reshape(-1, some.shape[-1]))
        every = np.concatenate(found)
        spread = every.std(axis=0)
        return every.mean(axis=0), np.maximum(spread, spread.mean() / 100)


def plain_ground(random: np.random.Generator, side: int) -> np.ndarray:
    """A colour, or a gradient between two, with noise or without; uint8 side×side×3."""
    first, second = 255 * random.random((2, 3))
    if random.random() < 0.4:
        second = first
    down, right = np.mgrid[:side, :side] / side
    angle = 2 * np.pi * random.random()
    slope = np.cos(angle) * right + np.sin(angle) * down
    part = (slope - slope.min()) / np.ptp(slope)
    noise = random.choice([0, 0, 2, 6]) * random.standard_normal((side, side, 1))
    ground = first + (second - first) * part[:, :, None] + noise
    return np.rint(ground).clip(0, 255).astype(np.uint8)


def _lesson(
    own: np.ndarray, photographs: np.ndarray, pictures: np.ndarray, manners: np.ndarray, seed: int
) -> Lesson:
    def tensor(values: np.ndarray) -> Tensor:
        return tf.constant(values, tf.float32)

    images = tensor(own), tensor(photographs), tensor(pictures)
    return Lesson(*images, manners=tensor(manners), seed=tf.constant([seed, 0], tf.int32))
