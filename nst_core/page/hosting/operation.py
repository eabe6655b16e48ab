"""What an operator sees of the page: a line in the log for each run, its health, and its figures.

Nothing here names a visitor: no addresses, no names of files.
"""

import json
import logging
import time
from base64 import b64decode
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import compare_digest

import psutil
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.routing import Route

from nst_core.network.backbone import Backbone
from nst_core.page.hosting.faults import Counted
from nst_core.page.hosting.loading import loading
from nst_core.painting.frame import Frame

log = logging.getLogger("nst_core.runs")
SERVERS = ("uvicorn.error", "asyncio")
"""Loggers that tell of errors beside the page's events."""
RUNS = Counter("nst_runs", "Runs that began, by how they ended", ["recipe", "ending"])
REFUSALS = Counter("nst_refusals", "Runs that were refused before they began", ["reason"])
SECONDS = Histogram(
    "nst_run_seconds", "Seconds from a run's first step to its end",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)  # fmt: skip
BESIDE = Gauge(
    "nst_processes_beside_resident_bytes",
    "Memory of the processes that paint, and that open files, for this one",
)


@dataclass
class Record:
    """One run, from the moment it was asked for.

    Attributes:
        asked: monotonic seconds at which it was asked for.
        began: the same when its work began; None before.
    """

    asked: float = field(default_factory=time.monotonic)
    began: float | None = None

    def begin(self) -> None:
        self.began = time.monotonic()

    def refuse(self, reason: str) -> None:
        """It will not begin; `reason` is the name of an error's class, not what it says."""
        REFUSALS.labels(reason).inc()
        log.info(json.dumps({"run": "refused", "reason": reason}))

    def end(self, ending: str, facts: Mapping[str, object]) -> None:
        """It is over: "finished", "stopped", "left" or "failed"; `facts` of a frame, or others."""
        began = self.began if self.began is not None else time.monotonic()
        seconds = time.monotonic() - began
        SECONDS.observe(seconds)
        timing: dict[str, object] = {
            "run": ending,
            "seconds": round(seconds, 2),
            "waited": round(began - self.asked, 2),
        }
        RUNS.labels(facts.get("recipe", "none"), ending).inc()
        log.info(json.dumps({**timing, **facts}))


def facts_of(frame: Frame) -> dict[str, object]:
    """What the log tells of a run, from its last frame."""
    return {
        "recipe": frame.recipe.name,
        "size": list(frame.image.size),
        "steps": frame.step,
        "of": frame.total_steps,
        "backbone": frame.backbone,
        "precision": frame.precision,
    }


def start_log() -> None:
    """Have a line of JSON written to the standard error for each run, and errors counted."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    for name in SERVERS:
        logging.getLogger(name).addFilter(Counted())


def held_beside() -> int:
    """Bytes, resident, of the processes that this one has started."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            total += process.memory_info().rss
    return total


BESIDE.set_function(held_beside)


def health(network: Future[Backbone]) -> tuple[str, int]:
    """("ready", 200), ("loading", 503) or ("failing", 503), for a load balancer."""
    if not network.done():
        return "loading", 503
    return ("failing", 503) if network.exception() else ("ready", 200)


def routes(backbone: str) -> list[Route]:
    """`/healthz`, for everybody, and `/metrics`, for those who may see the page.

    Args:
        backbone: as in `nst_core.load_backbone`; the network that must be there to be ready.
    """

    async def healthz(_request: Request) -> Response:
        word, status = health(loading(backbone))
        return JSONResponse({"status": word}, status_code=status)

    async def metrics(request: Request) -> Response:
        if not _may_see(request):
            return Response(status_code=401, headers={"WWW-Authenticate": "Basic"})
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/metrics", metrics)]


def _may_see(request: Request) -> bool:
    """Whether the page asks for no password, or this request brings it, as collectors do."""
    accounts = getattr(request.app, "auth", None)
    if not accounts:
        return True
    given = credentials(request.headers.get("Authorization", ""))
    if given is None or given[0] not in accounts:
        return False
    return compare_digest(given[1].encode(), accounts[given[0]].encode())


def credentials(header: str) -> tuple[str, str] | None:
    """User and password of HTTP Basic; None if the header, `Authorization`, is of another kind.

    They are in UTF-8, as RFC 7617 asks for, or in Latin-1, as older programs send them.
    """
    scheme, _, packed = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = b64decode(packed.strip(), validate=True)
    except ValueError:
        return None
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        text = decoded.decode("latin-1")
    user, colon, password = text.partition(":")
    return (user, password) if colon else None
