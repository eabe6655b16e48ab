"""The five well-known write-ups, each field as its source has it."""

from nst_core.recipe import losses
from nst_core.recipe import size_rules as sizes
from nst_core.recipe.adam import Adam
from nst_core.recipe.lbfgs import LBFGS
from nst_core.recipe.recipe import Recipe, first_of_each_block

EQUAL = (1 / 5,) * 5
KERAS_BOOK = Recipe(
    name="keras-book",
    story="The Keras book's notebook: raw sums, L-BFGS in twenty rounds, a strong smoothing term.",
    source=(
        "F. Chollet, Deep Learning with Python, section 8.3, "
        "https://github.com/fchollet/deep-learning-with-python-notebooks"
    ),
    size=400,
    size_rule=sizes.height,
    style_size_rule=sizes.stretched,
    pooling="max",
    content_layers={"block5_conv2": 1.0},
    content_scaling=losses.content_sum,
    content_weight=0.025,
    style_layers=first_of_each_block(*EQUAL),
    style_scaling=losses.style_image_area,
    style_weight=1.0,
    variation_scaling=losses.total_variation_chollet,
    variation_weight=1e-4,
    start="content",
    optimizer=LBFGS(counting="evaluation", round_steps=20),
    steps=20 * 20,
    checkpoint=20,
)
WALKTHROUGH = Recipe(
    name="walkthrough",
    story="The walk-through's: a shallow content layer, which keeps colours and edges close.",
    source="A walk-through on Neural Style Transfer, 2022 (tf.keras)",
    size=300,
    size_rule=sizes.height,
    style_size_rule=sizes.stretched,
    resampling="bicubic",
    pooling="max",
    content_layers={"block2_conv2": 1.0},
    content_scaling=losses.content_sum,
    content_weight=1e-5,
    style_layers=first_of_each_block(*EQUAL),
    style_scaling=losses.style_image_area,
    style_weight=2.5e-3,
    variation_scaling=losses.total_variation,
    variation_weight=1e-6,
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
    size=None,
    size_rule=sizes.longest_side,
    style_size_rule=sizes.stretched,
    pooling="average",
    content_layers={"block4_conv2": 1.0},
    content_scaling=losses.content_root,
    content_weight=1.0,
    style_layers=first_of_each_block(*EQUAL),
    style_scaling=losses.style_gatys,
    style_weight=2e2,
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
    size=512,
    size_rule=sizes.longest_side,
    style_size_rule=sizes.own_aspect,
    pooling="max",
    content_layers={"block5_conv2": 1.0},
    content_scaling=losses.content_mean,
    content_weight=1e3,
    style_layers=first_of_each_block(*EQUAL),
    style_scaling=losses.style_mean,
    style_weight=1e-2,
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
    size=400,
    size_rule=sizes.four_by_three,
    style_size_rule=sizes.stretched,
    pooling="average",
    content_layers={"block4_conv2": 1.0},
    content_scaling=losses.content_quarter,
    content_weight=10.0,
    style_layers=first_of_each_block(*EQUAL),
    style_scaling=losses.style_gatys,
    style_weight=40.0,
    start="mostly-noise",
    optimizer=Adam(learning_rate=2.0, epsilon=1e-8),
    steps=200,
    checkpoint=20,
)
