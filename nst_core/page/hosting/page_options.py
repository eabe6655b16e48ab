"""The page's arguments, read before Gradio is imported, which takes seconds."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from nst_core.checks import shown
from nst_core.errors import BackboneError, LimitError
from nst_core.network.backbone import NAMES, check_backbone
from nst_core.page.hosting.limits import read_limits, settle

BAD_INPUT = 2
"""Exit status for a user's mistake, as argparse has it."""
THIS_MACHINE = "127.0.0.1"
PORTS = (1, 65535)


@dataclass(frozen=True)
class Options:
    """How the page is to be served.

    Attributes:
        backbone: as in `nst_core.load_backbone`.
        share: whether to make a public link as well.
        host: address or name to listen at, without brackets.
        port: the one that was asked for; None takes 7860, or the next one that is free.
        root_path: where a server in front shows the page: "", "/paint" or a whole address.
        ray: the cluster that paints, "auto" or "host:port"; "" has this process paint.
        auth: the name and the password that visitors must give; None asks for none.
    """

    backbone: str = "auto"
    share: bool = False
    host: str = THIS_MACHINE
    port: int | None = None
    root_path: str = ""
    ray: str = ""
    auth: tuple[str, str] | None = field(default=None, repr=False)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (--help lists the options)\n")


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """The command line's arguments; where one is missing, its variable.

    The variables are taken out of the environment: Gradio reads its own while it is imported, and
    ends in a traceback over a port that is no number, or an address of IPv6; and a password is
    nobody else's business.

    Raises:
        SystemExit: with status 2, and one line that names the mistake; with 0 after --help.
    """
    parser = _Parser(prog="app.py", description="Serve the style transfer page.")
    parser.add_argument("--share", action="store_true", help="make a public link")
    parser.add_argument(
        "--backbone",
        type=_backbone,
        default="auto",
        help="auto, vgg19, embedded or the path of a .h5 file",
    )
    for name, (variable, reader, metavar, words) in _VARIABLES.items():
        flag, help_ = "--" + name.replace("_", "-"), f"{words}, or {variable} in the environment"
        parser.add_argument(flag, type=reader, metavar=metavar, help=help_)
    given = vars(parser.parse_args(arguments))
    for name, (variable, reader, *_) in _VARIABLES.items():
        text = os.environ.pop(variable, "")
        try:
            if given[name] is None and text:
                given[name] = reader(text)
        except argparse.ArgumentTypeError as problem:
            parser.error(f"{variable} {problem}")
    if given["ray"] and given["backbone"] not in NAMES:
        parser.error("a cluster can't read a file of this machine: --backbone must be a name.")
    try:
        settle(read_limits(os.environ, share=given["share"], cluster=bool(given["ray"])))
    except LimitError as problem:
        parser.error(str(problem))
    return Options(**{name: value for name, value in given.items() if value is not None})


def _backbone(text: str) -> str:
    try:
        check_backbone(text)
    except BackboneError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem
    return text


def _host(text: str) -> str:
    """Without the brackets that an address of IPv6 has in links."""
    bare = text.strip().removeprefix("[").removesuffix("]")
    if not bare or any(sign in bare for sign in "/ []"):
        raise argparse.ArgumentTypeError(
            f"must be an address or a name, such as 0.0.0.0, not {shown(text)}"
        )
    return bare


def _port(text: str) -> int:
    least, most = PORTS
    number = int(text) if text.strip().isdecimal() and len(text) < 10 else 0
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(
            f"must be a whole number from {least} to {most}, not {shown(text)}"
        )
    return number


def _root_path(text: str) -> str:
    if text and not text.startswith(("/", "http://", "https://")):
        raise argparse.ArgumentTypeError(
            f"must be a path such as /paint, or a whole address, not {shown(text)}"
        )
    return text.rstrip("/")


def _cluster(text: str) -> str:
    host, _, port = text.strip().rpartition(":")
    if text.strip() != "auto" and not (host and port.isdecimal() and "/" not in host):
        raise argparse.ArgumentTypeError(
            f"must be auto, or an address such as 10.0.0.1:6379, not {shown(text)}"
        )
    return text.strip()


def _auth(text: str) -> tuple[str, str]:
    user, _, password = text.partition(":")
    if not user.strip() or not password:
        raise argparse.ArgumentTypeError("must be a name and a password with a colon between them")
    return user, password


_VARIABLES: dict[str, tuple[str, Callable[[str], object], str, str]] = {
    "host": ("GRADIO_SERVER_NAME", _host, "ADDRESS", f"where to listen (default: {THIS_MACHINE})"),
    "port": ("GRADIO_SERVER_PORT", _port, "PORT", "this port only (default: 7860 or the next)"),
    "root_path": ("GRADIO_ROOT_PATH", _root_path, "PATH", "where a server in front shows the page"),
    "ray": ("NST_RAY_ADDRESS", _cluster, "ADDRESS", "have a cluster paint: auto, or HOST:PORT"),
    "auth": ("NST_AUTH", _auth, "USER:PASSWORD", "whom to let in (default: everybody)"),
}
"""Option -> the variable for it, its reader, its metavar and its help."""
