"""More styles beside the one in the style's place, and how much of each."""

from pathlib import Path
from typing import Any

import gradio as gr

from nst_core.checks import Limits, in_range
from nst_core.errors import ImageError
from nst_core.page.controls import EMPTY, Values
from nst_core.page.look.parts import problem_text, small_image_input
from nst_core.page.running import AT_ONCE
from nst_core.page.uploads import Upload, chosen_file
from nst_core.painting.job import Job

PLACES = (2, 3, 4)
"""Numbers of the styles that may be added; the first is the one in the style's place."""
SHARES: Limits = (0, 1)


class Mix:
    """Attributes: components, by the names that other programs use; all may be left empty."""

    def __init__(self, examples: Path) -> None:
        self.examples = examples
        with gr.Accordion("Mix styles", open=False, elem_id="mix"):
            gr.Markdown(
                "Up to four styles in one picture. Choose one above, add it, choose another."
            )
            self.add = gr.Button("Add the style above", size="md", elem_id="mix-add")
            self.problem = problem_text("mix-problem")
            shares = {"share": _share("Share of the style above")}
            built = [self._build(number) for number in PLACES]
        self.styles = {name: image for name, image, _ in built}
        self.components: dict[str, gr.components.Component] = {**self.styles, **shares}
        for number, (_, _, share) in zip(PLACES, built, strict=True):
            self.components[f"share_{number}"] = share

    def _build(self, number: int) -> tuple[str, gr.Image, gr.Slider]:
        with gr.Row(elem_classes="mixed"):
            image = small_image_input(f"style-{number}", f"Style {number}")
            return f"style_{number}", image, _share(f"Share of style {number}")

    def wire(self, style: gr.components.Component) -> None:
        """Args: style: the component of the style in place."""
        others = list(self.styles.values())
        self.add.click(self.added, [style, *others], [self.problem, *others], **AT_ONCE)

    def added(self, style: Upload, *others: Upload) -> list[Any]:
        """The style in place becomes the next one of the mix as well."""
        free = next((place for place, each in enumerate(others) if not each), None)
        if free is None:
            raise ImageError(f"There are {len(others) + 1} styles already: take one out first.")
        file = str(chosen_file(style, "style", self.examples))
        return ["", *(file if place == free else gr.skip() for place in range(len(others)))]

    def chosen(self, first: Path, values: Values) -> list[tuple[Path, float]]:
        """(file, share) of each style, `first` being the one in place.

        Raises:
            ImageError: a file is not one that a visitor may have opened.
            RecipeError: a share is out of range.
        """
        others = [
            (chosen_file(values[name], "style", self.examples), _read(f"share_{number}", values))
            for number, name in zip(PLACES, self.styles, strict=True)
            if values.get(name)
        ]
        return [(first, _read("share", values) if others else 1.0), *others]

    def fill(self, job: Job | None = None) -> dict[gr.components.Component, Any]:
        """The styles of a job, whose images are files; without one, none beside the first."""
        first, *others = job.styles if job else (("", 1.0),)
        files, shares = [str(file) for file, _ in others], [first[1], *(own for _, own in others)]
        missing = len(PLACES) - len(others)
        names = [*self.styles, "share", *(f"share_{number}" for number in PLACES)]
        held = [*files, *[None] * missing, *shares, *[1.0] * missing]
        return {self.components[name]: value for name, value in zip(names, held, strict=True)}


def _share(label: str) -> gr.Slider:
    return gr.Slider(*SHARES, 1, step=0.05, label=label, min_width=120)


def _read(name: str, values: Values) -> float:
    given = values.get(name)
    label = f"The {name.replace('_', ' of style ')}"
    return 1.0 if given in EMPTY else in_range(label, given, SHARES)
