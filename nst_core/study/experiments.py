"""Experiments on a pair, as data: the cells of a sheet, each a recipe with changes.

They are those of Gatys, Ecker & Bethge, "Image Style Transfer Using Convolutional Neural Networks",
CVPR 2016, and of the walk-through of 2022, for the pair in hand.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nst_core.checks import check_choice
from nst_core.errors import RecipeError
from nst_core.kinds import Number, Value, Whole, kinds
from nst_core.loss.columns import LAYERS
from nst_core.network.backbone import POOLINGS
from nst_core.painting.job import StyleSource
from nst_core.recipe.catalogue import RECIPES, find_recipe
from nst_core.recipe.recipe import Recipe

MAX_CELLS = 12
"""Most cells on a sheet."""
CELL_SIZES = (32, 512)
"""Smallest and largest `size` of a cell, in px."""
CELL_STEPS = (1, 1000)


@dataclass(frozen=True)
class Cell:
    """One run of an experiment.

    Attributes:
        label: what stands below its picture.
        recipe: a name in `RECIPES`, or a recipe.
        changes: fields of the recipe, or of its optimiser, to replace.
        style: a style image of its own; None takes the sheet's.
    """

    label: str
    recipe: str | Recipe
    changes: Mapping[str, Value] = field(default_factory=dict)
    style: StyleSource | None = None


def sweep(recipe: str | Recipe, name: object, values: Sequence[float]) -> list[Cell]:
    """One cell per value of the field `name`, one of `number_fields(recipe)`.

    Raises:
        RecipeError: there is no such number in the recipe.
    """
    swept = check_choice("The field to sweep", name, number_fields(recipe))
    return [Cell(f"{swept} {value:.12g}", recipe, {swept: value}) for value in values]


def number_fields(recipe: str | Recipe) -> list[str]:
    """Names of the numbers in a recipe and its optimiser: what `sweep` can run over."""
    recipe = find_recipe(recipe)
    every = {**recipe.field_kinds, **kinds(recipe.optimizer)}
    return [name for name, kind in every.items() if isinstance(kind, Whole | Number)]


def style_weights(recipe: str | Recipe) -> list[Cell]:
    """The recipe's style weight times 1/100 to 100, in powers of ten.

    Gatys et al. 2016, figure 4 and section 3.1; the walk-through's sweep from 1e-5 to 1e-2.

    Raises:
        RecipeError: the recipe's style weight is 0.
    """
    own = find_recipe(recipe).style_weight
    if not own:
        raise RecipeError(
            "style_weight is 0, which has no powers of ten around it: raise it first."
        )
    return sweep(recipe, "style_weight", [own * 10.0**power for power in range(-2, 3)])


def content_reconstruction(recipe: str | Recipe) -> list[Cell]:
    """From noise, by the content term alone: what one layer of each block knows of the content.

    Gatys et al. 2016, figure 1 (content reconstructions) and section 2.1.
    """
    alone = {"reconstruct": "content", "content_weight": find_recipe(recipe).content_weight or 1.0}
    return [
        Cell(layer, recipe, {**_FROM_NOISE, **alone, "content_layers": {layer: 1}})
        for layer in (f"block{block}_conv2" for block in range(1, 6))
    ]


def style_reconstruction(recipe: str | Recipe) -> list[Cell]:
    """From noise, by the style term alone: the texture that growing sets of layers stand for.

    Gatys et al. 2016, figure 1 (style reconstructions) and section 2.2: the recipe's style layers
    of the first block, of the first two, and so on, with equal weights.
    """
    found = find_recipe(recipe)
    others = (term.name for term in found.terms if term.subject == "style")
    alone = {f"{name}_weight": 0.0 for name in others if name != "style"}
    layers = sorted(found.style_layers)
    blocks = [layer.split("_")[0] for layer in layers]
    ends = [n for n, block in enumerate(blocks, start=1) if blocks[n:][:1] != [block]]
    return [
        Cell(
            f"+ {layers[count - 1]}" if number else layers[count - 1],
            recipe,
            {
                **_FROM_NOISE,
                **alone,
                "reconstruct": "style",
                "style_layers": dict.fromkeys(layers[:count], 1 / count),
            },
        )
        for number, count in enumerate(ends)
    ]


def start_images(recipe: str | Recipe) -> list[Cell]:
    """The same run from the content, from the style and from noise.

    Gatys et al. 2016, figure 6 and section 3.3.
    """
    starts = ("content", "style", "noise")
    return [Cell(f"from {start}", recipe, {**_ONE_SIZE, "start": start}) for start in starts]


def poolings(recipe: str | Recipe) -> list[Cell]:
    """Max against average pooling (Gatys et al. 2016, section 2)."""
    return [Cell(f"{pooling} pooling", recipe, {"pooling": pooling}) for pooling in POOLINGS]


def columns_and_neighbours(_recipe: str | Recipe) -> list[Cell]:
    """What gives the layout and what gives the strokes of `studio`, each without the other.

    Kolkin et al. 2022, "Neural Neighbor Style Transfer", figure 4 and section 3: columns, in which
    all layers choose a place together, against neighbours, where each layer chooses its own.
    """
    columns: Mapping[str, Value] = {
        "style_comparison": "columns",
        "style_layers": dict.fromkeys(LAYERS, 1.0),
    }
    kinds_of_match: Mapping[str, Mapping[str, Value]] = {
        "columns": {"layout_until": None, **columns},
        "neighbours": {"layout_until": None},
        "both": {},
    }
    return [
        Cell(f"{name}{words}", "studio", {**_FROM_THE_PHOTO, **changes, **content})
        for words, content in (("", {}), (", no content term", {"content_weight": 0.0}))
        for name, changes in kinds_of_match.items()
    ]


def all_recipes(_recipe: str | Recipe) -> list[Cell]:
    """Every recipe in `RECIPES`, as it is published but for size and steps (see `DEFAULTS`)."""
    return [Cell(name, name) for name in RECIPES]


_FROM_THE_PHOTO: Mapping[str, Value] = {"start": "content", "coarsest": 64}
"""So small that columns have a say, and none of it is in the start image already."""
_ONE_SIZE: Mapping[str, Value] = {"coarsest": None}
"""Going from size to size gives the content's detail back, which must not help what is shown."""
_FROM_NOISE: Mapping[str, Value] = {**_ONE_SIZE, "start": "grey-noise", "pooling": "average"}
"""The walk-through's faint noise and the paper's pooling. What stronger noise and max pooling leave
behind, a hundred steps do not remove."""


