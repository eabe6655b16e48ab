"""A decoder's file, and the one that comes with this project."""

import os
from functools import cache
from pathlib import Path

from nst_core.decoder.decoder import Decoder
from nst_core.decoder.decoder_pass import shapes
from nst_core.network.archive import check_version, checked, read_parameters, save_parameters

VERSION = 2
"""Of the layers and of the file; a later one may hold what these layers can't use."""
FILE = Path(__file__).parent / "weights" / "decoder.npz"


def save_decoder(decoder: Decoder, path: str | os.PathLike[str]) -> None:
    """Write a decoder's file, in float16, whole or not at all; raises `OutputError`."""
    head = {"decoder": VERSION, "story": dict(decoder.story)}
    save_parameters(path, head, decoder.parameters)


def load_decoder(path: str | os.PathLike[str]) -> Decoder:
    """The decoder of a file that `save_decoder` wrote.

    Raises:
        NetworkError: there is no such file, or it is no decoder that these layers can use.
    """
    (version, story), arrays, subject = read_parameters(
        path, "decoder", lambda head: (head.get("decoder"), dict(head["story"]))
    )
    check_version(version, VERSION, subject)
    return Decoder(checked(arrays, shapes(), subject), story)


@cache
def own_decoder() -> Decoder:
    """This project's own, read once; raises `NetworkError` where the file is missing or damaged."""
    return load_decoder(FILE)
