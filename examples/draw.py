"""Draw the style images that a program makes: python examples/draw.py [NAME …]"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from drawing.chalk import chalk_on_black
from drawing.cloth import woven_cloth
from drawing.cutouts import paper_cutouts
from drawing.dots import pointillist_dots
from drawing.inks import marbled_paper, watercolour
from drawing.lines import blueprint
from drawing.oil import impasto
from drawing.tiles import mosaic
from drawing.tools import Floats, save

STYLES = Path(__file__).parent / "style"
PICTURES: dict[str, Callable[[], Floats]] = {
    "mosaic": mosaic,
    "marbled-paper": marbled_paper,
    "watercolour": watercolour,
    "pointillist-dots": pointillist_dots,
    "impasto": impasto,
    "woven-cloth": woven_cloth,
    "chalk-on-black": chalk_on_black,
    "paper-cutouts": paper_cutouts,
    "blueprint": blueprint,
}
"""Every picture by its file's name, released CC0 as the program draws it."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw examples/style's program-made images.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(PICTURES)}; all")
    names = parser.parse_args().names
    unknown = [name for name in names if name not in PICTURES]
    if unknown:
        parser.exit(2, f"There is no {', '.join(unknown)}; there are {', '.join(PICTURES)}.\n")
    for name in names or PICTURES:
        start = time.perf_counter()
        size = save(PICTURES[name](), STYLES / f"{name}.jpg")
        print(f"{name}: {size / 1000:.0f} kB in {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
