"""A film's file that is being written, or a piece of one: pictures in step with their sound."""

import contextlib
from fractions import Fraction
from pathlib import Path

from PIL import Image

from nst_core.clip.sound import SoundTrack
from nst_core.clip.still import Clip, Timed
from nst_core.images.film import NOMINAL_RATE, Mp4
from nst_core.images.sizes import Size

CLOCK = Fraction(1, 90_000)
"""Seconds in which a film's times count, as those of most clips do."""


class FilmFile:
    """An MP4 file of stills from any of a clip's on; as a context manager it is ended by leaving.

    Attributes:
        note: a sentence on the clip's sound, or nothing.
    """

    def __init__(self, path: Path, source: Path, clip: Clip, size: Size) -> None:
        """
        Args:
            path: of the file.
            source: the clip's file, for its sound.
            clip: that is opened from it.
            size: (width, height) px, both even.
        """
        self._clip, self._begin = clip, 0.0
        self._mp4 = Mp4(path, size, CLOCK, clip.facts.rate or NOMINAL_RATE)
        self._holder = contextlib.ExitStack()
        self._holder.enter_context(self._mp4)
        self._sound = SoundTrack(source, self._mp4.file)
        self._holder.callback(self._sound.close)
        self.note = self._sound.note

    @property
    def pictures(self) -> int:
        """That were added."""
        return self._mp4.pictures

    @property
    def playable(self) -> bool:
        """Whether the file is ended, and has a picture."""
        return self._mp4.playable

    def add(self, shot: Timed, picture: Image.Image) -> None:
        """Show a picture in the place of a still, at its time after the first one that is added."""
        if not self.pictures:
            self._begin = shot.begin
            self._sound.begin(self._clip.origin + Fraction(shot.still.begin))
        begin = ticks(self._begin)
        self._mp4.add(picture, ticks(shot.begin) - begin, ticks(shot.end) - ticks(shot.begin))
        self._sound.write_until(shot.end - self._begin)

    def __enter__(self) -> "FilmFile":
        return self

    def __exit__(self, *error: object) -> None:
        self._holder.__exit__(*error)  # type: ignore[arg-type]


def ticks(seconds: float) -> int:
    """The same in a film's clock."""
    return round(seconds / CLOCK)
