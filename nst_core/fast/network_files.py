"""A network's file: NumPy's .npz, parameters in float16, read without pickle."""

import os

from nst_core.checks import shown
from nst_core.errors import NetworkError
from nst_core.fast.network import FastNetwork
from nst_core.fast.network_pass import shapes
from nst_core.network.archive import check_version, checked, read_parameters, save_parameters

VERSION = 1
"""Of the layers and of the file; a later one may hold what these layers can't use."""
MOST_STYLES = 100
LONGEST_NAME = 255
"""Characters of a style's name, as of a file's."""
_IMPOSSIBLE = frozenset("/\0")


def save_network(network: FastNetwork, path: str | os.PathLike[str]) -> None:
    """Write a network's file, whole or not at all.

    Raises:
        OutputError: the place can't be written to.
    """
    head = {"version": VERSION, "styles": network.styles, "story": dict(network.story)}
    save_parameters(path, head, network.parameters)


def load_network(path: str | os.PathLike[str]) -> FastNetwork:
    """The network of a file that `save_network` wrote.

    Raises:
        NetworkError: there is no such file, or it is no network that these layers can use.
    """
    (version, styles, story), arrays, subject = read_parameters(
        path,
        "network",
        lambda head: (head["version"], tuple(head["styles"]), dict(head["story"])),
    )
    check_version(version, VERSION, subject)
    check_styles(styles)
    return FastNetwork(styles, checked(arrays, shapes(len(styles)), subject), story)


def check_styles(styles: tuple[object, ...]) -> None:
    """Raise `NetworkError` for names that styles can't have: those that no file could have."""
    if not 1 <= len(styles) <= MOST_STYLES or len(set(styles)) != len(styles):
        raise NetworkError(f"A network has 1 to {MOST_STYLES} styles, each with its own name.")
    for name in styles:
        fits = isinstance(name, str) and 1 <= len(name) <= LONGEST_NAME
        if not isinstance(name, str) or not fits or _IMPOSSIBLE.intersection(name):
            raise NetworkError(
                f"A style of a network must have a name of 1 to {LONGEST_NAME} characters, such "
                f"as a file may have, not {shown(name)}."
            )
