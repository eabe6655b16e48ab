"""Colours told by numbers: PNG's gAMA, cHRM and cICP, AVIF's nclx, as Chromium 156 shows them."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from images import profiles
from PIL import Image, features

from nst_core import ImageError
from nst_core.images.opening import HDR, NOTE, open_image

needs_avif = pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
GREYS = (0, 4, 8, 16, 32, 64, 128, 192, 255)
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 60, 30), (30, 90, 160))
ROW = np.array([[*((grey,) * 3 for grey in GREYS), *COLOURS]], np.uint8)
UNCHANGED = (GREYS, COLOURS)
LINEAR = (0, 34, 50, 71, 99, 137, 188, 225, 255)
"""`GREYS` that are light, in sRGB."""
LINEAR_COLOURS = (*COLOURS[:3], (229, 133, 96), (96, 160, 208))
POWER = (0, 0, 2, 7, 26, 62, 129, 193, 255)
"""The same of a power of 2.2."""
TELEVISION = (0, 0, 1, 4, 20, 54, 121, 189, 255)

D65 = (0.3127, 0.3290)
SRGB = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3 = (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
ADOBE = (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def chromaticities(*values: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))


def codes(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, matrix, full]))


def profile(content: bytes) -> bytes:
    return chunk(b"iCCP", b"a\0\0" + zlib.compress(content))


SRGB_CHUNK = chunk(b"sRGB", b"\0")


def png(image: Image.Image, chunks: bytes) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    data = file.getvalue()
    return data[:33] + chunks + data[33:]  # behind the signature and IHDR


def opened(data: bytes, folder: Path, name: str = "a.png") -> Image.Image:
    (folder / name).write_bytes(data)
    return open_image(folder / name)


def row_of(image: Image.Image) -> np.ndarray:
    return np.asarray(image)[0].astype(int)


def expected(greys: Any, colours: Any) -> np.ndarray:
    return np.array([*((grey,) * 3 for grey in greys), *colours])


@pytest.mark.parametrize(
    ("chunks", "greys", "colours"),
    [
        pytest.param(gamma(1), LINEAR, LINEAR_COLOURS, id="gamma of light"),
        pytest.param(gamma(0.45455), *UNCHANGED, id="usual gamma"),
        pytest.param(
            gamma(0.5),
            (0, 1, 3, 13, 34, 71, 137, 198, 255),
            (*COLOURS[:3], (206, 67, 31), (31, 99, 168)),
            id="gamma of a half",
        ),
        pytest.param(
            gamma(0.45455) + chromaticities(*SRGB),
            POWER,
            (*COLOURS[:3], (201, 57, 24), (24, 90, 161)),
            id="usual gamma, and sRGB's colours",
        ),
        pytest.param(
            gamma(0.45455) + chromaticities(*ADOBE),
            POWER,
            (*COLOURS[:3], (231, 57, 21), (0, 90, 164)),
            id="Adobe RGB",
        ),
        pytest.param(
            gamma(1) + chromaticities(*P3),
            LINEAR,
            (*COLOURS[:3], (244, 127, 87), (72, 162, 212)),
            id="light of P3",
        ),
        pytest.param(chromaticities(*P3), *UNCHANGED, id="colours without a gamma"),
        pytest.param(gamma(1) + SRGB_CHUNK, *UNCHANGED, id="sRGB goes before"),
        pytest.param(gamma(1) + profile(profiles.SRGB), *UNCHANGED, id="a profile goes before"),
        pytest.param(gamma(0), *UNCHANGED, id="no gamma"),
        pytest.param(
            codes(12, 13), GREYS, (*COLOURS[:3], (217, 42, 0), (0, 92, 165)), id="Display P3"
        ),
        pytest.param(
            codes(12, 13) + profile(profiles.SRGB),
            GREYS,
            (*COLOURS[:3], (217, 42, 0), (0, 92, 165)),
            id="codes go before a profile",
        ),
        pytest.param(
            codes(1, 1), TELEVISION, (*COLOURS[:3], (197, 49, 18), (18, 81, 155)), id="television"
        ),
        pytest.param(
            codes(9, 14), TELEVISION, (*COLOURS[:3], (244, 0, 0), (0, 84, 161)), id="BT.2020"
        ),
        pytest.param(
            codes(1, 4), POWER, (*COLOURS[:3], (201, 57, 24), (24, 90, 161)), id="power of 2.2"
        ),
        pytest.param(
            codes(12, 5),
            (0, 0, 0, 1, 10, 40, 106, 179, 255),
            (*COLOURS[:3], (206, 0, 0), (0, 67, 147)),
            id="power of 2.8",
        ),
        pytest.param(codes(11, 13), GREYS, (*COLOURS[:3], (212, 42, 1), (0, 91, 165)), id="cinema"),
        pytest.param(codes(1, 8), LINEAR, LINEAR_COLOURS, id="light"),
        pytest.param(codes(2, 2), *UNCHANGED, id="codes that tell nothing"),
        pytest.param(codes(12, 2), *UNCHANGED, id="codes that tell half"),
        pytest.param(codes(1, 9) + gamma(1), LINEAR, LINEAR_COLOURS, id="unknown codes, a gamma"),
        pytest.param(codes(12, 13, matrix=1), *UNCHANGED, id="codes of no RGB"),
    ],
)
def test_png_as_a_browser_has_it(chunks: bytes, greys: Any, colours: Any, tmp_path: Path) -> None:
    image = opened(png(Image.fromarray(ROW), chunks), tmp_path)
    assert np.abs(row_of(image) - expected(greys, colours)).max() <= 1
    assert image.info == {}


@pytest.mark.parametrize(
    ("transfer", "greys"),
    [(16, (0, 0, 0, 1, 5, 30, 132, 255, 255)), (18, (0, 0, 1, 3, 14, 43, 99, 189, 255))],
    ids=["PQ", "HLG"],
)
def test_hdr_is_brought_to_sdr_and_told(transfer: int, greys: Any, tmp_path: Path) -> None:
    image = opened(png(Image.fromarray(ROW), codes(9, transfer)), tmp_path)
    assert np.abs(row_of(image)[: len(GREYS)] - np.array(greys)[:, None]).max() <= 1
    assert image.info == {NOTE: f"The image 'a.png' {HDR}"}


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16"])
def test_a_gamma_holds_for_every_mode(mode: str, tmp_path: Path) -> None:
    image = Image.fromarray(ROW[:, : len(GREYS)]).convert("L")
    deep = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    image = deep if mode == "I;16" else image.convert(mode)
    row = row_of(opened(png(image, gamma(1)), tmp_path))
    assert np.abs(row - np.array(LINEAR)[:, None]).max() <= 1


def test_sixteen_bits_keep_what_eight_would_lose_in_the_dark(tmp_path: Path) -> None:
    light = np.array([[100, 200, 300, 400, 500, 65535]], np.uint16)
    row = row_of(opened(png(Image.fromarray(light), gamma(1)), tmp_path))[:, 0]
    exact = profiles.encoded((light[0] / 65535)[:, None] * profiles.to_xyz(profiles.D65))[:, 0]
    assert np.abs(row - exact).max() <= 1


def test_what_is_transparent_stays_so(tmp_path: Path) -> None:
    pixels = np.full((4, 4, 4), (128, 128, 128, 0), np.uint8)
    pixels[2:, :, 3] = 255
    image = opened(png(Image.fromarray(pixels), gamma(1)), tmp_path)
    assert np.asarray(image)[:, 0, 0].tolist() == [255, 255, 188, 188]


def test_an_image_of_python_has_its_gamma(tmp_path: Path) -> None:
    data = png(Image.fromarray(ROW), gamma(1))
    with Image.open(io.BytesIO(data)) as image:
        assert np.abs(row_of(open_image(image)) - expected(LINEAR, LINEAR_COLOURS)).max() <= 1
        assert image.info["gamma"] == 1
        assert "icc_profile" not in image.info


@pytest.mark.parametrize(
    "chunks",
    [
        gamma(1e-5),
        gamma(21_000),
        codes(255, 255),
        chunk(b"cICP", b"\x0c"),
        chunk(b"tEXt", b"gamma\0" + b"1.0"),
        chunk(b"tEXt", b"srgb\0x") + chunk(b"tEXt", b"chromaticity\0(1, 2)"),
        chunk(b"zTXt", b"gamma\0\0" + zlib.compress(b"0.5")),
    ],
)
def test_numbers_that_make_no_sense_are_none(chunks: bytes, tmp_path: Path) -> None:
    image = opened(png(Image.fromarray(ROW), chunks), tmp_path)
    assert (row_of(image) == expected(*UNCHANGED)).all()


@pytest.mark.parametrize(
    "values",
    [(0.0,) * 8, (0.3,) * 8, (*D65, 0.64, 0.0, 0.3, 0.6, 0.15, 0.06), (0.9, 0.05, *SRGB[2:]),
     (*D65, 42_949.0, 42_949.0, 0.3, 0.6, 0.15, 0.06)],
)  # fmt: skip
def test_chromaticities_that_make_no_sense_leave_the_gamma(values: Any, tmp_path: Path) -> None:
    image = opened(png(Image.fromarray(ROW), gamma(1) + chromaticities(*values)), tmp_path)
    assert np.abs(row_of(image) - expected(LINEAR, LINEAR_COLOURS)).max() <= 1


def avif(primaries: int, transfer: int) -> bytes:
    """32 × 32 px of the fourth colour; its numbers are put into the file that Pillow writes."""
    file = io.BytesIO()
    plain = Image.new("RGB", (32, 32), COLOURS[3])
    plain.save(file, "AVIF", quality=100, subsampling="4:4:4")
    data = file.getvalue()
    place = data.index(b"colrnclx") + 8
    return data[:place] + struct.pack(">2H", primaries, transfer) + data[place + 4 :]


@needs_avif
@pytest.mark.parametrize(
    ("told", "colour"),
    [
        *(((12, transfer), (217, 43, 0)) for transfer in (2, 13)),
        *(((1, transfer), COLOURS[3]) for transfer in (1, 2, 13)),
        ((2, 2), COLOURS[3]),
        ((1, 8), (229, 134, 96)),
        ((9, 14), (247, 0, 0)),
        ((9, 16), (255, 0, 0)),
    ],
)
def test_avif(told: tuple[int, int], colour: tuple[int, ...], tmp_path: Path) -> None:
    image = opened(avif(*told), tmp_path, "a.avif")
    assert np.abs(row_of(image) - colour).max() <= 4  # of the coding alone 2
    assert bool(image.info) == (told[1] == 16)


@needs_avif
def test_avif_that_is_cut_short_is_refused_as_ever(tmp_path: Path) -> None:
    data = avif(12, 13)
    for length in range(0, data.index(b"colrnclx") + 16, 3):
        with pytest.raises(ImageError):
            opened(data[: length + 1], tmp_path, "a.avif")
