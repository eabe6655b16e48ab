"""What all commands have around them: streams that may go, signals, and errors in one line."""

from collections.abc import Callable

from nst_core.errors import StyleTransferError
from nst_core.interruption import Interruption
from nst_core.network.quiet_start import without_warnings
from nst_core.streams import lasting_streams, warn

FAILED = 1
"""Exit status where some photographs of a folder could not be painted."""
BAD_INPUT = 2
"""Exit status for a user's mistake, as argparse has it."""


def run_program(work: Callable[[], int]) -> int:
    """Do a command's work, and return its exit status or that of what ended it."""
    with lasting_streams(), without_warnings(), Interruption() as interruption:
        try:
            return work()
        except StyleTransferError as error:
            warn(str(error))
            return BAD_INPUT
        except MemoryError:
            warn("The memory that this process may take ran out; a smaller size may fit.")
            return BAD_INPUT
        except KeyboardInterrupt:
            return interruption.status
