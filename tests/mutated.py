"""Image files of every format, damaged at random, the same ones each time."""

import io
import random
from collections.abc import Iterator

import numpy as np
from helpers import exif
from PIL import Image

KINDS: tuple[tuple[str, str, dict], ...] = (
    ("JPEG", "RGB", {}),
    ("JPEG", "CMYK", {"progressive": True}),
    ("PNG", "RGB", {}),
    ("PNG", "P", {}),
    ("PNG", "RGBA", {"compress_level": 0}),
    ("WEBP", "RGB", {}),
    ("WEBP", "RGBA", {"lossless": True}),
    ("GIF", "P", {}),
    ("BMP", "RGB", {}),
    ("BMP", "P", {}),
    ("TIFF", "RGB", {}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "L", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", "RGB", {"compression": "jpeg"}),
    ("TIFF", "1", {"compression": "group4"}),
    ("AVIF", "RGB", {}),
)


def sound() -> list[bytes]:
    """One file of each kind."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 48, 3), np.uint8)
    picture = Image.fromarray(noise)
    files = []
    for kind, mode, options in KINDS:
        file = io.BytesIO()
        tags = {"exif": exif(6).tobytes()} if kind in ("JPEG", "PNG", "WEBP", "AVIF") else {}
        picture.convert(mode).save(file, kind, **options, **tags)
        files.append(file.getvalue())
    return files


def mutants(count: int, seed: int = 0) -> Iterator[bytes]:
    """So many files, each with some of its bytes changed, cut, doubled or moved."""
    chance, files = random.Random(seed), sound()
    for number in range(count):
        data = bytearray(files[number % len(files)])
        for _ in range(chance.choice((1, 1, 2, 4, 16))):
            mutate(data, chance)
        yield bytes(data)


def mutate(data: bytearray, chance: random.Random) -> None:
    near = chance.random() < 0.5  # the head is where sizes and offsets are
    place = chance.randrange(min(len(data), 200) if near else len(data)) if data else 0
    match chance.randrange(6):
        case 0:
            data[place : place + 1] = bytes([chance.randrange(256)])
        case 1:
            data[place : place + 4] = chance.choice(
                (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f")
            )
        case 2:
            data[place:] = b""
        case 3:
            data[place:place] = data[place : place + chance.randrange(64)]
        case 4:
            del data[place : place + chance.randrange(16)]
        case 5:
            other = chance.randrange(len(data) + 1)
            data[place : place + 8] = data[other : other + 8]
