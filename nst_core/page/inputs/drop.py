"""Pictures that are dropped or pasted anywhere on the page: `drop.js` uploads them."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import gradio as gr

from nst_core.errors import ImageError, SettingsError
from nst_core.page.look.parts import bell, sent_with
from nst_core.page.visit.uploads import chosen_file
from nst_core.painting.settings import Settings, read_settings

PROBLEMS = {
    "many": "Drop one picture, or two: a photo and a style.",
    "kind": "That is no picture: drop a file such as a JPEG, a PNG or a WebP.",
    "folder": "That is a folder: drop a picture out of it.",
    "link": "A link is not fetched here: save the picture first, and drop its file.",
    "text": "That is text, and no picture: copy a picture first.",
    "upload": "The picture could not be sent: it may be too large, or the page was lost.",
}


class Drop:
    """Attributes: targets, the components that take a picture, by the ids of their elements."""

    def __init__(self, examples: Path, targets: Mapping[str, gr.components.Component]) -> None:
        self.examples, self.targets = examples, targets
        self.bell = bell("dropped", "Dropped", "put")

    def taken(self, event: gr.EventData) -> dict[gr.components.Component, str]:
        """What was dropped, by the component that it is for.

        Raises:
            ImageError: it was no picture, or none of this page's uploads.
        """
        files = sent_with(event, "files")
        if not isinstance(files, list):
            raise ImageError(PROBLEMS.get(str(sent_with(event, "problem")), PROBLEMS["kind"]))
        found = {}
        for each in files:
            target, path = each if isinstance(each, list) and len(each) == 2 else ("", None)
            if not isinstance(target, str) or target not in self.targets:
                raise ImageError(PROBLEMS["kind"])
            file = chosen_file({"path": path}, "picture", self.examples)
            found[self.targets[target]] = str(file)
        return found

    def settings_of(
        self, taken: Mapping[gr.components.Component, str], event: gr.EventData
    ) -> Settings | None:
        """Those inside a single picture that was made here, and dropped as the photo.

        None where it is put there "as_it_is", as a photo that was there before.
        """
        photo = taken.get(self.targets["content"])
        if photo is None or len(taken) > 1 or sent_with(event, "as_it_is"):
            return None
        with suppress(SettingsError):
            return read_settings(Path(photo))
        return None
