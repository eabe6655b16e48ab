"""Painting what a camera sees, in styles that are kept ready: still things stay calm."""

from PIL import Image

from nst_core.clip.steadying import Shown, going_on, so_far
from nst_core.clip.still_painter import SHARE
from nst_core.images.sizes import to_image
from nst_core.painting.at_once import KeptStyle


class CameraPainter:
    """Paints one frame after the other; with another style or size, it begins anew."""

    def __init__(self) -> None:
        self._style: KeptStyle | None = None
        self._shown: Shown | None = None

    def paint(self, frame: Image.Image, style: KeptStyle) -> Image.Image:
        """A frame, RGB, in a style, at the last of its sizes."""
        before = self._shown if style is self._style else None
        still = style.at_last(frame)
        self._style = style
        self._shown = going_on(
            before,
            still,
            lambda: style.anew(frame),
            lambda carried: style.over(still, so_far(carried, still), SHARE),
        )
        return to_image(self._shown.result)
