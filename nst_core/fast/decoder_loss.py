"""What a decoder learns: to invert columns, to agree with those matched, and what a run does.

After Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3.5. Some pictures are to be
given back as they are; for the others, photographs whose columns were replaced by the nearest of a
picture, there is no picture that they are to become. These go by the losses of a run as well.
"""

from collections.abc import Mapping

import numpy as np

from nst_core.decoder.decoder_columns import LAYERS, columns_of
from nst_core.decoder.decoder_pass import CONTRAST
from nst_core.fast.decoder_targets import Lesson, Targets, blocks
from nst_core.loss.neighbours import gathered, nearest_distances
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import Tensor, tf

WEIGHTS = {
    "inverted": 1.0,
    "matched": 1.0,
    "activations": 0.3,
    "colour": 0.6,
    "contrast": 1.0,
    "neighbours": 5.0,
    "content": 0.8,
    "pixels": 1.0,
    "range": 1.0,
}
"""The terms and their weights: 1 − cosine of the columns of what is given back, and of what was
matched; their squared difference over the spread; mean and spread of each 4 × 4 pixels against
those of the place that was matched, which keeps grain off plain grounds; as in a run, neighbours,
the mean of the layers, and content; the pixels of what is given back; and what is out of 0..255.
Those of pixels are in units of 64 grey levels."""
NEIGHBOURS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
CONTENT = "block4_conv2"
CENTRED = 0.5
"""As in `studio`; see `Neighbours`."""
MOST_POSITIONS = 1600
"""Of a layer's map that are looked at for neighbours, chosen anew for each step."""
Looked = Mapping[str, Tensor]


def losses(
    network: Backbone, made: Tensor, lesson: Lesson, wanted: Targets, spread: np.ndarray, dtype: str
) -> Tensor:
    """The total and the terms: of pictures made, the first of which are to be `lesson.own`."""
    looked = network.activations(made, (*LAYERS, *NEIGHBOURS, CONTENT), "max", "reflect", dtype)
    found, count = columns_of(looked), tf.shape(lesson.own)[0]
    cosines = tf.reduce_sum(
        tf.math.l2_normalize(found, axis=3) * tf.math.l2_normalize(wanted.columns, axis=3), axis=3
    )
    off = tf.abs(blocks(made) - wanted.blocks) / CONTRAST
    beyond = tf.nn.relu(-made) + tf.nn.relu(made - 255)
    painted = {layer: maps[count:] for layer, maps in looked.items()}
    pictures = network.activations(lesson.pictures, (*NEIGHBOURS, CONTENT), "max", "reflect", dtype)
    photographs = network.activations(lesson.photographs, (CONTENT,), "max", "reflect", dtype)
    values = {
        "inverted": tf.reduce_mean(1 - cosines[:count]),
        "matched": tf.reduce_mean(1 - cosines[count:]),
        "activations": tf.reduce_mean(((found - wanted.columns) / spread) ** 2),
        "colour": tf.reduce_mean(off[..., :3]),
        "contrast": tf.reduce_mean(off[..., 3:]),
        "neighbours": neighbours(painted, pictures, lesson.seed),
        "content": content(painted[CONTENT], photographs[CONTENT], pictures[CONTENT]),
        "pixels": tf.reduce_mean(tf.abs(made[:count] - lesson.own)) / CONTRAST,
        "range": tf.reduce_mean(beyond) / CONTRAST,
    }
    parts = [WEIGHTS[name] * values[name] for name in WEIGHTS]
    return tf.stack([tf.add_n(parts), *parts])


def neighbours(painted: Looked, pictures: Looked, seed: Tensor) -> Tensor:
    """Mean 1 − cosine to the nearest of the picture, over some places of each layer."""
    distances = []
    for layer in NEIGHBOURS:
        one, other = (_some(maps[layer], seed) for maps in (painted, pictures))
        distances.append(tf.reduce_mean(nearest_distances(one, other, None, CENTRED)))
    return tf.add_n(distances) / len(distances)


def content(painted: Tensor, photographs: Tensor, pictures: Tensor) -> Tensor:
    """Squared difference to the photographs' activations, relative to those of the step's images.

    Relative to its own a photograph of a plain ground would count without bound.
    """
    painted, photographs, pictures = (
        tf.cast(each, tf.float32) for each in (painted, photographs, pictures)
    )
    usual = tf.reduce_mean(tf.concat([photographs, pictures], axis=0) ** 2)
    return tf.reduce_mean((painted - photographs) ** 2) / usual


def _some(maps: Tensor, seed: Tensor) -> Tensor:
    """B×K×N at positions drawn at random."""
    height, width = tf.unstack(tf.shape(maps)[1:3])
    every = tf.range(height * width)
    some = tf.random.experimental.stateless_shuffle(every, seed)[:MOST_POSITIONS]
    return gathered(maps, some)[:, :, 0]
