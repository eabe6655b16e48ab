"""What is installed here, held against versions in which something known was mended."""

import tomllib
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

TABLE = tomllib.loads((Path(__file__).parent / "advisories.toml").read_text())["mended"]


def forbidden(mended: dict[str, Any]) -> bool:
    """Whether what is said to hold a version back does forbid it, as it is installed."""
    needed = map(Requirement, requires(mended["held_back_by"]) or [])
    return any(
        each.name.lower() == mended["package"] and mended["version"] not in each.specifier
        for each in needed
    )


@pytest.mark.parametrize("mended", TABLE, ids=lambda each: f"{each['package']}-{each['version']}")
def test_what_is_installed_is_mended(mended: dict[str, Any]) -> None:
    assert mended["source"].startswith("https://")
    installed, needed = Version(version(mended["package"])), Version(mended["version"])
    if installed >= needed:
        return
    told = f"{mended['package']} {installed} is below {needed}: {', '.join(mended['records'])}"
    if "held_back_by" in mended and forbidden(mended):
        pytest.xfail(f"{told}; {mended['held_back_by']} allows nothing newer yet.")
    pytest.fail(told)
