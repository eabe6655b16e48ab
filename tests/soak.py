"""What takes long, by hand: `python tests/soak.py load|abandoned|memory|fuzz`, on loopback only.

Each starts a page in a process of its own, prints one line of JSON, and ends with status 1 where a
goal is missed. See the table in README.md beside this file.
"""

import argparse
import json
import math
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from helpers import CAT, ROOT
from mutated import mutants
from starting import environment, free_port
from visiting import Visitor, events_of, usual

from nst_core.errors import ImageError
from nst_core.images.guarded import Guard
from nst_core.images.opening import guarded_by, open_image
from nst_core.serving.run_queue import GRACE, UNHEARD

Figures = dict[str, Any]
VISITORS = 32
QUIET_SECONDS = 15
"""After which nothing is under way any more."""
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


@dataclass
class Page:
    """A page in a process of its own.

    Attributes:
        url: where it is.
        log: the file with its standard error.
        process: itself.
    """

    url: str
    log: Path
    process: psutil.Process
    events: dict[str, list[Any]] = field(default_factory=dict)

    def numbers(self, button: str = "stylize") -> tuple[int, int, int]:
        """Of the events that a click starts and Stop sends: begun, the run itself, stop."""
        run = self.find(button)
        before = [number for name, (number, _) in self.events.items() if name.startswith("begun")]
        after = [
            number for name, (number, _) in self.events.items() if name.startswith("ask_to_stop")
        ]
        return max(n for n in before if n < run), run, min(n for n in after if n > run)

    def find(self, name: str) -> int:
        return next(number for key, (number, _) in self.events.items() if key.split()[0] == name)

    def choices(self, **values: Any) -> list[Any]:
        """What the event of a run is sent."""
        _, components = self.events[f"stylize {self.find('stylize')}"]
        data = usual(components)
        names = {"recipe": "Recipe", "size": "Size (px)", "steps": "Steps", "quality": "Quality"}
        labels = [each["props"].get("label") for each in components]
        for name, value in values.items():
            data[labels.index(names[name])] = value
        pair = [each["props"]["value"] for each in components[:2]]
        return [*pair, *data[2:]]

    def held(self) -> Figures:
        """Resident MB, also those of the processes beside it; threads and open files of its own."""
        beside = 0
        for child in self.process.children(recursive=True):
            with suppress(psutil.Error):
                beside += child.memory_info().rss
        with self.process.oneshot():
            return {
                "mb": round((self.process.memory_info().rss + beside) / 1e6),
                "beside": round(beside / 1e6),
                "threads": self.process.num_threads(),
                "files": self.process.num_fds(),
            }


