"""Painting a clip: its file in, an MP4 file out, in step with its sound."""

import math
import os
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from nst_core.checks import check_number, number_text, shown
from nst_core.clip.asked import asked_for
from nst_core.clip.film_file import FilmFile
from nst_core.clip.pieces import WHAT, Unfinished
from nst_core.clip.piecewise import PieceWriter
from nst_core.clip.reading import opened_clip
from nst_core.clip.run_painter import RunPainter, still_seconds
from nst_core.clip.shares import Shares, SharesSource
from nst_core.clip.steadying import Shown
from nst_core.clip.still import Clip, Part, Timed, timed
from nst_core.clip.still_painter import StillPainter
from nst_core.errors import OutputError, RecipeError
from nst_core.images.film import NOMINAL_RATE
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
    weights: SharesSource | None = None,
    mask: ImageSource | None = None,
    outside: StyleSource = (),
    by_runs: bool = False,
    resumable: bool = False,
    again: bool = False,
    **changes: Any,
) -> Generator[Painted, None, None]:
    """Paint a clip by the decoder, each still going on from the one before, into an MP4 file.

    The arguments are checked, the clip is looked at, and the styles are read at once; the work
    begins with the first still that is asked for. However the generator is ended, also by closing
    it, by Ctrl-C or by an error on the way, the file holds what was painted until then, with its
    sound, and can be played.

    Where it is `resumable`, what is painted is kept in pieces that play, in a folder beside the
    file that is called like it and ends in ".unfinished". The same call goes on from there, also
    after its process was killed, and the folder goes with the last still. A whole film that was
    there before stays until the new one is whole.

    Args:
        clip: the file: MP4, MOV, WebM, AVI and others, or an animated GIF, WebP, PNG or AVIF.
        style: as `stylize` takes it.
        output: the MP4 file to write: H.264, of the clip's length and times.
        begin: seconds of the clip from which it is painted.
        end: and until which; None is its end.
        weights: of the styles, where they change: a pair, those with the first and those with the
            last still, between which they go evenly; or a function of seconds of the film.
        mask: as `stylize` takes it, the same for all stills.
        outside: likewise.
        by_runs: whether each still is painted by a run of a few steps that begins with the result
            before, brought along, and not by the decoder: in minutes for each second of the film;
            see `told_before`.
        resumable: see above.
        again: whether what is painted already is let go of.
        changes: of the recipe; `size` (512 px, at most 2048), `style_strength`, `keep_colours`,
            `keep_colours_share` and `brush_size` count; all of them by runs.

    Raises:
        ClipError: the clip can't be used.
        ImageError: a style or the mask can't be used, or the clip is missing or too large.
        RecipeError: a value that can't work.
        OutputError: the film can't be written, or would replace what is read; or what is painted
            already was painted from something else.
    """
    job = Job.of(Path(clip), style, mask=mask, outside=outside, **changes)
    more: dict[str, Any] = {"by_runs": by_runs, "resumable": resumable, "again": again}
    return film_of(job, output, begin, end, weights=weights, **more)


def film_of(
    job: Job,
    output: PathSource,
    begin: float = 0.0,
    end: float | None = None,
    *,
    weights: SharesSource | None = None,
    by_runs: bool = False,
    resumable: bool = False,
    again: bool = False,
) -> Generator[Painted, None, None]:
    """As `paint_film`, of a job whose content is the clip's file."""
    check_number("begin", begin, 0.0, math.inf)
    if end is not None:
        check_number("end", end, 0.0, math.inf)
    check_output(output, job)
    part = Part(begin, end)
    with opened_clip(Path(str(job.content))) as clip:  # what it says; it is opened again to paint
        film_size(job, clip.facts.size)
        seconds = part.within(clip.facts)
        shares = None
        if weights is not None:
            last = 1 / (clip.facts.rate or NOMINAL_RATE)
            shares = Shares(weights, len(job.styles), seconds and max(0.0, seconds - last))
    film = _Film(job.with_styles_decoded(), Path(output), part, shares, by_runs)
    if not resumable:
        return film.in_one_go()
    unfinished, asked = Unfinished(output), asked_for(film.job, part, shares, by_runs)
    if not again:
        unfinished.progress(asked)
    return film.in_pieces(unfinished, asked, again)


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


def told_before(job: Job) -> str:
    """How long a film by runs takes here, about, as a sentence; raises what `film_of` raises."""
    with opened_clip(Path(str(job.content))) as clip:
        size, rate = film_size(job, clip.facts.size), clip.facts.rate or NOMINAL_RATE
    minutes = rate * still_seconds(job.recipe, job.backbone, size) / 60
    return (
        f"Each second of the film takes about {number_text(max(0.1, round(minutes, 1)))} min of "
        "work where all of it moves."
    )


