"""What a person may change about a recipe: how it is shown, read, checked and summed up.

A control holds a number, a choice, or layers as text; that of the size an area or a number. Left
empty (None or ""), it stands for the recipe's own value; no recipe stands for `FIRST_RECIPE`. The
controls together are a mapping from the names in `NAMES` to what they hold.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from nst_core.checks import NO_BREAK, Limits, check_choice, in_range, number_text, shown
from nst_core.errors import LONGEST_SENTENCE, RecipeError
from nst_core.images.sizes import Size
from nst_core.kinds import Number, Value
from nst_core.layer_text import layers_text, parse_layers
from nst_core.loss.comparisons import fitting
from nst_core.network.backbone import POOLINGS
from nst_core.page.hosting.limits import current
from nst_core.page.settings.areas import FIRST_AREA, SIZES, USUAL, offered, size_of_area
from nst_core.painting.settings import Settings
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.guide import GUIDE, Entry
from nst_core.recipe.optimizers import OPTIMIZERS
from nst_core.recipe.recipe import STRENGTHS, Recipe
from nst_core.recipe.starts import STARTS

FIRST_RECIPE = "studio"
FIRST_SIZE = 512
"""px, where a recipe takes the content image's own."""
SEEDS = (0, 2**53)
"""What a browser's numbers hold exactly."""
MOST_STEPS = 2000
"""A recipe that takes many steps itself may be given more."""

EMPTY = (None, "")
Values = Mapping[str, object]
"""Name of a control -> what it holds."""


@dataclass(frozen=True)
class Control:
    """One field of a recipe or of its optimiser.

    Its methods take the recipe that is to be changed, as `at_hand` gives it.

    Attributes:
        name: of the field.
        entry: what it is called, and what it does to the picture.
        choices: value -> label, where there is a choice.
    """

    name: str
    entry: Entry
    choices: Mapping[str, str]

    @property
    def layers(self) -> bool:
        """Whether it holds layers as text."""
        return self.name.endswith("_layers")

    def applies(self, recipe: Recipe) -> bool:
        """Whether the recipe has such a field, which its optimiser may decide."""
        return hasattr(recipe, self.name) or hasattr(recipe.optimizer, self.name)

    def limits(self, recipe: Recipe) -> Limits | None:
        """Smallest and largest number; None where it holds no number, or does not apply."""
        match self.name:
            case name if name.endswith("_weight") and self.applies(recipe):
                return _weight_limits(recipe, name)
            case "learning_rate" if self.applies(recipe):
                own = getattr(recipe.optimizer, self.name)
                return own / 100, own * 100
            case "steps":
                return 1, min(max(MOST_STEPS, 5 * recipe.steps), current().max_steps)
            case "seed":
                return SEEDS
        kind = recipe.field_kinds.get(self.name)
        return (kind.low, kind.high) if isinstance(kind, Number) else None

    def own(self, recipe: Recipe) -> str:
        """The value that counts when the control is empty, for people."""
        if self.name == "optimizer":
            return _optimizer_label(RECIPES[recipe.name])
        value: object = getattr(recipe, self.name, getattr(recipe.optimizer, self.name, None))
        if isinstance(value, Mapping):
            return layers_text(value, digits=2)
        return number_text(value) if isinstance(value, int | float) else self.choices[str(value)]

    def hint(self, recipe: Recipe) -> str:
        """That value, and whose it is."""
        recipes_own = self.applies(RECIPES[recipe.name])
        whose = "the recipe" if recipes_own else _optimizer_label(recipe)
        return f"{self.own(recipe)} ({whose}'s own)"

    def sentence(self, recipe: Recipe) -> str:
        """What the field does to the picture, and from where to where its number may go."""
        limits = self.limits(recipe)
        if limits is None:
            return self.entry.sentence
        allowed = f"From {number_text(limits[0])} to {number_text(limits[1])}."
        return f"{self.entry.sentence} {allowed.replace(' ', NO_BREAK)}"

    def read(self, value: object, recipe: Recipe) -> object:
        """The field's new value, from what the control holds.

        Raises:
            RecipeError: the recipe's optimiser has no such field, a number is out of range, or
                a text names no layers. Choices are checked by `Recipe.changed`.
        """
        label = self.entry.label
        if not self.applies(recipe):
            having = [name for name, each in OPTIMIZERS.items() if hasattr(each, self.name)]
            others = " or ".join(OPTIMIZER_LABELS[name] for name in having)
            raise RecipeError(
                f"{_optimizer_label(recipe)} has no {label.lower()}: leave {label} empty, "
                f"or choose {others} as the optimiser."
            )
        if self.layers:
            if not isinstance(value, str):
                raise RecipeError(
                    f"{label} must be text such as block4_conv2=1, block5_conv2=0.5, "
                    f"not {shown(value)}."
                )
            return parse_layers(value)
        limits = self.limits(recipe)
        if limits is None:
            return value
        number = in_range(label, value, limits)
        return round(number) if self.name in ("steps", "seed") else number


