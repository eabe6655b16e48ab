"""The command `train`: a network for some paintings, or the decoder for all styles."""

import math
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from nst_core.checks import printable, shown
from nst_core.command.paint_options import STANDARD_OUTPUT
from nst_core.command.parser import Parser, flag, number, reader
from nst_core.command.program import run_program
from nst_core.errors import NetworkError, OutputError, RecipeError, TrainingError
from nst_core.fast.training import DECODER_SCHEDULE, check_apart, train, train_decoder
from nst_core.fast.training_course import Schedule, TrainingProgress
from nst_core.images.saving import check_target, save_jpeg
from nst_core.interruption import Interruption
from nst_core.kinds import kinds
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.painting.folders import gather, is_folder, lies_within
from nst_core.recipe.recipe import STROKES
from nst_core.streams import say, warn

WORDS = {
    "steps": "2500 take about half an hour on two cores with bfloat16",
    "crop": "px, side of the squares that are trained on",
    "batch": "squares a step",
    "learning_rate": "of Adam",
    "seed": "of all that is random",
    "every": "steps between two looks at photographs that are not trained on",
}
_BAR = "{percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt} {postfix}"
_LOOK = "The pictures of --look"
"""At the beginning of a sentence."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What to train, as `--help` tells of it.

    Attributes:
        schedule: fields of a `Schedule`, by name.
    """

    paintings: Sequence[str]
    photos: str
    output: str
    decoder: bool = False
    start: str | None = None
    look: str | None = None
    style_weight: float | None = None
    strokes: str | None = None
    backbone: str = "auto"
    schedule: dict[str, Any] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    return run_program(lambda: _train(_options(words)))


def _parser() -> Parser:
    parser = Parser(
        "train",
        "PAINTING [PAINTING ...] --photos FOLDER -o STYLE.npz [options]",
        "Train one network for PAINTINGs, which then paints a photograph in one pass. "
        "The best network so far is kept; interrupted, the same command goes on.",
        "A name may begin with - behind a word that is -- alone.",
    )
    parser.add_argument("names", metavar="PAINTING", nargs="*", help="named by its file's name")
    parser.add_argument(
        "--decoder",
        action="store_true",
        help="train the network for all styles; PAINTING is a folder of pictures of any kind",
    )
    parser.add_argument(
        "--start", metavar="DECODER.npz", help="with --decoder: train this one further"
    )
    parser.add_argument("--photos", metavar="FOLDER", required=True, help="of any photographs")
    parser.add_argument("-o", "--output", metavar="STYLE.npz", required=True, help="to write")
    parser.add_argument(
        "--look", metavar="LOOK.jpg", help="keep here what photographs come out as meanwhile"
    )
    parser.add_argument(
        "--style-weight", type=number, metavar="FLOAT", help="of the loss, which is that of moments"
    )
    parser.add_argument("--strokes", help=f"{', '.join(STROKES)}: up to whole patterns")
    parser.add_argument("--backbone", help="auto, vgg19, embedded or an .h5 file (default: auto)")
    usual = Schedule()
    for name, kind in kinds(usual).items():
        help_ = f"{WORDS[name]} (default: {getattr(usual, name)})"
        parser.add_argument(flag(name), type=reader(kind), metavar=kind.word, help=help_)
    return parser


def _options(words: Sequence[str]) -> Options:
    parser = _parser()
    given = parser.read(words) if words else {"names": []}
    paintings = given.pop("names")
    if not paintings:
        parser.error("PAINTING, --photos FOLDER and -o STYLE.npz are needed")
    schedule = {name: given.pop(name) for name in kinds(Schedule()) if name in given}
    return Options(paintings=paintings, schedule=schedule, **given)


