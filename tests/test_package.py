"""What the package imports, and what it must not."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

import nst_core

MODULES = sorted((ROOT / "nst_core").glob("*.py"))


def imported(path: Path) -> set[str]:
    """Top-level names of all that a file imports, wherever the statement stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_knows_no_user_interface(path: Path) -> None:
    assert not imported(path) & {"gradio", "app"}


def test_import_leaves_the_heavy_libraries_alone() -> None:
    code = "import json, sys, nst_core; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert not {"tensorflow", "keras", "scipy", "gradio"} & set(json.loads(run.stdout))


def test_public_names_are_there() -> None:
    promised = {
        "stylize",
        "load_backbone",
        "Objective",
        "Recipe",
        "RECIPES",
        "Frame",
        "Losses",
        "ImageError",
    }
    assert promised <= set(nst_core.__all__)
    assert all(hasattr(nst_core, name) for name in nst_core.__all__)
