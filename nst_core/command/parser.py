"""From words to options: those of the commands, and one for each field of a recipe."""

import argparse
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypedDict

from nst_core.checks import printable
from nst_core.command.paint_options import BY_DECODER, Options
from nst_core.command.program import BAD_INPUT
from nst_core.kinds import Choice, Flag, Kind, Number, Value, kinds
from nst_core.recipe.catalogue import RECIPES
from nst_core.recipe.guide import GUIDE
from nst_core.recipe.optimizers import OPTIMIZERS
from nst_core.recipe.recipe import STROKES

COMMANDS = {
    "paint": "paint CONTENT in the manner of STYLE, as without a command",
    "fast": "paint at once, in about a second",
    "film": "paint a clip, so that it moves and does not flicker",
    "train": "train a network for paintings, with which it is quicker still",
}
"""The first word of a command line, and what it does."""

KEPT_BY_NETWORK = ("recursive", "style_weights", "size", "json")
"""Options that mean something where a trained network paints."""
KEPT_BY_DECODER = (
    *KEPT_BY_NETWORK,
    *("mask", "outside", "style_brushes", "brush_size"),
    *("style_strength", "keep_colours", "keep_colours_share"),
)
"""Likewise, where the decoder does, in any style."""

APART = ("quality", "style_strength", "strokes")
"""What `Recipe.changed` takes besides fields, and the one field whose option says more."""
CHANGEABLE: dict[str, Kind] = {
    **{name: kind for name, kind in RECIPES["studio"].field_kinds.items() if name not in APART},
    "optimizer": Choice(OPTIMIZERS),
    **{name: kind for each in OPTIMIZERS.values() for name, kind in kinds(each).items()},
}
"""The fields of a recipe and of every optimiser."""


class Parser(argparse.ArgumentParser):
    """Takes names and options in any order; tells mistakes in one line.

    What was not asked for is not among the values, so that it is known what was.
    """

    def __init__(self, command: str, usage: str, description: str, epilog: str) -> None:
        called = Path(sys.argv[0]).stem
        program = "nst" if called == "nst" else "python -m nst_core"
        super().__init__(
            prog=f"{program} {command}".strip(),
            usage=f"%(prog)s {usage}",
            description=description,
            epilog=epilog,
            argument_default=argparse.SUPPRESS,
        )

    def error(self, message: str) -> NoReturn:
        line = f"nst_core: {printable(message)} (--help lists the options)"
        self.exit(BAD_INPUT, f"{line}\n")

    def read(self, words: Sequence[str]) -> dict[str, Any]:
        """Option -> value, of those that were given, and "names", the words that are none.

        All words after `--` are names, whatever they begin with.
        """
        end = words.index("--") if "--" in words else len(words)
        given = vars(self.parse_intermixed_args([*map(_no_option, words[:end])]))
        return {**given, "names": [*given.get("names", []), *words[end + 1 :]]}


def read_options(words: Sequence[str]) -> Options:
    """What a command line asks for, whose first word may be `paint` or `fast`.

    Raises:
        RecipeError: an option that means nothing beside another.
    """
    command = words[0] if words and words[0] in _PARSERS else ""
    parser, rest = _PARSERS[command](), words[1:] if command else words
    given = parser.read(rest) if rest else {"names": []}
    if not given["names"]:
        parser.error("CONTENT, STYLE and -o OUT.png are needed")
    content, *styles = given.pop("names")
    changes = {name: given.pop(name) for name in (*APART, *CHANGEABLE) if name in given}
    if command == "fast":
        given["fast"] = given.pop("network", BY_DECODER)
    options = Options(content=content, styles=styles, changes=changes, **given)
    if options.fast is not None:
        kept = KEPT_BY_DECODER if options.fast == BY_DECODER else KEPT_BY_NETWORK
        options.refuse_but(kept, beside="--network" if command else "--fast")
    return options


def _plain() -> Parser:
    """Without a command: paints, or does so at once with `--fast`."""
    commands = "; ".join(f"{name}: {what}" for name, what in COMMANDS.items())
    built = Parser(
        "",
        "[COMMAND] CONTENT STYLE [STYLE ...] -o OUT.png [options]",
        "Paint CONTENT in the manner of STYLE.",
        f"Commands, as the first word alone: {commands}. COMMAND --help tells more. A photograph "
        f"of such a name is reached by its folder, as ./paint. {_RECIPES}",
    )
    _add_names(built)
    add_options(built, OPTIONS)
    built.add_argument(
        "--fast",
        metavar="NETWORK.npz",
        nargs="?",
        const=BY_DECODER,
        help="paint at once, in about a second; or with a network trained for some styles: "
        "STYLE is then the name of one of them",
    )
    add_changes(built, CHANGEABLE)
    return built


def _paint() -> Parser:
    built = Parser(
        "paint",
        "CONTENT STYLE [STYLE ...] -o OUT.png [options]",
        "Paint CONTENT in the manner of STYLE.",
        _RECIPES,
    )
    _add_names(built)
    add_options(built, OPTIONS)
    add_changes(built, CHANGEABLE)
    return built


