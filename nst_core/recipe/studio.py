"""This project's own recipe."""

from nst_core.recipe.adam import Adam
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.terms import content_term, style_term, variation_term

FINE_FIRST = (48 / 70, 16 / 70, 3 / 70, 2 / 70, 1 / 70)
"""Weights of the style layers: colours and strokes before patterns."""

STUDIO = Recipe(
    name="studio",
    story="This project's own: coarse to fine, every size sharing one set of weights.",
    source="This project; layer weights after those of Gatys et al. 2016, 1/N².",
    terms=(
        content_term("block4_conv2", "relative", 1.0),
        style_term(FINE_FIRST, "moments-relative", 11.0, statistic="moments"),
        variation_term(0.18, "ratio", statistic="roughness", target="style"),
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
