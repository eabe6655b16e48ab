"""More visitors than the queue holds."""

import random
import statistics
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
from soaking.runs import Outcome, run_once
from soaking.served import QUIET_SECONDS, Figures, Page, page

VISITORS = 32


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
