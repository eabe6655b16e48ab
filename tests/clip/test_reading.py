"""Clips that are read: times, sizes, turns, animations, and sentences for what is none."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from clip.clips import cat, encode, pan, turned
from helpers import noise
from PIL import Image

from nst_core import ClipError, ImageError
from nst_core.clip.reading import opened_clip
from nst_core.clip.still import LONGEST, Facts, Part, Still


def read(path: Path, size: tuple[int, int] = (96, 64), part: Part = Part()) -> list[Still]:  # noqa: B008
    with opened_clip(path) as clip:
        return list(clip.stills(size, part))


def facts(path: Path) -> Facts:
    with opened_clip(path) as clip:
        return clip.facts


def told(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        read(path)
    sentence = str(caught.value)
    assert len(sentence) < 400
    assert str(path.parent) not in sentence
    assert sentence.endswith(".")
    return sentence


def distance(still: Still, wanted: np.ndarray) -> float:
    return float(np.abs(np.asarray(still.image, int) - wanted).mean())


# ---------------------------------------------------------------- what is read


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("clip.mp4", "libx264", "yuv420p"),
        ("clip.mov", "libx264", "yuv444p"),
        ("clip.mkv", "libx265", "yuv420p10le"),
        ("clip.webm", "libvpx-vp9", "yuv420p"),
        ("clip.avi", "mpeg4", "yuv420p"),
        ("clip.ts", "libx264", "yuv420p"),
    ],
)
def test_kinds_of_files(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    stills = [np.full((64, 96, 3), 40 * k, np.uint8) for k in range(1, 6)]
    path = encode(tmp_path / name, stills, 10, codec, pixels)
    found = read(path)
    assert [round(still.begin, 2) for still in found] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert all(distance(still, wanted) < 5 for still, wanted in zip(found, stills, strict=True))
    assert facts(path).size == (96, 64)


def test_times_are_those_of_the_file(tmp_path: Path) -> None:
    times = [0, 0.04, 0.5, 0.55, 1.2]
    path = encode(tmp_path / "clip.mp4", pan(5), times=times)
    assert [still.begin for still in read(path)] == pytest.approx(times, abs=0.002)


def test_a_part_of_a_clip(tmp_path: Path) -> None:
    stills = [np.full((64, 96, 3), 8 * k, np.uint8) for k in range(30)]
    path = encode(tmp_path / "clip.mp4", stills)
    found = read(path, part=Part(1.2, 1.75))
    assert [round(still.begin, 2) for still in found] == [1.2, 1.3, 1.4, 1.5, 1.6, 1.7]
    assert distance(found[0], stills[12]) < 4
    assert [round(still.begin, 2) for still in read(path, part=Part(2.75))] == [2.7, 2.8, 2.9]


def test_a_part_that_begins_beyond_all_clocks(tmp_path: Path) -> None:
    path = encode(tmp_path / "clip.mp4", pan(3))
    with pytest.raises(ClipError, match="has no picture that can be decoded"):
        read(path, part=Part(1e30))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_clip_that_lies_on_its_side_is_upright(tmp_path: Path, turns: int) -> None:
    stills = [cat()] * 3
    path = turned(encode(tmp_path / "clip.mp4", stills), turns)
    upright = np.rot90(cat(), -turns)
    size = (upright.shape[1], upright.shape[0])
    assert facts(path).size == size
    (first, *_) = read(path, size)
    assert first.image.size == size
    assert distance(first, upright) < 8


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = encode(tmp_path / "clip.mp4", [cat()] * 2, sample_aspect_ratio=2)
    assert facts(path).size == (192, 64)


def test_odd_sizes(tmp_path: Path) -> None:
    still = cat(63, 95)
    path = encode(tmp_path / "clip.mkv", [still] * 2, codec="ffv1", pixels="bgr0")
    assert facts(path).size == (95, 63)
    assert distance(read(path, (95, 63))[0], still) < 2


def test_a_clip_of_one_still(tmp_path: Path) -> None:
    assert len(read(encode(tmp_path / "clip.mp4", [cat()]))) == 1


def test_colours_of_large_clips_are_those_of_television_in_high_definition(tmp_path: Path) -> None:
    """Which files that say nothing of it mean, as all players have it."""
    green = np.full((720, 64, 3), (30, 200, 60), np.uint8)
    yuv = av.VideoFrame.from_ndarray(green, format="rgb24").reformat(
        format="yuv444p", dst_colorspace="ITU709"
    )
    with av.open(str(tmp_path / "clip.mkv"), "w") as file:
        stream = file.add_stream("ffv1", 10)
        stream.height, stream.width, stream.pix_fmt = 720, 64, "yuv444p"
        yuv.pts = 0
        file.mux(stream.encode(yuv))
        file.mux(stream.encode(None))
    assert distance(read(tmp_path / "clip.mkv", (64, 720))[0], green) < 3


@pytest.mark.parametrize("name", ["clip.gif", "clip.webp", "clip.png"])
def test_animations(tmp_path: Path, name: str) -> None:
    stills = [Image.new("RGB", (48, 32), (40 * k, 80, 160)) for k in range(1, 5)]
    durations = [100, 200, 50, 150]
    stills[0].save(
        tmp_path / name, save_all=True, append_images=stills[1:], duration=durations, loop=0
    )
    found = read(tmp_path / name, (48, 32))
    assert [round(still.begin, 3) for still in found] == [0, 0.1, 0.3, 0.35]
    assert found[-1].seconds == pytest.approx(0.15)
    assert all(
        distance(still, np.asarray(wanted, int)) < 6
        for still, wanted in zip(found, stills, strict=True)
    )
    assert facts(tmp_path / name).seconds == pytest.approx(0.5)
    assert [still.begin for still in read(tmp_path / name, (48, 32), Part(0.1, 0.32))] == (
        pytest.approx([0.1, 0.3])
    )


def test_an_animation_without_times_goes_as_browsers_have_it(tmp_path: Path) -> None:
    stills = [Image.new("RGB", (8, 8), (0, 90 * k, 0)) for k in range(3)]
    stills[0].save(tmp_path / "clip.gif", save_all=True, append_images=stills[1:])
    assert facts(tmp_path / "clip.gif").seconds == pytest.approx(0.3)


# ---------------------------------------------------------------- what is none


def test_a_still_image(tmp_path: Path) -> None:
    Image.fromarray(cat()).save(tmp_path / "cat.png")
    assert "'cat.png' is a still image" in told(tmp_path / "cat.png")


def test_sound_alone(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "song.wav"), "w") as file:
        stream = file.add_stream("pcm_s16le", 48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), "s16", "mono")
        frame.sample_rate = 48_000
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert "is sound alone" in told(tmp_path / "song.wav")


def test_a_file_that_is_none_is_told(tmp_path: Path, text_as_png: str) -> None:
    assert "no clip of a known kind" in told(Path(text_as_png))
    (tmp_path / "noise.mp4").write_bytes(noise(64, 64, 1).tobytes())
    assert "no clip of a known kind" in told(tmp_path / "noise.mp4")
    (tmp_path / "empty.mp4").touch()
    assert "is an empty file" in told(tmp_path / "empty.mp4")
    assert "does not exist" in told(tmp_path / "nothing.mp4")
    (tmp_path / "folder.mp4").mkdir()
    assert "is a folder, not a clip" in told(tmp_path / "folder.mp4")


def test_a_playlist_reads_no_other_file(tmp_path: Path) -> None:
    encode(tmp_path / "secret.ts", pan(3))
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXTINF:1,", "secret.ts", "#EXT-X-ENDLIST"]
    (tmp_path / "list.mp4").write_text("\n".join(lines))
    assert "no clip of a known kind" in told(tmp_path / "list.mp4")
    (tmp_path / "list.txt").write_text("ffconcat version 1.0\nfile secret.ts\n")
    assert "no clip of a known kind" in told(tmp_path / "list.txt")


def test_a_clip_whose_index_is_cut_off(tmp_path: Path) -> None:
    whole = encode(tmp_path / "clip.mp4", pan(10)).read_bytes()
    (tmp_path / "half.mp4").write_bytes(whole[: len(whole) // 2])
    assert "damaged or cut off" in told(tmp_path / "half.mp4")


def test_a_clip_that_breaks_off_gives_what_is_there(tmp_path: Path) -> None:
    whole = encode(tmp_path / "clip.mkv", pan(40), gop_size=5).read_bytes()
    (tmp_path / "half.mkv").write_bytes(whole[: len(whole) // 2])
    with opened_clip(tmp_path / "half.mkv") as clip:
        found = list(clip.stills((96, 64), Part()))
        assert 5 < len(found) < 35
        assert "damaged or cut off" in clip.missing


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (Part(7), "would begin at 7 s, and it is 2 s long"),
        (Part(1, 1), "has to end after it begins, at 1 s"),
    ],
)
def test_a_part_that_is_not_there(part: Part, sentence: str) -> None:
    with pytest.raises(ClipError, match=sentence):
        part.within(Facts((8, 8), 2.0, 10.0))


def test_ten_hours() -> None:
    long = Facts((8, 8), 36_000.0, 25.0)
    with pytest.raises(ClipError, match="at most 3600 s can be: name a part"):
        Part().within(long)
    assert Part(35_000, 35_010).within(long) == 10
    assert LONGEST == 3600


def test_an_animation_that_breaks_off_gives_what_is_there(tmp_path: Path) -> None:
    stills = [Image.fromarray(still) for still in pan(6)]
    stills[0].save(tmp_path / "clip.gif", save_all=True, append_images=stills[1:], duration=80)
    whole = (tmp_path / "clip.gif").read_bytes()
    (tmp_path / "half.gif").write_bytes(whole[: len(whole) // 2])
    with opened_clip(tmp_path / "half.gif") as clip:
        found = list(clip.stills((96, 64), Part()))
        assert 1 <= len(found) < 6
        assert "damaged or cut off: of its frames" in clip.missing


def test_a_frame_that_is_larger_than_its_animation_is_not_decoded(tmp_path: Path) -> None:
    """Pillow would make room for it: 65535 × 65535 px from a file of some bytes."""
    stills = [Image.fromarray(still).quantize(8) for still in pan(3)]
    stills[0].save(tmp_path / "clip.gif", save_all=True, append_images=stills[1:], duration=80)
    data = bytearray((tmp_path / "clip.gif").read_bytes())
    last = data.rindex(b"\x2c\x00\x00\x00\x00") + 5
    data[last : last + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "clip.gif").write_bytes(bytes(data))
    with opened_clip(tmp_path / "clip.gif") as clip:
        assert clip.facts.size == (96, 64)
        assert len(list(clip.stills((96, 64), Part()))) == 2
        assert "of its frames, 2 are there" in clip.missing


def test_more_pixels_than_are_opened(tmp_path: Path) -> None:
    large = Image.new("1", (9000, 9000))
    large.save(tmp_path / "clip.gif", save_all=True, append_images=[Image.new("1", (9, 9), 1)])
    assert "9000 × 9000 px" in told(tmp_path / "clip.gif")


@pytest.mark.parametrize(("curve", "paper"), [(16, 0.5807), (18, 0.75)])
def test_hdr_is_brought_to_sdr_and_told(tmp_path: Path, curve: int, paper: float) -> None:
    white = np.full((64, 96, 3), round(255 * paper), np.uint8)
    colours: Any = {"color_trc": curve, "color_primaries": 9, "colorspace": 9, "color_range": 1}
    path = encode(tmp_path / "clip.mkv", [white] * 2, codec="ffv1", pixels="yuv420p10le", **colours)
    assert facts(path).note.startswith("The clip is HDR")
    (first, _) = read(path)
    assert np.asarray(first.image).mean() == pytest.approx(246, abs=5)
