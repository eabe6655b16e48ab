"""The settings: the controls, what was changed, and the ways back to earlier settings."""

from functools import partial
from inspect import getdoc
from pathlib import Path

import gradio as gr

from nst_core.errors import RecipeError, SettingsError
from nst_core.objective.setup import check_layers
from nst_core.page.hosting.loading import loading
from nst_core.page.look.markup import paragraph
from nst_core.page.look.parts import live_text
from nst_core.page.run.latest import answer_last
from nst_core.page.run.problems import say_problem
from nst_core.page.run.running import AT_ONCE
from nst_core.page.settings import controls
from nst_core.page.settings.controls import FIELDS, NAMES
from nst_core.page.settings.fields import ExactSize, build_at_hand, build_details, fill, shown
from nst_core.page.visit.uploads import Upload, chosen_file
from nst_core.page.visit.visits import Visit
from nst_core.painting.settings import read_settings
from nst_core.recipe.catalogue import RECIPES


class SettingsPanel:
    """All controls. The browser remembers them; a picture made here brings its own back.

    Attributes:
        controls: by the names in `NAMES`, and in their order.
        problems: name of a control with layers -> what is wrong with what was typed.
        loaded: once wired, the event of an opened page: the controls are as the browser left them.
    """

    def __init__(self, backbone: str, examples: Path) -> None:
        self.backbone = backbone
        self.examples = examples
        self.memory = gr.BrowserState(storage_key="nst-settings", secret="not a secret")
        studio = RECIPES["studio"]
        with gr.Group(elem_id="at-hand"):
            built = build_at_hand(studio)
        with gr.Accordion("Details", open=False, elem_id="more"):
            self.exact = ExactSize()
            details, self.problems = build_details(studio)
            self.mark = live_text("Nothing is changed.", elem_id="mark")
            self.reset = gr.Button("Reset to the recipe", size="sm")
            self.restore = gr.File(
                label="Bring settings back (a picture made here)",
                file_types=[".png", ".jpg"],
                height=160,
                elem_id="restore",
            )
        built |= details
        self.controls = {name: built[name] for name in NAMES}
        self.restored = gr.JSON(label="Settings", visible=False)

    def wire(self, page: gr.Blocks, visit: gr.State, status: gr.HTML) -> gr.events.Dependency:
        """Answer the panel's events; gives that of settings read into `visit.restored`.

        `status` tells how bringing settings back went.
        """
        everything = list(self.controls.values())
        self.loaded = page.load(self.remembered, self.memory, everything, **AT_ONCE)
        changes = [control.change for control in everything]
        answer_last(changes, self.note, everything, [self.mark, self.memory], **AT_ONCE)
        self.exact.wire(self.controls["size"], self.loaded)
        recipe, optimizer = self.controls["recipe"], self.controls["optimizer"]
        for event in (recipe.input, self.reset.click):
            event(self.as_the_recipe_has_it, recipe, everything, **AT_ONCE)
        rate = self.controls["learning_rate"]
        optimizer.input(self.offer_rate, [recipe, optimizer], rate, **AT_ONCE)
        for name, problem in self.problems.items():
            field = self.controls[name]
            check = partial(self.layer_problem, name)
            both = [field, recipe]
            answer_last([each.change for each in both], check, both, [problem], **AT_ONCE)
        return self._wire_restore(visit, status)

    def _wire_restore(self, visit: gr.State, status: gr.HTML) -> gr.events.Dependency:
        read = self.restore.upload(
            self.read_picture,
            [self.restore, visit],
            self.restored,
            api_name="restore",
            api_description=getdoc(self.read_picture),
            preprocess=False,
            queue=False,
            show_progress="hidden",
        )
        read.success(self.set_restored, visit, [*self.controls.values(), status], **AT_ONCE)
        read.failure(say_problem, visit, status, **AT_ONCE)
        return read

    def as_the_recipe_has_it(self, name: str) -> list[object]:
        return fill(controls.own_values(controls.chosen_recipe({"recipe": name})))

    def offer_rate(self, recipe: str, optimizer: str) -> dict[str, object]:
        """Another optimiser was chosen, which has a learning rate of its own, or none."""
        rate = FIELDS["learning_rate"]
        chosen = controls.at_hand({"recipe": recipe, "optimizer": optimizer})
        changes = shown(rate, None, chosen)
        if rate.applies(chosen):
            del changes["value"]  # what stands there stays
        return gr.update(**changes)

    def note(self, *given: object) -> list[object]:
        """A control was changed: say so, and have the browser remember it, unless it can't work."""
        values = dict(zip(NAMES, given, strict=True))
        changed = ""
        try:
            changed = paragraph(controls.changed_text(values))
            controls.changed_recipe(values)
        except RecipeError as problem:
            sentence = paragraph(str(problem))
            at_a_field = [
                self.layer_problem(name, values[name], values["recipe"])
                for name in self.problems
                if isinstance(values[name], str)  # as a person types it
            ]
            return [changed if sentence in at_a_field else changed + sentence, gr.skip()]
        return [changed, values]

    def layer_problem(self, name: str, text: object, recipe: object) -> str:
        """What is wrong with layers as they were typed; the network may still be unknown."""
        if text in controls.EMPTY:
            return ""
        network = loading(self.backbone)
        try:
            chosen = controls.chosen_recipe({"recipe": recipe})
            changed = chosen.changed(**{name: FIELDS[name].read(text, chosen)})
            if network.done() and not network.exception():
                check_layers(changed, network.result())
        except RecipeError as problem:
            return paragraph(str(problem))
        return ""

    def remembered(self, values: object) -> list[object]:
        """The controls as this browser left them, unless they make no sense any more."""
        try:
            if isinstance(values, dict):
                controls.changed_recipe(values)
                return fill(values)
        except (RecipeError, KeyError, TypeError, AttributeError):
            pass
        return self.as_the_recipe_has_it("studio")

    def read_picture(self, picture: Upload, visit: Visit) -> dict[str, object]:
        """The settings inside a PNG or JPEG that this page or the command line made, as JSON.

        They name the recipe and what was changed in it, seed, size, steps, backbone, precision and
        version, and SHA-256 sums of the pixels of the content and style images.
        """
        visit.restored = read_settings(chosen_file(picture, "picture", self.examples))
        return vars(visit.restored)

    def set_restored(self, visit: Visit) -> list[object]:
        if visit.restored is None:
            raise SettingsError("No settings were read: choose a picture that was made here first.")
        values, lost = controls.values_of(visit.restored)
        text = f"The settings of that picture are in place: {visit.restored.recipe}."
        if lost:
            text += f" No control can hold {', '.join(lost)}, so the picture may differ."
        if len(visit.restored.style_sha256) > 1:
            text += " It was a mix of styles, which are not inside the picture: choose them again."
        place = visit.restored.place
        if place is not None and place.outside_sha256:
            text += " The style for the rest is not inside the picture: choose it again."
        return [*fill(values), paragraph(text)]
