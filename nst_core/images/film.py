"""Time-lapse: the pictures of a run as an MP4 film and as an animated WebP.

PyAV writes the MP4: FFmpeg with x264 inside one wheel, half the size of imageio-ffmpeg's, called
in this process and able to read the film back.
"""

import io
import math
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

from PIL import Image

from nst_core.checks import shown
from nst_core.images.saving import beside
from nst_core.images.sizes import Size, even, fit, resize

CAPACITY = 120
"""A time-lapse never holds more pictures than this."""
LONGEST = 720
"""Longest side of a picture in px: enough for a phone's screen."""
HOLD_SECONDS = 2.0
"""The last picture stays this much longer than the others."""
NOMINAL_RATE = 30
"""Pictures per second, for the MP4's H.264 level to go by; every picture has its own time."""

FASTEST = 240
"""Pictures per second, at most, that such a level is chosen for."""

_MILLISECOND = Fraction(1, 1000)
_BT709 = 1  # the number of primaries, curve and matrix in ITU-T H.264, annex E
_LIMITED_RANGE = 1  # FFmpeg's number for 16..235


class TimeLapse:
    """Collects the pictures of a run, evenly spread over it and within bounded memory.

    When `CAPACITY` is reached, every second picture is dropped, and from then on only every second
    one stays. The first and the newest are always kept. They are held as JPEG, a tenth of plain
    pixels: a full time-lapse takes about 20 MB, and every visitor may have one.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Let go of all pictures."""
        self._pictures: dict[int, bytes] = {}  # number of the picture -> JPEG
        self._newest = b""
        self._added = 0
        self._stride = 1

    def add(self, image: Image.Image) -> None:
        """Take `image` of any size; one that equals the image before is passed over."""
        picture = _small_jpeg(image)
        if picture == self._newest:
            return
        if len(self._pictures) == CAPACITY:
            self._stride *= 2
        self._pictures = {
            number: jpeg for number, jpeg in self._pictures.items() if number % self._stride == 0
        }
        self._pictures[self._added] = self._newest = picture
        self._added += 1

    def __len__(self) -> int:
        """How many pictures are held, which is how many a film made now shows."""
        return len(self._pictures)

    def write_mp4(self, path: str | os.PathLike[str], seconds: float = 8.0) -> None:
        """Write an MP4 file (H.264, yuv420p), whole or not at all, which plays while it loads.

        Every picture is one frame, scaled to the size of the last one, with a pixel more where a
        side is odd. The file holds nothing but the film.

        Args:
            path: of the file; its folder must exist.
            seconds: that all pictures share alike; the last one stays `HOLD_SECONDS` longer.

        Raises:
            OutputError: the place can't be written to.
            ValueError: there are no pictures, or `seconds` is not above 0.
        """
        durations = self._durations(seconds)
        size = even(self._size(LONGEST))
        with beside(path) as (part, target):
            _encode_mp4(part, size, self._frames(size), durations)
            part.replace(target)

    def write_webp(
        self, path: str | os.PathLike[str], seconds: float = 8.0, longest: int = 480
    ) -> None:
        """Write an animated WebP file that loops, whole or not at all.

        Every picture is one frame, scaled to the size of the last one; successive pictures that
        can't be told apart become one that stays longer. The file holds nothing but the animation.

        Args:
            path: of the file; its folder must exist.
            seconds: as for `write_mp4`.
            longest: longest side in px; smaller pictures are not enlarged.

        Raises:
            OutputError, ValueError: as for `write_mp4`.
        """
        durations = self._durations(seconds)
        first, *others = self._frames(self._size(longest))
        with beside(path) as (part, target):
            first.save(
                part, "WEBP", save_all=True, append_images=others, duration=durations, loop=0
            )
            part.replace(target)

    def _durations(self, seconds: float) -> list[int]:
        """ms for each picture."""
        if not self._pictures:
            raise ValueError("The time-lapse has no pictures yet.")
        if not (math.isfinite(seconds) and seconds > 0):
            raise ValueError(f"seconds must be a finite number above 0, not {shown(seconds)}.")
        durations = [max(1, round(1000 * seconds / len(self)))] * len(self)
        durations[-1] += round(1000 * HOLD_SECONDS)
        return durations

    def _size(self, longest: int) -> Size:
        size = Image.open(io.BytesIO(self._newest)).size
        return fit(size, longest) if max(size) > longest else size

    def _frames(self, size: Size) -> Iterator[Image.Image]:
        for jpeg in self._pictures.values():
            yield resize(Image.open(io.BytesIO(jpeg)), size)


def _small_jpeg(image: Image.Image) -> bytes:
    picture = image.convert("RGB")
    if max(picture.size) > LONGEST:
        picture = resize(picture, fit(picture.size, LONGEST))
    picture.info.clear()  # such as a comment, which JPEG would keep
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92, subsampling=0)
    return file.getvalue()


class Mp4:
    """An MP4 file that is being written: H.264, yuv420p, and to be played while it loads.

    As a context manager it is ended by leaving, also by an error: what was added can be played.

    Attributes:
        file: PyAV's, to which other streams may be added before the first picture.
        pictures: that were added.
        playable: whether the file is ended, and has a picture.
    """

    def __init__(
        self, path: Path, size: Size, clock: Fraction = _MILLISECOND, rate: float = NOMINAL_RATE
    ) -> None:
        """
        Args:
            path: of the file.
            size: width and height in px, both even.
            clock: seconds that times count in.
            rate: pictures a second, about.
        """
        import av  # brings FFmpeg along, and not every run ends in a film
        from av.codec.context import Flags

        self.file = av.open(path, "w", format="mp4", options={"movflags": "faststart"})
        whole = min(max(round(rate), 1), FASTEST)
        stream = self.file.add_stream("libx264", whole, {"preset": "veryfast", "crf": "20"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        codec = stream.codec_context
        codec.time_base = self._clock = clock
        codec.flags |= Flags.frame_duration
        codec.max_b_frames = 0  # with them a frame out of order would be last, and be held
        codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
        codec.color_range = _LIMITED_RANGE
        self._stream = stream
        self.pictures, self.playable = 0, False

    def add(self, picture: Image.Image, time: int, duration: int) -> None:
        """Show a picture of the file's size from a time on, in ticks of its clock."""
        import av

        frame = av.VideoFrame.from_image(picture)
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
        frame.time_base, frame.pts, frame.duration = self._clock, time, duration
        self.file.mux(self._stream.encode(frame))
        self.pictures += 1

    def __enter__(self) -> "Mp4":
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self.file.mux(self._stream.encode(None))
        finally:
            self.file.close()
        self.playable = self.pictures > 0


def _encode_mp4(
    path: Path, size: Size, pictures: Iterator[Image.Image], durations: Iterable[int]
) -> None:
    """Write pictures of `size`, width and height even, each shown for its number of ms."""
    time = 0
    with Mp4(path, size) as film:
        for picture, duration in zip(pictures, durations, strict=True):
            film.add(picture, time, duration)
            time += duration
