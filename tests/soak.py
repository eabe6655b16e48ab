"""What takes long, by hand: `python tests/soak.py load|abandoned|memory|fuzz|attack`.

All on loopback only. Each starts a page in a process of its own, prints one line of JSON, and ends
with status 1 where a goal is missed. See the table in README.md beside this file; the work is in
the folder `soaking`.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from soaking.abandoned import abandoned
from soaking.attack import attack
from soaking.fuzz import fuzz
from soaking.load import load
from soaking.memory import memory


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="what", required=True)
    takes: dict[str, tuple[Callable[..., Any], str, float]] = {
        "load": (load, "minutes", 10),
        "abandoned": (abandoned, "count", 300),
        "memory": (memory, "runs", 300),
        "fuzz": (fuzz, "count", 3000),
        "attack": (attack, "browsers", 30),
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
