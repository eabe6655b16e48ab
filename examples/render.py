"""Render examples/gallery/ anew: python examples/render.py [SET …] [--backbone NAME]"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent
GALLERY = FOLDER / "gallery"
sys.path.insert(0, str(FOLDER.parent))  # so that the command works from a fresh clone

from nst_core import RECIPES, Backbone, load_backbone, stylize  # noqa: E402
from nst_core.images.sheets import labelled_sheet  # noqa: E402

SIZE = 512
"""px, longest side of the pairs' results."""
SHEET_SIZE = 128
"""px, size of the recipes' short runs."""
STRENGTH_SIZE = 256
"""px, size of the pictures on the sheet of strengths."""
STRENGTHS = (-10, -5, 0, 5, 10)
STRENGTH_PAIRS = 3
"""Rows on that sheet: the first pairs."""
SHEET_STEPS = 400
"""At most; a recipe with fewer steps of its own keeps them."""


def render_pairs(backbone: Backbone) -> None:
    """Every pair in pairs.json, and the first one beside its originals as the README's picture."""
    pairs = json.loads((FOLDER / "pairs.json").read_text())
    for pair in pairs:
        content, style = FOLDER / "content" / pair["content"], FOLDER / "style" / pair["style"]
        result = _run(content, style, "studio", backbone, size=SIZE, **pair["changes"])
        _save(result, f"{content.stem}--{style.stem}.jpg")
        if pair is pairs[0]:
            cells = [("content", Image.open(content)), ("style", Image.open(style))]
            _save(labelled_sheet([*cells, ("result", result)], columns=3, height=300), "first.jpg")


def render_recipes(backbone: Backbone) -> None:
    """One pair under every recipe, in short runs, on one labelled sheet."""
    content = FOLDER / "content" / "castle.jpg"
    style = FOLDER / "style" / "cafe-terrace-at-night.jpg"
    cells: list[tuple[str, Image.Image]] = [
        ("content", Image.open(content)),
        ("style", Image.open(style)),
    ]
    for name, recipe in RECIPES.items():
        steps = min(recipe.steps, SHEET_STEPS)
        picture = _run(content, style, name, backbone, size=SHEET_SIZE, steps=steps)
        cells.append((name, picture))
    _save(labelled_sheet(cells, columns=4), "recipes.jpg")


def render_strengths(backbone: Backbone) -> None:
    """The first pairs from the photograph to the style's texture, on one labelled sheet."""
    cells = []
    for pair in json.loads((FOLDER / "pairs.json").read_text())[:STRENGTH_PAIRS]:
        content, style = FOLDER / "content" / pair["content"], FOLDER / "style" / pair["style"]
        for strength in STRENGTHS:
            picture = _run(
                content, style, "studio", backbone, size=STRENGTH_SIZE, style_strength=strength
            )
            cells.append((f"strength {strength}", picture))
    _save(labelled_sheet(cells, columns=len(STRENGTHS)), "strengths.jpg")


def render_places(backbone: Backbone) -> None:
    """Each of places.json: the photograph, the mask, and the result, on one labelled sheet."""
    cells: list[tuple[str, Image.Image]] = []
    for place in json.loads((FOLDER / "places.json").read_text()):
        content, style = FOLDER / "content" / place["content"], FOLDER / "style" / place["style"]
        outside = [(FOLDER / "style" / place["outside"], 1.0)] if place["outside"] else []
        photograph = Image.open(content)
        mask = _outlined(photograph.size, place["outline"], place["within"])
        result = _run(content, style, "studio", backbone, size=SIZE, mask=mask, outside=outside)
        told = Path(place["outside"] or "the photograph").stem
        cells += [(content.stem, photograph), (f"{style.stem}, and {told}", mask)]
        cells.append(("result", result))
    _save(labelled_sheet(cells, columns=3, height=300), "places.jpg")


def _outlined(size: tuple[int, int], outline: list[list[float]], within: bool) -> Image.Image:
    """A mask that is white within an outline, given in parts of the size, or around it."""
    mask = Image.new("L", size, 0 if within else 255)
    points = [(x * size[0], y * size[1]) for x, y in outline]
    ImageDraw.Draw(mask).polygon(points, fill=255 if within else 0)
    return mask


def _run(
    content: Path, style: Path, recipe: str, backbone: Backbone, **changes: Any
) -> Image.Image:
    *_, frame = stylize(content, style, recipe, backbone, **changes)
    print(f"{content.stem} + {style.stem}, {recipe}: {frame.elapsed:.0f} s", flush=True)
    return frame.image


def _save(image: Image.Image, name: str) -> None:
    GALLERY.mkdir(exist_ok=True)
    image.save(GALLERY / name, quality=90)


SETS: dict[str, Callable[[Backbone], None]] = {
    "pairs": render_pairs,
    "recipes": render_recipes,
    "strengths": render_strengths,
    "places": render_places,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Render the gallery anew.")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"{', '.join(SETS)}; default: all")
    parser.add_argument("--backbone", default="auto", help="as for python -m nst_core")
    options = parser.parse_args()
    unknown = set(options.sets) - set(SETS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    backbone = load_backbone(options.backbone)
    for name in options.sets or SETS:
        SETS[name](backbone)


if __name__ == "__main__":
    main()
