"""What a decoder learns: to invert columns, and to agree with those that were matched.

After Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3.5. Half of a batch is to be
given back as it is; the other half are photographs whose columns were replaced by the nearest of a
picture, and there is no picture that they are to become.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nst_core.decoder.decoder import Decoder
from nst_core.decoder.decoder_columns import SIDE, columns
from nst_core.decoder.decoder_file import save_decoder
from nst_core.decoder.decoder_pass import CONTRAST, FIXED, Parameters, decoded, initial
from nst_core.fast.photographs import Photographs
from nst_core.fast.trainer import Trainer
from nst_core.fast.training_course import Schedule
from nst_core.loss.neighbours import directions, products
from nst_core.loss.terms import Losses
from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.precision import faster_dtype
from nst_core.network.tensorflow import Tensor, tf

WEIGHTS = {
    "inverted": 1.0,
    "matched": 1.0,
    "activations": 0.1,
    "colour": 0.3,
    "contrast": 0.5,
    "pixels": 1.0,
    "range": 1.0,
}
"""The terms and their weights: 1 − cosine of the columns of what is given back, and of what was
matched; their squared difference over the spread; mean and spread of each 4 × 4 pixels against
those of the place that was matched, which keeps grain off plain grounds; the pixels of what is
given back; and what is out of 0..255. Those of pixels are in units of 64 grey levels."""
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

        def measured(
            parameters: Parameters, own: Tensor, photographs: Tensor, pictures: Tensor
        ) -> tuple[Tensor, Tensor]:
            wanted, blocks = targets(network, own, photographs, pictures, dtype)
            made = decoded({**self._fixed, **parameters}, wanted, dtype)
            return made, losses(network, made, own, wanted, blocks, spread, dtype)

        return Trainer(begun, measured, (crops, crops, crops))

    def batch(self, step: int) -> Sequence[Tensor]:
        """What is to be given back, photographs, and pictures to match them to."""
        half = self._schedule.batch // 2
        pictures = self._pictures.batch(step, 2 * half)
        photos = self._photos.batch(step, half + half // 2)
        random = np.random.default_rng((self._schedule.seed, step, 2))
        plain = [random.random() < PLAIN for _ in range(half)]
        matched = [
            plain_ground(random, self._schedule.crop) if each else photo
            for each, photo in zip(plain, photos[:half], strict=True)
        ]
        own = np.concatenate([photos[half:], pictures[half:]])[:half]
        return _tensors(own, np.stack(matched), pictures[:half])

    def held_out(self) -> Sequence[Sequence[Tensor]]:
        photos, pictures = self._photos.held_out(), self._pictures.held_out()
        half = len(photos) // 2
        own = np.concatenate([photos[:half], pictures[:half]])
        return [_tensors(own, photos, pictures)]

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


def targets(
    network: Backbone, own: Tensor, photographs: Tensor, pictures: Tensor, dtype: str
) -> tuple[Tensor, Tensor]:
    """The columns that are to be made pictures of, and `blocks` of the places they come from."""
    mine = columns(network, photographs, dtype)
    theirs = columns(network, pictures, dtype)
    flat = tf.reshape(theirs, [tf.shape(theirs)[0], -1, theirs.shape[-1]])
    queries = tf.reshape(mine, [tf.shape(mine)[0], -1, mine.shape[-1]])
    near = tf.argmax(products(queries, directions(flat, None, 0.0), dtype), axis=2)

    def at_the_nearest(values: Tensor) -> Tensor:
        each = tf.reshape(values, [tf.shape(values)[0], -1, values.shape[-1]])
        shape = tf.concat([tf.shape(mine)[:3], tf.shape(values)[3:]], axis=0)
        return tf.reshape(tf.gather(each, near, batch_dims=1), shape)

    wanted = tf.concat([columns(network, own, dtype), at_the_nearest(theirs)], axis=0)
    return wanted, tf.concat([blocks(own), at_the_nearest(blocks(pictures))], axis=0)


def losses(
    network: Backbone,
    made: Tensor,
    own: Tensor,
    wanted: Tensor,
    wanted_blocks: Tensor,
    spread: np.ndarray,
    dtype: str,
) -> Tensor:
    """The total and the terms: of pictures made, the first of which are to be `own`."""
    found, count = columns(network, made, dtype), tf.shape(own)[0]
    cosines = tf.reduce_sum(
        tf.math.l2_normalize(found, axis=3) * tf.math.l2_normalize(wanted, axis=3), axis=3
    )
    off = tf.abs(blocks(made) - wanted_blocks) / CONTRAST
    beyond = tf.nn.relu(-made) + tf.nn.relu(made - 255)
    values = {
        "inverted": tf.reduce_mean(1 - cosines[:count]),
        "matched": tf.reduce_mean(1 - cosines[count:]),
        "activations": tf.reduce_mean(((found - wanted) / spread) ** 2),
        "colour": tf.reduce_mean(off[..., :3]),
        "contrast": tf.reduce_mean(off[..., 3:]),
        "pixels": tf.reduce_mean(tf.abs(made[:count] - own)) / CONTRAST,
        "range": tf.reduce_mean(beyond) / CONTRAST,
    }
    parts = [WEIGHTS[name] * values[name] for name in WEIGHTS]
    return tf.stack([tf.add_n(parts), *parts])


def blocks(image: Tensor) -> Tensor:
    """Mean and spread of the colours of each 4 × 4 pixels: B×H×W×3 -> B×H/4×W/4×6."""
    mean = tf.nn.avg_pool2d(image, SIDE, SIDE, "VALID")
    variance = tf.nn.avg_pool2d(image**2, SIDE, SIDE, "VALID") - mean**2
    return tf.concat([mean, tf.sqrt(tf.nn.relu(variance) + 1.0)], axis=3)


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


def _tensors(*batches: np.ndarray) -> Sequence[Tensor]:
    return tuple(tf.constant(batch, tf.float32) for batch in batches)