def _train(options: Options) -> int:
    with Interruption() as interruption:
        try:
            _check_files(options)
            run = _decoder(options) if options.decoder else _network(options)
            _tell_left_out(options)
            load_tensorflow_quietly()  # after what a mistake in the arguments would stop
            last = _follow(run, options.look)
            if interruption.came:
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            say("Interrupted; the same command goes on from here.")
            return interruption.status
    done = "all steps were done before" if last is None else _status(last)
    print(f"{printable(options.output)}: {done}")
    return 0


def _check_files(options: Options) -> None:
    """Raise `OutputError` before the work for a file that could not be written, or may not."""
    if options.output == STANDARD_OUTPUT:
        raise OutputError("A network is a file, written again and again: name one behind -o.")
    if options.look is None:
        return
    check_target(options.look, _LOOK)
    folders = [each for each in (options.photos, *options.paintings) if is_folder(each)]
    others = [*options.paintings, options.output, options.backbone, *filter(None, [options.start])]
    check_apart(options.look, folders, others, _LOOK)
    if any(lies_within(Path(options.look).parent, Path(folder)) for folder in folders):
        raise OutputError(
            f"{_LOOK} can't be kept among what is trained on: when the training goes on, "
            f"{shown(Path(options.look).name)} would be taken for a part of it."
        )


def _tell_left_out(options: Options) -> None:
    left_out = gather(options.photos).left_out
    if left_out:
        say(left_out)


Run = Generator[TrainingProgress, None, None]


def _network(options: Options) -> Run:
    if options.start is not None:
        raise TrainingError("--start is for a decoder: a network is trained from its beginning.")
    loss = {name: getattr(options, name) for name in LOSS}
    return train(
        _named(options.paintings),
        options.photos,
        options.output,
        backbone=options.backbone,
        schedule=replace(Schedule(), **options.schedule),
        **{name: value for name, value in loss.items() if value is not None},
    )


def _decoder(options: Options) -> Run:
    if len(options.paintings) > 1:
        raise TrainingError("A decoder is trained on one folder of pictures of all kinds.")
    for name in LOSS:
        if getattr(options, name) is not None:
            raise RecipeError(f"--{name.replace('_', '-')} means nothing with --decoder.")
    schedule = replace(DECODER_SCHEDULE, **options.schedule)
    return train_decoder(
        options.paintings[0], options.photos, options.output, schedule, options.start
    )


LOSS = ("style_weight", "strokes")
"""Options of a loss, which a decoder has not."""


def _named(paintings: Sequence[str]) -> dict[str, str]:
    """Name -> file of each style; raises `NetworkError` where two have one name."""
    named = {Path(path).stem: path for path in paintings}
    if len(named) < len(paintings):
        names = [Path(path).stem for path in paintings]
        twice = next(name for name in names if names.count(name) > 1)
        raise NetworkError(f"Two paintings are called {shown(twice)}: rename one.")
    return named


def _follow(run: Run, look: str | None) -> TrainingProgress | None:
    """Show the training's progress; returns its last, or None where all was done before."""
    progress = None
    with closing(run), tqdm(file=sys.stderr, bar_format=_BAR) as bar:
        for progress in run:
            bar.total, bar.n = progress.total_steps, progress.step
            bar.set_postfix_str(_status(progress))
            if progress.message:
                say(progress.message)
            if progress.kept and look:
                look = _kept_look(progress, look)
    return progress


def _kept_look(progress: TrainingProgress, look: str) -> str | None:
    """Write the pictures so far; where that fails, the training goes on without, and None is it."""
    try:
        if progress.picture is not None:
            save_jpeg(progress.picture, look, _LOOK)
    except OutputError as error:
        warn(f"{str(error).rstrip('.')}; the training goes on without them.")
        return None
    return look


def _status(progress: TrainingProgress) -> str:
    left = "" if math.isnan(progress.remaining) else f", {progress.remaining / 60:.0f} min left"
    known = {name: value for name, value in progress.held_out.items() if math.isfinite(value)}
    terms = ", ".join(f"{name} {value:.3f}" for name, value in known.items())
    return f"{terms or f'loss {progress.loss:.3f}'}{left}"
