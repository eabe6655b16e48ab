"""The components of the controls, and what they show for a recipe."""

from typing import Any

import gradio as gr

from nst_core.page.look.parts import problem_text
from nst_core.page.look.words import size_text
from nst_core.page.settings import controls
from nst_core.page.settings.areas import FIRST_AREA, SIZES, offered
from nst_core.page.settings.controls import FIELDS, Control, Values
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.guide import AT_HAND, GUIDE, Entry, recipe_text, recipe_title
from nst_core.recipe.recipe import STROKES, Recipe

Components = dict[str, gr.components.Component]
"""By the names in `NAMES`."""
TYPED = f"(px, size) => px ?? (typeof size === 'number' ? '{FIRST_AREA}' : size)"
"""JavaScript: the size, once a number was typed, or taken out."""
NUMBER = "size => typeof size === 'number' ? size : null"
"""JavaScript: what the field for a number has, beside a size."""


def build_at_hand(recipe: Recipe) -> Components:
    """What everybody may want to set: quality, style strength and size."""
    qualities = [(name.capitalize(), name) for name in recipe.qualities]
    no_quality = None  # what the API then takes for granted is right for every recipe
    with gr.Row():
        quality = gr.Radio(qualities, value=no_quality, min_width=150, **labels(AT_HAND["quality"]))
        strength = gr.Slider(
            *controls.STRENGTHS, 0, step=1, min_width=150, **labels(AT_HAND["style_strength"])
        )
    areas = [(size_text(name), name) for name in offered()]
    size = gr.Radio(areas, value=FIRST_AREA, elem_id="size", **labels(AT_HAND["size"]))
    return {"quality": quality, "size": size, "style_strength": strength}


class ExactSize:
    """A field for the size as a number: what is typed there becomes what the control holds."""

    def __init__(self) -> None:
        ends = {"minimum": SIZES[0], "maximum": SIZES[1]}
        self.field = gr.Number(value=None, precision=0, **ends, **labels(AT_HAND["exact_size"]))

    def wire(self, size: gr.components.Component, loaded: gr.events.Dependency) -> None:
        """Both are set in the browser, so that Paint can be pressed at once.

        Args:
            size: the control.
            loaded: the event after which it is as the browser left it; the field has a 0 till then.
        """
        typed = [self.field.submit, self.field.blur]
        gr.on(typed, None, [self.field, size], size, js=TYPED, show_progress="hidden")
        for event in (size.change, loaded.then):
            event(None, size, self.field, js=NUMBER, show_progress="hidden")


def build_details(recipe: Recipe) -> tuple[Components, dict[str, gr.HTML]]:
    """What students set: the recipe and its fields; and what is wrong with those with layers."""
    titles = [(recipe_title(each), name) for name, each in RECIPES.items()]
    built: Components = {
        "recipe": gr.Dropdown(
            titles,
            value=recipe.name,
            label="Recipe",
            info=recipe_text(recipe),
            filterable=False,
        )
    }
    strokes = [(name.capitalize(), name) for name in STROKES]
    built["strokes"] = gr.Radio(strokes, value="balanced", **labels(AT_HAND["strokes"]))
    problems = {}
    for group, entries in GUIDE.items():
        gr.Markdown(f"## {group}")
        for name in entries:
            built[name] = build_field(FIELDS[name], recipe)
            if FIELDS[name].layers:
                problems[name] = problem_text(f"{name.replace('_', '-')}-problem")
    return built, problems


def labels(entry: Entry) -> dict[str, str]:
    return {"label": entry.label, "info": entry.sentence}


def build_field(control: Control, recipe: Recipe) -> gr.components.Component:
    given: dict[str, Any] = {"label": control.entry.label, **shown(control, None, recipe)}
    if control.choices:
        return gr.Dropdown(**given, filterable=False)
    return gr.Textbox(**given) if control.layers else gr.Number(**given)


def shown(control: Control, value: object, recipe: Recipe) -> dict[str, object]:
    """What a field's component shows for the recipe: what is its own, and what may be given."""
    if not control.applies(recipe):
        return {"visible": False, "value": None}
    hint, limits = control.hint(recipe), control.limits(recipe)
    always = {"visible": True, "info": control.sentence(recipe)}
    if limits:
        ends = {"minimum": limits[0], "maximum": limits[1]}
        return {**always, "value": value, "placeholder": hint, **ends}
    choices = [(hint, ""), *((label, name) for name, label in control.choices.items())]
    offered = {"choices": choices} if control.choices else {"placeholder": hint}
    return {**always, "value": value or "", **offered}


def fill(values: Values) -> list[object]:
    """Every control with its value, and with ranges and choices of the recipe."""
    values = controls.completed(values)
    recipe = controls.at_hand(values)
    return [
        gr.update(value=recipe.name, info=recipe_text(recipe)),
        gr.update(value=values["quality"], visible=bool(recipe.qualities)),
        gr.update(value=values["size"]),
        gr.update(value=values["style_strength"]),
        gr.update(value=values["strokes"]),
        *(gr.update(**shown(each, values.get(each.name), recipe)) for each in FIELDS.values()),
    ]
