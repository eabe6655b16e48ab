"""A network's file: NumPy's .npz, parameters in float16, read without pickle."""

import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nst_core.checks import shown
from nst_core.errors import NetworkError
from nst_core.fast.layers import shapes
from nst_core.fast.network import FastNetwork
from nst_core.images.saving import beside

VERSION = 1
"""Of the layers and of the file; a later one may hold what these layers can't use."""
MOST_BYTES = 5_000_000
MOST_STYLES = 100
LONGEST_NAME = 80
"""Characters of a style's name."""
_NAME = re.compile(r"\w[\w .,'()&+-]*")


def save_network(network: FastNetwork, path: str | os.PathLike[str]) -> None:
    """Write a network's file, whole or not at all.

    Raises:
        OutputError: the place can't be written to.
    """
    head = {"version": VERSION, "styles": network.styles, "story": dict(network.story)}
    arrays = {name: np.asarray(values, np.float16) for name, values in network.parameters.items()}
    write_npz(path, {"head": json.dumps(head)}, arrays)


def write_npz(
    path: str | os.PathLike[str], texts: Mapping[str, str], arrays: Mapping[str, np.ndarray]
) -> None:
    """Texts and arrays in one file, whole or not at all; raises `OutputError`."""
    everything: dict[str, Any] = {
        **{name: np.frombuffer(text.encode(), np.uint8) for name, text in texts.items()},
        **arrays,
    }
    with beside(path, "The network") as (part, target):
        with part.open("wb") as file:
            np.savez_compressed(file, **everything)
        part.replace(target)


def read_npz(content: bytes) -> dict[str, np.ndarray]:
    """All arrays of a file; raises ValueError, OSError, or one of zipfile's errors."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def load_network(path: str | os.PathLike[str]) -> FastNetwork:
    """The network of a file that `save_network` wrote.

    Raises:
        NetworkError: there is no such file, or it is no network that these layers can use.
    """
    subject = f"The network {shown(Path(path).name)}"
    content = _content(Path(path), subject)
    try:
        check_contents(content, subject)
        arrays = read_npz(content)
        head = json.loads(arrays.pop("head").tobytes())
        version, styles, story = head["version"], tuple(head["styles"]), dict(head["story"])
    except NetworkError:
        raise
    except Exception as error:  # garbage fails in as many ways as there are garbage
        raise NetworkError(f"{subject} is damaged, or no network at all.") from error
    if version != VERSION:
        raise NetworkError(
            f"{subject} is of version {shown(version)}; this program knows version {VERSION}."
        )
    check_styles(styles)
    return FastNetwork(styles, _checked(arrays, len(styles), subject), story)


def _content(path: Path, subject: str) -> bytes:
    try:
        if not path.is_file():
            raise NetworkError(f"{subject} does not exist, or is no file.")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, UnicodeError) as error:
        raise NetworkError(f"{subject} can't be read.") from error
    if len(content) > MOST_BYTES:
        raise NetworkError(f"{subject} has more than {MOST_BYTES // 1_000_000} MB.")
    return content


def check_contents(content: bytes, subject: str) -> None:
    """Raise `NetworkError` for a file that unpacks to more than any network has."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise NetworkError(f"{subject} unpacks to more than a network has.")


def check_styles(styles: tuple[Any, ...]) -> None:
    """Raise `NetworkError` for names that styles can't have."""
    if not 1 <= len(styles) <= MOST_STYLES or len(set(styles)) != len(styles):
        raise NetworkError(f"A network has 1 to {MOST_STYLES} styles, each with its own name.")
    for name in styles:
        if not (isinstance(name, str) and len(name) <= LONGEST_NAME and _NAME.fullmatch(name)):
            raise NetworkError(
                f"A style of a network must have a name of 1 to {LONGEST_NAME} letters, digits "
                f"and a few signs, not {shown(name)}."
            )


def _checked(arrays: Mapping[str, np.ndarray], styles: int, subject: str) -> dict[str, np.ndarray]:
    """The parameters in float32, if there are just those of these layers, all finite numbers."""
    wanted = shapes(styles)
    found = {name: each.shape for name, each in arrays.items() if each.dtype == np.float16}
    if found != wanted:
        raise NetworkError(f"{subject} is not of these layers: its parameters are others.")
    parameters = {name: each.astype(np.float32) for name, each in arrays.items()}
    if not all(np.isfinite(each).all() for each in parameters.values()):
        raise NetworkError(f"{subject} holds numbers that are not finite.")
    return parameters
