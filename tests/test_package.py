"""What the package promises, what `import nst_core` costs, and what an installed one holds."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser

import pytest
from helpers import ROOT
from packaging.requirements import Requirement

import nst_core
from nst_core.version import VERSION

WEIGHTS = sorted((ROOT / "nst_core" / "network" / "vgg16").glob("*.npz"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The package as pip makes it, out of a copy, so that no leftovers lie in the tree."""
    copy, made = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("made")
    for name in ("nst_core", "tests", "examples/drawing"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, ignore=leave_out)
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE", "app.py"):
        shutil.copy(ROOT / name, copy)
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check"]
    places = ["--wheel-dir", str(made), str(copy)]
    command = [sys.executable, "-m", "pip", "wheel", *offline, *places]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = made.iterdir()
    with zipfile.ZipFile(path) as opened:
        yield opened


@pytest.mark.process
def test_a_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    there = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "nst_core").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == there


@pytest.mark.process
def test_a_wheel_holds_the_weights(wheel: zipfile.ZipFile) -> None:
    assert len(WEIGHTS) == 12
    for path in WEIGHTS:
        assert wheel.read(str(path.relative_to(ROOT))) == path.read_bytes()


@pytest.mark.process
def test_a_wheel_names_its_version_and_what_it_needs(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(wheel.read(name).decode())
    assert metadata["Version"] == nst_core.__version__ == VERSION
    needed = {Requirement(text) for text in metadata.get_all("Requires-Dist", [])}
    written = (ROOT / "requirements.txt").read_text().splitlines()
    extra = (ROOT / "nst_core" / "serving" / "requirements.txt").read_text().splitlines()
    written += [f'{line}; extra == "cluster"' for line in extra]
    assert needed == {Requirement(line) for line in written}


@pytest.mark.process
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
        "NetworkError",
        "load_network",
        "paint_at_once",
        "train",
    }
    assert promised <= set(nst_core.__all__)
    assert all(hasattr(nst_core, name) for name in nst_core.__all__)
