"""What one visitor of a page paints: the run under way, and the pictures kept before it."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import cast

from PIL import Image

from nst_core.checks import check_whole
from nst_core.errors import ImageError
from nst_core.images.film import TimeLapse
from nst_core.images.saving import FORMATS, save_jpeg, save_png
from nst_core.images.sizes import Size, resize
from nst_core.page.hosting.links import Link
from nst_core.page.look import words
from nst_core.page.look.curves import LossCurve
from nst_core.page.settings.controls import Values
from nst_core.painting.frame import Frame
from nst_core.painting.job import Job, OpenedJob
from nst_core.painting.settings import Settings, to_text
from nst_core.serving.run_queue import Ticket

LONGEST_STRIP = 12
"""Pictures that are kept."""

Pair = tuple[Path, Path]
"""Files of the content and the style image."""


def pair_of(job: Job) -> Pair:
    """The content and the first style image of a job whose images are files."""
    return cast(Pair, (job.content, job.styles[0].image))


def files_of(job: Job) -> list[Path]:
    """All images of a job, which are files, but what it goes on from."""
    styles = (style.image for style in (*job.styles, *job.outside))
    images = (job.content, *styles, job.mask)
    return [cast(Path, image) for image in images if image is not None]


@dataclass
class Task:
    """What the events of one visitor's work tell each other while it goes on."""

    stop_asked: bool = False
    outlasted: str = ""  # what to tell where the run under way has taken longer than it may
    problem: str = ""
    under_way: bool = False  # from the click that asks for a run to its end
    ticket: Ticket | None = field(default=None, repr=False)  # of the last run
    facts: Mapping[str, object] = field(default_factory=dict)  # to the operator, of this run

    @property
    def to_stop(self) -> bool:
        """Whether the work is to end with what there is."""
        return self.stop_asked or bool(self.outlasted)

    @property
    def precious(self) -> bool:
        """Whether its visitor would lose something with it: see `Sessions`."""
        return self.ticket is not None and not self.ticket.ending


@dataclass(frozen=True)
class Kept:
    """A finished picture.

    Attributes:
        file: a PNG with its settings inside.
        before: the photograph at the picture's size, as JPEG.
        job: that made it, its images being files.
        values: of the controls that made it.
        finished: when, in UTC.
        size: (width, height) px.
        summary, figures: how the run ended, as `words` has it.
        curve: the losses of the run.
    """

    file: Path
    before: Path
    job: Job
    values: Values
    finished: datetime
    size: Size
    summary: str
    figures: str
    curve: LossCurve

    @property
    def pair(self) -> Pair:
        """That it was made from; other styles may have been mixed in."""
        return pair_of(self.job)

    @property
    def there(self) -> bool:
        """Whether its files, and those that it was made from, were not deleted yet."""
        return all(each.exists() for each in (self.file, self.before, *files_of(self.job)))

    @property
    def films(self) -> tuple[Path, Path]:
        """Where its time-lapse is, as MP4 and as WebP, once it was made."""
        return self.file.with_suffix(".mp4"), self.file.with_suffix(".webp")

    @property
    def filmed(self) -> bool:
        """Whether its time-lapse was made, and not deleted yet."""
        return all(path.exists() for path in self.films)


@dataclass(frozen=True)
class Preview:
    """What a pair came out as in one pass.

    Attributes:
        file: the picture, as JPEG.
        before: the photograph at its size, as JPEG.
        pair: that it was made from.
    """

    file: Path
    before: Path
    pair: Pair


@dataclass
class Album:
    """The pictures of one visitor, whichever tab they were painted in.

    Attributes:
        pictures: kept, the last one first.
        expected: one thing for each picture that is still to come.
        lasting: whether it is there for a tab that is opened again.
        job: that was chosen last, in whichever tab, its images being files.
        links: to pictures, by their files.
        remember: called when it is no longer empty.
    """

    pictures: list[Kept] = field(default_factory=list)
    expected: set[object] = field(default_factory=set)
    lasting: bool = False
    job: Job | None = None
    links: dict[Path, Link] = field(default_factory=dict, repr=False)
    remember: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)

    @property
    def empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return not (self.pictures or self.expected)

    def add(self, kept: Kept) -> None:
        self.pictures = [kept, *self.pictures][:LONGEST_STRIP]
        self.remember()

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """While there is work on one more picture."""
        picture = object()
        self.expected.add(picture)
        self.remember()
        try:
            yield
        finally:
            self.expected.discard(picture)

    def add_later(self, keep: Callable[[], Kept]) -> None:
        """Have a thread keep a picture, which takes a moment, if anybody can come back for it."""
        if not self.lasting:
            return
        stack = ExitStack()
        stack.enter_context(self.expecting())

        def work() -> None:
            with stack:
                keep()

        Thread(target=work).start()


