"""Painters on a cluster, by way of Ray Serve. The one module that imports Ray."""

import asyncio
import logging
import math
import os
import socket
import textwrap
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, wait
from dataclasses import replace
from pickle import PicklingError
from typing import Any, TypeVar

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from PIL import Image
from ray import serve
from ray.exceptions import RayError, RayTaskError
from ray.serve.exceptions import BackPressureError, RayServeException
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from nst_core.errors import LONGEST_SENTENCE, BusyError, ClusterError
from nst_core.painting.frame import Frame
from nst_core.painting.job import OpenedJob
from nst_core.painting.run import FRAME_SECONDS
from nst_core.serving.cluster import Cluster
from nst_core.serving.payload import to_send
from nst_core.serving.replica import Replica
from nst_core.serving.waiting import frame_before
from nst_core.version import VERSION

QUIET = 2 * FRAME_SECONDS
"""s without a word from a machine after which the picture of the moment is shown again."""
MISSED = 5
"""Looks at a painter that pass without a frame of its run, after which the run goes elsewhere: a
machine that has no power says nothing, and Ray takes a minute or two to miss it."""
TRIES = 3
"""Machines that one run is sent to, one after the other, where each is lost."""
CONSTRUCTIONS = 3
"""Times that a painter may fail to begin."""
WAITS = "Waiting for a free machine."
WENT_ON = "The machine that painted was lost: another went on from its last picture."
ENDED = "The machine that painted was lost, and no other went on: this is its last picture."

log = logging.getLogger(__name__)
T = TypeVar("T")


class OnRay:
    """Has the painters of a cluster paint; joins it in the background, and again if that failed."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._lock = threading.Lock()
        self._connecting = _in_background(self._connect)
        self._joining = _in_background(self._join)

    def prepare(self) -> None:
        self.joining()

    def paint(self, job: OpenedJob) -> Generator[Frame, None, None]:
        """As `Painter` has it; the picture comes as a JPEG would show it, but for the final one.

        Raises:
            ClusterError: the cluster can't be joined, or has lost the run before a first picture.
            BusyError: more runs wait for a painter than may.
        """
        return _Run(self, to_send(job, self.cluster.backbone)).frames()

    def join_again(self) -> None:
        """The painters may have been ended, to be begun anew."""
        with self._lock:
            self._joining = _in_background(self._join)

    def joining(self) -> Future[Any]:
        """The handle of the painters, soon; raises `ClusterError`."""
        with self._lock:
            self._connecting = _renewed(self._connecting, self._connect)
            self._joining = _renewed(self._joining, self._join)
            return self._joining

    def _join(self) -> Any:
        """Have the painters there, and at least one of them ready."""
        try:
            self._connecting.result(self.cluster.patience)
        except TimeoutError as error:
            raise self._failure(f"No Ray answers at {self.cluster.address}.") from error
        except (ClusterError, ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise self._failure(
                f"The cluster at {self.cluster.address} can't be joined: {error}"
            ) from error
        serve.start(proxy_location="Disabled")
        logging.getLogger("ray.serve").setLevel(logging.ERROR)
        name = self._name()
        known = serve.status().applications.get(name)
        if known is None or known.status == "DEPLOY_FAILED":
            target = serve.RunTarget(self._application(), name=name, route_prefix=None)
            serve.run_many([target], wait_for_applications_running=False)
        self._await_first(name)
        return serve.get_app_handle(name).options(method_name="paint", stream=True)

    def _connect(self) -> None:
        if not ray.is_initialized():
            host, _, port = self.cluster.address.rpartition(":")
            if host and port.isdecimal():  # Ray itself would try for minutes
                socket.create_connection((host, int(port)), FRAME_SECONDS).close()
            ray.init(self.cluster.address, log_to_driver=False, logging_level=logging.ERROR)
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        self._client = ray.remote(num_cpus=0, scheduling_strategy=here)(_Client).remote()
        self.client = [self._client.leave.remote()]  # in a list, for Ray itself to leave it alone

    def _application(self) -> Any:
        cluster = self.cluster
        deployment = serve.deployment(Replica).options(
            name="painter",
            ray_actor_options={"num_cpus": cluster.cores},
            max_ongoing_requests=1,
            max_queued_requests=2 * cluster.most,  # those on their way to a free one count, too
            autoscaling_config={
                "min_replicas": cluster.least,
                "max_replicas": cluster.most,
                "target_ongoing_requests": 1,
                "upscale_delay_s": 5,
            },
            health_check_period_s=cluster.silence,
            health_check_timeout_s=cluster.silence,
            graceful_shutdown_timeout_s=cluster.silence,
            max_constructor_retry_count=CONSTRUCTIONS,
        )
        return deployment.bind(cluster.backbone, cluster.cores, VERSION)

    def _name(self) -> str:
        """Pages that are started alike share painters, which are not started anew for each."""
        cluster = self.cluster
        words = (VERSION, cluster.backbone, cluster.cores, cluster.least, cluster.most)
        return "-".join(("nst", *map(str, words)))

    def _await_first(self, name: str) -> None:
        until = time.monotonic() + self.cluster.patience
        while True:
            state = serve.status().applications[name]
            if any(each.replica_states.get("RUNNING") for each in state.deployments.values()):
                return
            if state.status == "DEPLOY_FAILED":
                raise self._failure(f"No painter could begin on the cluster: {_reason(state)}")
            if time.monotonic() > until:
                free, every = ray.available_resources(), ray.cluster_resources()
                raise self._failure(
                    f"No painter has begun on the cluster at {self.cluster.address} yet: each "
                    f"needs {self.cluster.cores} cores, and {free.get('CPU', 0):g} of "
                    f"{every.get('CPU', 0):g} are free."
                )
            time.sleep(FRAME_SECONDS / 4)

    def _failure(self, sentence: str) -> ClusterError:
        """An error with this sentence, which the operator's log has, too."""
        short = textwrap.shorten(sentence, LONGEST_SENTENCE, placeholder=" …")
        log.warning(short)
        return ClusterError(short)


