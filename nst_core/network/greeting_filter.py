"""Standard input to standard output, line by line, without TensorFlow's greetings.

`quiet_start` runs this file in a process of its own, which has to start fast and to find no other
module: it imports nothing of this package.
"""

import os
import re

GREETING = re.compile(
    rb"[IW]\d{4} |E\d{4} .*cuInit|WARNING: All log messages before absl|To enable the following"
)
"""How they begin: C++ log lines below errors, the search for a GPU that isn't there, two hints."""


def pass_on(source: int, target: int) -> None:
    """Copy from one file descriptor to another, each line as soon as it is whole, until the end.

    What follows the last line's end is passed on at the end.
    """
    rest = b""
    while chunk := os.read(source, 2**16):
        *lines, rest = (rest + chunk).split(b"\n")
        _write(target, b"".join(line + b"\n" for line in lines if not GREETING.match(line)))
    if not GREETING.match(rest):
        _write(target, rest)


def _write(target: int, text: bytes) -> None:
    while text:
        text = text[os.write(target, text) :]


if __name__ == "__main__":
    pass_on(0, 1)
