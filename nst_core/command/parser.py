"""The options of the command line: those of its own, and one for each field of a recipe."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from nst_core.kinds import Choice, Flag, Kind, kinds
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.guide import GUIDE
from nst_core.recipe.optimizers import OPTIMIZERS
from nst_core.recipe.recipe import STROKES

FAILED = 1
"""Exit status where some photographs of a folder could not be painted."""
BAD_INPUT = 2
"""Exit status for a user's mistake, as argparse has it."""


BY_DECODER = ""
"""The value of `--fast` without one."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"nst_core: {message} (--help lists the options)\n")


def parser() -> argparse.ArgumentParser:
    """The parser of `python -m nst_core`; its errors are one line."""
    built = Parser(
        prog="python -m nst_core",
        description="Paint CONTENT in the manner of STYLE.",
        epilog="Recipes: " + " · ".join(f"{r.name}: {r.story}" for r in RECIPES.values()),
    )
    built.add_argument("content", metavar="CONTENT", help="photograph, or a folder of them")
    built.add_argument("style", metavar="STYLE", nargs="*", help="painting; several are mixed")
    built.add_argument(
        "-o", "--output", metavar="OUT.png", required=True, help="file to write, or a folder"
    )
    _add_options(built)
    _add_changes(built)
    built.set_defaults(place="")  # of a picture among others, told by its bar
    return built


def _add_options(built: argparse.ArgumentParser) -> None:
    built.add_argument("--recipe", default="studio", help=f"one of {', '.join(RECIPES)}")
    built.add_argument("--backbone", default="auto", help="auto, vgg19, embedded or an .h5 file")
    built.add_argument("--quality", help="studio: " + ", ".join(RECIPES["studio"].qualities))
    built.add_argument(
        "--style-strength",
        type=float,
        metavar="FLOAT",
        help="from -10, nearly the photograph, to 10, nearly the painting's texture",
    )
    built.add_argument("--strokes", help=f"{', '.join(STROKES)}: up to whole patterns")
    built.add_argument(
        "--style-weights",
        type=float,
        nargs="+",
        metavar="FLOAT",
        help="the parts of the mixture, one for each STYLE (default: equal)",
    )
    built.add_argument(
        "--style-brushes",
        type=float,
        nargs="+",
        metavar="FLOAT",
        help="how large the strokes of each STYLE are, beside what --brush-size has (default: 1)",
    )
    built.add_argument(
        "--mask", metavar="MASK", help="image that is white where STYLE applies and black elsewhere"
    )
    built.add_argument(
        "--outside",
        metavar="STYLE",
        nargs="+",
        default=[],
        help="painting for where MASK is black (default: CONTENT stays there as it is)",
    )
    built.add_argument(
        "--resume",
        metavar="PICTURE",
        help="go on from this picture, such as an earlier result, at the full size",
    )
    built.add_argument("--snapshots", metavar="DIR", help="keep each checkpoint's picture in DIR")
    built.add_argument(
        "--fast",
        metavar="NETWORK.npz",
        nargs="?",
        const=BY_DECODER,
        help="paint at once, in about a second; or with a network trained for some styles: "
        "STYLE is then the name of one of them",
    )
    built.add_argument("--json", action="store_true", help="print one line of JSON at the end")


def _add_changes(built: argparse.ArgumentParser) -> None:
    """An option for each field."""
    group = built.add_argument_group("changes to the recipe", "default: as the recipe has it")
    sentences = {name: entry.sentence for part in GUIDE.values() for name, entry in part.items()}
    for name, kind in CHANGEABLE.items():
        flag, words = "--" + name.replace("_", "-"), sentences.get(name, "")
        if isinstance(kind, Flag):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, help=words)
        else:
            names = f" ({', '.join(kind.names)})" if isinstance(kind, Choice) else ""
            reader = _named(kind)
            group.add_argument(flag, type=reader, metavar=kind.word, help=words + names)


APART = ("quality", "style_strength", "strokes")
"""What `Recipe.changed` takes besides fields."""
CHANGEABLE: dict[str, Kind] = {
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
