"""The command line: python -m nst_core.fast PAINTING [PAINTING …] --photos FOLDER -o STYLE.npz"""

import argparse
import math
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

from tqdm import tqdm

from nst_core.checks import shown
from nst_core.errors import NetworkError, RecipeError, StyleTransferError, TrainingError
from nst_core.fast.course import Progress, Schedule
from nst_core.fast.training import DECODER_SCHEDULE, train, train_decoder
from nst_core.images.saving import save_jpeg
from nst_core.interruption import Interruption
from nst_core.kinds import kinds
from nst_core.network.quiet_start import load_tensorflow_quietly, without_warnings
from nst_core.recipe.recipe import STROKES

BAD_INPUT = 2
"""Exit status for a user's mistake, as argparse has it."""
WORDS = {
    "steps": "2500 take about half an hour on two cores with bfloat16",
    "crop": "px, side of the squares that are trained on",
    "batch": "squares a step",
    "learning_rate": "of Adam",
    "seed": "of all that is random",
    "every": "steps between two looks at photographs that are not trained on",
}
_BAR = "{percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt} {postfix}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _parser().parse_args(arguments)
    with without_warnings(), Interruption() as interruption:
        try:
            return _train(options, interruption)
        except StyleTransferError as error:
            print(f"nst_core.fast: {error}", file=sys.stderr)
            return BAD_INPUT
        except KeyboardInterrupt:
            print("Interrupted; the same command goes on from here.", file=sys.stderr)
            return interruption.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nst_core.fast",
        description="Train one network for PAINTINGs, which then paints a photograph in one pass. "
        "The best network so far is kept; interrupted, the same command goes on.",
    )
    parser.add_argument("paintings", metavar="PAINTING", nargs="+", help="named by its file's name")
    parser.add_argument(
        "--decoder",
        action="store_true",
        help="train the network for all styles; PAINTING is a folder of pictures of any kind",
    )
    parser.add_argument("--photos", metavar="FOLDER", required=True, help="of any photographs")
    parser.add_argument("-o", "--output", metavar="STYLE.npz", required=True, help="to write")
    parser.add_argument(
        "--look", metavar="LOOK.jpg", help="keep here what photographs come out as meanwhile"
    )
    parser.add_argument(
        "--style-weight", type=float, metavar="FLOAT", help="of the loss, which is that of moments"
    )
    parser.add_argument("--strokes", help=f"{', '.join(STROKES)}: up to whole patterns")
    parser.add_argument("--backbone", default="auto", help="auto, vgg19, embedded or an .h5 file")
    usual = Schedule()
    for name, kind in kinds(usual).items():
        help_ = f"{WORDS[name]} (default: {getattr(usual, name)})"
        flag = "--" + name.replace("_", "-")
        parser.add_argument(
            flag, type=type(getattr(usual, name)), metavar=kind.word, help=help_, default=None
        )
    return parser


def _train(options: argparse.Namespace, interruption: Interruption) -> int:
    run = _decoder(options) if options.decoder else _network(options)
    load_tensorflow_quietly()  # after what a mistake in the arguments would stop
    last = _follow(run, options.look)
    if interruption.came:
        raise KeyboardInterrupt
    done = "all steps were done before" if last is None else _status(last)
    print(f"{options.output}: {done}")
    return 0


Run = Generator[Progress, None, None]


def _network(options: argparse.Namespace) -> Run:
    loss = {name: getattr(options, name) for name in LOSS}
    return train(
        _named(options.paintings),
        options.photos,
        options.output,
        backbone=options.backbone,
        schedule=_schedule(options, Schedule()),
        **{name: value for name, value in loss.items() if value is not None},
    )


def _decoder(options: argparse.Namespace) -> Run:
    if len(options.paintings) > 1:
        raise TrainingError("A decoder is trained on one folder of pictures of all kinds.")
    for name in LOSS:
        if getattr(options, name) is not None:
            raise RecipeError(f"--{name.replace('_', '-')} means nothing with --decoder.")
    schedule = _schedule(options, DECODER_SCHEDULE)
    return train_decoder(options.paintings[0], options.photos, options.output, schedule)


LOSS = ("style_weight", "strokes")
"""Options of a loss, which a decoder has not."""


def _schedule(options: argparse.Namespace, usual: Schedule) -> Schedule:
    given = {each.name: getattr(options, each.name) for each in fields(Schedule)}
    return replace(usual, **{name: value for name, value in given.items() if value is not None})


def _named(paintings: Sequence[str]) -> dict[str, str]:
    """Name -> file of each style; raises `NetworkError` where two have one name."""
    named = {Path(path).stem: path for path in paintings}
    if len(named) < len(paintings):
        names = [Path(path).stem for path in paintings]
        twice = next(name for name in names if names.count(name) > 1)
        raise NetworkError(f"Two paintings are called {shown(twice)}: rename one.")
    return named


def _follow(run: Run, look: str | None) -> Progress | None:
    """Show the training's progress; returns its last, or None where all was done before."""
    progress = None
    with closing(run), tqdm(file=sys.stderr, bar_format=_BAR) as bar:
        for progress in run:
            bar.total, bar.n = progress.total_steps, progress.step
            bar.set_postfix_str(_status(progress))
            if progress.message:
                tqdm.write(progress.message, file=sys.stderr)
            if progress.kept and look and progress.picture is not None:
                save_jpeg(progress.picture, look)
    return progress


def _status(progress: Progress) -> str:
    left = "" if math.isnan(progress.remaining) else f", {progress.remaining / 60:.0f} min left"
    known = {name: value for name, value in progress.held_out.items() if math.isfinite(value)}
    terms = ", ".join(f"{name} {value:.3f}" for name, value in known.items())
    return f"{terms or f'loss {progress.loss:.3f}'}{left}"


if __name__ == "__main__":
    sys.exit(main())
