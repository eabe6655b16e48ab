"""The networks that come with this project: one file for all of their styles."""

from functools import cache
from pathlib import Path

from nst_core.fast.files import load_network
from nst_core.fast.network import FastNetwork

SHELF = "shelf"
"""What they are called together."""
FILE = Path(__file__).parent / "networks" / "shelf.npz"


@cache
def shelf_network() -> FastNetwork:
    """Read once; its styles are called as the files in `examples/style` are, without suffix.

    Raises:
        NetworkError: the file is missing or damaged.
    """
    return load_network(FILE)
