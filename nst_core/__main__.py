"""The command line: python -m nst_core CONTENT STYLE [STYLE …] -o OUT.png"""

import argparse
import contextlib
import itertools
import json
import math
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

from tqdm import tqdm

from nst_core import Frame, OutputError, StyleTransferError, load_backbone, stylize
from nst_core.checks import shown
from nst_core.images.opening import open_image
from nst_core.images.saving import check_target, save_png
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.painting.settings import settings_of, to_text
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.guide import GUIDE
from nst_core.recipe.kinds import Choice, Flag, Kind, kinds
from nst_core.recipe.optimizers import OPTIMIZERS

BAD_INPUT = 2
"""Exit status for a user's mistake, as argparse has it."""
INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        _check_output(options)
        content = open_image(options.content, "content image")
        styles = [open_image(style, "style image") for style in options.style]
        mix = [(style, 1.0) for style in styles]
        changes = _changes(options)
        run = stylize(content, mix, options.recipe, options.backbone, **changes)
        load_tensorflow_quietly()  # after what a mistake in the arguments would stop
        origin = load_backbone(options.backbone).origin
        frame = _follow(run, options, origin)
        settings = settings_of(frame, content, styles)
        save_png(frame.image, options.output, to_text(settings))
    except StyleTransferError as error:
        print(f"nst_core: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    _report(frame, options)
    return 0 if frame.final else INTERRUPTED


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"nst_core: {message} (--help lists the options)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m nst_core",
        description="Paint CONTENT in the manner of STYLE.",
        epilog="Recipes: " + " · ".join(f"{r.name}: {r.story}" for r in RECIPES.values()),
    )
    parser.add_argument("content", metavar="CONTENT", help="photograph to paint")
    parser.add_argument("style", metavar="STYLE", nargs="+", help="painting; several are mixed")
    parser.add_argument("-o", "--output", metavar="OUT.png", required=True, help="file to write")
    parser.add_argument("--recipe", default="studio", help=f"one of {', '.join(RECIPES)}")
    parser.add_argument("--backbone", default="auto", help="auto, vgg19, embedded or an .h5 file")
    parser.add_argument("--quality", help="studio: " + ", ".join(RECIPES["studio"].qualities))
    parser.add_argument(
        "--style-strength",
        type=float,
        metavar="FLOAT",
        help="from -10, nearly the photograph, to 10, nearly the painting's texture",
    )
    parser.add_argument("--snapshots", metavar="DIR", help="keep each checkpoint's picture in DIR")
    parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")
    group = parser.add_argument_group("changes to the recipe", "default: as the recipe has it")
    sentences = {name: entry.sentence for part in GUIDE.values() for name, entry in part.items()}
    for name, kind in _CHANGEABLE.items():
        flag, words = "--" + name.replace("_", "-"), sentences.get(name, "")
        if isinstance(kind, Flag):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, help=words)
        else:
            names = f" ({', '.join(kind.names)})" if isinstance(kind, Choice) else ""
            reader = _named(kind)
            group.add_argument(flag, type=reader, metavar=kind.word, help=words + names)
    return parser


_APART = ("quality", "style_strength")
"""What `Recipe.changed` takes besides fields."""
_CHANGEABLE: dict[str, Kind] = {
    **RECIPES["studio"].field_kinds,
    "optimizer": Choice(OPTIMIZERS),
    **{name: kind for each in OPTIMIZERS.values() for name, kind in kinds(each).items()},
}
"""The fields of a recipe and of every optimiser."""


def _named(kind: Kind) -> Callable[[str], Any]:
    """The kind's reader, under the name by which argparse tells what a word is no value of."""

    def read(word: str) -> Any:
        return kind.read(word)

    read.__name__ = kind.word.lower()
    return read


def _changes(options: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(options, name) for name in (*_APART, *_CHANGEABLE)}
    return {name: value for name, value in given.items() if value is not None}


def _check_output(options: argparse.Namespace) -> None:
    """Raise `OutputError` before the work, not after it, if the result could not be kept."""
    output = Path(options.output)
    if output.suffix.lower() != ".png":
        raise OutputError(f"The result is a PNG file; {shown(output.name)} must end in .png.")
    check_target(output)
    for given in map(Path, (options.content, *options.style)):
        if _exist(given, output) and output.samefile(given):
            raise OutputError(f"The result would overwrite the image {shown(given.name)}.")
    if options.snapshots:
        try:
            Path(options.snapshots).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The folder for snapshots can't be made: {error.strerror}."
            ) from error


def _exist(*paths: Path) -> bool:
    try:
        return all(path.exists() for path in paths)
    except OSError:  # a name too long for a file
        return False


def _follow(run: Generator[Frame, None, None], options: argparse.Namespace, origin: str) -> Frame:
    """Show the run's progress; return its last frame, which is not final after Ctrl-C."""
    first = frame = next(run)  # before the bar is drawn: what can't begin gets one line, not two
    print(f"Backbone: {origin}", file=sys.stderr)
    with (
        closing(run),
        contextlib.suppress(KeyboardInterrupt),
        tqdm(total=frame.total_steps, file=sys.stderr, bar_format=_BAR) as bar,
    ):
        for frame in itertools.chain([first], run):
            bar.n = frame.step
            bar.set_postfix_str(_status(frame))
            if frame.checkpoint:
                _keep(frame, options, bar)
    return frame


_BAR = "{percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt} {postfix}"


def _status(frame: Frame) -> str:
    width, height = frame.image.size
    left = "" if math.isnan(frame.remaining) else f", {frame.remaining:.0f} s left"
    return f"{width}×{height} px, {_terms(frame)}{left}"


def _terms(frame: Frame) -> str:
    losses = frame.losses
    shown = {name: value for name, value in losses.items() if name != "variation"}
    return ", ".join(f"{name} {value:.4g}" for name, value in shown.items())


def _keep(frame: Frame, options: argparse.Namespace, bar: tqdm) -> None:
    """Report a checkpoint, and keep its picture if asked to."""
    bar.write(f"step {frame.step}: {_terms(frame)}, {frame.elapsed:.1f} s", file=sys.stderr)
    if options.snapshots:
        save_png(frame.image, Path(options.snapshots) / f"step-{frame.step:05d}.png")


def _report(frame: Frame, options: argparse.Namespace) -> None:
    if frame.message:
        print(frame.message, file=sys.stderr)
    if not options.json:
        print(f"{options.output}: {_status(frame)} after {frame.elapsed:.1f} s")
        return
    report = {
        "output": options.output,
        "size": list(frame.image.size),
        "seconds": round(frame.elapsed, 3),
        "steps": frame.step,
        "losses": {
            term: value if math.isfinite(value) else None  # JSON knows no NaN
            for term, value in frame.losses.items()
        },
        "backbone": frame.backbone,
        "recipe": frame.recipe.name,
        "precision": frame.precision,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    sys.exit(main())
