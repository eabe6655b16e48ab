"""The instant picture: what a pair comes out as, while the finger is still on the shelf."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

from PIL import Image

from nst_core.errors import ImageError
from nst_core.images.opening import open_image
from nst_core.images.saving import save_jpeg
from nst_core.images.sizes import resize
from nst_core.page.inputs.opening_queue import Line, OpeningLine
from nst_core.page.visit.uploads import new_folder
from nst_core.page.visit.visits import Pair
from nst_core.painting.at_once import paint_at_once
from nst_core.painting.job import Job, OpenedJob
from nst_core.painting.style import Style

SIZE = 512
"""px of the picture's longest side."""
SMALL = 144
"""px of a picture on a card of the shelf."""


class Instant:
    """Paints in a line of its own, one picture after the other, beside the runs."""

    def __init__(self, opening_line: OpeningLine) -> None:
        self._opening_line = opening_line
        self._line = Line("instant", "Too many previews are being painted: try again in a moment.")

    async def paint(self, job: Job, longest: int = SIZE) -> AsyncIterator[Pair]:
        """The photograph and the picture, as JPEG files of one size, coarse to fine.

        Args:
            job: what to paint.
            longest: px of the picture's longest side; no more than `SIZE` counts.

        Raises:
            BusyError: too many wait already.
            ImageError: an image can't be used.
            StyleTransferError: whatever else it may end with.
        """
        opened = await self._opening_line.do(_opened, job, min(longest, SIZE))
        photograph = opened.content
        size = opened.recipe.generated_size(photograph.size)
        folder = new_folder()
        before = folder / "photo.jpg"
        save_jpeg(resize(photograph, size), before)
        pictures = paint_at_once(opened)
        while (picture := await self._line.do(next, pictures, None)) is not None:
            after = folder / f"preview-{max(picture.size)}.jpg"
            save_jpeg(resize(picture, size), after)
            yield before, after

    async def each_style(
        self, photo: Path, styles: Mapping[str, Path]
    ) -> AsyncIterator[dict[str, Path]]:
        """A photograph in every style as small JPEG files: those so far, by the styles' names.

        A style that can't be used is left out.

        Raises:
            BusyError: too many wait already.
            ImageError: the photograph can't be used.
        """
        photograph = await self._opening_line.do(open_image, photo, "photo", SMALL)
        folder = new_folder()
        found: dict[str, Path] = {}
        for name, file in styles.items():
            try:
                picture = await self._line.do(_small, photograph, file)
            except ImageError:
                continue
            found[name] = folder / f"{file.stem}.jpg"
            save_jpeg(picture, found[name])
            yield dict(found)


def _opened(job: Job, size: int) -> OpenedJob:
    """The job opened, no larger than the picture needs."""

    def styles(given: tuple[Style, ...]) -> tuple[Style, ...]:
        return tuple(
            replace(style, image=open_image(style.image, "style", size)) for style in given
        )

    small = replace(
        job.changed(size=size),
        content=open_image(job.content, "photo", size),
        styles=styles(job.styles),
        outside=styles(job.outside),
        resume=None,
    )
    return small.opened()


def _small(photograph: Image.Image, style: Path) -> Image.Image:
    image = open_image(style, "style", SMALL)
    *_, last = paint_at_once(Job.of(photograph, image, size=SMALL).opened())
    return last
