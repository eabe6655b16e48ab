"""The command `film`: a clip, painted so that it moves and does not flicker."""

import itertools
import json
import math
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from nst_core.checks import printable, spoken_time
from nst_core.clip.clip_film import Painted, film_of, told_before
from nst_core.clip.pieces import Unfinished
from nst_core.command.paint_options import STANDARD_OUTPUT, check_count, mixture
from nst_core.command.parser import (
    CHANGEABLE,
    KEPT_BY_DECODER,
    Parser,
    add_changes,
    add_options,
    number,
)
from nst_core.command.program import run_program
from nst_core.errors import OutputError
from nst_core.interruption import Interruption
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.painting.job import Job
from nst_core.painting.style import Style
from nst_core.streams import say

KEPT = tuple(name for name in KEPT_BY_DECODER if name != "recursive")
"""Options that mean something to a film."""
_BAR = "{percentage:3.0f}% |{bar:24}| {postfix}"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What to paint, as `--help` tells of it.

    Attributes:
        changes: fields of the recipe, by name.
    """

    clip: str
    styles: Sequence[str]
    output: str
    begin: float = 0.0
    end: float | None = None
    painted: bool = False
    again: bool = False
    style_weights: Sequence[float] = ()
    to_weights: Sequence[float] = ()
    style_brushes: Sequence[float] = ()
    mask: str | None = None
    outside: Sequence[str] = ()
    json: bool = False
    changes: dict[str, Any] = field(default_factory=dict)


def main(words: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    return run_program(lambda: _film(_options(words)))


def _parser() -> Parser:
    parser = Parser(
        "film",
        "CLIP STYLE [STYLE ...] -o OUT.mp4 [options]",
        "Paint CLIP in the manner of STYLE; its sound, times and length are kept. Ctrl-C keeps "
        "what is painted, and the same command goes on from there.",
        "A name may begin with - behind a word that is -- alone.",
    )
    parser.add_argument(
        "names",
        metavar="CLIP STYLE",
        nargs="*",
        help="MP4, MOV, WebM, AVI or others, or an animated GIF or WebP; painting, several are "
        "mixed",
    )
    parser.add_argument("-o", "--output", metavar="OUT.mp4", required=True, help="file to write")
    for word, name in (("from", "begin"), ("to", "end")):
        parser.add_argument(
            f"--{word}",
            dest=name,
            type=number,
            metavar="SECONDS",
            help=f"{name} there in the clip (default: at its {name})",
        )
    parser.add_argument(
        "--to-weights",
        type=number,
        nargs="+",
        metavar="FLOAT",
        help="the parts of the mixture at the end, where those of --style-weights are the parts at "
        "the beginning: they change evenly",
    )
    parser.add_argument(
        "--painted",
        action="store_true",
        help="have each still painted by a run that goes on from the one before, not at once: "
        "minutes for each second of the film, which is told before",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="begin anew, whatever is painted already in OUT.mp4.unfinished",
    )
    add_options(parser, KEPT)
    add_changes(parser, KEPT)
    return parser


def _options(words: Sequence[str]) -> Options:
    parser = _parser()
    given = parser.read(words) if words else {"names": []}
    clip, *styles = given.pop("names") or [""]
    if not styles:
        parser.error("CLIP, STYLE and -o OUT.mp4 are needed")
    fields = ("style_strength", *CHANGEABLE)
    changes = {name: given.pop(name) for name in fields if name in given}
    return Options(clip=clip, styles=styles, changes=changes, **given)


def _film(options: Options) -> int:
    if options.output == STANDARD_OUTPUT:
        raise OutputError("A film is a file, whose beginning is written last: name one behind -o.")
    began = time.monotonic()
    job = _job(options)
    run = film_of(
        job,
        options.output,
        options.begin,
        options.end,
        weights=_changing(options),
        by_runs=options.painted,
        resumable=True,
        again=options.again,
    )
    load_tensorflow_quietly()  # after what a mistake in the arguments would stop
    if options.painted:
        say(told_before(job))
    with Interruption() as interruption:
        last, whole = _follow(run, interruption)
        if last is not None:
            _report(last, options, time.monotonic() - began, whole)
        return 0 if whole else interruption.status


def _follow(
    run: Generator[Painted, None, None], interruption: Interruption
) -> tuple[Painted | None, bool]:
    """Show the progress; the last still that was painted, and whether it is the clip's."""
    last = None
    try:
        first = next(run)  # before the bar is drawn: what can't begin gets one line, not two
        with closing(run), tqdm(total=100, file=sys.stderr, bar_format=_BAR) as bar:
            for last in itertools.chain([first], run):
                if last.note:
                    say(last.note)
                if last.whole:
                    bar.n = min(100, 100 * last.seconds / last.whole)
                bar.set_postfix_str(_status(last))
    except KeyboardInterrupt:
        return last, False
    return last, not interruption.came


def _status(painted: Painted) -> str:
    left = "" if math.isnan(painted.remaining) else f", {spoken_time(painted.remaining)} left"
    whole = "" if painted.whole is None else f" of {painted.whole:.1f}"
    return f"{painted.seconds:.1f}{whole} s of film{left}"


def _report(last: Painted, options: Options, seconds: float, whole: bool) -> None:
    width, height = last.picture.size
    if options.json:
        report = {"output": options.output, "size": [width, height], "stills": last.number}
        film = {"film_seconds": round(last.seconds, 3), "seconds": round(seconds, 3)}
        print(json.dumps({**report, **film, "whole": whole}))
        return
    print(
        f"{printable(options.output)}: {width}×{height} px, {last.seconds:.1f} s of film "
        f"after {spoken_time(seconds)}"
    )
    if not whole:
        folder = Unfinished(options.output).folder.name
        print(f"What is painted stays in {printable(folder)}: the same command goes on from there.")


def _changing(options: Options) -> tuple[Sequence[float], Sequence[float]] | None:
    """The weights at the beginning and at the end, if they differ; raises `RecipeError`."""
    if not options.to_weights:
        return None
    check_count("--to-weights", options.to_weights, len(options.styles))
    return options.style_weights or [1.0] * len(options.styles), options.to_weights


def _job(options: Options) -> Job:
    """What to paint; raises `RecipeError`."""
    return Job.of(
        Path(options.clip),
        mixture(options.styles, options.style_weights, options.style_brushes),
        mask=options.mask,
        outside=[Style(image) for image in options.outside],
        **options.changes,
    )
