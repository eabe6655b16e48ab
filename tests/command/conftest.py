"""Calls of the command line, within this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command.calls import QUICK, Run
from helpers import CAT, CHURCH

from nst_core import Backbone, Frame
from nst_core import __main__ as command


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], backbone: Backbone) -> Callable[..., Run]:
    """Run the command line on the example pair, quickly; more arguments may follow."""

    def run(*arguments: str | Path, given: tuple[Path | str, ...] = (CAT, CHURCH)) -> Run:
        capsys.readouterr()
        try:
            status = command.main([*map(str, given), *QUICK, *map(str, arguments)])
        except SystemExit as exit:  # as argparse ends
            status = int(exit.code or 0)
        except KeyboardInterrupt:  # would end the tests themselves
            pytest.fail("KeyboardInterrupt gets out")
        return Run(status, *capsys.readouterr())

    return run


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.png"


@pytest.fixture
def yielding(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put frames, and an exception after them, in the place of a real run."""

    def install(*frames: Frame, then: BaseException | None = None) -> None:
        def fake(*_arguments: Any, **_changes: Any) -> Iterator[Frame]:
            yield from frames
            if then is not None:
                raise then

        monkeypatch.setattr(command, "paint", fake)

    return install
