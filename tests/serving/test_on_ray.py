"""Painters on a real cluster of two nodes, which Ray starts on this machine."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from helpers import CAT, CHURCH, ROOT
from PIL import Image
from starting import environment, free_port, served

from nst_core import Frame, Job, OpenedJob
from nst_core.errors import BusyError, ClusterError
from nst_core.images.masks import open_mask
from nst_core.serving.cluster import Cluster
from nst_core.serving.painter import Painter, on_cluster

pytestmark = pytest.mark.cluster
MEGABYTE = 2**20
NODE = {"num_cpus": 1, "object_store_memory": 100 * MEGABYTE}
JOB = Job.of(CAT, CHURCH, backbone="embedded", size=128, precision="float32").opened()
SHORT, LONG = JOB.changed(steps=8), JOB.changed(steps=1000)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", PYTHONPATH=str(ROOT))
    import ray
    from ray.cluster_utils import Cluster as Nodes

    head = {**NODE, "include_dashboard": False, "node_ip_address": "127.0.0.2"}
    nodes = Nodes(initialize_head=True, head_node_args=head)
    nodes.add_node(**NODE, node_ip_address="127.0.0.3")
    yield nodes
    ray.shutdown()
    nodes.shutdown()


@pytest.fixture(scope="module")
def cluster(nodes: Any) -> Cluster:
    """Patient: on a busy machine two painters that begin anew at once take minutes."""
    return Cluster(nodes.address, "embedded", cores=1, least=2, most=2, silence=2.0, patience=300.0)


@pytest.fixture(scope="module")
def painter(cluster: Cluster) -> Painter:
    return on_cluster(cluster)


def begun(painter: Painter, jobs: Sequence[OpenedJob], patience: int = 60) -> Iterator[list[Frame]]:
    """Have them painted all at once; gives the first frame of each that tells of a step."""
    with ExitStack() as stack:
        runs = [stack.enter_context(closing(painter.paint(job))) for job in jobs]
        yield [
            next(frame for _, frame in zip(range(patience), run, strict=False) if frame.step)
            for run in runs
        ]


def test_the_last_picture_is_that_of_this_process(painter: Painter, tmp_path: Path) -> None:
    mask, here = tmp_path / "mask.png", tmp_path / "here.png"
    Image.linear_gradient("L").save(mask)
    frames = list(painter.paint(replace(SHORT, mask=open_mask(mask))))
    assert [frame.final for frame in frames] == [False] * (len(frames) - 1) + [True]
    assert (frames[-1].step, frames[-1].total_steps) == (8, 8)
    assert frames[-1].recipe == SHORT.recipe
    words = ["--size=128", "--steps=8", "--precision=float32", "--backbone=embedded"]
    files = ["--mask", str(mask), "-o", str(here)]
    subprocess.run(
        [sys.executable, "-m", "nst_core", str(CAT), str(CHURCH), *words, *files],
        cwd=ROOT,
        env={**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
        check=True,
        capture_output=True,
    )
    with Image.open(here) as expected:
        apart = np.asarray(expected, int) - np.asarray(frames[-1].image, int)
    assert np.abs(apart).max() <= 1


def test_two_visitors_are_painted_at_once_and_what_is_closed_makes_room(painter: Painter) -> None:
    for _ in range(2):
        for first in begun(painter, [LONG, LONG]):
            assert all(frame.step and not frame.final for frame in first)


def test_more_than_may_wait_are_refused(painter: Painter) -> None:
    with ExitStack() as stack:
        for _ in range(6):
            next(stack.enter_context(closing(painter.paint(LONG))))
        with pytest.raises(BusyError, match="Every machine is painting"):
            list(painter.paint(SHORT))


def test_a_run_ends_whose_client_is_gone(painter: Painter, cluster: Cluster) -> None:
    program = (
        "from test_on_ray import *\n"
        f"for frame in on_cluster(Cluster(**{vars(cluster)!r})).paint(LONG): print(frame.step)"
    )
    with subprocess.Popen(
        [sys.executable, "-uc", program],
        cwd=ROOT / "tests" / "serving",
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout
        assert any(int(line) > 0 for line in client.stdout)
        client.kill()
    for first in begun(painter, [LONG, LONG]):
        assert len(first) == 2


def test_a_job_that_can_not_be_sent(painter: Painter) -> None:
    image = Image.new("RGB", (64, 64))
    image.info["lock"] = threading.Lock()
    with pytest.raises(ClusterError, match=r"can't be sent to another machine: .*lock"):
        list(painter.paint(replace(SHORT, content=image)))


def test_a_page_without_its_cluster_stays_up_and_says_so(tmp_path: Path) -> None:
    words = ("--backbone", "embedded", "--port", str(free_port()))
    variables = environment(GRADIO_TEMP_DIR=str(tmp_path), NST_RAY_ADDRESS="127.0.0.2:9")
    with served(*words, variables=variables) as page:
        client = Client(page.url, verbose=False, analytics_enabled=False, download_files=tmp_path)
        for _ in range(2):
            with pytest.raises(AppError, match=r"The cluster at 127\.0\.0\.2:9 can't be joined"):
                client.predict(*map(handle_file, map(str, (CAT, CHURCH))), api_name="/stylize")
        client.close()
    assert "The cluster at 127.0.0.2:9 can't be joined" in page.told


def test_a_cluster_without_free_cores(cluster: Cluster) -> None:
    crowded = on_cluster(replace(cluster, cores=5, patience=2.0))
    with pytest.raises(ClusterError, match=r"each needs 5 cores, and .* of 2 are free"):
        list(crowded.paint(SHORT))


def test_another_version_on_the_cluster(
    cluster: Cluster, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(painter.paint(SHORT))  # so that Ray is there
    monkeypatch.setattr("nst_core.serving.on_ray.VERSION", "0.0")
    other = on_cluster(replace(cluster, cores=0))
    with pytest.raises(ClusterError, match=r"and the page has 0\.0: install the same on both"):
        list(other.paint(SHORT))


def test_painters_that_hang_are_replaced(painter: Painter) -> None:
    run = painter.paint(JOB.changed(steps=60))
    assert next(frame for frame in run if frame.step > 2)
    for process in psutil.process_iter(["cmdline"]):
        if "ray::ServeReplica:nst" in " ".join(process.info["cmdline"] or []):
            process.send_signal(signal.SIGSTOP)
    *_, last = run
    assert last.final
    assert last.step == last.total_steps > 60
    assert "another went on from its last picture" in last.message


def test_a_node_that_dies_takes_no_run_with_it(painter: Painter, nodes: Any) -> None:
    for _ in begun(painter, [LONG, LONG], patience=300):  # so that two painters are there
        pass
    runs = [painter.paint(JOB.changed(steps=steps)) for steps in (80, 81)]
    for run in runs:
        assert next(frame for frame in run if frame.step > 2)
    nodes.remove_node(nodes.list_all_nodes()[1], allow_graceful=False)
    ends = [list(run)[-1] for run in runs]
    assert all(end.final and end.step == end.total_steps for end in ends)
    assert len([end for end in ends if "another went on" in end.message]) == 1