@dataclass(frozen=True)
class _Film:
    """What is to be painted, and where to."""

    job: Job
    output: Path
    part: Part
    shares: Shares | None
    by_runs: bool

    @property
    def source(self) -> Path:
        """The clip's file."""
        return Path(str(self.job.content))

    def in_one_go(self) -> Generator[Painted, None, None]:
        """Into the film's file; however it ends, that plays as far as it goes."""
        with opened_clip(self.source) as clip, beside(self.output, WHAT) as (half, target):
            file = FilmFile(half, self.source, clip, film_size(self.job, clip.facts.size))

            def write(shot: Timed, picture: Image.Image, _painter: StillPainter) -> str:
                file.add(shot, picture)
                return file.note

            try:
                with file:
                    yield from _Painting(self, clip, write).stills()
            finally:
                if file.playable:
                    half.replace(target)

    def in_pieces(
        self, unfinished: Unfinished, asked: dict[str, Any], again: bool
    ) -> Generator[Painted, None, None]:
        """Into pieces, from those on that are there; they are joined at the end."""
        with opened_clip(self.source) as clip, unfinished.held():
            before = unfinished.begin_anew(asked) if again else unfinished.progress(asked)
            size = film_size(self.job, clip.facts.size)
            with PieceWriter(unfinished, before, self.source, clip, size) as writer:
                yield from _Painting(self, clip, writer.add).stills(before.stills, before.last)
                writer.finish()


Write = Callable[[Timed, Image.Image, StillPainter], str]
"""Takes a still, what it was painted as and by whom; returns a sentence for people, or nothing."""


class _Painting:
    """One still after the other, and what is told of each."""

    def __init__(self, film: _Film, clip: Clip, write: Write) -> None:
        self._film, self._clip, self._write = film, clip, write
        self._whole = film.part.within(clip.facts)
        self._notes = [clip.facts.note]
        self._began, self._first = 0.0, 0  # of the stills that are painted now

    def stills(self, done: int = 0, last: Shown | None = None) -> Iterator[Painted]:
        """Paint all stills but those that are done already, of which the last is told again.

        Args:
            done: how many there are of these.
            last: what is remembered of the last one.
        """
        painter = told = None
        for number, shot in self._shots():
            if painter is None:  # styles go by the first still, also where that is done
                painter = self._painter(shot.still.image)
            if self._film.shares is not None:
                painter.mix(self._film.shares.at(shot.begin))
            if number > done:
                told = self._painted(painter, number, shot)
            elif number == done and last is not None:
                picture = painter.go_on(last, shot.still.image)
                seconds = number_text(round(shot.end, 1))
                self._notes.append(f"{seconds} s of the film are painted already: it goes on.")
                told = self._told(picture, number, shot)
            else:
                continue
            yield told
        if self._clip.missing and told is not None:
            yield told._replace(note=self._clip.missing)

    def _shots(self) -> Iterator[tuple[int, Timed]]:
        size = film_size(self._film.job, self._clip.facts.size)
        stills = self._clip.stills(size, self._film.part)
        shots = timed(stills, self._clip.facts.rate, self._film.part.end)
        return enumerate(shots, start=1)

    def _painter(self, first: Image.Image) -> StillPainter:
        opened = replace(self._film.job, content=first).opened()
        styles = (style.image for style in (*opened.styles, *opened.outside))
        self._notes.append(opening_notes([*styles, opened.mask]))
        kind = RunPainter if self._film.by_runs else StillPainter
        return kind(opened, film_size(self._film.job, self._clip.facts.size))

    def _painted(self, painter: StillPainter, number: int, shot: Timed) -> Painted:
        picture = painter.paint(shot.still.image)
        note = self._write(shot, picture, painter)
        if not self._first:  # which waits for much else
            self._began, self._first = time.monotonic(), number
            self._notes.append(note)
        return self._told(picture, number, shot)

    def _told(self, picture: Image.Image, number: int, shot: Timed) -> Painted:
        """With all notes that have come since."""
        note, self._notes = " ".join(filter(None, self._notes)), []
        spent, left = time.monotonic() - self._began, math.nan
        if self._whole is not None and number > self._first > 0:
            still = self._whole / number if shot.end <= 0 else shot.end / number
            still_left = max(0.0, self._whole - shot.end) / still
            left = spent / (number - self._first) * still_left
        return Painted(picture, number, shot.end, self._whole, left, note)
