"""What a decoder is given while it learns: columns, as they will be matched when it paints."""

from typing import NamedTuple

from nst_core.decoder.decoder_columns import SIDE, columns
from nst_core.decoder.decoder_pass import Parameters, decoded
from nst_core.loss.columns import resized
from nst_core.loss.neighbours import directions, products
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import Tensor, tf


class Lesson(NamedTuple):
    """What a step learns from.

    Attributes:
        own: images to be given back as they are; these and the next, float32 B×H×W×3 in 0..255.
        photographs: images to be painted.
        pictures: of which each photograph's columns are matched to those of one.
        manners: for each photograph `share` and `own` of a `Manner`: float32 B×2.
        seed: of which places are looked at: int32, two numbers.
    """

    own: Tensor
    photographs: Tensor
    pictures: Tensor
    manners: Tensor
    seed: Tensor


class Targets(NamedTuple):
    """Columns, B×h×w×960, and `blocks` of the places they come from; own ones first."""

    columns: Tensor
    blocks: Tensor


def targets(network: Backbone, parameters: Parameters, lesson: Lesson, dtype: str) -> Targets:
    """What pictures are to be made of; nothing is learnt through it.

    Photographs are painted at half their size first, as when the decoder is used.

    Args:
        network: VGG16.
        parameters: of the decoder so far.
        lesson: of the step.
        dtype: of the convolutions.
    """
    share, own = (lesson.manners[:, number, None, None, None] for number in (0, 1))
    photographs, pictures = lesson.photographs, lesson.pictures
    half, half_picture = (tf.nn.avg_pool2d(each, 2, 2, "VALID") for each in (photographs, pictures))
    coarse = decoded(parameters, matched(network, half, half_picture, own, dtype).columns, dtype)
    before = resized(tf.clip_by_value(coarse, 0, 255), *tf.unstack(tf.shape(photographs)[1:3]))
    query = share * before + (1 - share) * photographs
    found = matched(network, query, pictures, own, dtype)
    given = Targets(columns(network, lesson.own, dtype), blocks(lesson.own))
    both = [tf.concat(each, axis=0) for each in zip(given, found, strict=True)]
    return Targets(*(tf.stop_gradient(each) for each in both))


def matched(
    network: Backbone, images: Tensor, pictures: Tensor, own: Tensor, dtype: str
) -> Targets:
    """Of each place the nearest of the picture's, and so much of its own."""
    mine, theirs = columns(network, images, dtype), columns(network, pictures, dtype)
    near = tf.argmax(products(_flat(mine), directions(_flat(theirs), None, 0.0), dtype), axis=2)

    def with_own(values: Tensor, others: Tensor) -> Tensor:
        found = tf.reshape(tf.gather(_flat(others), near, batch_dims=1), tf.shape(values))
        return own * values + (1 - own) * found

    return Targets(with_own(mine, theirs), with_own(blocks(images), blocks(pictures)))


def blocks(image: Tensor) -> Tensor:
    """Mean and spread of the colours of each 4 × 4 pixels: B×H×W×3 -> B×H/4×W/4×6."""
    mean = tf.nn.avg_pool2d(image, SIDE, SIDE, "VALID")
    variance = tf.nn.avg_pool2d(image**2, SIDE, SIDE, "VALID") - mean**2
    return tf.concat([mean, tf.sqrt(tf.nn.relu(variance) + 1.0)], axis=3)


def _flat(maps: Tensor) -> Tensor:
    return tf.reshape(maps, [tf.shape(maps)[0], -1, maps.shape[-1]])
