"""What the page's operator allows: read once from the environment, before the page is made.

| variable | from – to | default | on a public page |
| --- | --- | --- | --- |
| `NST_CONCURRENCY` | 1 – 64 runs at a time | 1 | 1 |
| `NST_QUEUE_SIZE` | 1 – 1000 visitors who wait | 16 | 16 |
| `NST_MAX_SECONDS` | 1 – 1,000,000 s for a run | 3600 | 600 |
| `NST_MAX_SIZE` | 128 – 8192 px for a picture | 1024 | 1024 |
| `NST_MAX_STEPS` | 1 – 100,000 steps of a run | 10,000 | 3000 |
| `NST_MAX_CLIP_SECONDS` | 1 – 3600 s of a clip | 15 | 15 |
| `NST_MAX_CLIP_MB` | 1 – 2000 MB of a clip's file | 50 | 50 |
| `NST_MAX_CLIP_SIZE` | 128 – 2048 px of a film | 720 | 720 |
| `NST_MIN_REPLICAS` | 1 – 64 painters on a cluster at least | 1 | 1 |
| `NST_MAX_REPLICAS` | 1 – 64 painters on a cluster at most | 4 | 4 |
| `NST_REPLICA_CORES` | 1 – 256 cores of each of these | 2 | 2 |
| `NST_MAX_PER_ADDRESS` | 1 – 1000 runs of one address that wait or are under way; 0: any | 0 | 0 |
| `NST_MAX_HELD` | 100 – 10,000,000 MB of visitors' files and pictures together | 20,000 | 5000 |
| `NST_LINK_HOURS` | 1 – 720 h that a link to a picture lasts; 0: there are none | 0 | 0 |
| `NST_TRUSTED_PROXY` | addresses of servers in front, with commas between them | none | none |

On a cluster there are as many runs at a time as painters at most, unless the number is set.
A page is public behind `--share`, and on Hugging Face Spaces, which set `SPACE_ID`. Runs
are counted by address only where a trusted proxy tells it, in `X-Forwarded-For`: a class has one
address, and behind a tunnel all visitors may have.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import IPv4Network, IPv6Network, ip_network

from nst_core.checks import shown
from nst_core.clip.still import LONGEST
from nst_core.errors import LimitError
from nst_core.painting.at_once import LARGEST
from nst_core.recipe.recipe import SIZES, STEPS

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Limits:
    """How much the visitors of a page may ask of it.

    Attributes:
        concurrency: runs at a time; each takes the whole machine, so more than one is slower for
            all unless it has several accelerators.
        queue_size: visitors who may wait for their run to begin.
        max_seconds: s that a run may take, told before it begins.
        max_size: px of the longest side of a picture.
        max_steps: of a run.
        max_clip_seconds: s of a clip that is painted.
        max_clip_mb: MB of its file.
        max_clip_size: px of the longest side of a film.
        min_replicas, max_replicas: painters on a cluster; these three count with `--ray` only.
        replica_cores: cores that each of them takes.
        max_per_address: runs of one address that wait or are under way; 0 for any number.
        max_held: MB that visitors' files and pictures may take; above it, none is taken in.
        link_hours: h that a picture has a page of its own, if a visitor wants it; 0 for never.
        trusted_proxy: servers in front whose word counts for a visitor's address.
    """

    concurrency: int = field(default=1, metadata={"ends": (1, 64)})
    queue_size: int = field(default=16, metadata={"ends": (1, 1000)})
    max_seconds: int = field(default=3600, metadata={"ends": (1, 1_000_000)})
    max_size: int = field(default=1024, metadata={"ends": (128, SIZES[1])})
    max_steps: int = field(default=10_000, metadata={"ends": STEPS})
    max_clip_seconds: int = field(default=15, metadata={"ends": (1, int(LONGEST))})
    max_clip_mb: int = field(default=50, metadata={"ends": (1, 2000)})
    max_clip_size: int = field(default=720, metadata={"ends": (128, LARGEST)})
    min_replicas: int = field(default=1, metadata={"ends": (1, 64)})
    max_replicas: int = field(default=4, metadata={"ends": (1, 64)})
    replica_cores: int = field(default=2, metadata={"ends": (1, 256)})
    max_per_address: int = field(default=0, metadata={"ends": (0, 1000)})
    max_held: int = field(default=20_000, metadata={"ends": (100, 10_000_000)})
    link_hours: int = field(default=0, metadata={"ends": (0, 720)})
    trusted_proxy: tuple[Network, ...] = ()


PUBLIC = Limits(max_seconds=600, max_steps=3000, max_held=5000)
"""The defaults where anybody may come."""


_settled: list[Limits] = []


def settle(limits: Limits) -> None:
    """Have these limits hold from here on; to be called before the page is imported."""
    _settled[:] = [limits]


def current() -> Limits:
    """The limits that hold: those that were settled, else what the environment sets."""
    if not _settled:
        settle(read_limits(os.environ))
    return _settled[0]


def variable(name: str) -> str:
    """The environment variable of a limit."""
    return f"NST_{name.upper()}"


def read_limits(
    environment: Mapping[str, str], share: bool = False, cluster: bool = False
) -> Limits:
    """The limits that the environment sets.

    Args:
        environment: such as `os.environ`.
        share: whether the page gets a public link.
        cluster: whether a cluster paints, and not this process.

    Raises:
        LimitError: a variable holds no number, or one out of range, or no address; or runs are to
            be counted by address and nobody is trusted to tell it. Names the variable.
    """
    defaults = PUBLIC if share or environment.get("SPACE_ID") else Limits()
    given = {
        each.name: _number(variable(each.name), environment[variable(each.name)], *ends)
        for each in fields(Limits)
        for ends in [each.metadata.get("ends")]
        if ends and environment.get(variable(each.name), "").strip()
    }
    proxies = _networks(variable("trusted_proxy"), environment.get(variable("trusted_proxy"), ""))
    if given.get("max_per_address") and not proxies:
        raise LimitError(
            f"{variable('max_per_address')} needs {variable('trusted_proxy')}: the addresses of "
            "the servers in front, such as 127.0.0.1, which tell the visitors' own."
        )
    limits = Limits(**{**vars(defaults), **given, "trusted_proxy": proxies})
    if limits.min_replicas > limits.max_replicas:
        raise LimitError(
            f"NST_MIN_REPLICAS must be at most NST_MAX_REPLICAS, which is {limits.max_replicas}, "
            f"not {limits.min_replicas}."
        )
    if cluster and "concurrency" not in given:
        return replace(limits, concurrency=limits.max_replicas)
    return limits


def _networks(name: str, text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(word.strip()) for word in text.split(",") if word.strip())
    except ValueError:
        raise LimitError(
            f"{name} must be addresses such as 127.0.0.1 or 10.0.0.0/8, with commas between them, "
            f"not {shown(text)}."
        ) from None


def _number(name: str, text: str, least: int, most: int) -> int:
    try:
        number = int(text) if len(text) < 20 else least - 1
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise LimitError(
            f"{name} must be a whole number from {least} to {most}, not {shown(text)}."
        )
    return number
