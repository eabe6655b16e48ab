"""Files with several pictures: which one is opened, and what is told of the others."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from images.profiles import DISPLAY_P3
from PIL import Image, TiffImagePlugin, features

from nst_core import ImageError, stylize
from nst_core.images.frames import MOST_PAGES
from nst_core.images.guarded import OpeningProcess
from nst_core.images.opening import NOTE, guarded_by, image_size, open_image

RED, GREEN, BLUE = (200, 30, 30), (30, 180, 30), (30, 30, 200)
NOTHING = (0, 0, 0, 0)
needs_avif = pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")


def plain(colour: tuple[int, ...], size: tuple[int, int] = (32, 24)) -> Image.Image:
    return Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour)


def saved(path: Path, pictures: list[Image.Image], **options: Any) -> Path:
    first, *others = pictures
    first.save(path, save_all=True, append_images=others, **options)
    return path


def colour_of(image: Image.Image) -> list[float]:
    return np.asarray(image).reshape(-1, 3).mean(axis=0).round().tolist()


def near(image: Image.Image, colour: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(colour_of(image), colour, strict=True)) <= 3


def test_a_default_image_that_browsers_hide_is_not_opened(tmp_path: Path) -> None:
    pictures = [plain(RED), plain(GREEN), plain(BLUE)]
    path = saved(tmp_path / "a.png", pictures, default_image=True, duration=80)
    image = open_image(path, "content image")
    assert colour_of(image) == list(GREEN)
    told = "The content image 'a.png' is an animation, of which frame 1 is taken."
    assert image.info == {NOTE: told}


def test_a_default_image_that_is_the_first_frame_is_opened(tmp_path: Path) -> None:
    image = open_image(saved(tmp_path / "a.png", [plain(RED), plain(GREEN)], duration=80))
    assert colour_of(image) == list(RED)
    assert "frame 1" in image.info[NOTE]


ANIMATIONS = ["a.gif", "a.png", "a.webp", pytest.param("a.avif", marks=needs_avif)]


@pytest.mark.parametrize("name", ANIMATIONS)
def test_frames_with_nothing_in_them_are_left_out(name: str, tmp_path: Path) -> None:
    pictures = [plain(NOTHING), plain(NOTHING), plain((*GREEN, 255)), plain((*RED, 255))]
    pictures[1].putpixel((0, 0), (9, 9, 9, 0))  # another one, which is as transparent
    image = open_image(saved(tmp_path / name, pictures, duration=80, disposal=2))
    assert near(image, GREEN)
    assert "is an animation" in image.info[NOTE]
    assert "frame 1" not in image.info[NOTE]


@pytest.mark.parametrize("name", ANIMATIONS)
def test_an_animation_with_nothing_in_any_frame_is_its_first(name: str, tmp_path: Path) -> None:
    pictures = [plain(NOTHING), plain(NOTHING)]
    pictures[1].putpixel((3, 3), (9, 9, 9, 0))
    assert colour_of(open_image(saved(tmp_path / name, pictures, duration=80))) == [255] * 3


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tiff", "a.bmp", "a.jpg"])
def test_of_a_single_picture_nothing_is_told(name: str, tmp_path: Path) -> None:
    plain(GREEN).save(tmp_path / name)
    assert open_image(tmp_path / name).info == {}


def test_of_pages_the_largest_is_opened_and_measured(tmp_path: Path) -> None:
    pictures = [plain(RED, (40, 30)), plain(GREEN, (320, 240)), plain(BLUE, (320, 240))]
    path = saved(tmp_path / "a.tiff", pictures)
    image = open_image(path, "style image")
    assert (image.size, colour_of(image)) == ((320, 240), list(GREEN))
    assert image_size(path) == (320, 240)
    told = "The style image 'a.tiff' has several pages, of which page 2, the largest, is taken."
    assert image.info == {NOTE: told}


@pytest.mark.parametrize("profiled", [0, 1])
def test_a_page_has_its_own_profile(profiled: int, tmp_path: Path) -> None:
    pages = [plain(RED, (64, 64)), plain(GREEN, (16, 16))]
    pages[profiled].info["icc_profile"] = DISPLAY_P3
    file = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file, new=True) as writer:
        for page in pages:
            page.save(writer, "TIFF", icc_profile=page.info.get("icc_profile"))
            writer.newFrame()
    (tmp_path / "a.tiff").write_bytes(file.getvalue())
    alone = pages[0].copy()
    assert open_image(tmp_path / "a.tiff").tobytes() == open_image(alone).tobytes()


def test_a_page_too_large_is_refused_though_the_first_is_small(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tiff", [plain(RED), Image.new("1", (40_000, 20))])
    with pytest.raises(ImageError, match="40000 × 20"):
        open_image(path)


def test_pages_behind_a_damaged_one_are_left_out(tmp_path: Path) -> None:
    """The first page's link to the next one leads into nowhere."""
    data = saved(tmp_path / "a.tiff", [plain(RED), plain(GREEN, (64, 64))]).read_bytes()
    start = struct.unpack_from("<I", data, 4)[0]
    link = start + 2 + 12 * struct.unpack_from("<H", data, start)[0]
    damaged = data[:link] + struct.pack("<I", len(data) + 999) + data[link + 4 :]
    (tmp_path / "b.tiff").write_bytes(damaged)
    assert colour_of(open_image(tmp_path / "b.tiff")) == list(RED)


