"""Painting a clip: its file in, an MP4 file out, in step with its sound."""

import math
import os
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from nst_core.checks import check_number, shown
from nst_core.clip.reading import opened_clip
from nst_core.clip.sound import SoundTrack
from nst_core.clip.still import INSTANT, Clip, Part, Still
from nst_core.clip.still_painter import StillPainter
from nst_core.errors import OutputError, RecipeError
from nst_core.images.film import NOMINAL_RATE, Mp4
from nst_core.images.opening import ImageSource
from nst_core.images.outputs import check_overwrites
from nst_core.images.saving import beside, check_target
from nst_core.images.sizes import Size, even
from nst_core.network.backbone import Backbone
from nst_core.painting.at_once import LARGEST
from nst_core.painting.cost import step_seconds
from nst_core.painting.job import Job
from nst_core.painting.notes import opening_notes
from nst_core.painting.style import StyleSource

CLOCK = Fraction(1, 90_000)
"""Seconds in which a film's times count, as those of most clips do."""
WHAT = "The film"
"""At the beginning of a sentence about the file that is written."""
START_SECONDS = 8.0
"""What a film takes besides its stills: a process that begins, and the look at its styles."""
PathSource = str | os.PathLike[str]


class Painted(NamedTuple):
    """What is told after each still.

    Attributes:
        picture: what it was painted as.
        number: of stills that are painted.
        seconds: of the film so far.
        whole: seconds of the film when it is done; None where the clip does not say.
        remaining: seconds of work that are left, about; NaN while that isn't known.
        note: a sentence for people, or nothing.
    """

    picture: Image.Image
    number: int
    seconds: float
    whole: float | None
    remaining: float
    note: str = ""


def paint_film(
    clip: PathSource,
    style: StyleSource,
    output: PathSource,
    *,
    begin: float = 0.0,
    end: float | None = None,
    mask: ImageSource | None = None,
    outside: StyleSource = (),
    **changes: Any,
) -> Generator[Painted, None, None]:
    """Paint a clip by the decoder, each still going on from the one before, into an MP4 file.

    The arguments are checked, the clip is looked at, and the styles are read at once; the work
    begins with the first still that is asked for. However the generator is ended, also by closing
    it, by Ctrl-C or by an error on the way, the file holds what was painted until then, with its
    sound, and can be played.

    Args:
        clip: the file: MP4, MOV, WebM, AVI and others, or an animated GIF, WebP, PNG or AVIF.
        style: as `stylize` takes it.
        output: the MP4 file to write: H.264, of the clip's length and times.
        begin: seconds of the clip from which it is painted.
        end: and until which; None is its end.
        mask: as `stylize` takes it, the same for all stills.
        outside: likewise.
        changes: of the recipe; `size` (512 px, at most 2048), `style_strength`, `keep_colours`,
            `keep_colours_share` and `brush_size` count.

    Raises:
        ClipError: the clip can't be used.
        ImageError: a style or the mask can't be used, or the clip is missing or too large.
        RecipeError: a value that can't work.
        OutputError: the film can't be written, or would replace what is read.
    """
    job = Job.of(Path(clip), style, mask=mask, outside=outside, **changes)
    return film_of(job, output, begin, end)


def film_of(
    job: Job, output: PathSource, begin: float = 0.0, end: float | None = None
) -> Generator[Painted, None, None]:
    """As `paint_film`, of a job whose content is the clip's file."""
    check_number("begin", begin, 0.0, math.inf)
    if end is not None:
        check_number("end", end, 0.0, math.inf)
    check_output(output, job)
    part = Part(begin, end)
    with opened_clip(Path(str(job.content))) as clip:  # what it says; it is opened again to paint
        film_size(job, clip.facts.size)
        part.within(clip.facts)
    return _film(job.with_styles_decoded(), Path(output), part)


def check_output(output: PathSource, job: Job) -> None:
    """Raise `OutputError` before the work where the film could not be kept."""
    if Path(output).suffix.lower() != ".mp4":
        raise OutputError(f"{WHAT} is an MP4 file; {shown(Path(output).name)} must end in .mp4.")
    images = [job.content, job.mask, *(style.image for style in (*job.styles, *job.outside))]
    read = [each for each in images if isinstance(each, str | os.PathLike)]
    check_target(output, WHAT)
    check_overwrites([Path(output)], read, WHAT)


