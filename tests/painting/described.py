"""What the tests of settings share: a described picture, and PNG files made by hand."""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from helpers import noise
from PIL import Image

from nst_core import RECIPES, Frame, Losses, Recipe
from nst_core.errors import SettingsError
from nst_core.images.saving import save_png
from nst_core.painting.settings import KEYWORD, Settings, read_settings, settings_of, to_text
from nst_core.painting.style import OpenedStyle

CONTENT, STYLE = Image.fromarray(noise(24, 32, 1)), Image.fromarray(noise(16, 16, 2))
PICTURE = Image.fromarray(noise(20, 30, 3))
MASK = Image.fromarray(noise(24, 32, 4)[..., 0])


def frame(recipe: Recipe, backbone: str = "embedded", step: int = 5) -> Frame:
    losses = Losses.unmeasured(["content", "style", "variation"])
    at_work = {"precision": recipe.precision}
    return Frame(PICTURE, step, 9, losses, 1.0, 0.0, True, True, recipe, backbone, **at_work)


def settings(recipe: Recipe = RECIPES["studio"], **described: Any) -> Settings:
    return settings_of(frame(recipe, **described), CONTENT, [OpenedStyle(STYLE)])


def saved(described: Settings, folder: Path) -> Path:
    save_png(PICTURE, folder / "out.png", to_text(described))
    return folder / "out.png"


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """(kind, content) of every chunk of a PNG file."""
    found, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += length + 12
    return found


def png(*extra: tuple[bytes, bytes]) -> bytes:
    """A PNG file of 1 × 1 px with other chunks in front of its pixels."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(4))
    every = [(b"IHDR", header), *extra, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in every
    )


def refusal(data: bytes, folder: Path) -> str:
    """The sentence that a file of these bytes is refused with."""
    path = folder / "in.png"
    path.write_bytes(data)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    sentence = str(caught.value)
    assert str(folder) not in sentence
    assert len(sentence) <= 400
    assert sentence.isprintable()
    return sentence


def text_refusal(text: str, folder: Path) -> str:
    key = KEYWORD.encode() + b"\0"
    return refusal(png((b"tEXt", key + text.encode("latin-1"))), folder)


def other(**fields: Any) -> str:
    """JSON of valid settings with some fields replaced, or left out if they are `...`."""
    values = json.loads(to_text(settings())[KEYWORD]) | fields
    return json.dumps({name: value for name, value in values.items() if value is not ...})


def read_text(text: str, folder: Path) -> Settings:
    data = png((b"tEXt", KEYWORD.encode() + b"\0" + text.encode()))
    (folder / "in.png").write_bytes(data)
    return read_settings(folder / "in.png")


def changes(**values: Any) -> dict[str, Any]:
    return {"changes": values}
