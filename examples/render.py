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
from nst_core.images.sheets import balanced_columns, labelled_sheet  # noqa: E402
from nst_core.page.inputs.names import known_styles  # noqa: E402
from nst_core.painting.at_once import paint_at_once  # noqa: E402
from nst_core.painting.job import Job, StyleSource  # noqa: E402

SIZE = 512
"""px, longest side of the pairs' results."""
SHEET_SIZE = 128
"""px, size of the recipes' short runs."""
Changes = dict[str, dict[str, Any]]
"""Label -> what is changed in the recipe."""
CHANGED_SIZE = 256
"""px, size of the pictures on sheets of changes."""
SHEET_PAIRS = 3
"""Rows on such a sheet: the first pairs."""
STRENGTH_CHANGES: Changes = {
    f"strength {strength}": {"style_strength": strength} for strength in (-10, -5, 0, 5, 10)
}
COLOUR_CHANGES: Changes = {
    "the style's colours": {},
    "luminance painted": {"keep_colours": "luminance"},
    "a matched palette": {"keep_colours": "matched"},
    "half of it": {"keep_colours": "matched", "keep_colours_share": 0.5},
}
BRUSH_CHANGES: Changes = {
    "brush size 0.5": {"brush_size": 0.5},
    "brush size 1": {},
    "brush size 2": {"brush_size": 2.0},
    "fine strokes": {"strokes": "fine"},
    "coarse strokes": {"strokes": "coarse"},
}
MIXED_IN = ("woodblock-waves.jpg", "night-cafe.jpg", "pen-and-ink.jpg")
"""The second style of each pair on the sheet of mixes."""
MIX_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
AT_ONCE_PHOTOS = ("castle", "astronaut", "fig")
"""On the sheet of what is painted at once."""
PRINT_SIZE = 4096
"""px."""
PRINT_PARTS = ((1400, 500), (2900, 1500))
"""Where the parts of it are that are shown, in px."""
PRINT_HEIGHT = 400
"""px, of the sheet and of those parts."""
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


def render_styles(backbone: Backbone) -> None:
    """One portrait in every style of the shelf, on one labelled sheet."""
    content = FOLDER / "content" / "astronaut.jpg"
    cells: list[tuple[str, Image.Image]] = [("the photograph", Image.open(content))]
    for style in known_styles(FOLDER).values():
        picture = _run(content, style.file, "studio", backbone, size=CHANGED_SIZE)
        cells.append((style.name, picture))
    _save(labelled_sheet(cells, columns=balanced_columns(len(cells), 7)), "styles.jpg")


def render_strengths(backbone: Backbone) -> None:
    """The first pairs from the photograph to the style's texture."""
    _render_changes("strengths.jpg", STRENGTH_CHANGES, backbone)


def render_colours(backbone: Backbone) -> None:
    """The first pairs with the style's colours, and with the photograph's, kept in two ways."""
    _render_changes("colours.jpg", COLOUR_CHANGES, backbone)


def render_brushes(backbone: Backbone) -> None:
    """The first pairs with smaller and larger strokes, and with other layers to make them."""
    _render_changes("brushes.jpg", BRUSH_CHANGES, backbone)


def _render_changes(name: str, changes: Changes, backbone: Backbone) -> None:
    """Each of the first pairs as a row of a labelled sheet, a cell for each change."""
    cells = []
    for pair in json.loads((FOLDER / "pairs.json").read_text())[:SHEET_PAIRS]:
        content, style = FOLDER / "content" / pair["content"], FOLDER / "style" / pair["style"]
        for label, change in changes.items():
            picture = _run(content, style, "studio", backbone, size=CHANGED_SIZE, **change)
            cells.append((label, picture))
    _save(labelled_sheet(cells, columns=len(changes)), name)


def render_mixes(backbone: Backbone) -> None:
    """The first pairs' photographs in two styles, from the one to the other."""
    pairs = json.loads((FOLDER / "pairs.json").read_text())[:SHEET_PAIRS]
    cells = []
    for pair, other in zip(pairs, MIXED_IN, strict=True):
        content, first = FOLDER / "content" / pair["content"], FOLDER / "style" / pair["style"]
        for share in MIX_SHARES:
            styles = [(first, 1 - share), (FOLDER / "style" / other, share)]
            picture = _run(content, styles, "studio", backbone, size=CHANGED_SIZE)
            cells.append((f"{100 * (1 - share):.0f} : {100 * share:.0f}", picture))
    _save(labelled_sheet(cells, columns=len(MIX_SHARES)), "mixes.jpg")


def render_instant(_backbone: Backbone) -> None:
    """Photographs in each style, painted at once."""
    cells: list[tuple[str, Image.Image]] = []
    for style in known_styles(FOLDER).values():
        cells.append((style.name, Image.open(style.file)))
        for photo in AT_ONCE_PHOTOS:
            job = Job.of(FOLDER / "content" / f"{photo}.jpg", style.file, size=CHANGED_SIZE)
            *_, picture = paint_at_once(job.opened())
            cells.append((photo, picture))
    columns = 2 * (1 + len(AT_ONCE_PHOTOS))  # two styles in a row
    _save(labelled_sheet(cells, columns=columns, height=104), "instant.jpg")


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


def render_print(backbone: Backbone) -> None:
    """A large print, small as a whole, and two parts of it as they are; it takes 8 GB."""
    content, style = FOLDER / "content" / "dandelion.jpg", FOLDER / "style" / "mosaic.jpg"
    result = _run(content, style, "moments", backbone, size=PRINT_SIZE)
    cells = [(f"{PRINT_SIZE} px", result)]
    for x, y in PRINT_PARTS:
        part = result.crop((x, y, x + PRINT_HEIGHT, y + PRINT_HEIGHT))
        cells.append((f"a part of {PRINT_HEIGHT} px", part))
    _save(labelled_sheet(cells, columns=3, height=PRINT_HEIGHT), "print.jpg")


def _outlined(size: tuple[int, int], outline: list[list[float]], within: bool) -> Image.Image:
    """A mask that is white within an outline, given in parts of the size, or around it."""
    mask = Image.new("L", size, 0 if within else 255)
    points = [(x * size[0], y * size[1]) for x, y in outline]
    ImageDraw.Draw(mask).polygon(points, fill=255 if within else 0)
    return mask


def _run(
    content: Path, style: StyleSource, recipe: str, backbone: Backbone, **changes: Any
) -> Image.Image:
    *_, frame = stylize(content, style, recipe, backbone, **changes)
    print(f"{content.stem}, {recipe}: {frame.elapsed:.0f} s", flush=True)
    return frame.image


def _save(image: Image.Image, name: str) -> None:
    GALLERY.mkdir(exist_ok=True)
    image.save(GALLERY / name, quality=90)


SETS: dict[str, Callable[[Backbone], None]] = {
    "pairs": render_pairs,
    "recipes": render_recipes,
    "styles": render_styles,
    "strengths": render_strengths,
    "colours": render_colours,
    "brushes": render_brushes,
    "mixes": render_mixes,
    "places": render_places,
    "instant": render_instant,
    "print": render_print,
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
