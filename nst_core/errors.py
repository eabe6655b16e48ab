"""The errors a caller may want to tell apart. Each message is a sentence for a person."""

import textwrap
from pathlib import Path
from types import TracebackType

LONGEST_SENTENCE = 400
"""Characters of a message about something that came from outside."""


class StyleTransferError(Exception):
    """The base of all of them: something that a person can put right."""


class ImageError(StyleTransferError, ValueError):
    """Input that can't be used as an image."""


class ClipError(ImageError):
    """A file that can't be used as a clip: says what it is, or why."""


class OutputError(StyleTransferError):
    """A place where a file can't be written."""


class RecipeError(StyleTransferError, ValueError):
    """A recipe, or a change to one, that can't be run: names the field and what is allowed."""


class OutOfMemoryError(StyleTransferError):
    """A run that does not fit into the memory that is free, or did not."""


class BudgetError(StyleTransferError):
    """A run that would take longer than it may here: says what would fit."""


class BusyError(StyleTransferError):
    """A queue that takes nobody now: says why, and when to try again."""


class ClusterError(StyleTransferError):
    """Machines that can't be painted on: says which are meant, and why."""


class PainterError(StyleTransferError):
    """A process that painted and is gone: says why, as far as can be told, and what to do."""


class LimitError(StyleTransferError, ValueError):
    """A limit of the page that can't be: names the environment variable and what is allowed."""


class BackboneError(StyleTransferError, RuntimeError):
    """Weights that are not to be had: names the file or the reason."""


class TensorFlowError(StyleTransferError, RuntimeError):
    """A process in which TensorFlow, or its Keras, can't work: says why, and what to do."""


class NetworkError(StyleTransferError, ValueError):
    """A file that is no network trained for styles, or a style that such a network lacks."""


class TrainingError(StyleTransferError, ValueError):
    """A network that can't be trained with what was given: says what is needed."""


class SettingsError(StyleTransferError, ValueError):
    """Settings that can't be had or used; the sentence is of bounded length."""

    def __init__(self, sentence: str) -> None:
        super().__init__(textwrap.shorten(sentence, LONGEST_SENTENCE, placeholder=" …"))


class ElsewhereError(Exception):
    """What nobody foresaw, in another process; nothing that a person could put right.

    Attributes:
        kind: see `kind_of`.
    """

    def __init__(self, kind: str, report: str) -> None:
        super().__init__(kind, report)
        self.kind = kind

    def __str__(self) -> str:
        return f"In another process:\n\n{self.args[1]}"


def kind_of(error: BaseException) -> str:
    """What failed and where: the same for the same mistake, whatever was sent."""
    if isinstance(error, ElsewhereError):
        return error.kind
    innermost: TracebackType | None = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    where = "no place"
    if innermost is not None:
        where = f"{Path(innermost.tb_frame.f_code.co_filename).name}:{innermost.tb_lineno}"
    return f"{type(error).__name__} at {where}"