@dataclass(frozen=True)
class Experiment:
    """What a page can offer.

    Attributes:
        title: a few words for people, short enough for a phone.
        description: one sentence.
        cells: makes the cells for a recipe.
    """

    title: str
    description: str
    cells: Callable[[str | Recipe], list[Cell]]


EXPERIMENTS: dict[str, Experiment] = {
    "style-weight": Experiment(
        "Style weights",
        "The style weight in powers of ten around the recipe's own.",
        style_weights,
    ),
    "content-reconstruction": Experiment(
        "Content from noise",
        "The photo painted from noise by one layer of each block: deeper ones forget detail.",
        content_reconstruction,
    ),
    "style-reconstruction": Experiment(
        "Style from noise",
        "The style painted from noise by more and more layers: deeper ones add larger shapes.",
        style_reconstruction,
    ),
    "start-images": Experiment(
        "Start images", "The same run from the photo, the style and noise.", start_images
    ),
    "poolings": Experiment("Poolings", "Max against average pooling in the network.", poolings),
    "places": Experiment(
        "Places of the style",
        "How each place of the photo finds its own in the style: by all layers, by each, by both.",
        columns_and_neighbours,
    ),
    "recipes": Experiment("All recipes", "All recipes on this pair, in short runs.", all_recipes),
}
"""Those that need nothing but a recipe; `sweep` asks for a field and values besides."""
