"""Mutated files, and events that are sent nonsense."""

import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from helpers import CAT
from mutated import mutants
from soaking.runs import run_once
from soaking.served import Figures, page
from visiting import Visitor, usual

from nst_core.errors import ImageError
from nst_core.images.guarded import OpeningProcess
from nst_core.images.opening import guarded_by, open_image

UPLOADED = {"meta": {"_type": "gradio.FileData"}}
ODD: tuple[Any, ...] = (
    *(None, True, -1, 2**70, 1e308, math.nan, math.inf, "", "\0", "x" * 100_000, "<b>" * 1000),
    *([], [None] * 1000, {}),
    *({"path": None}, {"path": 5}, {"path": ["x"]}, {"path": "a\0b"}),
    *({"path": path, **UPLOADED} for path in ("/etc/passwd", "../app.py", "/", "x" * 5000)),
    {"url": "http://127.0.0.1:9/x.png", "path": "", **UPLOADED},
    {"path": "http://127.0.0.1:9/x.png", "is_stream": True, **UPLOADED},
    {"path": str(CAT), "size": "x", "mime_type": ["x"], "orig_name": 5, **UPLOADED},
)
PLAIN = 14
"""So many of them are odd for what is no file, too."""


def fuzz(count: int) -> tuple[Figures, dict[str, bool]]:
    """Mutated image files through the one door, and every event of a page fed with nonsense."""
    files, doors = fuzz_files(count)
    events, sentences = fuzz_events()
    return {**files, **events}, {**doors, **sentences}


def fuzz_files(count: int) -> tuple[Figures, dict[str, bool]]:
    endings: Counter[str] = Counter()
    longest, guard = 0.0, OpeningProcess()
    with tempfile.TemporaryDirectory() as folder, closing(guard), guarded_by(guard):
        path = Path(folder) / "mutant"
        for data in mutants(count):
            path.write_bytes(data)
            began = time.monotonic()
            try:
                open_image(path)
                endings["image"] += 1
            except ImageError as problem:
                endings["ended" if "takes too long" in str(problem) else "refused"] += 1
            except Exception as error:
                endings[type(error).__name__] += 1
            longest = max(longest, time.monotonic() - began)
    figures = {"files": count, "endings": dict(endings), "longest_file": round(longest, 2)}
    return figures, {"door": set(endings) <= {"image", "refused", "ended"}}


def fuzz_events() -> tuple[Figures, dict[str, bool]]:
    replies: Counter[str] = Counter()
    odd: list[str] = []
    with page() as served, closing(Visitor(served.url, "fuzz")) as visitor:
        for name, (number, components) in served.events.items():
            for data in nonsense(components):
                joined = visitor.join(number, data)
                if not joined.is_success:
                    replies[str(joined.status_code)] += 1
                    continue
                word = next(w for w in visitor.listen() if w.get("msg") == "process_completed")
                sentence = "" if word["success"] else str(word["output"]["error"])
                replies["answer" if word["success"] else "sentence"] += 1
                if sentence and (len(sentence) > 450 or "went wrong" in sentence):
                    odd.append(f"{name}: {sentence[:200]}")
        for event in (None, "x", -1, 10**6, 2**70, [1], {"a": 1}, math.nan):
            for data in (None, "x", 5, {"a": 1}, [[[[]]]]):
                replies[str(visitor.join(event, data, [2**70]).status_code)] += 1
        healthy = httpx.get(f"{served.url}healthz", trust_env=False).status_code == 200
        last = run_once(served, "last", "full", 2, 128, "studio")
        log = served.log.stat().st_size
    figures = {"answers": dict(replies), "odd": odd[:5], "log_bytes": log, "last": last.how}
    goals = {
        "sentences": not odd,
        "page": healthy and last.how == "finished",
        "log": log < 100_000,
    }
    return figures, goals


def nonsense(components: list[Any]) -> Iterator[Any]:
    yield []
    yield [None] * 200
    for place, component in enumerate(components):
        kind = component["type"]
        for value in () if kind == "state" else ODD if kind in ("image", "file") else ODD[:PLAIN]:
            data = usual(components)
            data[place] = value
            yield data
