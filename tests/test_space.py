"""A rehearsal of Hugging Face Spaces: what a Space is built from, and a page started as there."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from helpers import CAT, CHURCH, ROOT
from huggingface_hub.utils import filter_repo_objects
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from PIL import Image
from starting import NO_ENTRY, as_a_number, environment, free_port, served

README = (ROOT / "README.md").read_text()
FRONT_MATTER = dict(re.findall(r"^(\w+): *(.+)$", README.split("---")[1], re.MULTILINE))
REQUIREMENTS = [Requirement(line) for line in (ROOT / "requirements.txt").read_text().splitlines()]
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*")
LARGEST = 10 * 2**20
"""Bytes of a file that a Space takes without more ado."""


# What it is built from


def test_these_tests_run_in_what_the_requirements_allow() -> None:
    for each in REQUIREMENTS:
        assert each.specifier.contains(version(each.name)), each


def test_pillow_with_known_advisories_is_refused() -> None:
    (pillow,) = (each for each in REQUIREMENTS if each.name == "pillow")
    assert not [each for each in ("12.0.0", "12.2.0") if each in pillow.specifier]
    assert "12.3.0" in pillow.specifier


def test_the_gradio_of_the_front_matter_is_the_required_one() -> None:
    (gradio,) = (each for each in REQUIREMENTS if each.name == "gradio")
    assert gradio.specifier == SpecifierSet(f"=={FRONT_MATTER['sdk_version']}")


def test_the_front_matter_names_what_is_there() -> None:
    assert FRONT_MATTER["sdk"] == "gradio"
    assert FRONT_MATTER["app_file"] == "app.py"
    (needed,) = re.findall(
        r'^requires-python = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M
    )
    assert SpecifierSet(needed).contains(FRONT_MATTER["python_version"].strip('"'))


def test_no_file_is_too_large() -> None:
    for name in ("nst_core", "examples", "tests"):
        sizes = {path: path.stat().st_size for path in (ROOT / name).rglob("*")}
        assert not {path for path, size in sizes.items() if size > LARGEST}


# How it gets there

GUIDE = ROOT / "nst_core" / "page" / "README.md"
(UPLOAD,) = re.findall(r"^\.venv/bin/(hf upload .+)$", GUIDE.read_text(), re.MULTILINE)


@pytest.mark.process
def test_the_client_that_gradio_brings_knows_the_readmes_options(tmp_path: Path) -> None:
    words = shlex.split(UPLOAD)
    unreachable = f"http://127.0.0.1:{free_port()}"
    told = subprocess.run(
        [sys.executable, "-m", "huggingface_hub.cli.hf", "upload", "--help"],
        env=environment(HOME=str(tmp_path), https_proxy=unreachable, COLUMNS="200"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    usage = re.search(r"Usage: .*REPO_ID \[LOCAL_PATH\] \[PATH_IN_REPO\]", told)
    assert usage, told
    assert words[3:5] == [".", "."]
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", told), option
    assert re.search(r"--type\b.*\bspace\b", told)


def test_what_is_uploaded_is_all_but_leftovers() -> None:
    words = shlex.split(UPLOAD)
    excluded = [after for word, after in pairwise(words) if word == "--exclude"]
    leftovers = [".venv/bin/python", ".venv/a/b.py", "nst_core/__pycache__/a.pyc", "__pycache__/a"]
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "nst_core").rglob("*.*")]
    needed = [name for name in files if "__pycache__" not in name]
    needed += ["app.py", "README.md", "requirements.txt", "examples/content/cat.jpg"]
    sent = filter_repo_objects([*needed, *leftovers], ignore_patterns=excluded)
    assert list(sent) == needed


# A page started as there


@pytest.fixture
def code(public_folder: Path) -> Path:
    """A copy of what the page needs, which nobody may write."""
    folder = public_folder / "app"
    for name in ("nst_core", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
    for name in ("app.py", "requirements.txt", "README.md"):
        shutil.copy(ROOT / name, folder)
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


@pytest.fixture
def variables(public_folder: Path) -> dict[str, str]:
    """All that the page's process finds in its environment: no HOME, and no way to VGG19.

    The usual folder for pictures is there, and somebody else's where these tests run as root.
    Spaces install a package of their own, `spaces`, which Gradio asks for there.
    """
    start = public_folder / "start"
    for name in ("spaces", "spaces-1.0.dist-info"):
        (start / name).mkdir(parents=True)
    (start / "spaces-1.0.dist-info" / "METADATA").write_text("Name: spaces\nVersion: 1.0\n")
    (start / "spaces" / "__init__.py").write_text("def gradio_auto_wrap(task): return task\n")
    (start / "spaces" / "reloading.py").write_text("def start_reload_server(**_options): pass\n")
    (start / "sitecustomize.py").write_text(NO_ENTRY)
    temporary = public_folder / "tmp"
    (temporary / "gradio").mkdir(parents=True, mode=0o755)
    temporary.chmod(0o1777)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(start),
        "TMPDIR": str(temporary),
        "https_proxy": f"http://127.0.0.1:{free_port()}",
        "SYSTEM": "spaces",
        "SPACE_ID": "somebody/style-transfer",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": str(free_port()),
        "GRADIO_ANALYTICS_ENABLED": "False",
    }


@pytest.mark.process
def test_a_page_as_on_a_space(code: Path, variables: dict[str, str], tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in code.rglob("*")}
    with served(variables=variables, folder=code, before=as_a_number()) as page:
        assert page.url == f"http://0.0.0.0:{variables['GRADIO_SERVER_PORT']}"
        address = page.url.replace("0.0.0.0", "127.0.0.1")
        client = Client(address, verbose=False, analytics_enabled=False, download_files=tmp_path)
        pair = (handle_file(str(CAT)), handle_file(str(CHURCH)))
        answer = client.predict(*pair, size=128, steps=2, api_name="/stylize")
        client.close()
    with Image.open(answer[2]) as painted:
        assert (painted.format, painted.size) == ("PNG", (128, 85))
    assert {path: path.stat().st_mtime_ns for path in code.rglob("*")} == before
    lines = [line for line in page.told.splitlines() if "belongs to another user" not in line]
    (line,) = lines  # the operator's, for the one run
    assert json.loads(line)["run"] == "finished"