@contextmanager
def page(**variables: str) -> Iterator[Page]:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        log = folder / "log"
        process = subprocess.Popen(
            [sys.executable, "app.py", "--backbone", "embedded", "--port", str(port)],
            cwd=ROOT,
            env=environment(GRADIO_TEMP_DIR=f"{name}/pictures", **variables),
            stdout=subprocess.DEVNULL,
            stderr=log.open("w"),
        )
        try:
            found = Page(f"http://127.0.0.1:{port}/", log, psutil.Process(process.pid))
            wait_until(partial(answers, process, found.url))
            found.events = events_of(found.url)
            yield found
        except BaseException:
            print(log.read_text()[-5000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(timeout=60)


def answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether a page is ready."""
    assert process.poll() is None, "the page has ended"
    return httpx.get(f"{url}healthz", trust_env=False).status_code == 200


def wait_until(done: Callable[[], bool], patience: float = 600.0) -> float:
    """Seconds until something is so."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        with suppress(httpx.HTTPError):
            if done():
                return time.monotonic() - began
        time.sleep(0.2)
    raise TimeoutError(f"not within {patience:.0f} s")


# ---------------------------------------------------------------- runs


@dataclass
class Outcome:
    """How a run went for its visitor; seconds on the monotonic clock.

    Attributes:
        asked: when it was asked for.
        how: "finished", "stopped", "left" (the queue), "closed", "full", or what else was said.
        began: when the first picture came; None where none did.
        ended: when the last word came.
        ahead: how many were told to come before, time and again.
    """

    asked: float
    how: str = ""
    began: float | None = None
    ended: float = 0.0
    ahead: list[int] = field(default_factory=list)


def run_once(page: Page, name: str, manner: str, steps: int, size: int, recipe: str) -> Outcome:
    """One visitor's run.

    Args:
        page: see there.
        name: of the visitor; unlike any other.
        manner: "full"; "stop" in the queue or at the first picture; or "close" the connection then.
        steps: of the run.
        size: px of its picture.
        recipe: its name.
    """
    begun, run, stop = page.numbers()
    with closing(Visitor(page.url, name, timeout=300.0)) as visitor:
        visitor.at_once(begun, [None])
        outcome = Outcome(time.monotonic())
        joined = visitor.join(run, page.choices(size=size, steps=steps, recipe=recipe))
        if not joined.is_success:
            return said(outcome, joined.text)
        heard = 0
        with closing(visitor.listen()) as words:
            for word in words:
                if word.get("msg") == "process_generating":
                    heard += 1
                    outcome.ahead += ahead(word)
                    if has_picture(word) and outcome.began is None:
                        outcome.began = time.monotonic()
                    if manner == "close" and heard > 1:
                        return said(outcome, "closed")
                    if manner == "stop" and heard > 1:
                        visitor.at_once(stop, [None])
                        manner = "stopping"
                if word.get("msg") == "process_completed":
                    return said(outcome, ending(word, outcome))
    return said(outcome, "no answer")


def has_picture(word: dict[str, Any]) -> bool:
    """Whether the first answer, or a change of it, is one."""
    first = word["output"]["data"][0]
    return "path" in first if isinstance(first, dict) else bool(first)


def ahead(word: dict[str, Any]) -> list[int]:
    """How many it tells to come before; nothing where it tells something else."""
    found = re.search(r"(One|\d+) pictures? (?:is|are) ahead", json.dumps(word["output"]["data"]))
    return [int(found[1].replace("One", "1"))] if found else []


def ending(word: dict[str, Any], outcome: Outcome) -> str:
    if not word["success"]:
        return str(word["output"]["error"])
    told = json.dumps(word["output"]["data"])
    for sign, how in (("Finished", "finished"), ("Stopped", "stopped"), ("You left", "left")):
        if sign in told:
            return how
    return "finished" if outcome.began is not None else told[:200]


def said(outcome: Outcome, how: str) -> Outcome:
    full = "The server is full" in how
    outcome.how, outcome.ended = "full" if full else how, time.monotonic()
    return outcome


# ---------------------------------------------------------------- load


def load(minutes: float) -> tuple[Figures, dict[str, bool]]:
    """32 visitors on a queue of 16."""
    outcomes: list[Outcome] = []
    with page() as served:
        for number in range(3):
            run_once(served, f"first-{number}", "full", 5, 128, "studio")
        before = served.held()
        until = time.monotonic() + 60 * minutes

        def visits(number: int) -> None:
            chance = random.Random(number)
            turn = 0
            time.sleep(0.2 * number)  # all come within a few seconds
            while time.monotonic() < until:
                manner = chance.choices(("full", "stop", "close"), (6, 2, 2))[0]
                size, steps = chance.choice((128, 160, 192)), chance.randint(2, 12)
                each = run_once(served, f"{number}-{turn}", manner, steps, size, "studio")
                outcomes.append(each)
                turn += each.how == "closed"  # whoever closed the page opens it anew
                time.sleep(chance.uniform(0.5, 3.0) if each.how == "full" else 0.1)

        waits: list[float] = []
        over = threading.Event()
        newcomer = threading.Thread(target=newcomers, args=(served, waits, over))
        newcomer.start()
        with ThreadPoolExecutor(VISITORS) as crowd:
            list(crowd.map(visits, range(VISITORS)))
        over.set()
        newcomer.join()
        time.sleep(QUIET_SECONDS)
        last = run_once(served, "last", "full", 2, 128, "studio")
        after = served.held()
        parts = len(list(served.log.parent.rglob("*.part")))
    how = Counter(each.how for each in outcomes)
    refusals = [each.ended - each.asked for each in outcomes if each.how == "full"]
    figures = {
        "runs": len(outcomes),
        "endings": dict(how),
        "longest_refusal": round(max(refusals, default=0.0), 2),
        "median_refusal": round(statistics.median(refusals or [0.0]), 2),
        "waited": sum(bool(each.ahead) for each in outcomes),
        "overtaken": sum(map(overtaken, outcomes)),
        "newcomer_longest": round(max(waits), 2),
        "newcomer_median": round(statistics.median(waits), 2),
        "before": before,
        "after": after,
        "halves": parts,
    }
    known = {"finished", "stopped", "left", "closed", "full"}
    goals = {
        "told": set(how) <= known,
        "refused": max(refusals, default=0.0) < 2.0,
        "order": not figures["overtaken"],
        "newcomer": max(waits) < 2.0,
        "nothing_left": parts == 0
        and all(after[what] <= before[what] + 16 for what in ("threads", "files")),
        "slots": last.how == "finished",
    }
    return figures, goals


def newcomers(served: Page, waits: list[float], over: threading.Event) -> None:
    while not over.wait(1.0):
        began = time.monotonic()
        with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
            client.get("/").raise_for_status()
            client.get("/config").raise_for_status()
        waits.append(time.monotonic() - began)


def overtaken(outcome: Outcome) -> bool:
    """Whether more came before at one time than earlier."""
    return any(later > earlier for earlier, later in pairwise(outcome.ahead))


# ---------------------------------------------------------------- abandoned


def abandoned(count: int) -> tuple[Figures, dict[str, bool]]:
    """Requests whose answers nobody reads, and connections that are closed at once.

    Once the time is over for which runs wait for their listeners, a normal run begins.
    """
    with page() as served:
        run_once(served, "first", "full", 2, 128, "studio")
        before, (_, run, _) = served.held(), served.numbers()
        long = served.choices(size=256, steps=2000, recipe="studio")

        def close(number: int) -> None:
            with closing(Visitor(served.url, f"closed-{number}")) as visitor:
                visitor.join(run, long)
                with closing(visitor.listen()) as words:
                    next(words, None)

        def send(number: int) -> None:
            with closing(Visitor(served.url, f"unread-{number}")) as visitor:
                visitor.join(run, long)

        figures: Figures = {"before": before}
        goals = {}
        for name, leave, patience in (("unread", send, UNHEARD), ("closed", close, GRACE)):
            with ThreadPoolExecutor(50) as crowd:
                list(crowd.map(leave, range(count)))
            time.sleep(patience + 2)
            last = run_once(served, f"after-{name}", "full", 2, 128, "studio")
            begins = (last.began or math.inf) - last.asked
            figures[f"{name}_begins_in"] = round(begins, 1)
            goals[name] = last.how == "finished" and begins < 5.0
        time.sleep(QUIET_SECONDS)
        figures["after"] = served.held()
    goals["nothing_left"] = all(
        figures["after"][what] <= before[what] + 16 for what in ("threads", "files")
    )
    return figures, goals


# ---------------------------------------------------------------- memory


def memory(runs: int) -> tuple[Figures, dict[str, bool]]:
    """Many runs of mixed recipes and sizes, each by another visitor."""
    chance, held = random.Random(0), []
    recipes = ("studio", "studio", "keras-book", "walkthrough", "tf-eager", "course")
    with page() as served:
        for number in range(1, runs + 1):
            size, recipe = chance.randrange(128, 260, 4), chance.choice(recipes)
            outcome = run_once(served, f"visitor-{number}", "full", 2, size, recipe)
            assert outcome.how == "finished", outcome
            held.append(served.held())
            if number % 10 == 0:
                print(number, held[-1], file=sys.stderr)
    most = {
        what: [max(part, key=itemgetter(what))[what] for part in (held[:50], held[50:] or held)]
        for what in ("mb", "threads", "files")
    }
    figures = {
        "held": {
            number: held[number - 1]
            for number in (10, 50, *range(100, runs + 1, 100))
            if number <= runs
        },
        "most_until_50_and_after": most,
        "ratio": round(most["mb"][1] / most["mb"][0], 3),
    }
    goals = {
        "memory": figures["ratio"] <= 1.1,
        "threads": most["threads"][1] <= most["threads"][0] + 8,
        "files": most["files"][1] <= most["files"][0] + 8,
    }
    return figures, goals


# ---------------------------------------------------------------- fuzz


def fuzz(count: int) -> tuple[Figures, dict[str, bool]]:
    """Mutated image files through the one door, and every event of a page fed with nonsense."""
    files, doors = fuzz_files(count)
    events, sentences = fuzz_events()
    return {**files, **events}, {**doors, **sentences}


def fuzz_files(count: int) -> tuple[Figures, dict[str, bool]]:
    endings: Counter[str] = Counter()
    longest, guard = 0.0, Guard()
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


# ---------------------------------------------------------------- which


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="what", required=True)
    takes: dict[str, tuple[Callable[..., Any], str, float]] = {
        "load": (load, "minutes", 10),
        "abandoned": (abandoned, "count", 300),
        "memory": (memory, "runs", 300),
        "fuzz": (fuzz, "count", 3000),
    }
    for name, (work, word, usual_value) in takes.items():
        each = commands.add_parser(name, help=work.__doc__)
        kind = type(usual_value)
        each.add_argument(f"--{word}", type=float if name == "load" else kind, default=usual_value)
    given = vars(parser.parse_args())
    name = given.pop("what")
    began = time.monotonic()
    figures, goals = partial(takes[name][0], **given)()
    line = {"soak": name, "seconds": round(time.monotonic() - began), **figures, "goals": goals}
    print(json.dumps(line))
    sys.exit(0 if all(goals.values()) else 1)


if __name__ == "__main__":
    main()
