"""More styles beside the one in the style's place, how much of each, and with which brush."""

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import gradio as gr

from nst_core.checks import Limits, in_range
from nst_core.errors import ImageError
from nst_core.page.look.parts import problem_text, small_image_input
from nst_core.page.run.running import AT_ONCE
from nst_core.page.settings.controls import EMPTY, Values
from nst_core.page.visit.uploads import Upload, chosen_file
from nst_core.painting.job import Job
from nst_core.painting.style import Style
from nst_core.recipe.recipe import BRUSHES

PLACES = (2, 3, 4)
"""Numbers of the styles that may be added; the first is the one in the style's place."""
SHARES: Limits = (0, 1)
Filled = dict[gr.components.Component, str | float | None]
"""Component -> the file, or the number, that it is to hold."""
NOBODYS = Style("")
"""In the place of a style that is left empty."""


class Mix:
    """Attributes: components, by the names that other programs use; all may be left empty."""

    def __init__(self, examples: Path) -> None:
        self.examples = examples
        with gr.Accordion("Mix styles", open=False, elem_id="mix"):
            gr.Markdown(
                "Up to four styles in one picture. Choose one above, add it, choose another. "
                "A brush of 0.5 has its strokes half as large."
            )
            self.add = gr.Button("Add the style above", size="md", elem_id="mix-add")
            self.problem = problem_text("mix-problem")
            shares = {"share": _share("Share of the style above")}
            brushes = {}
            self.styles = {}
            for number in PLACES:
                with gr.Row(elem_classes="mixed"):
                    image = small_image_input(f"style-{number}", f"Style {number}")
                    self.styles[f"style_{number}"] = image
                    with gr.Column(min_width=160):
                        shares[f"share_{number}"] = _share(f"Share {number}")
                        brushes[f"brush_{number}"] = brush_slider(f"Brush {number}")
        self.components: dict[str, gr.components.Component] = {**self.styles, **shares, **brushes}

    def wire(self, style: gr.components.Component) -> gr.events.Dependency:
        """Gives the event of a style that was added. Args: style: the one in place."""
        others = list(self.styles.values())
        takes, gives = [style, *others], [self.problem, *others]
        return self.add.click(self.added, takes, gives, **AT_ONCE)

    def changed(self) -> list[Callable[..., object]]:
        """The events of a visitor who changes the mixture."""
        images = [event for image in self.styles.values() for event in (image.upload, image.clear)]
        sliders = [each.release for each in self.components.values() if isinstance(each, gr.Slider)]
        return [*images, *sliders]

    def added(self, style: Upload, *others: Upload) -> list[object]:
        """The style in place becomes the next one of the mix as well."""
        free = next((index for index, each in enumerate(others) if not each), None)
        if free is None:
            raise ImageError(f"There are {len(others) + 1} styles already: take one out first.")
        file = str(chosen_file(style, "style", self.examples))
        return ["", *(file if index == free else gr.skip() for index in range(len(others)))]

    def chosen(self, first: Path, values: Values) -> list[Style]:
        """The styles, as files with their shares and brushes; `first` is the one in place.

        Raises:
            ImageError: a file is not one that a visitor may have opened.
            RecipeError: a share or a brush is out of range.
        """
        others = [
            Style(
                chosen_file(values[name], "style", self.examples),
                read_part(f"share_{number}", values, SHARES),
                read_part(f"brush_{number}", values, BRUSHES),
            )
            for number, name in zip(PLACES, self.styles, strict=True)
            if values.get(name)
        ]
        return [Style(first, read_part("share", values, SHARES) if others else 1.0), *others]

    def fill(self, job: Job | None = None) -> Filled:
        """The styles of a job, whose images are files; without one, none beside the first."""
        first, *others = job.styles if job else (NOBODYS,)
        held: dict[str, str | float | None] = {"share": first.weight}
        for number, style in zip_longest(PLACES, others, fillvalue=NOBODYS):
            held[f"style_{number}"] = str(style.image) or None
            held[f"share_{number}"], held[f"brush_{number}"] = style.weight, style.brush
        return {self.components[name]: value for name, value in held.items()}


def _share(label: str) -> gr.Slider:
    return gr.Slider(*SHARES, 1, step=0.05, label=label, min_width=120)


def brush_slider(label: str) -> gr.Slider:
    """How large a style's strokes are, beside what the recipe's brush size has."""
    return gr.Slider(*BRUSHES, 1, step=0.05, label=label, min_width=120)


def read_part(name: str, values: Values, limits: Limits) -> float:
    """A share or a brush, 1 where nothing was given; raises `RecipeError` beyond its limits."""
    given = values.get(name)
    label = f"The {name.replace('_', ' of style ')}"
    return 1.0 if given in EMPTY else in_range(label, given, limits)
