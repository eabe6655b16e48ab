"""The pictures of one call: a photograph each, and where it goes, checked before the work."""

import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nst_core.checks import printable
from nst_core.command.paint_options import STANDARD_OUTPUT, Options
from nst_core.command.program import FAILED
from nst_core.errors import (
    ImageError,
    OutOfMemoryError,
    OutputError,
    RecipeError,
    StyleTransferError,
)
from nst_core.images.outputs import Outputs
from nst_core.painting.folders import gather, is_folder, targets
from nst_core.streams import binary_output, say, warn


@dataclass(frozen=True)
class Piece:
    """One picture to paint.

    Attributes:
        photo: its photograph.
        output: where it goes, as it is told.
        outputs: the files to write.
        number: among those of a folder, such as "2 of 3"; empty for one alone.
    """

    photo: Path
    output: str
    outputs: Outputs
    number: str = ""

    @property
    def head(self) -> str:
        """What stands in front of all that is told of one among others."""
        return f"{self.number}, {printable(self.photo.name)}: " if self.number else ""

    def failed(self, error: StyleTransferError) -> int:
        """Tell why one among others is left out; the error of one alone is raised."""
        if not self.number:
            raise error
        warn(f"{printable(self.photo.name)}: {error}")
        return FAILED


def pieces(options: Options) -> list[Piece]:
    """What is to be painted; says what is left out of a folder.

    Raises:
        ImageError: there is nothing in the folder.
        OutputError: an input would be overwritten, or the result can't be written.
        RecipeError: an option that is for one picture.
    """
    if is_folder(options.content):
        return _of_folder(options)
    result = _standard_output() if options.output == STANDARD_OUTPUT else options.output
    outputs = Outputs(result, options.snapshots or None, warn)
    outputs.check([options.content, *options.inputs])
    return [Piece(Path(options.content), options.output, outputs)]


def paint_each(work: Sequence[Piece], paint: Callable[[Piece], int]) -> int:
    """Paint all; one that can't be painted does not stop the others. Returns the exit status.

    paint: returns a status as well; others than 0 and `FAILED` end the work.
    """
    failed = False
    with _words_apart(work):
        for piece in work:
            try:
                status = paint(piece)
            except (ImageError, OutOfMemoryError) as error:
                status = piece.failed(error)
            if status not in (0, FAILED):
                return status
            failed = failed or status == FAILED
    return FAILED if failed else 0


def _of_folder(options: Options) -> list[Piece]:
    for name in ("resume", "snapshots"):
        if getattr(options, name) is not None:
            raise RecipeError(f"--{name} is for one picture: CONTENT can't be a folder with it.")
    if options.output in (STANDARD_OUTPUT, ""):
        raise OutputError("A folder of photographs needs one for its results: name it behind -o.")
    found = gather(options.content, options.recursive, options.output)
    named = targets(found.photographs, options.output, found.folder, options.inputs)
    if found.left_out:
        hint = found.folders and not options.recursive
        say(found.left_out + (" With --recursive, folders in it count as well." if hint else ""))
    return [
        Piece(photo, str(target), Outputs(target, None, warn), f"{number} of {len(named)}")
        for number, (photo, target) in enumerate(named.items(), start=1)
    ]


def _standard_output() -> BinaryIO:
    stream = binary_output()
    if stream is None:
        raise OutputError("The standard output is closed: the result can't be written there.")
    return stream


def _words_apart(work: Sequence[Piece]) -> contextlib.AbstractContextManager[object]:
    """Words go to the standard error where the picture has the standard output."""
    if any(piece.output == STANDARD_OUTPUT for piece in work):
        return contextlib.redirect_stdout(sys.stderr)
    return contextlib.nullcontext()
