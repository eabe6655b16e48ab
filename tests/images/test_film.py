"""Time-lapses read back: frames, times, sizes and colours as promised; bounded memory; writing."""

import pickle
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from helpers import noise
from PIL import Image

from nst_core import OutputError
from nst_core.images.film import CAPACITY, HOLD_SECONDS, LONGEST, TimeLapse

SIZE = (64, 48)
HOLD = round(1000 * HOLD_SECONDS)  # ms


def grey(number: int, size: tuple[int, int] = SIZE) -> Image.Image:
    return Image.new("RGB", size, (number, number, number))


def time_lapse(pictures: Iterator[Image.Image] | list[Image.Image]) -> TimeLapse:
    collected = TimeLapse()
    for picture in pictures:
        collected.add(picture)
    return collected


@dataclass
class Film:
    """What a player gets out of a file."""

    size: tuple[int, int]
    frames: list[np.ndarray]
    durations: list[int]
    """ms of each frame."""

    @property
    def greys(self) -> list[int]:
        """The middle pixel of each frame."""
        width, height = self.size
        return [round(frame[height // 2, width // 2].mean()) for frame in self.frames]


def play_mp4(path: Path) -> Film:
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        frames = list(file.decode(video=0))
        durations = [round(1000 * frame.duration * (stream.time_base or 0)) for frame in frames]
        starts = [round(1000 * (frame.time or 0)) for frame in frames]
        assert starts == [sum(durations[:number]) for number in range(len(frames))]
        size = (stream.width, stream.height)
        return Film(size, [np.asarray(frame.to_image()) for frame in frames], durations)


def play_webp(path: Path) -> Film:
    frames, durations = [], []
    with Image.open(path, formats=["WEBP"]) as file:
        for number in range(getattr(file, "n_frames", 1)):
            file.seek(number)
            frames.append(np.asarray(file.convert("RGB")))
            durations.append(file.info.get("duration", 0))
        return Film(file.size, frames, durations)


Write = Callable[[TimeLapse, Path], None]
Play = Callable[[Path], Film]
MP4 = pytest.param(TimeLapse.write_mp4, play_mp4, id="mp4")
WEBP = pytest.param(TimeLapse.write_webp, play_webp, id="webp")
both = pytest.mark.parametrize(("write", "play"), [MP4, WEBP])
each = pytest.mark.parametrize("write", [TimeLapse.write_mp4, TimeLapse.write_webp])


@both
def test_every_picture_is_a_frame_in_order(write: Write, play: Play, tmp_path: Path) -> None:
    greys = list(range(20, 240, 20))
    collected = time_lapse([grey(number) for number in greys])
    write(collected, tmp_path / "film")
    film = play(tmp_path / "film")
    assert film.size == SIZE
    assert len(film.frames) == len(collected) == len(greys)
    np.testing.assert_allclose(film.greys, greys, atol=3)
    assert film.durations == [727] * 10 + [727 + HOLD]  # 8000 ms / 11


@both
def test_a_moving_bar(write: Write, play: Play, tmp_path: Path) -> None:
    def bar(number: int) -> Image.Image:
        picture = Image.new("RGB", SIZE, "black")
        picture.paste("white", (8 * number, 0, 8 * number + 8, SIZE[1]))
        return picture

    write(time_lapse([bar(number) for number in range(8)]), tmp_path / "film")
    brightest = [
        frame.mean(axis=(0, 2)).reshape(8, 8).mean(axis=1).argmax()
        for frame in play(tmp_path / "film").frames
    ]
    assert brightest == list(range(8))


@both
@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 120, 200)])
def test_colours(write: Write, play: Play, colour: tuple[int, int, int], tmp_path: Path) -> None:
    write(time_lapse([Image.new("RGB", SIZE, colour)]), tmp_path / "film")
    (frame,) = play(tmp_path / "film").frames
    np.testing.assert_allclose(frame[24, 32], colour, atol=6)


