"""VGG19's kernels: out of Keras's cache, the network, or a file.

Every function returns `Kernels` or raises `BackboneError`; a damaged file is never used.
"""

import hashlib
import http.client
import logging
import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Protocol

import numpy as np

from nst_core.checks import hint_at, printable
from nst_core.errors import BackboneError
from nst_core.network.tensorflow import tf

log = logging.getLogger(__name__)

Kernels = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Layer name -> (kernel 3×3×in×out, bias out), float32, shallowest layer first."""

VGG19_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
VGG19_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg19/{VGG19_FILE}"
VGG19_MD5 = "253f8cb515780f3b799900260a226db6"
"""File, address and checksum as in `keras.applications.vgg19`."""

SILENCE_SECONDS = 8.0
"""A download that brings nothing for this long is given up."""
DOWNLOAD_SECONDS = 600.0
"""A download that takes longer than this, however busy, is given up."""


def vgg19_kernels(url: str = VGG19_URL, md5: str = VGG19_MD5) -> Kernels:
    """ImageNet VGG19 from Keras's cache, fetched into it first if it isn't there.

    A cached file with another checksum (corrupt, or half downloaded) is removed, then fetched anew.

    Raises:
        BackboneError: no intact file is to be had; says why, and names a file that was removed.
    """
    try:
        path = keras_cache() / VGG19_FILE
        removed = _remove_if_corrupt(path, md5)
        there = path.exists()
    except OSError as error:  # a folder on the way may not be entered, or there is none at all
        raise BackboneError(f"Keras's cache can't be read ({error.strerror}).") from error
    if not there:
        try:
            _fetch(url, path, md5)
        except BackboneError as error:
            raise BackboneError(" ".join(filter(None, [removed, str(error)]))) from error
    return file_kernels(path)


def keras_cache() -> Path:
    """The folder where Keras keeps the weights of its applications.

    As in Keras, the temporary folder stands in for a home that can't be written, or that nobody
    knows of, as in a container whose user is a mere number.

    Raises:
        OSError: no temporary folder can be written either.
    """
    home = os.environ.get("KERAS_HOME")
    if home:
        return Path(home) / "models"
    user = os.path.expanduser("~")  # noqa: PTH111 (`Path.home` raises where there is none)
    known = Path(user).is_absolute() and os.access(user, os.W_OK)
    return Path(user if known else tempfile.gettempdir()) / ".keras/models"


def file_kernels(path: str | os.PathLike[str]) -> Kernels:
    """VGG19 weights from a `.h5` or `.weights.h5` file, saved with or without the classifier.

    Raises:
        BackboneError: the file is missing, can't be read, or holds no VGG19 weights.
        TensorFlowError: Keras, which reads it, doesn't work in this process.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise BackboneError(f"There is no weights file {printable(path.name)}{hint_at(path)}.")
        path.open("rb").close()
    except OSError as error:
        reason = error.strerror
        raise BackboneError(
            f"The weights file {printable(path.name)} can't be read ({reason})."
        ) from error
    for include_top in (False, True):
        model = tf.keras.applications.VGG19(include_top=include_top, weights=None)
        try:
            model.load_weights(path)
        except Exception:  # Keras and h5py raise many kinds for a file of another shape
            continue
        return _kernels(model.layers)
    raise BackboneError(f"{printable(path.name)} holds no VGG19 weights that Keras can read.")


class _Layer(Protocol):
    """A layer of Keras's."""

    @property
    def name(self) -> str: ...
    def get_weights(self) -> list[np.ndarray]: ...


def _kernels(layers: Iterable[_Layer]) -> Kernels:
    convolutions = ((each.name, each.get_weights()) for each in layers if "_conv" in each.name)
    return {name: (kernel, bias) for name, (kernel, bias) in convolutions}


def _remove_if_corrupt(path: Path, md5: str) -> str:
    """The sentence that tells of the removal, logged too; empty where nothing had to be removed."""
    if not path.exists() or (path.is_file() and _md5(path) == md5):
        return ""
    try:
        path.unlink()
    except OSError as error:
        reason = error.strerror
        raise BackboneError(f"{path.name} is corrupt and can't be removed ({reason}).") from error
    sentence = f"The corrupt file {path.name} was removed."
    log.warning(sentence)
    return sentence


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _fetch(url: str, path: Path, md5: str) -> None:
    """Download `url` to `path`, whole and verified, or raise `BackboneError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    except OSError as error:
        raise BackboneError(f"Keras's cache can't be written ({error.strerror}).") from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _Download(url, file).wait()
        if _md5(part) != md5:
            raise BackboneError(f"The download of {path.name} arrived damaged and was removed.")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _Download(threading.Thread):
    """A download in a thread of its own, since looking up a name can't be given a time limit."""

    def __init__(self, url: str, file: IO[bytes]) -> None:
        super().__init__(daemon=True, name="vgg19-download")
        self._url = url
        self._file = file
        self._heard_at = time.monotonic()
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            with urllib.request.urlopen(self._url, timeout=SILENCE_SECONDS) as response:
                while chunk := response.read1(1 << 16):
                    self._file.write(chunk)  # fails when given up, as the file is closed then
                    self._heard_at = time.monotonic()
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._error = error

    def wait(self) -> None:
        """Return when the file is there; raise `BackboneError` when it won't be."""
        started = time.monotonic()
        self.start()
        while self.is_alive():
            self.join(0.1)
            now = time.monotonic()
            silent = now - self._heard_at > SILENCE_SECONDS
            if self.is_alive() and (silent or now - started > DOWNLOAD_SECONDS):
                raise BackboneError("VGG19 can't be fetched: the network doesn't answer in time.")
        if self._error is not None:
            reason = getattr(self._error, "reason", self._error)
            reason = getattr(reason, "strerror", None) or reason  # without a number in front
            raise BackboneError(f"VGG19 can't be fetched ({reason}).") from self._error