def _weight_limits(recipe: Recipe, name: str) -> Limits:
    """To a thousand times the recipe's own; where that is 0, to its largest weight."""
    own = getattr(recipe, name)
    return 0, 1000 * own if own else max(term.weight for term in recipe.terms)


def _optimizer_label(recipe: Recipe) -> str:
    names = {type(default): name for name, default in OPTIMIZERS.items()}
    return OPTIMIZER_LABELS[names[type(recipe.optimizer)]]


def _labels(*names: str, **others: str) -> dict[str, str]:
    return {name: name.replace("-", " ").capitalize() for name in names} | others


OPTIMIZER_LABELS = {"adam": "Adam", "lbfgs": "L-BFGS"}
CHOICE_LABELS = {
    "keep_colours": _labels(
        none="The style's", luminance="The photo's", matched="A matched palette"
    ),
    "start": _labels(*STARTS),
    "pooling": _labels(*POOLINGS),
    "style_comparison": {name: each.label for name, each in fitting("style").items()},
    "reconstruct": _labels(both="All", content="Content alone", style="Style alone"),
    "optimizer": OPTIMIZER_LABELS,
    "precision": _labels(auto="Fastest", float32="float32", bfloat16="bfloat16"),
}
FIELDS = {
    name: Control(name, entry, CHOICE_LABELS.get(name, {}))
    for group in GUIDE.values()
    for name, entry in group.items()
}
TOGETHER = ("size", "style_strength", "strokes")
"""What stands for several fields, or for one in its own way; never empty."""
NAMES = ["recipe", "quality", *TOGETHER, *FIELDS]
"""Of all controls."""


def own_values(recipe: Recipe) -> dict[str, object]:
    """The controls as the recipe has them."""
    as_it_is = [name for name in recipe.qualities if recipe.changed(quality=name) == recipe]
    published = not recipe.qualities  # with a size that belongs to it
    return {
        "recipe": recipe.name,
        "quality": next(iter(as_it_is), None),
        "size": _nearest_size(recipe.size or FIRST_SIZE) if published else FIRST_AREA,
        "style_strength": recipe.style_strength,
        "strokes": "balanced",
    }


def chosen_recipe(values: Values) -> Recipe:
    """The recipe that was chosen, with nothing changed.

    Raises:
        RecipeError: there is no such recipe.
    """
    name = FIRST_RECIPE if values["recipe"] in EMPTY else values["recipe"]
    return RECIPES[check_choice("The recipe", name, RECIPES)]


def completed(values: Values) -> dict[str, object]:
    """The controls with the recipe, and all that stands for several fields, in place.

    Raises:
        RecipeError: there is no such recipe.
    """
    own = own_values(chosen_recipe(values))
    empty = [name for name in ("recipe", *TOGETHER) if values.get(name) in EMPTY]
    return {**values, **{name: own[name] for name in empty}}


def at_hand(values: Values) -> Recipe:
    """The recipe that was chosen; where another optimiser was, too, with that one's defaults.

    Raises:
        RecipeError: there is no such recipe or optimiser.
    """
    recipe, chosen = chosen_recipe(values), values.get("optimizer")
    if chosen in EMPTY:
        return recipe
    optimizer = OPTIMIZERS[check_choice("optimizer", chosen, OPTIMIZERS)]
    same = isinstance(recipe.optimizer, type(optimizer))
    return recipe if same else recipe.changed(optimizer=optimizer)


def size_of(values: Values, photo: Size = USUAL) -> int:
    """The recipe's size in px, as it was chosen or for the area that was.

    Raises:
        RecipeError: there is no such area or recipe, or a number is out of range.
        ImageError: the photo is a strip that no such picture can be made of.
    """
    size = completed(values)["size"]
    if not isinstance(size, str):
        return round(in_range("The size", size, SIZES))
    check_choice("The size, where it is no number,", size, offered())
    return size_of_area(size, chosen_recipe(values), photo)


