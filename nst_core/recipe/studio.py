"""This project's own recipe."""

from nst_core.recipe.adam import Adam
from nst_core.recipe.recipe import Recipe
from nst_core.recipe.terms import content_term, style_term, variation_term

FINE_FIRST = (64 / 87, 16 / 87, 4 / 87, 2 / 87, 1 / 87)
"""Weights of the style layers: colours and strokes before patterns."""

STUDIO = Recipe(
    name="studio",
    story="This project's own: coarse to fine, every size sharing one set of weights.",
    source="This project; layer weights after those of Gatys et al. 2016, 1/N².",
    terms=(
        content_term("block4_conv2", "relative", 1.0),
        style_term(FINE_FIRST, "moments-relative", 12.0, statistic="moments"),
        variation_term(0.15, "ratio", statistic="roughness", target="style"),
    ),
    size=512,
    style_size_rule="equal-area",
    coarsest=128,
    padding="reflect",
    optimizer=Adam(20.0, beta_1=0.75, beta_2=0.6, clip=True, decay=0.05, averaging=0.8),
    steps=170,
    step_ratio=0.8,
    checkpoint=20,
    precision="auto",
    qualities={"draft": {"steps": 60}, "balanced": {"steps": 170}, "fine": {"steps": 510}},
    strength_factor=14.0,
)
