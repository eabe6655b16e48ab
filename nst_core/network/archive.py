"""A network's file: arrays and texts in NumPy's .npz, read without pickle and bounded in size."""

import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from nst_core.checks import hint_at, shown
from nst_core.errors import NetworkError
from nst_core.images.saving import beside

MOST_BYTES = 5_000_000


T = TypeVar("T")


def save_parameters(
    path: str | os.PathLike[str], head: Mapping[str, object], parameters: Mapping[str, np.ndarray]
) -> None:
    """Write a network's file: its parameters in float16, and what JSON knows of it as `head`.

    Raises:
        OutputError: the place can't be written to.
    """
    arrays = {name: np.asarray(values, np.float16) for name, values in parameters.items()}
    write_npz(path, {"head": json.dumps(head)}, arrays)


def read_parameters(
    path: str | os.PathLike[str], kind: str, read_head: Callable[[dict[str, Any]], T]
) -> tuple[T, dict[str, np.ndarray], str]:
    """What is told of the file's head, its arrays as they are, and what to call it in a sentence.

    Args:
        path: of a file that `save_parameters` wrote.
        kind: "network" or "decoder", for people.
        read_head: picks out of the head what is wanted; whatever it raises is damage.

    Raises:
        NetworkError: there is no such file, or it is damaged.
    """
    subject = f"The {kind} {shown(Path(path).name)}"
    content = _content(Path(path), subject)
    try:
        _check_contents(content, subject)
        arrays = read_npz(content)
        return read_head(json.loads(arrays.pop("head").tobytes())), arrays, subject
    except NetworkError:
        raise
    except Exception as error:  # garbage fails in as many ways as there are garbage
        raise NetworkError(f"{subject} is damaged, or no {kind} at all.") from error


def check_version(version: object, known: int, subject: str) -> None:
    """Raise `NetworkError` for a file of another version."""
    if version != known:
        raise NetworkError(
            f"{subject} is of version {shown(version)}; this program knows version {known}. Train "
            "it anew, or use it with the program that made it."
        )


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


def _content(path: Path, subject: str) -> bytes:
    """The bytes of a file, which `subject` begins a sentence about; raises `NetworkError`."""
    try:
        if not path.is_file():
            raise NetworkError(f"{subject} does not exist, or is no file{hint_at(path)}.")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, UnicodeError) as error:
        raise NetworkError(f"{subject} can't be read.") from error
    if len(content) > MOST_BYTES:
        raise NetworkError(f"{subject} has more than {MOST_BYTES // 1_000_000} MB.")
    return content


def _check_contents(content: bytes, subject: str) -> None:
    """Raise `NetworkError` for a file that unpacks to more than any network has."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise NetworkError(f"{subject} unpacks to more than a network has.")


def checked(
    arrays: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]], subject: str
) -> dict[str, np.ndarray]:
    """Parameters in float32, if there are just those of these shapes in float16, all finite.

    Raises:
        NetworkError: they are others.
    """
    found = {name: each.shape for name, each in arrays.items() if each.dtype == np.float16}
    if found != shapes:
        raise NetworkError(f"{subject} is not of these layers: its parameters are others.")
    parameters = {name: each.astype(np.float32) for name, each in arrays.items()}
    if not all(np.isfinite(each).all() for each in parameters.values()):
        raise NetworkError(f"{subject} holds numbers that are not finite.")
    return parameters
