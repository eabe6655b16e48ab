"""What the package imports, and what it must not."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

import nst_core

PAGE = ROOT / "nst_core" / "page"
ELSEWHERE = [
    path for path in sorted((ROOT / "nst_core").rglob("*.py")) if not path.is_relative_to(PAGE)
]


def imported(path: Path) -> set[str]:
    """All modules and names that a file imports, with a dot behind, wherever it does so."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {f"{name}." for name in names}


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_page_knows_a_user_interface(path: Path) -> None:
    interfaces = ("gradio.", "gradio_client.", "app.", "nst_core.page.")
    assert [name for name in imported(path) if name.startswith(interfaces)] == []


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