class _LostError(Exception):
    """A machine says nothing any more; never leaves this module."""


class _Client:
    """Dies with the process that it was made for, which Ray tells to whoever awaits it."""

    async def leave(self) -> None:
        await asyncio.Event().wait()


class _Run:
    """One run, wherever it is painted: the last frame of it, and the picture to go on from."""

    def __init__(self, painter: OnRay, job: OpenedJob) -> None:
        self._painter, self._job = painter, job
        self._began = time.monotonic()
        self._last: Frame | None = None
        self._resume: Image.Image | None = None
        self._before = 0  # steps on machines that were lost
        self._until = math.inf  # when to give up

    def frames(self) -> Generator[Frame, None, None]:
        sent = None
        for _ in range(TRIES):
            try:
                handle = yield from self._await(self._painter.joining())
                sent = sent or _put(self._job)
                yield from self._follow(handle.remote(sent, self._resume, self._painter.client))
                return
            except BackPressureError as error:
                raise BusyError("Every machine is painting: try again in a few minutes.") from error
            except RayTaskError as error:  # of the work itself
                raise error.cause from error
            except (RayError, RayServeException, _LostError) as error:
                log.warning("A run was lost by its machine: %s", type(error).__name__)
                yield from self._lost()
        yield self._end()

    def _follow(self, stream: Any) -> Generator[Frame, None, None]:
        try:
            while True:
                payload = yield from self._await(_in_background(lambda: next(stream, None)))
                self._until = time.monotonic() + MISSED * self._painter.cluster.silence
                if payload is None:
                    raise _LostError
                frame = self._heard(payload.frame())
                yield frame
                if frame.final:
                    return
        finally:
            stream.cancel()

    def _await(self, future: Future[T]) -> Generator[Frame, None, T]:
        """Show the picture of the moment as long as there is nothing new."""
        while not wait([future], QUIET).done:
            if time.monotonic() > self._until:
                raise _LostError
            yield self._now(self._last or self._first())
        return future.result()

    def _heard(self, frame: Frame) -> Frame:
        """A frame as one of the whole run."""
        message = f"{frame.message} {WENT_ON if self._resume else ''}".strip()
        steps = self._before + frame.step, self._before + frame.total_steps
        whole = replace(frame, step=steps[0], total_steps=steps[1], message=message)
        self._last = self._now(whole)
        return self._last

    def _now(self, frame: Frame) -> Frame:
        return replace(frame, elapsed=time.monotonic() - self._began)

    def _lost(self) -> Generator[Frame, None, None]:
        """Go on from the last frame, after a moment in which Ray may find out what is left."""
        if self._last is not None:
            self._resume, self._before = self._last.image, self._last.step
        self._until = time.monotonic() + self._painter.cluster.patience
        self._painter.join_again()
        yield self._now(self._last or self._first())
        time.sleep(FRAME_SECONDS)

    def _end(self) -> Frame:
        if self._last is None:
            raise ClusterError("The machine that painted was lost: try again in a few minutes.")
        return self._now(replace(self._last, final=True, remaining=0.0, message=ENDED))

    def _first(self) -> Frame:
        return frame_before(self._job, WAITS)


def _put(job: OpenedJob) -> Any:
    """A job in the cluster's store, where its images are once, whoever asks for them."""
    try:
        return ray.put(job)
    except (TypeError, AttributeError, PicklingError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ClusterError(f"This run can't be sent to another machine: {reason}") from error


def _reason(state: Any) -> str:
    """What an application that could not be started says last, without its traceback."""
    messages = [each.message for each in state.deployments.values()] + [state.message]
    lines = [line.strip() for line in "\n".join(messages).splitlines()]
    errors = [line for line in lines if "Error: " in line]
    return errors[-1].split("Error: ", 1)[1] if errors else " ".join(lines)


def _in_background(work: Callable[[], T]) -> Future[T]:
    """In a thread that does not keep the process from ending."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="cluster", daemon=True).start()
    return future


def _renewed(future: Future[T], work: Callable[[], T]) -> Future[T]:
    """The same, or a new one where it has failed."""
    return _in_background(work) if future.done() and future.exception() else future
