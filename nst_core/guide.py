"""A guide to the fields of a recipe that people change: what each one does to the picture."""

from collections.abc import Mapping
from typing import NamedTuple


class Entry(NamedTuple):
    """Attributes: what people call the field, and one sentence on what it does."""

    label: str
    sentence: str


GUIDE: Mapping[str, Mapping[str, Entry]] = {
    "What counts": {
        "content_weight": Entry(
            "Content weight",
            "How strongly the shapes of the photograph hold; more keeps it recognisable.",
        ),
        "style_weight": Entry(
            "Style weight",
            "How strongly the painting's colours and textures pull; more gives up the shapes.",
        ),
        "variation_weight": Entry(
            "Smoothness weight",
            "Total variation: more makes neighbouring pixels alike, against speckles and detail.",
        ),
        "content_layers": Entry(
            "Content layers",
            "Which layers compare shapes: early ones keep edges, deep ones only what is there.",
        ),
        "style_layers": Entry(
            "Style layers",
            "Which layers compare style: early ones give fine strokes, deep ones large patterns.",
        ),
        "reconstruct": Entry(
            "Terms at work",
            "Content or style alone shows what that one term knows; begin from noise then.",
        ),
    },
    "Where it begins": {
        "start": Entry(
            "Start image",
            "What the first picture is: from noise the photograph has to emerge by itself.",
        ),
        "seed": Entry(
            "Seed",
            "Another number gives other noise, and so another picture where noise starts it.",
        ),
    },
    "How it is painted": {
        "steps": Entry("Steps", "More steps look more finished and take longer."),
        "optimizer": Entry(
            "Optimiser",
            "How pixels are moved: Adam soon shows something, L-BFGS goes further in the end.",
        ),
        "learning_rate": Entry(
            "Learning rate",
            "How far Adam moves a pixel in a step: too little changes little, too much is noisy.",
        ),
        "pooling": Entry(
            "Pooling", "How the network shrinks its maps: max looks crisper, average smoother."
        ),
        "precision": Entry(
            "Precision",
            "Of the network's numbers: bfloat16 is faster on some processors, and looks alike.",
        ),
    },
}
"""Group -> field of a recipe or its optimiser -> entry."""