def changes_of(values: Values, photo: Size = USUAL) -> dict[str, object]:
    """Field -> new value, for `Recipe.changed`.

    Args:
        values: of the controls.
        photo: (width, height) in px, for a size that was chosen by its area.

    Raises:
        RecipeError: an unknown name, a number out of range, or a field the optimiser has not.
    """
    values = completed(values)
    recipe = at_hand(values)
    given = {name: values.get(name) for name in FIELDS if values.get(name) not in EMPTY}
    changes = {name: FIELDS[name].read(value, recipe) for name, value in given.items()}
    if recipe is RECIPES[recipe.name]:
        changes.pop("optimizer", None)  # it would bring that optimiser's defaults, not the recipe's
    changes["size"] = size_of(values, photo)
    if values.get("quality") and recipe.qualities:
        changes["quality"] = values["quality"]
    if values["strokes"] != own_values(recipe)["strokes"]:
        changes["strokes"] = values["strokes"]
    strength = in_range("The style strength", values["style_strength"], STRENGTHS)
    if strength:
        changes["style_strength"] = strength
        weight = RECIPES[recipe.name].changed(**changes).weight_at(strength)
        limits = _weight_limits(recipe, "style_weight")
        in_range("The style weight at this strength", weight, limits)
    return changes


def changed_recipe(values: Values, photo: Size = USUAL) -> Recipe:
    """The recipe that the controls stand for; arguments as for `changes_of`.

    Raises:
        RecipeError: as for `changes_of`, or the values do not go together.
    """
    return chosen_recipe(values).changed(**changes_of(values, photo))


def values_for(
    recipe: Recipe, changes: Mapping[str, object]
) -> tuple[dict[str, object], list[str]]:
    """The controls for changes to a recipe, and those changes that no control can hold, as text."""
    values = own_values(recipe)
    for name in changes.keys() & {"quality", "style_strength", *FIELDS}:
        value = changes[name]
        values[name] = layers_text(value) if isinstance(value, Mapping) else value
    size = changes.get("size")
    if isinstance(size, int):
        values["size"] = _nearest_size(size)
    held = recipe.changed(**{name: value for name, value in changes.items() if name in values})
    lost = [
        f"{name} {value}"
        for name, value in changes.items()
        if (name not in values and getattr(held, name, None) != value)
        or (name == "size" and values["size"] != value)
    ]
    return values, lost


def values_of(settings: Settings) -> tuple[dict[str, object], list[str]]:
    """The controls for a picture's settings, and what of these no control can hold, as text.

    A number that is out of range here stays in its control, for `changes_of` to refuse.
    """
    recipe = RECIPES[settings.recipe]
    changes: dict[str, Value] = {"size": recipe.size, **settings.changes}
    changes["size"] = changes["size"] or max(settings.size)
    if settings.seed != recipe.seed:
        changes["seed"] = settings.seed
    for name, quality in recipe.qualities.items():
        if quality.items() <= changes.items():
            changes = {"quality": name, **{key: changes[key] for key in changes.keys() - quality}}
    return values_for(recipe, changes)


def changed_text(values: Values) -> str:
    """What differs from the recipe.

    Raises:
        RecipeError: as for `at_hand`.
    """
    values = completed(values)
    recipe = at_hand(values)
    own = own_values(recipe)
    parts = [
        f"{name.replace('_', ' ')} {_in_words(values[name])}"
        for name in ("quality", *TOGETHER)
        if values[name] not in (*EMPTY, own[name])
    ]
    parts += [
        f"{control.entry.label.lower()} {_in_words(values[name], control.choices)}"
        f" (own: {control.own(recipe)})"
        for name, control in FIELDS.items()
        if values.get(name) not in EMPTY and control.applies(recipe)
    ]
    return "Changed: " + " · ".join(parts) if parts else "Nothing is changed."


def _in_words(value: object, labels: Mapping[str, str] | None = None) -> str:
    """What a control holds, of bounded length, which what was sent need not be."""
    if isinstance(value, str):
        return (labels or {}).get(value) or textwrap.shorten(
            value, LONGEST_SENTENCE, placeholder=" …"
        )
    return shown(value)


def _nearest_size(size: int) -> int:
    return min(max(size, SIZES[0]), SIZES[1])