def test_mp4_says_how_its_colours_are_meant(tmp_path: Path) -> None:
    time_lapse([grey(90)]).write_mp4(tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as file:
        codec = file.streams.video[0].codec_context
        tags = (codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range)
    assert tags == (1, 1, 1, 1)  # BT.709, three times, and 16..235


def test_mp4_can_play_before_it_is_loaded(tmp_path: Path) -> None:
    time_lapse([grey(90)]).write_mp4(tmp_path / "film.mp4")
    data = (tmp_path / "film.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_webp_goes_round_for_ever(tmp_path: Path) -> None:
    time_lapse([grey(90), grey(190)]).write_webp(tmp_path / "film.webp")
    with Image.open(tmp_path / "film.webp") as file:
        assert file.info["loop"] == 0


@both
def test_seconds(write: Callable[..., None], play: Play, tmp_path: Path) -> None:
    write(time_lapse([grey(50), grey(150), grey(250)]), tmp_path / "film", seconds=0.6)
    assert play(tmp_path / "film").durations == [200, 200, 200 + HOLD]


def test_one_picture(tmp_path: Path) -> None:
    collected = time_lapse([grey(90)])
    collected.write_mp4(tmp_path / "film.mp4")
    collected.write_webp(tmp_path / "film.webp")
    assert play_mp4(tmp_path / "film.mp4").durations == [8000 + HOLD]
    assert play_webp(tmp_path / "film.webp").greys == pytest.approx([90], abs=3)


# Sizes


@pytest.mark.parametrize(
    ("size", "mp4", "webp"),
    [
        ((63, 47), (64, 48), (63, 47)),
        ((64, 47), (64, 48), (64, 47)),
        ((1, 1), (2, 2), (1, 1)),
        ((600, 401), (600, 402), (480, 321)),
        ((1440, 962), (720, 482), (480, 321)),
        ((481, 1443), (240, 720), (160, 480)),
    ],
)
def test_sizes(
    size: tuple[int, int], mp4: tuple[int, int], webp: tuple[int, int], tmp_path: Path
) -> None:
    collected = time_lapse([grey(60, size), grey(160, size)])
    collected.write_mp4(tmp_path / "film.mp4")
    collected.write_webp(tmp_path / "film.webp")
    for film, expected in (
        (play_mp4(tmp_path / "film.mp4"), mp4),
        (play_webp(tmp_path / "film.webp"), webp),
    ):
        assert film.size == expected
        assert [frame.shape for frame in film.frames] == [(*expected[::-1], 3)] * 2
        np.testing.assert_allclose(film.greys, [60, 160], atol=3)


def test_webp_at_another_size(tmp_path: Path) -> None:
    time_lapse([grey(60)]).write_webp(tmp_path / "film.webp", longest=32)
    assert play_webp(tmp_path / "film.webp").size == (32, 24)


@both
def test_growing_sizes(write: Write, play: Play, tmp_path: Path) -> None:
    def halves(size: tuple[int, int]) -> Image.Image:
        """Black and white, the border in the middle."""
        picture = Image.new("RGB", size, "black")
        picture.paste("white", (size[0] // 2, 0, *size))
        return picture

    # No two look alike: WebP would join them.
    pictures = [halves((16, 12)), grey(90), halves((32, 24)), grey(180), halves(SIZE)]
    write(time_lapse(pictures), tmp_path / "film")
    film = play(tmp_path / "film")
    assert film.size == SIZE
    assert len(film.frames) == 5
    for frame in film.frames[::2]:
        assert frame[:, :20].max() < 40
        assert frame[:, 44:].min() > 215


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_other_modes(mode: str, tmp_path: Path) -> None:
    time_lapse([grey(51).convert(mode)]).write_mp4(tmp_path / "film.mp4")
    assert play_mp4(tmp_path / "film.mp4").greys == pytest.approx([51], abs=3)


# What is kept


def test_memory_is_bounded_and_the_spread_even(tmp_path: Path) -> None:
    collected = TimeLapse()
    lengths = []
    for number in range(1000):
        collected.add(grey(number // 4, (16 + number % 4, 16)))  # no two alike in a row
        lengths.append(len(collected))
    assert lengths[:CAPACITY] == list(range(1, CAPACITY + 1))
    assert max(lengths) == CAPACITY
    assert min(lengths[CAPACITY:]) > CAPACITY // 2
    collected.write_mp4(tmp_path / "film.mp4")
    greys = play_mp4(tmp_path / "film.mp4").greys
    assert len(greys) == len(collected)
    assert greys[0] <= 3
    assert greys[-1] == pytest.approx(249, abs=3)
    np.testing.assert_allclose(np.diff(greys[:-1]), 4, atol=3)  # every 16th picture


@pytest.mark.parametrize("count", [*range(CAPACITY - 1, CAPACITY + 4), 2 * CAPACITY + 1])
def test_the_newest_is_always_the_last(count: int, tmp_path: Path) -> None:
    collected = time_lapse(grey(number % 200, (16, 16)) for number in range(count))
    collected.write_mp4(tmp_path / "film.mp4")
    assert play_mp4(tmp_path / "film.mp4").greys[-1] == pytest.approx((count - 1) % 200, abs=3)


def test_large_pictures_are_kept_small() -> None:
    collected = TimeLapse()
    collected.add(Image.fromarray(noise(2 * LONGEST, 2 * LONGEST, seed=1)))
    assert len(pickle.dumps(collected)) < LONGEST * LONGEST * 3  # less than pixels, even of noise


def test_the_same_picture_again_is_passed_over() -> None:
    collected = time_lapse([grey(1), grey(1), grey(2), grey(2), grey(1)])
    assert len(collected) == 3


def test_webp_joins_pictures_that_look_alike(tmp_path: Path) -> None:
    time_lapse([grey(100), grey(101), grey(200)]).write_webp(tmp_path / "film.webp", seconds=0.3)
    assert play_webp(tmp_path / "film.webp").durations == [200, 100 + HOLD]


def test_the_given_picture_stays_as_it_is() -> None:
    picture = Image.fromarray(noise(800, 20, seed=1))
    picture.info["comment"] = b"mine"
    before = picture.copy()
    TimeLapse().add(picture)
    assert (picture, picture.info) == (before, {"comment": b"mine"})


@each
def test_nothing_personal_is_kept(write: Write, tmp_path: Path) -> None:
    picture = grey(90)
    exif = Image.Exif()
    exif[0x010E] = "SECRET"  # ImageDescription
    picture.info |= {"exif": exif.tobytes(), "comment": b"SECRET", "icc_profile": b"SECRET"}
    write(time_lapse([picture, grey(190)]), tmp_path / "SECRET")
    assert b"SECRET" not in (tmp_path / "SECRET").read_bytes()


# Writing


@contextmanager
def bytes_in_one_file(limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@each
def test_a_file_is_replaced_and_nothing_left_beside_it(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(b"old")
    write(time_lapse([grey(90)]), path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_size > 3


@each
def test_writing_that_fails_half_way_leaves_the_old_file(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(b"old")
    pictures = [Image.fromarray(noise(48, 64, seed)) for seed in range(4)]
    with (
        bytes_in_one_file(1000),
        pytest.raises(OutputError, match=r"could not be written to 'film': File too large\.$"),
    ):
        write(time_lapse(pictures), path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@each
def test_a_missing_folder(write: Write, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"written to 'film': the folder does not exist\.$"):
        write(time_lapse([grey(90)]), tmp_path / "missing" / "film")


@each
def test_no_pictures(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^The time-lapse has no pictures yet\.$"):
        write(TimeLapse(), tmp_path / "film")
    assert list(tmp_path.iterdir()) == []


@each
@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_seconds(write: Callable[..., None], seconds: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^seconds must be a finite number above 0, not "):
        write(time_lapse([grey(90)]), tmp_path / "film", seconds=seconds)
    assert list(tmp_path.iterdir()) == []
