"""The instant picture: what a pair comes out as, while the finger is still on the shelf."""

from pathlib import Path

from PIL import Image

from nst_core.fast.shelf import shelf_network
from nst_core.images.saving import save_jpeg
from nst_core.images.sizes import resize
from nst_core.page.hosting.loading import loading
from nst_core.page.inputs.looking import Line, Looking
from nst_core.page.inputs.titles import example_stem
from nst_core.page.visit.uploads import new_folder
from nst_core.page.visit.visits import Pair
from nst_core.painting.job import Job
from nst_core.painting.run import paint

SIZE = 512
"""px of the picture's longest side."""
FIRST_SIZE = 128
"""px; what a style without a network gets, by a run."""


class Instant:
    """Paints in a line of its own, one pair after the other, beside the runs."""

    def __init__(self, examples: Path, backbone: str, looking: Looking) -> None:
        self._examples, self._backbone, self._looking = examples, backbone, looking
        self._line = Line("instant", "Too many previews are being painted: try again in a moment.")

    async def paint(self, pair: Pair) -> Pair:
        """The photograph and the picture, as JPEG files of one size.

        The picture is made in one pass where the style has a network, else by a small draft.

        Raises:
            BusyError: too many wait already.
            ImageError: an image can't be used.
            StyleTransferError: whatever else a run may end with.
        """
        photograph = await self._looking.open(pair[0], "content image", SIZE)
        name = example_stem(pair[1], "style", self._examples)
        if name in shelf_network().styles:
            picture = await self._line.do(shelf_network().paint, photograph, name, SIZE)
        else:
            style = await self._looking.open(pair[1], "style image", SIZE)
            picture = await self._line.do(self._first_size, photograph, style)
        folder = new_folder()
        before, after = folder / "photo.jpg", folder / "preview.jpg"
        save_jpeg(resize(photograph, picture.size), before)
        save_jpeg(picture, after)
        return before, after

    def _first_size(self, photograph: Image.Image, style: Image.Image) -> Image.Image:
        network = loading(self._backbone).result()
        job = Job.of(photograph, style, backbone=network, size=FIRST_SIZE, quality="draft")
        *_, last = paint(job.opened())
        return last.image
