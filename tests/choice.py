"""Which tests a plain `pytest` runs: all but those that take long, which it names at its end.

Whoever says what is to be run, by `-m`, `-k`, or the name of a file or a test, gets just that; but
for tests of a cluster, which `-k` does not reach. Where `TEST_MINUTES` says how long the whole may
take, what takes long and has not begun by then is skipped, and counted.
"""

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

KINDS = ("cluster", "browser", "process", "slow")
"""Markers of tests that take long."""
OF_FIXTURES = {"browser": "browser", "page_url": "process"}
"""Fixture -> marker of the tests that use it, the first of these that a test has."""
SECOND_TRY = pytest.mark.flaky(reruns=1)
"""For a browser on a machine with more to do than it can; the summary tells of each."""
BEGAN = time.monotonic()
LEFT_OUT = pytest.StashKey[dict[str, int]]()
TOLD = "left out"


def kind_of(item: pytest.Item) -> str | None:
    return next((kind for kind in KINDS if item.get_closest_marker(kind)), None)


def named_files(config: pytest.Config) -> set[Path]:
    """Files that the command line names, also where it names tests in them."""
    folder = config.invocation_params.dir
    paths = [folder / argument.partition("::")[0] for argument in config.args]
    return {path.resolve() for path in paths if path.is_file()}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        used = getattr(item, "fixturenames", ())
        if kind := next((OF_FIXTURES[each] for each in OF_FIXTURES if each in used), None):
            item.add_marker(kind)
            if kind == "browser":
                item.add_marker(SECOND_TRY)
    if config.option.markexpr:
        return
    left, named = ("cluster",) if config.option.keyword else KINDS, named_files(config)
    long = [item for item in items if kind_of(item) in left and item.path not in named]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in {*long}]
    config.stash[LEFT_OUT] = dict(Counter(str(kind_of(item)) for item in long))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    minutes = float(os.environ.get("TEST_MINUTES", "inf"))
    if kind_of(item) and time.monotonic() - BEGAN > 60 * minutes:
        pytest.skip(f"no time is left of {minutes:g} minutes")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of pytest-xdist tells the one that writes the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[TOLD] = session.config.stash.get(LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get(TOLD, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if left_out := config.stash.get(LEFT_OUT, {}):
        kinds = ", ".join(f"{left_out[kind]} {kind}" for kind in KINDS if kind in left_out)
        terminalreporter.write_line(
            f"Left out, since they take long: {kinds}. Run them by kind, as with -m browser, by "
            "the name of a file or a test, or all that need no cluster with -m 'not cluster'."
        )
