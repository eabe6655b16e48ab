"""How near pictures come to their style, at each quality and at large sizes."""

import json
from pathlib import Path

import numpy as np
from helpers import ROOT
from measurements.distances import distances, neighbour_distance
from measurements.figures import Figures, goal
from measurements.pair import backbone

from nst_core import RECIPES, stylize


def quality(quick: bool) -> Figures:
    """Neighbour, content and style distance of the example pairs, at each quality."""
    pairs = json.loads((ROOT / "examples" / "pairs.json").read_text())[: 1 if quick else 8]
    size = 128 if quick else 512
    found: Figures = {"size": size}
    for name in ("balanced",) if quick else RECIPES["studio"].qualities:
        rows = {}
        for pair in pairs:
            files = (
                ROOT / "examples/content" / pair["content"],
                ROOT / "examples/style" / pair["style"],
            )
            *_, frame = stylize(*files, "studio", backbone(), size=size, quality=name)
            losses = distances(*files, frame.image, size)
            near = neighbour_distance(frame.image, files[1])
            rows[files[0].stem] = near, losses.content, losses.style
        means = np.mean(list(rows.values()), axis=0)
        goals = (None,) * 3 if quick or name != "balanced" else (0.25, 0.75, 0.3)
        names = ("neighbours", "content", "style")
        found[name] = {
            **{
                what: goal(value, at_most=limit)
                for what, value, limit in zip(names, means, goals, strict=True)
            },
            "pairs": {pair: [round(value, 3) for value in row] for pair, row in rows.items()},
        }
    return found


def large(quick: bool) -> Figures:
    """The neighbour distance at 1024 and 2048 px over that at 512 px, with images large enough."""
    return nearness(quick, ["mountains", "dandelion"], (1024, 2048))


def largest(quick: bool) -> Figures:
    """The same at 4096 px, which takes twenty minutes."""
    return nearness(quick, ["mountains"], (4096,))


def nearness(quick: bool, photographs: list[str], larger: tuple[int, ...]) -> Figures:
    first = 512
    if quick:
        photographs, first, larger = photographs[:1], 64, (128,)
    style, found = ROOT / "examples/style/mosaic.jpg", {}
    for name in photographs:
        content = ROOT / "examples/content" / f"{name}.jpg"
        values = {size: near_at(content, style, size) for size in (first, *larger)}
        found[name] = {
            f"{size} px": goal(values[size] / values[first], at_most=None if quick else 1.3)
            for size in larger
        }
    return found


def near_at(content: Path, style: Path, size: int) -> float:
    """Neighbour distance after a `studio` run."""
    *_, frame = stylize(content, style, "studio", backbone(), size=size)
    return neighbour_distance(frame.image, style)
