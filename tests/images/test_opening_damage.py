"""Known answers for nst_core.images.opening: damaged files."""

import random
from pathlib import Path
from typing import Any

import pytest
from images.encoded import encode, needs_avif, noise, refusal

from nst_core.errors import ImageError
from nst_core.images import sizes as images
from nst_core.images.opening import open_image

ENCODINGS: dict[str, dict[str, Any]] = {
    "JPEG": {},
    "JPEG-progressive": {"progressive": True},
    "PNG": {},
    "WEBP": {},
    "WEBP-lossless": {"lossless": True},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "TIFF-lzw": {"compression": "tiff_lzw"},
    "AVIF": {},
}
encodings = pytest.mark.parametrize(
    "encoding",
    [pytest.param(name, marks=needs_avif if name == "AVIF" else ()) for name in ENCODINGS],
)


def encoded_noise(encoding: str) -> bytes:
    return encode(noise(), encoding.split("-")[0], **ENCODINGS[encoding])


@encodings
@pytest.mark.parametrize("percent", [1, 5, 20, 50, 80, 95])
def test_truncated(encoding: str, percent: int, tmp_path: Path) -> None:
    data = encoded_noise(encoding)
    path = tmp_path / "cut.img"
    path.write_bytes(data)
    assert open_image(path).size == noise().size
    path.write_bytes(data[: max(1, len(data) * percent // 100)])
    sentence = refusal(path)
    assert sentence.startswith("The content image 'cut.img' ")
    assert "cut short" in sentence or "not an image of a known format" in sentence


@encodings
def test_flipped_bits(encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the damage, there is an RGB image or an `ImageError`, nothing else."""
    monkeypatch.setattr(images, "MAX_MEGAPIXELS", 1)  # a header may now claim any size
    data = encoded_noise(encoding)
    path = tmp_path / "damaged.img"
    rng = random.Random(encoding)
    refused = 0
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(rng.choice([1, 2, 8])):
            # Half of the damage goes to the first bytes, where the header is.
            place = rng.randrange(len(data) if rng.random() < 0.5 else 64)
            damaged[place] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        try:
            assert open_image(path).mode == "RGB"
        except ImageError:
            refused += 1
    assert refused > 0


def test_sentences_keep_folder_and_cause_to_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    path = folder / "cut.png"
    path.write_bytes(encoded_noise("PNG")[:2000])
    sentence = refusal(path, role="style image 2")
    assert sentence == (
        "The style image 2 'cut.png' can't be read: "
        "it is damaged, cut short or of an unsupported kind."
    )


def test_files_are_closed(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(encoded_noise("PNG"))
    bad.write_bytes(encoded_noise("PNG")[:2000])
    before = len(list(Path("/dev/fd").iterdir()))
    open_image(good)
    refusal(bad)
    assert len(list(Path("/dev/fd").iterdir())) == before
    assert not recwarn.list