def test_a_circle_of_pages_has_an_end(tmp_path: Path) -> None:
    data = bytearray(saved(tmp_path / "a.tiff", [plain(RED), plain(GREEN)]).read_bytes())
    first = struct.unpack_from("<I", data, 4)[0]
    link = first + 2 + 12 * struct.unpack_from("<H", data, first)[0]
    second = struct.unpack_from("<I", data, link)[0]
    struct.pack_into("<I", data, second + 2 + 12 * struct.unpack_from("<H", data, second)[0], first)
    (tmp_path / "b.tiff").write_bytes(data)
    assert colour_of(open_image(tmp_path / "b.tiff")) == list(RED)
    assert MOST_PAGES <= 1000


def test_a_second_frame_that_is_damaged_does_not_cost_the_first(tmp_path: Path) -> None:
    data = saved(tmp_path / "a.gif", [plain(RED), plain(GREEN)], duration=80).read_bytes()
    (tmp_path / "b.gif").write_bytes(data[:-12])
    assert colour_of(open_image(tmp_path / "b.gif")) == list(RED)


def test_an_image_of_python_stays_at_its_frame(tmp_path: Path) -> None:
    with Image.open(saved(tmp_path / "a.gif", [plain(RED), plain(GREEN)])) as image:
        image.seek(1)
        assert near(open_image(image), GREEN)
        assert image.tell() == 1


def test_the_guard_passes_on_what_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", [plain(RED), plain(GREEN)])
    guard = OpeningProcess()
    with guarded_by(guard):
        image = open_image(path)
    guard.close()
    assert image.info == open_image(path).info != {}


def test_a_run_tells_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", [plain(RED), plain(GREEN)])
    *_, last = stylize(path, path, "course", "embedded", size=32, steps=1)
    assert "The content image 'a.gif' is an animation, of which frame 1" in last.message
    assert "The style image 'a.gif' is an animation, of which frame 1" in last.message


def bmp(alpha: int) -> bytes:
    """A BMP file of version 5 with 4 × 4 px of green and this alpha."""
    pixels = bytes((30, 180, 30, alpha)) * 16
    head = struct.pack("<IiiHHIIiiII", 124, 4, 4, 1, 32, 3, len(pixels), 2835, 2835, 0, 0)
    masks = struct.pack("<4I4s", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, b"BGRs")
    start = 14 + 124
    file = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    return file + (head + masks).ljust(124, b"\0") + pixels


@pytest.mark.parametrize(
    ("alpha", "colour"), [(0, (30, 180, 30)), (255, (30, 180, 30)), (128, (142, 217, 142))]
)
def test_a_bmp_file_that_would_be_all_transparent_is_opaque(
    alpha: int, colour: tuple[int, ...], tmp_path: Path
) -> None:
    (tmp_path / "a.bmp").write_bytes(bmp(alpha))
    assert colour_of(open_image(tmp_path / "a.bmp")) == list(colour)


def test_a_png_file_that_is_all_transparent_is_white(tmp_path: Path) -> None:
    plain((*GREEN, 0)).save(tmp_path / "a.png")
    assert colour_of(open_image(tmp_path / "a.png")) == [255] * 3


def test_a_broken_default_image_is_refused_and_nothing_else_raised(tmp_path: Path) -> None:
    data = saved(
        tmp_path / "a.png", [plain(RED), plain(GREEN)], default_image=True, duration=80
    ).read_bytes()
    for kind in (b"fdAT", b"fcTL"):
        place = data.index(kind)
        broken = bytearray(data)
        broken[place + 4 : place + 8] = b"\xff\xff\xff\xff"
        length = struct.unpack_from(">I", data, place - 4)[0]
        chunk = bytes(broken[place : place + 4 + length])
        struct.pack_into(">I", broken, place + 4 + length, zlib.crc32(chunk))
        (tmp_path / "b.png").write_bytes(broken)
        try:
            open_image(tmp_path / "b.png")
        except ImageError as error:
            assert "damaged" in str(error)  # noqa: PT017 (either is right, but no other error)


def test_a_picture_in_memory_may_be_no_file() -> None:
    file = io.BytesIO()
    plain(RED).save(file, "GIF", save_all=True, append_images=[plain(GREEN)])
    assert near(open_image(Image.open(file)), RED)