def film_size(job: Job, clip: Size) -> Size:
    """(width, height) px of a film, both even, as H.264 needs them; raises `RecipeError`."""
    size = job.recipe.generated_size(clip)
    if max(size) > LARGEST:
        raise RecipeError(f"A film has at most {LARGEST} px, not {max(size)}.")
    return even(size)


def film_seconds(backbone: Backbone, size: Size, stills: float) -> float:
    """About how many seconds a film of so many stills takes here, at most.

    A still takes as long as a step of a run, which is measured; one that hardly moves takes less.
    """
    return START_SECONDS + stills * step_seconds(backbone, size)


def _film(job: Job, output: Path, part: Part) -> Generator[Painted, None, None]:
    path = Path(str(job.content))
    with opened_clip(path) as clip, beside(output, WHAT) as (half, target):
        size, whole = film_size(job, clip.facts.size), part.within(clip.facts)
        mp4 = Mp4(half, size, CLOCK, clip.facts.rate or NOMINAL_RATE)
        try:
            with mp4, closing(SoundTrack(path, mp4.file)) as sound:
                yield from _painted(job, clip, _Writer(mp4, sound, clip, part, size, whole))
        finally:
            if mp4.playable:
                half.replace(target)


@dataclass
class _Writer:
    """A film that is being written."""

    mp4: Mp4
    sound: SoundTrack
    clip: Clip
    part: Part
    size: Size
    whole: float | None
    began: float = field(default_factory=time.monotonic)

    def write(self, shot: "_Timed", picture: Image.Image) -> None:
        if not self.mp4.pictures:
            self.sound.begin(self.clip.origin + Fraction(shot.still.begin))
        self.mp4.add(picture, _ticks(shot.begin), _ticks(shot.end) - _ticks(shot.begin))
        self.sound.write_until(shot.end)

    def progress(self, picture: Image.Image, done: float, note: str = "") -> Painted:
        number = self.mp4.pictures
        if number == 1:
            self.began = time.monotonic()  # the first waits for much else
        spent, left = time.monotonic() - self.began, math.nan
        if self.whole is not None and number > 1:
            still = self.whole / number if done <= 0 else done / number
            left = spent / (number - 1) * max(0.0, self.whole - done) / still
        return Painted(picture, number, done, self.whole, left, note)


def _painted(job: Job, clip: Clip, writer: _Writer) -> Iterator[Painted]:
    painter = picture = None
    stills = clip.stills(writer.size, writer.part)
    for shot in _timed(stills, clip.facts.rate, writer.part.end):
        note = ""
        if painter is None:
            opened = replace(job, content=shot.still.image).opened()
            styles = (style.image for style in (*opened.styles, *opened.outside))
            notes = (clip.facts.note, writer.sound.note, opening_notes([*styles, opened.mask]))
            note = " ".join(filter(None, notes))
            painter = StillPainter(opened, writer.size)
        picture = painter.paint(shot.still.image)
        writer.write(shot, picture)
        yield writer.progress(picture, shot.end, note)
    if clip.missing and picture is not None:
        yield writer.progress(picture, shot.end, clip.missing)


class _Timed(NamedTuple):
    """A still, and from when to when it is shown, in seconds of the film."""

    still: Still
    begin: float
    end: float


def _timed(stills: Iterator[Still], rate: float, end: float | None) -> Iterator[_Timed]:
    """Each is shown until the next one begins, the last one as long as is told, or usual.

    end: seconds of the clip at which that one ends, too, whatever its file says.
    """
    before, first = None, 0.0
    for still in stills:
        if before is None:
            first = still.begin
        else:
            yield _Timed(before, before.begin - first, still.begin - first)
        before = still
    if before is not None:
        begin = before.begin - first
        seconds = before.seconds or 1 / (rate or NOMINAL_RATE)
        if end is not None:
            seconds = max(INSTANT, min(seconds, end - before.begin))
        yield _Timed(before, begin, begin + seconds)


def _ticks(seconds: float) -> int:
    return round(seconds / CLOCK)
