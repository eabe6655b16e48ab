"""Where the style applies: brushed over the photo with a finger, or given as a mask."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gradio as gr
from PIL import Image, ImageOps

from nst_core.checks import check_choice
from nst_core.images.masks import open_painted
from nst_core.page.inputs.mix import NOBODYS, Filled, brush_slider, read_part
from nst_core.page.inputs.opening_queue import OpeningLine
from nst_core.page.look.parts import bell, problem_text, small_image_input
from nst_core.page.run.running import PRIVATE
from nst_core.page.settings.controls import EMPTY, Values
from nst_core.page.visit.uploads import Upload, chosen_file, new_folder
from nst_core.painting.image_settings import PlaceSettings
from nst_core.painting.job import Job
from nst_core.painting.style import Style
from nst_core.recipe.recipe import BRUSHES

PAINT = "#4338ca"
"""Of the brush: dark, for what is not painted over is white."""
TINT = 0.5
"""How opaque it is: what is painted over is still seen."""
LONGEST = 1024
"""px of the photo that is painted over."""
BRUSHED = {"paint": "Paint what I brush", "keep": "Keep what I brush"}
"""What becomes of what is brushed, and how people are asked."""


class Regions:
    """
    Attributes:
        components: by the names that other programs use; all may be left empty.
        blank: what a script has the photo put under the brush by: see `places.js`.
    """

    def __init__(self, examples: Path, opening_line: OpeningLine) -> None:
        self.examples, self.opening_line = examples, opening_line
        with gr.Accordion("Paint only a part", open=False, elem_id="places"):
            gr.Markdown(
                "Brush over a part of the photo, or choose a mask: a picture that is white where "
                "the photo is to be painted. The rest stays as it is, or has a style of its own."
            )
            brushed = self._choice()
            self.problem = problem_text("places-problem")
            drawing = self._editor()
            with gr.Row():
                mask = small_image_input("mask", "Mask")
                outside = small_image_input("outside", "Style for the rest")
            brush = brush_slider("Brush for the rest")
        self.blank = bell("places-blank", "Photo to be brushed", "blank")
        self.components: dict[str, gr.components.Component] = {
            "drawing": drawing,
            "brushed": brushed,
            "mask": mask,
            "outside": outside,
            "brush_outside": brush,
        }

    def _choice(self) -> gr.Radio:
        return gr.Radio(
            [(label, name) for name, label in BRUSHED.items()],
            value="paint",
            label="What is brushed",
            show_label=False,
            container=False,
            elem_id="brushed",
        )

    def _editor(self) -> gr.ImageEditor:
        return gr.ImageEditor(
            label="Places",
            show_label=False,  # it would stand where the tools do
            type="filepath",
            format="png",
            height="min(468px, 100vw)",
            sources=[],
            transforms=[],
            layers=False,
            brush=gr.Brush(default_size=40, colors=[(PAINT, TINT)], color_mode="fixed"),
            eraser=gr.Eraser(default_size=40),
            buttons=["fullscreen"],
            elem_id="drawing",
        )

    def wire(self, photo: gr.components.Component) -> None:
        """Args: photo: the component of the photo."""
        drawing = self.components["drawing"]
        for blank in (self.blank.select, drawing.clear):
            blank(self.begun, photo, [self.problem, drawing], **PRIVATE)

    def changed(self) -> list[Callable[..., object]]:
        """The events of a visitor who changes the mask or the rest."""
        images = [self.components[name] for name in ("mask", "outside")]
        brush = self.components["brush_outside"]
        return [*(image.input for image in images), brush.release]

    def brushed(self) -> list[Callable[..., object]]:
        """The events of a visitor who brushes, and of a photo that is put under the brush."""
        return [self.components[name].input for name in ("drawing", "brushed")]

    async def begun(self, photo: Upload) -> list[object]:
        """The photo is there to be painted over, no larger than a screen."""
        file = chosen_file(photo, "photo", self.examples)
        image = await self.opening_line.open(file, "photo", LONGEST)
        image.thumbnail((LONGEST, LONGEST))
        small = new_folder() / "photo.jpg"
        image.save(small, quality=90)
        return ["", {"background": str(small), "layers": [], "composite": str(small)}]

    def placed(self, job: Job, values: Values) -> Job:
        """The job, in the places that were chosen; opens what was painted.

        Raises:
            ImageError: a file can't be used, or is not one that a visitor may have opened.
            RecipeError: there is a style for the rest, and no rest, or its brush is out of range;
                or what is brushed is neither to be painted nor to be kept.
        """
        if job.mask is not None:  # the places of the picture that is gone on from
            return job
        mask, outside = self._mask(values), values.get("outside")
        if not outside:
            return replace(job, mask=mask)
        file = chosen_file(outside, "style", self.examples)
        style = Style(file, brush=read_part("brush_outside", values, BRUSHES))
        return replace(job, mask=mask, outside=(style,))

    def _mask(self, values: Values) -> Path | None:
        """What was brushed, or all but that, as a mask; else what was uploaded."""
        painted = self.strokes(values)
        if painted is not None:
            chosen = "paint" if values.get("brushed") in EMPTY else values["brushed"]
            keep = check_choice("What is brushed", chosen, BRUSHED) == "keep"
            file = new_folder() / "mask.png"
            (ImageOps.invert(painted) if keep else painted).save(file)
            return file
        given = values.get("mask")
        return chosen_file(given, "mask", self.examples) if given else None

    def strokes(self, values: Values) -> Image.Image | None:
        """What was brushed, in white on black; None where nothing was. Raises `ImageError`."""
        drawing = values.get("drawing")
        layers = drawing.get("layers") if isinstance(drawing, dict) else None
        if not isinstance(layers, list) or not layers:
            return None
        return open_painted(chosen_file(layers[0], "mask", self.examples))

    def bring_back(self, place: PlaceSettings | None) -> Filled:
        """The mask out of a picture's settings; without one, everywhere."""
        if place is None:
            return self.fill()
        file = new_folder() / "mask.png"
        place.mask_image().save(file)
        return {**self.fill(), self.components["mask"]: str(file)}

    def fill(self, job: Job | None = None) -> Filled:
        """The places of a job, whose images are files; without one, everywhere.

        What is brushed next is painted or kept as it was chosen: a mask knows nothing of that.
        """
        mask = str(job.mask) if job and job.mask else None
        outside = job.outside[0] if job and job.outside else NOBODYS
        held: dict[str, str | float | None] = {"drawing": None, "mask": mask}
        held |= {"outside": str(outside.image) or None, "brush_outside": outside.brush}
        return {self.components[name]: value for name, value in held.items()}
