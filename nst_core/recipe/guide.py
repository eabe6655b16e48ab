"""What people are told: what each field of a recipe does to the picture, and how it all works.

Longer texts are Markdown.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from nst_core.recipe.recipe import Recipe


class Entry(NamedTuple):
    """Attributes: what people call the field, and one sentence on what it does."""

    label: str
    sentence: str


AT_HAND: Mapping[str, Entry] = {
    "quality": Entry("Quality", "The better it is, the longer it takes."),
    "size": Entry("Size", "Four times as many pixels take up to four times as long."),
    "style_strength": Entry("Style strength", "Left: the photo. Right: the style."),
    "strokes": Entry(
        "Strokes", "Fine keeps to colours and single strokes, coarse brings whole patterns."
    ),
    "exact_size": Entry(
        "Size (px)", "Exactly: the longest side in most recipes. Left empty, as chosen above."
    ),
}
"""What stands for several fields, or for one in its own way: name -> entry."""
GUIDE: Mapping[str, Mapping[str, Entry]] = {
    "Colours and brush": {
        "keep_colours": Entry(
            "Colours",
            "The style's as it is; or the photo's, pixel by pixel or as a palette for the style.",
        ),
        "keep_colours_share": Entry(
            "How much of the photo's colours", "1 keeps them wholly, 0 not at all."
        ),
        "brush_size": Entry(
            "Brush size", "2 makes the style's strokes twice as large, 0.5 half as large."
        ),
    },
    "What counts": {
        "content_weight": Entry(
            "Content weight",
            "How strongly the shapes of the photo hold; more keeps it recognisable.",
        ),
        "keep_faces": Entry(
            "Weight of faces",
            "How many times more the photo's shapes hold in faces; 0 paints them as all else.",
        ),
        "style_weight": Entry(
            "Style weight",
            "How strongly the style's colours and textures pull; more gives up the shapes.",
        ),
        "palette_weight": Entry(
            "Palette weight",
            "How strongly the style's colours and contrast hold, in the places that are gone by.",
        ),
        "layout_weight": Entry(
            "Layout weight",
            "At first sizes: how strongly each place takes after the whole of its own place.",
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
        "style_comparison": Entry(
            "What of the style",
            "Nearest neighbours: each place learns from a place of the style. Statistics, such as "
            "Gram matrices, know nothing of places.",
        ),
        "reconstruct": Entry(
            "Terms at work",
            "Content or style alone shows what that one term knows; begin from noise then.",
        ),
    },
    "Where it begins": {
        "start": Entry(
            "Start image",
            "What the first picture is: from noise the photo has to emerge by itself.",
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


TITLES: Mapping[str, str] = {
    "studio": "Studio: this project's own",
    "moments": "Moments: this project's former own",
    "nnst": "Neural neighbours: Kolkin et al. 2022",
    "keras-book": "Keras book: Chollet 2017",
    "walkthrough": "Walk-through: tf.keras 2022",
    "gatys-lbfgs": "After the first paper: Gatys et al. 2015",
    "tf-eager": "TensorFlow blog: Yuan 2018",
    "course": "Course: deep learning and art",
}
"""Name of a recipe -> who wrote it up, and when."""


def recipe_title(recipe: Recipe) -> str:
    """The recipe's name, and what it is in words a newcomer can read."""
    title = TITLES[recipe.name]
    return title if recipe.name in title.lower() else f"{title} ({recipe.name})"


def recipe_text(recipe: Recipe) -> str:
    """What kind of recipe it is and where it comes from, with links."""
    source = re.sub(r"https://\S+", lambda match: f"[{match[0]}]({match[0]})", recipe.source)
    return f"{recipe.story} Source: {source}"


def controls_text() -> str:
    """The whole of `AT_HAND` and `GUIDE`."""
    lines = ["## A guide to the controls"]
    for group, entries in {"At hand": AT_HAND, **GUIDE}.items():
        lines += [f"\n**{group}**\n", *(f"- *{label}*: {text}" for label, text in entries.values())]
    return "\n".join(lines)


HOW_IT_WORKS = """
## How it works

A network that was trained to name what is in a photo looks at three images: the photo, the style,
and the picture that is being painted. Nothing is trained here. What changes are the pixels.

1. **What layers see.** Each layer of the network turns the image into maps. The first ones answer
   to edges and colours, later ones to textures, the last ones to parts of things.
2. **The content term** compares one deep map of the picture with that of the photo: the same things
   should be in the same places, in whatever colour or stroke.
3. **The style term** of `studio` looks for *neighbours*. What the maps say of one place of the
   picture is compared with what they say of every place of the style, and the place that is most
   alike is its neighbour: the picture is to look there as the style does there. So a night sky
   goes by a night sky, and a lake by wet cobbles. At the first size all layers choose together,
   which gives the layout; at larger ones each layer chooses for itself, which gives the strokes.
4. **Statistics** know nothing of places. A *Gram matrix* says for every two maps how often they
   answer together in the whole picture. All published recipes but one compare such tables. `studio`
   keeps to one for colours and contrast, of those places of the style that were chosen.
5. **Total variation** is small when neighbouring pixels are alike. It keeps the picture free of
   speckles.

The terms are added with their weights. At each step the network tells for every pixel which way to
change to make the sum smaller, and the optimiser goes a little that way.
"""

SOURCES = """
## Sources

- L. A. Gatys, A. S. Ecker, M. Bethge, [A Neural Algorithm of Artistic
  Style](https://arxiv.org/abs/1508.06576), 2015, and *Image Style Transfer Using Convolutional
  Neural Networks*, CVPR 2016: the method, and most of the experiments on the Explore tab.
- K. Simonyan, A. Zisserman, [Very Deep Convolutional Networks for Large-Scale Image
  Recognition](https://arxiv.org/abs/1409.1556), 2014: the network.
- N. Kolkin and others, [Neural Neighbor Style Transfer](https://arxiv.org/abs/2203.13215), 2022:
  neighbours and matched columns.
- A. Mahendran, A. Vedaldi, [Understanding Deep Image Representations by Inverting
  Them](https://arxiv.org/abs/1412.0035), CVPR 2015: total variation as a term.
"""
