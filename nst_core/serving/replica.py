"""One painter of a cluster: a process with a network of its own. It knows nothing of Ray."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from PIL import Image

from nst_core.errors import ClusterError
from nst_core.painting.frame import Frame
from nst_core.painting.job import OpenedJob
from nst_core.painting.ready import made_ready
from nst_core.painting.run import paint
from nst_core.serving.payload import Payload
from nst_core.version import VERSION

LONGEST_STEP = 300.0
"""Seconds without a new step after which a run is taken to hang."""
T = TypeVar("T")


class Replica:
    """Paints one job at a time, in a thread, so that it can be asked how it is."""

    def __init__(
        self, backbone: str, cores: int, version: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """
        Args:
            backbone: a name, see `load_backbone`.
            cores: that TensorFlow may use; a GPU is used besides where there is one.
            version: of those who will send jobs.
            clock: monotonic seconds.

        Raises:
            ClusterError: this machine has another version.
            BackboneError: the weights are not to be had.
        """
        if version != VERSION:
            raise ClusterError(
                f"A machine of the cluster has version {VERSION} of nst_core, and the page has "
                f"{version}: install the same on both."
            )
        os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(cores)
        self._network = made_ready(backbone)
        self._worker = ThreadPoolExecutor(1, "painter")
        self._clock = clock
        self._step, self._since = -1, None  # type: tuple[int, float | None]

    async def paint(
        self,
        job: OpenedJob,
        resume: Image.Image | None = None,
        client: Sequence[Awaitable[Any]] = (),
    ) -> AsyncGenerator[Payload, None]:
        """Paint a job; closing it ends the work after the step under way.

        Args:
            job: its backbone is not looked at.
            resume: a picture to go on from, in place of the job's own.
            client: one that ends, however, when there is nobody to paint for any more.
        """
        own = replace(job, backbone=self._network, resume=resume or job.resume)
        frames = paint(own)
        left = [asyncio.ensure_future(_ended(each)) for each in client]
        self._heard(-1)
        try:
            while (payload := await self._do(lambda: _next(frames))) is not None:
                self._heard(payload.fields["step"])
                yield payload
                if any(each.done() for each in left):
                    return
        finally:
            await self._do(frames.close)  # after the step under way, in the same thread
            self._since = None

    def check_health(self) -> None:
        """Raises `ClusterError` if a run makes no progress; whoever asks then replaces this one."""
        if self._since is not None and self._clock() - self._since > LONGEST_STEP:
            raise ClusterError(f"There was no new step for {LONGEST_STEP:.0f} s.")

    def _heard(self, step: int) -> None:
        if self._since is None or step != self._step:
            self._step, self._since = step, self._clock()

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)


async def _ended(client: Awaitable[Any]) -> None:
    with suppress(Exception):
        await client


def _next(frames: Generator[Frame, None, None]) -> Payload | None:
    frame = next(frames, None)
    return None if frame is None else Payload.of(frame)
