"""One painter of a cluster, without one: what it sends, when it ends, and how it is."""

import asyncio
import pickle
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH
from PIL import Image

from nst_core import ImageError, Job, Style
from nst_core.errors import ClusterError
from nst_core.images.sizes import resize
from nst_core.serving.payload import Payload, to_send
from nst_core.serving.replica import LONGEST_STEP, Replica
from nst_core.version import VERSION

JOB = Job.of(CAT, CHURCH, backbone="embedded", size=64, steps=3, precision="float32").opened()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def replica(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Replica:
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        monkeypatch.setenv(name, "1")  # so that what the replica sets is put back
    return Replica("embedded", 1, VERSION, clock)


async def all_of(payloads: AsyncGenerator[Payload, None]) -> list[Payload]:
    return [payload async for payload in payloads]


def test_frames_are_small_on_the_way_and_the_last_one_is_whole(replica: Replica) -> None:
    job = JOB.changed(checkpoint=1)
    payloads = asyncio.run(all_of(replica.paint(job)))
    assert [payload.picture[:2] for payload in payloads[:-1]] == [b"\xff\xd8"] * (len(payloads) - 1)
    last = payloads[-1].frame()
    assert (last.final, last.step, last.total_steps, last.recipe) == (True, 3, 3, job.recipe)
    again = Payload.of(last).frame()
    np.testing.assert_array_equal(np.asarray(again.image), np.asarray(last.image))


def test_a_run_whose_client_is_gone_ends_with_its_next_frame(replica: Replica) -> None:
    async def gone() -> list[Payload]:
        client: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        client.set_exception(ConnectionError())
        return await all_of(replica.paint(JOB.changed(checkpoint=1), None, [client]))

    payloads = asyncio.run(gone())
    assert not payloads[-1].fields["final"]


def test_a_run_that_makes_no_step_is_unhealthy(replica: Replica, clock: Clock) -> None:
    async def hang() -> None:
        replica.check_health()
        run = replica.paint(JOB)
        await anext(run)
        clock.now += LONGEST_STEP
        replica.check_health()
        clock.now += 1
        with pytest.raises(ClusterError, match="no new step"):
            replica.check_health()
        await run.aclose()
        replica.check_health()

    asyncio.run(hang())


def test_another_version_is_refused() -> None:
    with pytest.raises(ClusterError, match=f"has version {VERSION} of nst_core"):
        Replica("embedded", 1, "0.0")


@pytest.mark.slow
def test_mask_and_styles_outside_travel_with_a_job(replica: Replica) -> None:
    left = Image.new("L", (64, 64))
    left.paste(255, (0, 0, 32, 64))
    nowhere = replace(JOB, mask=left)
    elsewhere = replace(nowhere, outside=JOB.styles)
    for job, kept in ((nowhere, True), (elsewhere, False)):
        there = pickle.loads(pickle.dumps(to_send(job, "embedded")))
        last = asyncio.run(all_of(replica.paint(there)))[-1].frame()
        content = resize(there.content, last.image.size)
        apart = np.abs(np.asarray(last.image, int) - np.asarray(content, int))
        assert apart[:, :24].any()
        assert apart[:, 40:].any() != kept


UNOPENED: Any = Style(CHURCH)


@pytest.mark.parametrize(
    "left",
    [
        {"content": CAT},
        {"styles": (UNOPENED,)},
        {"resume": CAT},
        {"mask": CAT},
        {"outside": (UNOPENED,)},
    ],
    ids=lambda left: next(iter(left)),
)
def test_what_is_sent_holds_no_path(left: dict[str, Any]) -> None:
    with pytest.raises(ImageError, match="opened"):
        replace(JOB, **left)


def test_the_name_of_a_network_is_sent() -> None:
    assert to_send(JOB, "auto").backbone == "auto"
