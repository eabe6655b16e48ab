"""What the examples are called; of styles `styles.json` says it, and which belong together."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
OTHERS = "Others"
"""The group of styles that `styles.json` doesn't name."""


@dataclass(frozen=True)
class KnownStyle:
    """A style of the examples.

    Attributes:
        file: its image.
        name: what people call it.
        group: those that belong together.
        by: its painter, or nothing.
    """

    file: Path
    name: str
    group: str
    by: str = ""


@cache
def known_styles(examples: Path) -> dict[str, KnownStyle]:
    """Stem of its file -> style: as `styles.json` has them, the most pleasing first, then others.

    Args:
        examples: their folder, with style/ and perhaps styles.json.
    """
    folder, data = examples / "style", examples / "styles.json"
    entries = json.loads(data.read_text()) if data.exists() else []
    known = [KnownStyle(**{**each, "file": folder / each["file"]}) for each in entries]
    files = {each.file for each in known}
    others = [
        KnownStyle(path, _from_file(path.stem), OTHERS)
        for path in sorted(folder.iterdir())
        if path.suffix in SUFFIXES and path not in files
    ]
    return {each.file.stem: each for each in (*known, *others) if each.file.exists()}


def title(file_name: str, examples: Path) -> str:
    """What people call an example."""
    stem = Path(file_name).stem
    style = known_styles(examples).get(stem)
    return style.name if style else _from_file(stem)


def _from_file(stem: str) -> str:
    return stem.replace("-", " ")
