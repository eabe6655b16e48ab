"""This project's own recipes: the one that everything begins with, and the one before it."""

from nst_core.loss.terms import (
    columns_term,
    content_term,
    neighbours_term,
    palette_term,
    style_term,
    variation_term,
)
from nst_core.recipe.adam import Adam
from nst_core.recipe.recipe import Recipe

FINE_FIRST = (48 / 70, 16 / 70, 3 / 70, 2 / 70, 1 / 70)
"""Weights of the layers of a statistic: colours and strokes before patterns."""

STUDIO = Recipe(
    name="studio",
    story=(
        "This project's own: goes on from what is painted at once, each place of the photo by its "
        "own place of the style, coarse to fine."
    ),
    source=(
        "This project; neighbours and columns after Kolkin et al. 2022, Neural Neighbor Style "
        "Transfer, https://arxiv.org/abs/2203.13215"
    ),
    terms=(
        content_term("block4_conv2", "relative", 1.2),
        neighbours_term("neighbours", 1.75, deepest=0.5),
        columns_term("columns", 1.0),
        palette_term(FINE_FIRST, "chosen-moments", 1.0),
        variation_term(0.0, "roughness-ratio"),
    ),
    size=512,
    style_size_rule="equal-area",
    coarsest=100,
    layout_until=200,
    keep_faces=2.0,
    padding="reflect",
    start="decoder",
    optimizer=Adam(6.0, beta_1=0.8, beta_2=0.9, clip=True, decay=0.2, warm_up=4, pyramid=True),
    steps=62,
    step_ratio=1.5,
    print_steps=15,
    checkpoint=20,
    precision="auto",
    qualities={
        "draft": {"steps": 22},
        "balanced": {"steps": 62},
        "fine": {"steps": 95, "supersampling": 1.25},
    },
    strength_factor=18.0,
    strength_bend=1.85,
)

MOMENTS = Recipe(
    name="moments",
    story="This project's former own: mean and covariance of the whole style, coarse to fine.",
    source="This project; layer weights after those of Gatys et al. 2016, 1/N².",
    terms=(
        content_term("block4_conv2", "relative", 1.0),
        style_term(FINE_FIRST, "moments", 11.0),
        variation_term(0.18, "roughness-ratio"),
    ),
    size=512,
    style_size_rule="equal-area",
    coarsest=128,
    padding="reflect",
    optimizer=Adam(20.0, beta_1=0.7, beta_2=0.6, clip=True, decay=0.15, averaging=0.7),
    steps=96,
    step_ratio=1.4,
    print_steps=15,
    checkpoint=20,
    precision="auto",
    qualities={"draft": {"steps": 42}, "balanced": {"steps": 96}, "fine": {"steps": 320}},
    strength_factor=16.0,
)
