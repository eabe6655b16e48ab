"""Visitors who don't wait for their answers."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from soaking.runs import run_once
from soaking.served import QUIET_SECONDS, Figures, page
from visiting import Visitor

from nst_core.serving.run_queue import GRACE, UNHEARD


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
