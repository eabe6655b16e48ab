"""The files that a run writes: its result, and the pictures on the way. None replaces an input."""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from nst_core.checks import hint_at, shown
from nst_core.errors import OutputError
from nst_core.images.saving import (
    FORMATS,
    LONGEST_COMMENT,
    as_comment,
    check_space,
    check_target,
    save_png,
    send_png,
)
from nst_core.images.sizes import Size

_SNAPSHOT = re.compile(r"step-\d{5,}\.png")
"""What `snapshot_name` makes of any step."""


def snapshot_name(step: int) -> str:
    """The file for the picture of a step."""
    return f"step-{step:05d}.png"


class Outputs:
    """Where one run writes.

    Args:
        result: the file for the result, PNG or JPEG, or a stream for the bytes of a PNG.
        snapshots: the folder for pictures on the way; None for none.
        warn: is told, in a sentence, of what could not be kept although the run goes on.
    """

    def __init__(
        self,
        result: str | os.PathLike[str] | BinaryIO,
        snapshots: str | os.PathLike[str] | None,
        warn: Callable[[str], None],
    ) -> None:
        self._result = Path(result) if isinstance(result, str | os.PathLike) else result
        self._folder = None if snapshots is None else Path(snapshots)
        self._warn = warn

    def check(self, inputs: Iterable[str | os.PathLike[str]]) -> None:
        """Raise `OutputError` before the work, not after it, if the files could not be kept.

        Makes the folder for snapshots.

        Args:
            inputs: the files that the run reads; none of them may be replaced.
        """
        read = list(inputs)
        if isinstance(self._result, Path):
            _check_name(self._result)
            check_target(self._result)
            check_overwrites([self._result], read)
        elif self._result.isatty():
            raise OutputError(
                "The result is a picture, and the standard output is a terminal: lead it into a "
                "file or a program, or name a file."
            )
        check_overwrites(self._earlier_snapshots(), read, what="The snapshot")
        if self._folder is not None:
            _check_folder(self._folder)

    def check_space(self, size: Size) -> None:
        """As the function of this name, for the result."""
        if isinstance(self._result, Path):
            check_space(self._result, size)

    def keep_snapshot(self, image: Image.Image, step: int) -> None:
        """Write a picture on the way, if asked to; a place that fails is told once and left alone.

        It must not cost the result: what space is left on a full disk belongs to that.
        """
        if self._folder is None:
            return
        try:
            save_png(image, self._folder / snapshot_name(step), what="A snapshot")
        except OutputError as error:
            self._folder = None
            self._warn(f"{str(error).rstrip('.')}; the run goes on without snapshots.")

    def keep_result(self, image: Image.Image, text: Mapping[str, str]) -> None:
        """Write the result with its settings; raises `OutputError`."""
        if isinstance(self._result, Path):
            suffix = self._result.suffix.lower()
            FORMATS[suffix](image, self._result, text)
            if suffix != ".png" and len(as_comment(text)) > LONGEST_COMMENT:
                self._warn(f"The settings have no room in {shown(self._result.name)}: PNG has it.")
        else:
            send_png(image, self._result, text)

    def _earlier_snapshots(self) -> list[Path]:
        """What is in the folder already and a snapshot's name may lead to, in whatever letters."""
        if self._folder is None:
            return []
        try:
            names = [path.name.lower() for path in self._folder.iterdir()]
            return [self._folder / name for name in names if _SNAPSHOT.fullmatch(name)]
        except OSError:  # no such folder yet, or one that `_check_folder` refuses
            return []


def _check_folder(folder: Path) -> None:
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or "writing failed"
        raise OutputError(
            f"The snapshots could not be written to the folder {shown(str(folder))}: {reason}."
        ) from error


def make_folder(folder: Path) -> None:
    """Make a folder, and those that it is in; raises OSError.

    Raises:
        OutputError: it is an address, or begins with a "~" that no shell has read.
    """
    hint = hint_at(folder)
    if hint and not folder.is_dir():
        raise OutputError(f"The folder {shown(str(folder))} does not exist{hint}.")
    folder.mkdir(parents=True, exist_ok=True)


def check_overwrites(
    written: Iterable[Path],
    read: Iterable[str | os.PathLike[str]],
    what: str = "The result",
) -> None:
    """Raise `OutputError` if a file that is to be written is one that is read.

    It is by its name, by a link of either kind, or by other letters where case counts for nothing:
    all of these are one file for the system. What is not there yet is none that is read.
    """
    inputs = {identity(path): Path(path) for path in read}
    for path in written:
        known = identity(path)
        if known is not None and known in inputs:
            given = inputs[known].name
            raise OutputError(
                f"{what} {shown(path.name)} would overwrite the input {shown(given)}."
            )


def identity(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """By which the system knows a file; None where there is none, or a name that none can have."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _check_name(result: Path) -> None:
    if result.suffix.lower() not in FORMATS:
        raise OutputError(
            f"The result is a PNG or a JPEG file; {shown(result.name)} must end in "
            f"{' or '.join(FORMATS)}."
        )
