"""A decoder's file, and the one that comes with this project."""

import json
import os
from functools import cache
from pathlib import Path

import numpy as np

from nst_core.checks import shown
from nst_core.decoder.decoder import Decoder
from nst_core.decoder.layers import shapes
from nst_core.errors import NetworkError
from nst_core.network.archive import check_contents, checked, content_of, read_npz, write_npz

VERSION = 1
"""Of the layers and of the file; a later one may hold what these layers can't use."""
FILE = Path(__file__).parent / "weights" / "decoder.npz"


def save_decoder(decoder: Decoder, path: str | os.PathLike[str]) -> None:
    """Write a decoder's file, in float16, whole or not at all; raises `OutputError`."""
    head = {"decoder": VERSION, "story": dict(decoder.story)}
    arrays = {name: np.asarray(values, np.float16) for name, values in decoder.parameters.items()}
    write_npz(path, {"head": json.dumps(head)}, arrays)


def load_decoder(path: str | os.PathLike[str]) -> Decoder:
    """The decoder of a file that `save_decoder` wrote.

    Raises:
        NetworkError: there is no such file, or it is no decoder that these layers can use.
    """
    subject = f"The decoder {shown(Path(path).name)}"
    content = content_of(Path(path), subject)
    try:
        check_contents(content, subject)
        arrays = read_npz(content)
        head = json.loads(arrays.pop("head").tobytes())
        version, story = head.get("decoder"), dict(head["story"])
    except NetworkError:
        raise
    except Exception as error:  # garbage fails in as many ways as there are garbage
        raise NetworkError(f"{subject} is damaged, or no decoder at all.") from error
    if version != VERSION:
        raise NetworkError(
            f"{subject} is of version {shown(version)}; this program knows version {VERSION}."
        )
    return Decoder(checked(arrays, shapes(), subject), story)


@cache
def own_decoder() -> Decoder:
    """This project's own, read once; raises `NetworkError` where the file is missing or damaged."""
    return load_decoder(FILE)
