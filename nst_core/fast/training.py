"""train(): a folder of photographs and some paintings in, a stream of progress out."""

import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from nst_core.decoder.decoder_file import load_decoder
from nst_core.errors import TrainingError
from nst_core.fast.decoding import DecoderCourse
from nst_core.fast.network import FastNetwork
from nst_core.fast.network_files import check_styles, save_network
from nst_core.fast.network_pass import Parameters, initial, painted
from nst_core.fast.photographs import Photographs
from nst_core.fast.trainer import Trainer
from nst_core.fast.training_course import Schedule, Training, TrainingProgress
from nst_core.fast.training_loss import TrainingLoss
from nst_core.images.opening import ImageSource, open_image
from nst_core.images.outputs import check_overwrites
from nst_core.images.saving import check_target
from nst_core.loss.terms import Losses
from nst_core.network.backbone import FILLED, Backbone, load_backbone
from nst_core.network.tensorflow import Tensor, tf
from nst_core.painting.folders import photographs as files_of
from nst_core.painting.image_settings import pixels_sha256
from nst_core.recipe.catalogue import find_recipe
from nst_core.recipe.recipe import Recipe

DECODER_SCHEDULE = Schedule(steps=3000, crop=160, batch=4)


def train(
    styles: Mapping[str, ImageSource],
    photographs: str | os.PathLike[str],
    output: str | os.PathLike[str],
    recipe: str | Recipe = "moments",
    backbone: str | Backbone = "auto",
    schedule: Schedule | None = None,
    **changes: object,
) -> Generator[TrainingProgress, None, None]:
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
    weights = [backbone] if isinstance(backbone, str) else []  # may be a file
    _check_output(output, [photographs], [*styles.values(), *weights])
    opened = {name: open_image(each, "style image") for name, each in styles.items()}
    changed = find_recipe(recipe).changed(**changes)
    photos = Photographs(photographs, schedule.crop, schedule.seed)
    course = _Styles(opened, photos, changed, backbone, schedule)
    return Training(course, Path(output), schedule).progress()


def train_decoder(
    pictures: str | os.PathLike[str],
    photographs: str | os.PathLike[str],
    output: str | os.PathLike[str],
    schedule: Schedule | None = None,
    start: str | os.PathLike[str] | None = None,
) -> Generator[TrainingProgress, None, None]:
    """Train a decoder of columns, likewise; it always looks through the embedded VGG16.

    Args:
        pictures: a folder of paintings, drawings and textures: whatever may be a style.
        photographs: a folder of them, of any sizes and subjects.
        output: the decoder's file, `.npz`.
        schedule: None for the usual one.
        start: a decoder's file, which is trained further; None to begin anew.

    Raises:
        TrainingError: too few images, an interrupted training of something else, or crops whose
            halves are not made of whole columns.
        NetworkError: `start` is no decoder.
        ImageError, OutputError: as elsewhere.
    """
    schedule = schedule or DECODER_SCHEDULE
    if schedule.crop % (2 * FILLED):
        raise TrainingError(
            f"A decoder learns from squares whose side is a multiple of {2 * FILLED} px, "
            f"not {schedule.crop} px."
        )
    _check_output(output, [photographs, pictures], [] if start is None else [start])
    begun = None if start is None else load_decoder(start)
    photos = Photographs(photographs, schedule.crop, schedule.seed)
    others = Photographs(pictures, schedule.crop, schedule.seed + 1)
    course = DecoderCourse(photos, others, schedule, begun)
    return Training(course, Path(output), schedule).progress()


def check_apart(
    written: str | os.PathLike[str],
    folders: Iterable[str | os.PathLike[str]],
    images: Iterable[ImageSource],
    what: str = "The network",
) -> None:
    """Raise `OutputError` where a file to write is an image of these, or of one of the folders."""
    files = [path for folder in folders for path in files_of(folder)]
    named = [each for each in images if isinstance(each, str | os.PathLike)]
    check_overwrites([Path(written)], [*files, *named], what)


def _check_output(
    output: str | os.PathLike[str],
    folders: Iterable[str | os.PathLike[str]],
    images: Iterable[ImageSource] = (),
) -> None:
    """Raise `OutputError` where the network can't be written, or may not."""
    check_target(output, "The network")
    check_apart(output, folders, images)


class _Styles:
    """The course of a network that knows some styles; each crop is painted in one of them."""

    def __init__(
        self,
        styles: Mapping[str, Image.Image],
        photos: Photographs,
        recipe: Recipe,
        backbone: str | Backbone,
        schedule: Schedule,
    ) -> None:
        self._styles, self._photos, self._recipe = styles, photos, recipe
        self._backbone, self._schedule = backbone, schedule
        self.terms = [term.name for term in recipe.active_terms]
        self.refused = photos.refused

    def begin(self) -> Trainer:
        images = list(self._styles.values())
        self._loss = loss = TrainingLoss(images, self._recipe, load_backbone(self._backbone))
        precision = loss.recipe.precision

        def measured(
            parameters: Parameters, photographs: Tensor, styles: Tensor
        ) -> tuple[Tensor, Tensor]:
            mix = tf.one_hot(styles, len(images))
            pictures = painted(parameters, photographs, mix, precision)
            return pictures, loss.losses(pictures, photographs, styles)

        crop = self._schedule.crop
        signature = (
            tf.TensorSpec([None, crop, crop, 3], tf.float32),
            tf.TensorSpec([None], tf.int32),
        )
        return Trainer(initial(len(images), self._schedule.seed), measured, signature)

    def batch(self, step: int) -> Sequence[Tensor]:
        schedule = self._schedule
        random = np.random.default_rng((schedule.seed, step, 1))
        styles = random.permutation(np.arange(step, step + schedule.batch))
        crops = self._photos.batch(step, schedule.batch)
        return _tensors(crops, styles % len(self._styles))

    def held_out(self) -> Sequence[Sequence[Tensor]]:
        """Each style paints two photographs, which take turns."""
        held_out, size = self._photos.held_out(), self._schedule.batch
        styles = np.repeat(np.arange(len(self._styles)), 2)
        photos = held_out[(np.arange(len(styles)) + styles // len(held_out)) % len(held_out)]
        return [
            _tensors(photos[start : start + size], styles[start : start + size])
            for start in range(0, len(styles), size)
        ]

    def as_losses(self, values: Tensor) -> Losses:
        return self._loss.as_losses(values)

    def shown(self, pictures: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        """One of each style."""
        return pictures[::2]

    def save(
        self, parameters: Mapping[str, np.ndarray], story: Mapping[str, object], path: Path
    ) -> None:
        save_network(FastNetwork(tuple(self._styles), parameters, story), path)

    def story(self) -> dict[str, object]:
        return {
            "recipe": self._recipe.name,
            "weights": {term.name: term.weight for term in self._recipe.active_terms},
            "photographs": self._photos.count,
        }

    def subject(self) -> dict[str, object]:
        return {
            "styles": {name: pixels_sha256(image) for name, image in self._styles.items()},
            "recipe": repr(self._recipe),
            "photographs": self._photos.count,
        }


def _tensors(photographs: np.ndarray, styles: np.ndarray) -> tuple[Tensor, Tensor]:
    return tf.constant(photographs, tf.float32), tf.constant(styles, tf.int32)