def _fast() -> Parser:
    built = Parser(
        "fast",
        "CONTENT STYLE [STYLE ...] -o OUT.png [options]",
        "Paint CONTENT in the manner of STYLE at once, in about a second.",
        "With --network, STYLE is the name of a style that the network was trained for.",
    )
    _add_names(built)
    add_options(built, KEPT_BY_DECODER)
    built.add_argument("--network", metavar="NETWORK.npz", help="trained for some styles")
    add_changes(built, KEPT_BY_DECODER)
    return built


_PARSERS: dict[str, Callable[[], Parser]] = {"": _plain, "paint": _paint, "fast": _fast}
_RECIPES = "Recipes: " + " · ".join(f"{r.name}: {r.story}" for r in RECIPES.values())


def number(word: str) -> float:
    """A number, whose minus sign may be a true one, as typography has it."""
    return float(plain_minus(word))


number.__name__ = Number.word  # as argparse tells what a word is no value of


def plain_minus(word: str) -> str:
    return word.replace("\N{MINUS SIGN}", "-")


def _no_option(word: str) -> str:
    """A number such as -1e-6, which argparse takes for an option, with a true minus sign."""
    try:
        float(word)
    except ValueError:
        return word
    return "\N{MINUS SIGN}" + word[1:] if word.startswith("-") and "e" in word.lower() else word


class Described(TypedDict, total=False):
    """An option as argparse takes it."""

    action: str
    type: Callable[[str], object]
    nargs: str
    metavar: str
    help: str


OPTIONS: dict[str, Described] = {
    "recursive": {
        "action": "store_true",
        "help": "where CONTENT is a folder: those in it as well",
    },
    "recipe": {"help": f"one of {', '.join(RECIPES)} (default: studio)"},
    "backbone": {"help": "auto, vgg19, embedded or an .h5 file (default: auto)"},
    "quality": {"help": "studio: " + ", ".join(RECIPES["studio"].qualities)},
    "style_strength": {
        "type": number,
        "metavar": "FLOAT",
        "help": "from -10, nearly the photograph, to 10, nearly the painting's texture",
    },
    "strokes": {"help": f"{', '.join(STROKES)}: up to whole patterns"},
    "style_weights": {
        "type": number,
        "nargs": "+",
        "metavar": "FLOAT",
        "help": "the parts of the mixture, one for each STYLE (default: equal)",
    },
    "style_brushes": {
        "type": number,
        "nargs": "+",
        "metavar": "FLOAT",
        "help": "how large the strokes of each STYLE are, beside what --brush-size has "
        "(default: 1)",
    },
    "mask": {
        "metavar": "MASK",
        "help": "image that is white where STYLE applies and black elsewhere",
    },
    "outside": {
        "metavar": "STYLE",
        "nargs": "+",
        "help": "painting for where MASK is black (default: CONTENT stays there as it is)",
    },
    "resume": {
        "metavar": "PICTURE",
        "help": "go on from this picture, such as an earlier result, at the full size",
    },
    "snapshots": {"metavar": "DIR", "help": "keep each checkpoint's picture in DIR"},
    "json": {"action": "store_true", "help": "print one line of JSON at the end"},
}
"""Options that are no field of a recipe, as argparse takes them."""


def _add_names(built: Parser) -> None:
    built.add_argument(
        "names",
        metavar="CONTENT STYLE",
        nargs="*",
        help="photograph, or a folder of them; painting, several are mixed. A name may begin "
        "with - behind a word that is -- alone",
    )
    built.add_argument(
        *("-o", "--output"),
        metavar="OUT.png",
        required=True,
        help="file to write, .png or .jpg, or a folder; - is the standard output",
    )


def add_options(built: Parser, names: Collection[str]) -> None:
    """Those of `OPTIONS` that have these names."""
    for name, settings in OPTIONS.items():
        if name in names:
            built.add_argument(flag(name), **settings)


def add_changes(built: Parser, names: Collection[str]) -> None:
    """An option for each of these fields."""
    group = built.add_argument_group("changes to the recipe", "default: as the recipe has it")
    sentences = {name: entry.sentence for part in GUIDE.values() for name, entry in part.items()}
    for name in (each for each in CHANGEABLE if each in names):
        kind, words = CHANGEABLE[name], sentences.get(name, "")
        if isinstance(kind, Flag):
            group.add_argument(flag(name), action=argparse.BooleanOptionalAction, help=words)
        else:
            choices = f" ({', '.join(kind.names)})" if isinstance(kind, Choice) else ""
            group.add_argument(
                flag(name), type=reader(kind), metavar=kind.word, help=words + choices
            )


def flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def reader(kind: Kind) -> Callable[[str], Value]:
    """The kind's reader, under the name by which argparse tells what a word is no value of."""

    def read(word: str) -> Value:
        return kind.read(plain_minus(word))

    read.__name__ = kind.word.lower()
    return read
