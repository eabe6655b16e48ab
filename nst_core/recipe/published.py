"""Six well-known write-ups, each field as its source has it."""

from nst_core.loss.terms import (
    columns_term,
    content_term,
    neighbours_term,
    style_term,
    variation_term,
)
from nst_core.recipe.adam import Adam
from nst_core.recipe.lbfgs import LBFGS
from nst_core.recipe.recipe import SIZES, Recipe

EQUAL = (1 / 5,) * 5
KERAS_BOOK = Recipe(
    name="keras-book",
    story="The Keras book's notebook: raw sums, L-BFGS in twenty rounds, a strong smoothing term.",
    source=(
        "F. Chollet, Deep Learning with Python, section 8.3, "
        "https://github.com/fchollet/deep-learning-with-python-notebooks"
    ),
    terms=(
        content_term("block5_conv2", "sum", 0.025),
        style_term(EQUAL, "gram-image-area", 1.0),
        variation_term(1e-4, "variation-chollet"),
    ),
    size=400,
    size_rule="height",
    style_size_rule="stretched",
    pooling="max",
    start="content",
    optimizer=LBFGS(counting="evaluation", round_steps=20),
    steps=20 * 20,
    checkpoint=20,
)
WALKTHROUGH = Recipe(
    name="walkthrough",
    story="The walk-through's: a shallow content layer, which keeps colours and edges close.",
    source="A walk-through on Neural Style Transfer, 2022 (tf.keras)",
    terms=(
        content_term("block2_conv2", "sum", 1e-5),
        style_term(EQUAL, "gram-image-area", 2.5e-3),
        variation_term(1e-6, "variation"),
    ),
    size=300,
    size_rule="height",
    style_size_rule="stretched",
    resampling="bicubic",
    pooling="max",
    start="content",
    optimizer=Adam(learning_rate=2.0, beta_1=0.5),
    steps=2000,
    checkpoint=100,
)
GATYS_LBFGS = Recipe(
    name="gatys-lbfgs",
    story="Close to the first paper: average pooling, L-BFGS, a start with a little noise.",
    source=(
        "Artistic Style Transfer using Neural Networks (TensorFlow 1), after Gatys, Ecker & Bethge "
        "2015, https://arxiv.org/abs/1508.06576"
    ),
    terms=(
        content_term("block4_conv2", "root", 1.0),
        style_term(EQUAL, "gram-gatys", 2e2),
        variation_term(),
    ),
    size=None,
    size_rule="longest-side",
    style_size_rule="stretched",
    pooling="average",
    start="noisy-content",
    optimizer=LBFGS(counting="iteration", round_steps=10),
    steps=10 * 10,
    checkpoint=10,
)
TF_EAGER = Recipe(
    name="tf-eager",
    story="The TensorFlow blog's: means instead of sums, big steps, the best picture kept.",
    source=(
        "R. Yuan, Neural Style Transfer: Creating Art with Deep Learning using tf.keras and eager "
        "execution, TensorFlow blog 2018, https://blog.tensorflow.org/2018/08"
    ),
    terms=(
        content_term("block5_conv2", "mean", 1e3),
        style_term(EQUAL, "gram-mean", 1e-2),
        variation_term(),
    ),
    size=512,
    size_rule="longest-side",
    style_size_rule="own-aspect",
    pooling="max",
    start="content",
    optimizer=Adam(learning_rate=5.0, beta_1=0.99, epsilon=1e-1, clip=True),
    steps=1000,
    checkpoint=100,
    keep_best=True,
)
COURSE = Recipe(
    name="course",
    story="The deep-learning course's: 400 × 300, average pooling, a start of mostly noise.",
    source="Deep Learning & Art: Neural Style Transfer, the deep-learning course's assignment",
    terms=(
        content_term("block4_conv2", "quarter", 10.0),
        style_term(EQUAL, "gram-gatys", 40.0),
        variation_term(),
    ),
    size=400,
    size_rule="four-by-three",
    style_size_rule="stretched",
    pooling="average",
    start="mostly-noise",
    optimizer=Adam(learning_rate=2.0, epsilon=1e-8),
    steps=200,
    checkpoint=20,
)
NNST = Recipe(
    name="nnst",
    story=(
        "Neural neighbours: matched columns at every size, then neighbours, and no content term. "
        "Its colour step, a filter after the run, is left out."
    ),
    source=(
        "Kolkin, Kucera, Paris, Sýkora, Shechtman & Shakhnarovich 2022, Neural Neighbor Style "
        "Transfer, https://github.com/nkolkin13/NeuralNeighborStyleTransfer"
    ),
    terms=(
        columns_term("columns-centred", 1.0),
        neighbours_term("neighbours-centred", 1.0),
        content_term("block4_conv2", "relative", 0.0),
        variation_term(),
    ),
    size=512,
    size_rule="longest-side",
    style_size_rule="own-aspect",
    coarsest=64,
    layout_until=SIZES[1],
    keep_detail=0.0,
    turned=True,
    pooling="max",
    start="content",
    optimizer=Adam(learning_rate=2e-3 * 255, epsilon=1e-8 * 255, pyramid=True),
    steps=5 * 200,
    checkpoint=200,
)
