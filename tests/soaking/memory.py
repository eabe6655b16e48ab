"""What a page holds after many runs."""

import random
import sys
from operator import itemgetter

from soaking.runs import run_once
from soaking.served import Figures, page


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
