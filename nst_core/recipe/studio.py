"""This project's own recipe."""

from nst_core.recipe import losses
from nst_core.recipe import size_rules as sizes
from nst_core.recipe.adam import Adam
from nst_core.recipe.recipe import Recipe, first_of_each_block

STUDIO = Recipe(
    name="studio",
    story="This project's own: coarse to fine, every size sharing one set of weights.",
    source="This project; layer weights after those of Gatys et al. 2016, 1/N².",
    size=512,
    style_size_rule=sizes.equal_area,
    coarsest=128,
    padding="reflect",
    content_layers={"block4_conv2": 1.0},
    content_scaling=losses.content_relative,
    content_weight=1.0,
    style_layers=first_of_each_block(64 / 87, 16 / 87, 4 / 87, 2 / 87, 1 / 87),
    style_statistic=losses.moments,
    style_scaling=losses.moments_relative,
    style_weight=12.0,
    variation_scaling=losses.variation_mean,
    variation_weight=3e-5,
    optimizer=Adam(20.0, beta_1=0.75, beta_2=0.6, clip=True, decay=0.05, averaging=0.8),
    steps=174,
    step_ratio=0.95,
    checkpoint=20,
    precision="auto",
    qualities={"draft": {"steps": 60}, "balanced": {"steps": 174}, "fine": {"steps": 520}},
    strength_factor=14.0,
)
