"""Measurements: python tests/benchmark.py [NAME …] [--quick]

Prints one JSON line per measurement. Times are in seconds, each a median with its minimum and
maximum; whatever is compared is interleaved within the run, since machines are shared and noisy.
The measurements themselves are in the folder `measurements` beside this file.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for a fresh clone

from measurements.figures import Figures, far_off
from measurements.film import film
from measurements.finish import finish
from measurements.frames import frames
from measurements.instant import instant
from measurements.memory import memory, print_held, print_peak, prints, sizes
from measurements.processes import beside, cluster
from measurements.published import published
from measurements.quality import large, largest, quality
from measurements.speed import growth, recipes, step
from measurements.start import start

MEASUREMENTS: dict[str, Callable[[bool], Figures]] = {
    measurement.__name__: measurement
    for measurement in (
        finish,
        quality,
        instant,
        large,
        largest,
        step,
        published,
        frames,
        memory,
        prints,
        sizes,
        growth,
        recipes,
        start,
        beside,
        cluster,
        film,
    )
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument(
        "--quick", action="store_true", help="small sizes; fails where a goal is missed twofold"
    )
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--in-strips", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--held", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak or options.held:
        if options.peak:
            print_peak(options.peak, options.in_strips)
        else:
            print_held(options.held)
        return 0
    failed = False
    for name in options.names or MEASUREMENTS:
        if name not in MEASUREMENTS:
            parser.error(f"there is no {name!r}; there are {', '.join(MEASUREMENTS)}")
        figures = MEASUREMENTS[name](options.quick)
        failed |= options.quick and far_off(figures)
        print(json.dumps({"measurement": name, **figures}), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
