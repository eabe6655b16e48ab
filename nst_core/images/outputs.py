"""The files that a run writes: its result, and the pictures on the way. None replaces an input."""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PIL import Image

from nst_core.checks import shown
from nst_core.errors import OutputError
from nst_core.images.saving import check_space, check_target, save_png
from nst_core.images.sizes import Size

_SNAPSHOT = re.compile(r"step-\d{5,}\.png")
"""What `snapshot_name` makes of any step."""


def snapshot_name(step: int) -> str:
    """The file for the picture of a step."""
    return f"step-{step:05d}.png"


class Outputs:
    """Where one run writes.

    Args:
        result: the PNG file for the result.
        snapshots: the folder for pictures on the way; None for none.
        warn: is told, in a sentence, of what could not be kept although the run goes on.
    """

    def __init__(
        self,
        result: str | os.PathLike[str],
        snapshots: str | os.PathLike[str] | None,
        warn: Callable[[str], None],
    ) -> None:
        self._result = Path(result)
        self._folder = None if snapshots is None else Path(snapshots)
        self._warn = warn

    def check(self, inputs: Iterable[str | os.PathLike[str]]) -> None:
        """Raise `OutputError` before the work, not after it, if the files could not be kept.

        Makes the folder for snapshots.

        Args:
            inputs: the files that the run reads; none of them may be replaced.
        """
        if self._result.suffix.lower() != ".png":
            raise OutputError(
                f"The result is a PNG file; {shown(self._result.name)} must end in .png."
            )
        check_target(self._result)
        taken = [self._result, *self._earlier_snapshots()]
        for given in map(Path, inputs):
            for path in taken:
                if _same(given, path):
                    what = (
                        "The result" if path is self._result else f"The snapshot {shown(path.name)}"
                    )
                    raise OutputError(f"{what} would overwrite the input {shown(given.name)}.")
        if self._folder is not None:
            _check_folder(self._folder)

    def check_space(self, size: Size) -> None:
        """As the function of this name, for the result."""
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
        save_png(image, self._result, text)

    def _earlier_snapshots(self) -> list[Path]:
        """What is in the folder already and has a snapshot's name."""
        if self._folder is None:
            return []
        try:
            return [path for path in self._folder.iterdir() if _SNAPSHOT.fullmatch(path.name)]
        except OSError:  # no such folder yet, or one that `_check_folder` refuses
            return []


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or "writing failed"
        raise OutputError(
            f"The snapshots could not be written to the folder {shown(str(folder))}: {reason}."
        ) from error


def _same(one: Path, other: Path) -> bool:
    """Whether both mean one file, also by a link; False where one is missing."""
    try:
        return one.samefile(other)
    except OSError:  # not there, or a name too long for a file
        return False
