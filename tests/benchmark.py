"""Measurements: python tests/benchmark.py [NAME …] [--quick]

Prints one JSON line per measurement. Times are in seconds, each a median with its minimum and
maximum; whatever is compared is interleaved within the run, since machines are shared and noisy.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that the command works from a fresh clone

from nst_core import RECIPES, Backbone, Objective, Recipe, load_backbone, stylize  # noqa: E402
from nst_core.images import fit, open_image, resize, to_array  # noqa: E402
from nst_core.lazy import tf  # noqa: E402

CONTENT = ROOT / "examples" / "content" / "castle.jpg"
STYLE = ROOT / "examples" / "style" / "cafe-terrace-at-night.jpg"
BATCH_OF_THREE = ("keras-book", "walkthrough")
"""Sources that send content, style and generated image through the network at every step."""
EAGER = ("tf-eager",)
"""Sources that run without a graph."""

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


def step_here(recipe: Recipe, size: int) -> Callable[[], Any]:
    """One evaluation with gradient, as `stylize` does it."""
    loss = objective(recipe, size)
    image = tf.constant(pixels(CONTENT, size)[None])
    return lambda: loss.evaluate(image)[1].numpy()


def step_as_published(recipe: Recipe, size: int) -> Callable[[], Any]:
    """One evaluation with gradient as the source wrote it: float32; a batch of three, or eager."""
    loss = objective(recipe.changed(precision="float32"), size)
    image = tf.constant(pixels(CONTENT, size)[None])
    constants = tf.concat([image, tf.constant(resized_style(size)[None])], axis=0)
    layers = tuple({*recipe.content_layers, *recipe.style_layers})

    def evaluate(image: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            batch = tf.concat([constants, image], axis=0)
            maps = backbone().activations(batch, layers, recipe.pooling)
            total = sum(tf.reduce_sum((maps[layer][2] - maps[layer][0]) ** 2) for layer in layers)
            total += sum(
                tf.reduce_sum((gram(maps[layer][2]) - gram(maps[layer][1])) ** 2)
                for layer in recipe.style_layers
            )
        return tape.gradient(total, image)

    if recipe.name in BATCH_OF_THREE:
        traced = tf.function(evaluate, autograph=False)
        return lambda: traced(image).numpy()
    if recipe.name in EAGER:

        def eagerly() -> None:
            tf.config.run_functions_eagerly(True)
            loss.evaluate(image)[1].numpy()
            tf.config.run_functions_eagerly(False)

        return eagerly
    return lambda: loss.evaluate(image)[1].numpy()


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
    deepest = backbone().up_to_deepest({*recipe.content_layers, *recipe.style_layers})[-1]

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


# ---------------------------------------------------------------- the measurements


def finish(quick: bool) -> Figures:
    """A whole `studio` run against one step of a batch of three through the network in float32."""
    size = 256 if quick else 512
    three = step_as_published(RECIPES["keras-book"], size)
    steps = interleaved({"batch_of_three_step": three}, 3)["batch_of_three_step"]
    began = time.perf_counter()
    frames = [
        (time.perf_counter() - began, frame.recipe.precision)
        for frame in stylize(CONTENT, STYLE, "studio", backbone(), size=size)
    ]
    steps += interleaved({"batch_of_three_step": three}, 3)["batch_of_three_step"]
    seconds, precision = frames[-1]
    return {
        "size": size,
        "precision": precision,
        "batch_of_three_step": spread(steps),
        "finished_after": round(seconds, 2),
        "steps_worth": round(seconds / statistics.median(steps), 1),
        "goal": "steps_worth <= 15",
    }


def frames(quick: bool) -> Figures:
    """When the frames of a `studio` run come, the network being warm."""
    found: Figures = {}
    for size in (256,) if quick else (256, 512, 1024):
        moments = [0.0]
        run = stylize(CONTENT, STYLE, "studio", backbone(), size=size, steps=60)
        began = time.perf_counter()
        moments += [time.perf_counter() - began for _ in run]
        gaps = np.diff(moments)
        found[f"{size} px"] = {"first": round(gaps[0], 3), "longest_gap": round(gaps.max(), 2)}
    return {**found, "goal": "first <= 1"}


def memory(quick: bool) -> Figures:
    """Peak resident memory of a process that does one short run, GB."""
    found: Figures = {}
    for size in (256,) if quick else (256, 512, 1024):
        program = [sys.executable, __file__, "--peak", str(size)]
        output = subprocess.run(program, check=True, capture_output=True, text=True).stdout
        found[f"{size} px"] = float(output)
    return {**found, "unit": "GB", "goal": "512 px < 2, 1024 px < 4"}


def recipes(quick: bool) -> Figures:
    """A step of each recipe here, as its source wrote it, and the bare pass through the network."""
    size, rounds = (128, 3) if quick else (384, 5)
    found: Figures = {"size": size}
    for name, recipe in RECIPES.items():
        work = {"here": step_here(recipe, size), "bare": bare_pass(recipe, size)}
        if name != "studio":
            work["published"] = step_as_published(recipe, size)
        times = interleaved(work, rounds)
        found[name] = {"seconds": spread(times["here"]), "over_bare": ratio(times, "here", "bare")}
        if name != "studio":
            found[name]["published"] = spread(times["published"])
            found[name]["faster"] = ratio(times, "published", "here")
    return {**found, "goal": "over_bare <= 1.15; faster >= 2.5 for " + ", ".join(BATCH_OF_THREE)}


MEASUREMENTS: dict[str, Callable[[bool], Figures]] = {
    "finish": finish,
    "frames": frames,
    "memory": memory,
    "recipes": recipes,
}


def print_peak(size: int) -> None:
    for _ in stylize(CONTENT, STYLE, "studio", backbone(), size=size, steps=8):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)  # Linux counts in kB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--quick", action="store_true", help="small sizes, a minute in all")
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print_peak(options.peak)
        return
    for name in options.names or MEASUREMENTS:
        if name not in MEASUREMENTS:
            parser.error(f"there is no {name!r}; there are {', '.join(MEASUREMENTS)}")
        print(json.dumps({"measurement": name, **MEASUREMENTS[name](options.quick)}), flush=True)


if __name__ == "__main__":
    main()
