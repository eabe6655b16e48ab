"""What one visitor of a page paints: the run under way, and the pictures kept before it."""

from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from nst_core.checks import check_whole
from nst_core.errors import ImageError
from nst_core.images.film import TimeLapse
from nst_core.images.opening import open_image
from nst_core.images.saving import save_png
from nst_core.images.sizes import resize
from nst_core.page.controls import Values
from nst_core.page.curves import LossCurve
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job
from nst_core.painting.settings import Settings, to_text

LONGEST_STRIP = 12
"""Pictures that are kept."""

Pair = tuple[Path, Path]
"""Files of the content and the style image."""


@dataclass
class Task:
    """What the events of one visitor's work tell each other while it goes on."""

    stop_asked: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Kept:
    """A finished picture.

    Attributes:
        file: a PNG with its settings inside.
        pair: that it was made from.
        values: of the controls that made it.
        caption: recipe, size and steps, for people.
    """

    file: Path
    pair: Pair
    values: Values
    caption: str

    def before(self) -> Image.Image:
        """The photograph at the picture's size."""
        with Image.open(self.file) as picture:
            size = picture.size
        return resize(open_image(self.pair[0], longest=max(size)), size)


@dataclass
class Visit(Task):
    """What one visitor has painted so far.

    Attributes:
        current: the picture in hand.
        strip: pictures kept, the last one first.
        film, curve: of the run under way, or else of the last one.
        restored: the settings last read from a picture.
    """

    current: Kept | None = None
    strip: list[Kept] = field(default_factory=list)
    film: TimeLapse = field(default_factory=TimeLapse)
    curve: LossCurve = field(default_factory=LossCurve)
    restored: Settings | None = None

    def begin(self) -> None:
        """A run begins: its film and its curve are empty."""
        self.film, self.curve = TimeLapse(), LossCurve()

    def add(self, frame: Frame) -> None:
        """Take one frame of the run."""
        self.film.add(frame.image)
        self.curve.add(frame.step, frame.losses)

    def keep(self, frame: Frame, job: Job, pair: Pair, values: Values, file: Path) -> None:
        """Save the frame's picture to `file`, and have it in hand and at the head of the strip."""
        save_png(frame.image, file, to_text(job.settings(frame)))
        width, height = frame.image.size
        caption = f"{frame.recipe.name}, {width} × {height} px, step {frame.step}"
        self.current = Kept(file, pair, values, caption)
        self.strip = [self.current, *self.strip][:LONGEST_STRIP]

    def in_hand(self) -> Kept:
        """The picture to go on from.

        Raises:
            ImageError: there is none, or its file was deleted.
        """
        if self.current is None or not self.current.file.exists():
            raise ImageError("There is no picture to go on from: press Paint first.")
        return self.current

    def bring_back(self, number: int) -> Kept:
        """Have a picture of the strip in hand again.

        Raises:
            ImageError: there is none yet, or its file, or one of its pair, was deleted.
            RecipeError: the strip has no such place.
        """
        if not self.strip:
            raise ImageError("There is no picture to bring back: press Paint first.")
        check_whole("The picture's place in the strip", number, 0, len(self.strip) - 1)
        kept = self.strip[number]
        if not all(path.exists() for path in (kept.file, *kept.pair)):
            raise ImageError("That picture was deleted, as pictures are after a day.")
        self.current = kept
        return kept
