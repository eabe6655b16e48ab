"""The instant picture: what a pair comes out as, while the finger is still on the shelf."""

from PIL import Image

from nst_core.images.saving import save_jpeg
from nst_core.images.sizes import resize
from nst_core.page.inputs.looking import Line, Looking
from nst_core.page.visit.uploads import new_folder
from nst_core.page.visit.visits import Pair
from nst_core.painting.at_once import paint_at_once
from nst_core.painting.job import Job

SIZE = 512
"""px of the picture's longest side."""


class Instant:
    """Paints in a line of its own, one pair after the other, beside the runs."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking
        self._line = Line("instant", "Too many previews are being painted: try again in a moment.")

    async def paint(self, pair: Pair) -> Pair:
        """The photograph and the picture, as JPEG files of one size.

        Raises:
            BusyError: too many wait already.
            ImageError: an image can't be used.
            StyleTransferError: whatever else it may end with.
        """
        photograph = await self._looking.open(pair[0], "content image", SIZE)
        style = await self._looking.open(pair[1], "style image", SIZE)
        picture = await self._line.do(_painted, photograph, style)
        folder = new_folder()
        before, after = folder / "photo.jpg", folder / "preview.jpg"
        save_jpeg(resize(photograph, picture.size), before)
        save_jpeg(picture, after)
        return before, after


def _painted(photograph: Image.Image, style: Image.Image) -> Image.Image:
    *_, last = paint_at_once(Job.of(photograph, style, size=SIZE).opened())
    return last