@dataclass
class Visit(Task):
    """What one visitor has painted so far.

    Attributes:
        current: the picture in hand; None while a preview or an example is shown.
        preview: the one that is shown, if there is no picture in hand.
        mixed: what is shown in place of either, with some of the photograph in it.
        photo: the one in the photo's place; only a picture made from it can be gone on from.
        album: all pictures kept, other tabs' among them.
        strip: the pictures of the album as this tab shows them.
        newest: the picture of the last run, and its film.
        film, curve: of the run under way, or else of the last one.
        left: seconds of the run under way, as they were told last.
        restored: the settings last read from a picture.
        brushed: whether a part of the photo was brushed when that was last looked at.
    """

    current: Kept | None = None
    preview: Preview | None = None
    mixed: Path | None = None
    photo: Path | None = None
    album: Album = field(default_factory=Album)
    strip: list[Kept] = field(default_factory=list)
    newest: tuple[Kept, TimeLapse] | None = None
    film: TimeLapse = field(default_factory=TimeLapse)
    curve: LossCurve = field(default_factory=LossCurve)
    left: float = math.nan
    restored: Settings | None = None
    brushed: bool = False

    @property
    def precious(self) -> bool:
        return super().precious or self.current is not None or not self.album.empty

    def begin(self, seconds: float) -> None:
        """A run begins that takes so long: its film and its curve are empty."""
        self.film, self.curve, self.left = TimeLapse(), LossCurve(), seconds

    def show(self, preview: Preview | None) -> None:
        """A preview is shown, or an example: what was in hand is on the strip alone."""
        self.current, self.preview, self.mixed = None, preview, None

    def add(self, frame: Frame) -> None:
        """Take one frame of the run."""
        self.film.add(frame.image)
        self.curve.add(frame.step, frame.losses)
        self.left = words.steadied(self.left, frame.remaining)

    def keep(self, frame: Frame, job: Job, opened: OpenedJob, values: Values, file: Path) -> Kept:
        """Save the frame's picture to `file`, and have it in hand and at the head of the album.

        Args:
            frame: the last one of the run.
            job: of the run, its images being files.
            opened: the same job as it was painted.
            values: see `Kept`.
            file: of a new picture, in a folder of its own.
        """
        save_png(frame.image, file, to_text(opened.settings(frame)))
        before = file.with_suffix(".before.jpg")
        save_jpeg(resize(opened.content, frame.image.size), before)
        kept = Kept(
            file,
            before,
            job,
            values,
            finished=datetime.now(UTC),
            size=frame.image.size,
            summary=words.run_summary(frame),
            figures=words.run_figures(frame, f"{frame.elapsed:.0f} s"),
            curve=self.curve,
        )
        self.have(kept)
        self.album.add(kept)
        self.look()
        self.newest = kept, self.film
        return kept

    def have(self, kept: Kept) -> None:
        """A picture is in hand, and shown."""
        self.current, self.preview, self.mixed = kept, None, None

    def look(self) -> list[Kept]:
        """The strip as it is now: what is on the album and was not deleted."""
        self.strip = [kept for kept in self.album.pictures if kept.there]
        return self.strip

    def in_hand(self) -> Kept:
        """The picture to go on from.

        Raises:
            ImageError: there is none, or its file was deleted.
        """
        if self.current is None or not self.current.file.exists():
            raise ImageError("There is no picture to go on from: press Paint first.")
        return self.current

    def seen(self) -> Path:
        """The file of the picture or the preview that is shown.

        Raises:
            ImageError: there is none, or it was deleted.
        """
        if self.mixed is not None and self.mixed.exists():
            return self.mixed
        return self.painted().file

    def painted(self) -> Kept | Preview:
        """What is shown, wholly painted; raises `ImageError` as `seen` does."""
        if self.preview is not None and self.preview.file.exists():
            return self.preview
        return self.in_hand()

    def mix(self, share: float) -> Path:
        """The file of what is shown, with so much of it, from 0 to 1, over the photograph.

        Raises:
            ImageError: there is none, or it was deleted.
        """
        painted = self.painted()
        self.mixed = None
        if share < 1:
            file = painted.file
            with Image.open(painted.before) as before, Image.open(file) as picture:
                mixed = Image.blend(before.convert("RGB"), picture.convert("RGB"), share)
                text = getattr(picture, "text", {})
            self.mixed = file.with_stem(f"{file.stem}-{round(100 * share)}-percent")
            if file.suffix == ".png":
                save_png(mixed, self.mixed, text)
            else:
                save_jpeg(mixed, self.mixed)
        return self.seen()

    def as_jpeg(self) -> Path:
        """The same as a JPEG file to be kept, with its settings inside; raises as `seen` does."""
        file = self.seen()
        if file.suffix != ".png":
            return file
        jpeg = file.with_suffix(".jpg")
        with Image.open(file) as picture:
            FORMATS[".jpg"](picture, jpeg, getattr(picture, "text", {}))
        return jpeg

    def bring_back(self, number: object) -> Kept:
        """Have a picture of the strip in hand again.

        Raises:
            ImageError: there is none yet, or its file, or one of its pair, was deleted.
            RecipeError: the strip has no such place.
        """
        if not self.strip:
            raise ImageError("There is no picture to bring back: press Paint first.")
        index = check_whole("The picture's place in the strip", number, 0, len(self.strip) - 1)
        kept = self.strip[index]
        if not kept.there:
            raise ImageError("That picture was deleted, as pictures are after a day.")
        self.have(kept)
        return kept
