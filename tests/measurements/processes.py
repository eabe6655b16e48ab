"""What painting in another process, or on other machines, costs."""

import contextlib
import importlib.util
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psutil
from measurements.figures import Figures, goal, interleaved, ratio, spread
from measurements.pair import CONTENT, STYLE

from nst_core import Job, OpenedJob
from nst_core.painting.run import paint
from nst_core.serving.cluster import Cluster
from nst_core.serving.own_process import OwnProcess
from nst_core.serving.painter import Painter, on_cluster
from nst_core.serving.payload import Payload


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
    payload = Payload.of(replace(last, final=False))
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
        "frame": {"seconds": longer / job.recipe.steps, "bytes": len(payload.picture)},
        "throughput": round(one / both, 3),
    }


def seconds_for_two(painter: Painter, job: OpenedJob) -> float:
    """From the moment at which two ask for a picture until both have it."""
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as visitors:
        list(visitors.map(lambda _: [*painter.paint(job)], range(2)))
    return time.perf_counter() - began
