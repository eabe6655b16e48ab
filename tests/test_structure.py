"""The layout: who may import whom, how long things may be, and a map that leaves nothing out."""

import ast
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from house import ARROWS, MAP, MODULES, PACKAGE, PACKAGES, ROOT, files_in

LAYERS = (
    *("images", "network", "loss", "recipe", "objective", "decoder", "painting"),
    *("clip", "fast", "command", "study", "serving", "page"),
)
"""Sub-packages; each may import those before it, and the modules beside them."""
ROOMS = ("look", "hosting", "settings", "visit", "run", "inputs", "tabs")
"""Those of the page, likewise."""
MAX_FILES = 18
"""Modules in a folder."""
TOP = ("app", "nst_core.__main__", "nst_core.fast.__main__")
"""Entry points."""
MAX_LINES = 500
"""Of a file, of the tests as well: what a reader can hold."""
MAX_FUNCTION_LINES = 60
DATA = (".css", ".js", ".json", ".npz", ".png", ".svg", ".typed")
"""Suffixes of what is no code, but has to be installed with it."""


LAID_OUT = [*MODULES.values(), *files_in(ROOT / "examples")]


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ---------------------------------------------------------------- who imports whom


def layer(module: str) -> int:
    """Where a module stands: a later number may import an earlier one."""
    if module in TOP:
        return len(LAYERS) + 1
    parts = module.split(".")
    if parts == ["nst_core"]:
        return LAYERS.index("fast")  # it gathers what is up to there
    if len(parts) == 2 and module not in PACKAGES:
        return -1
    return LAYERS.index(parts[1])


def room(module: str) -> str | None:
    """The room of the page that a module is in."""
    parts = module.split(".")
    inside = parts[:2] == ["nst_core", "page"] and module in MODULES and len(parts) > 2
    return parts[2] if inside and f"nst_core.page.{parts[2]}" in PACKAGES else None


@pytest.mark.parametrize("module", MODULES)
def test_imports_nothing_of_a_later_layer(module: str) -> None:
    ours = {name for name in ARROWS[module] if name in MODULES}
    assert not {name for name in ours if layer(name) > layer(module)}


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) is not None])
def test_a_room_of_the_page_knows_those_before_it(module: str) -> None:
    known = [room(name) for name in ARROWS[module] if name.startswith("nst_core.page.")]
    assert all(each in ROOMS[: ROOMS.index(str(room(module))) + 1] for each in known)


def test_all_rooms_are_known() -> None:
    assert {each for name in PACKAGES if (each := room(name))} == set(ROOMS)


@pytest.mark.parametrize("folder", sorted({path.parent for path in files_in(PACKAGE)}), ids=short)
def test_a_folder_is_no_store(folder: Path) -> None:
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= MAX_FILES


def test_no_module_imports_itself_in_a_circle() -> None:
    arrows = {module: names & MODULES.keys() for module, names in ARROWS.items()}
    TopologicalSorter(arrows).prepare()  # raises `CycleError`, which names the circle


def test_all_layers_are_known() -> None:
    known = {"nst_core", *(f"nst_core.{name}" for name in LAYERS)}
    assert {".".join(package.split(".")[:2]) for package in PACKAGES} == known


@pytest.mark.parametrize("module", MODULES)
def test_only_the_page_knows_gradio(module: str) -> None:
    knows = {name.split(".")[0] for name in ARROWS[module]} & {"gradio", "gradio_client"}
    assert not knows or module.startswith("nst_core.page")


@pytest.mark.parametrize("module", MODULES)
def test_only_the_page_and_app_know_the_page(module: str) -> None:
    knows = {name for name in ARROWS[module] if name.startswith("nst_core.page")}
    assert not knows or module == "app" or module.startswith("nst_core.page")


@pytest.mark.parametrize("module", [module for module in MODULES if module != "app"])
def test_nobody_imports_an_entry_point(module: str) -> None:
    assert not ARROWS[module] & set(TOP)


# ---------------------------------------------------------------- how long things are


@pytest.mark.parametrize("path", [*LAID_OUT, *files_in(ROOT / "tests")], ids=short)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


def test_no_two_files_of_tests_have_one_name() -> None:
    """Else pytest takes the second for the first, and refuses it."""
    names = [path.name for path in files_in(ROOT / "tests", "test_*.py")]
    assert [name for name in {*names} if names.count(name) > 1] == []


@pytest.mark.parametrize("path", LAID_OUT, ids=short)
def test_no_function_is_long(path: Path) -> None:
    assert not [name for name, lines in functions(path) if lines > MAX_FUNCTION_LINES]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and number of lines, from the first decorator to the end."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield node.name, (node.end_lineno or first) - first + 1


# ---------------------------------------------------------------- what is installed


def test_every_folder_with_code_is_a_package() -> None:
    """Else it would be left out of what is installed."""
    assert {path.parent for path in files_in(PACKAGE)} == {
        path.parent for path in files_in(PACKAGE, "__init__.py")
    }


@pytest.mark.parametrize(
    "path", [path for path in files_in(PACKAGE, "*") if path.suffix in DATA], ids=short
)
def test_data_is_declared(path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = [
        f"{package.replace('.', '/')}/{pattern}"
        for package, patterns in project["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
    ]
    assert any(fnmatch(short(path), pattern) for pattern in declared)


# ---------------------------------------------------------------- the map

ROWS = dict(re.findall(r"^\| *`(nst_core/(?:\w+/)*)` *(\|.*\|)$", MAP.read_text(), re.MULTILINE))
"""Folder -> the rest of its row: | `nst_core/images/` | … `opening.py`, `saving.py` … |"""
FOLDERS = sorted({path.parent for path in files_in(PACKAGE, "*") if path.is_file()})


def row_of(folder: Path) -> str:
    """A folder's row of the map, or nothing."""
    return ROWS.get(f"{short(folder)}/", "")


@pytest.mark.parametrize("folder", FOLDERS, ids=short)
def test_the_map_has_each_folder(folder: Path) -> None:
    """In a row of its own; one without code may be in its parent's, as `vgg16/`."""
    assert row_of(folder) or not [*folder.glob("*.py")]
    assert row_of(folder) or f"`{folder.name}/`" in row_of(folder.parent)


@pytest.mark.parametrize(
    "path", [path for path in files_in(PACKAGE) if path.name != "__init__.py"], ids=short
)
def test_the_map_has_each_module(path: Path) -> None:
    assert f"`{path.name}`" in row_of(path.parent)


def test_each_row_names_what_is_in_its_folder() -> None:
    for folder, row in ROWS.items():
        named = re.findall(r"`([\w/]+(?:\.py|\.css|\.js|/))`", row)
        missing = [name for name in named if not (ROOT / folder / name).exists()]
        assert not missing, folder


@pytest.mark.parametrize("path", [ROOT / "README.md", *files_in(PACKAGE, "*.md")], ids=short)
def test_every_file_and_folder_that_a_document_names_is_there(path: Path) -> None:
    code = " ".join(re.findall(r"`([^`\n]+)`", path.read_text()))
    files = set(re.findall(r"[\w/]+\.(?:py|css|js|npz)\b", code))
    folders = set(re.findall(r"nst_core(?:/\w+)*/(?![\w*])", code))
    there = ["app.py", *(short(path) for name in WALKED for path in files_in(ROOT / name, "*.*"))]
    assert not {
        name for name in files if not any(f"/{path}".endswith(f"/{name}") for path in there)
    }
    assert not {name for name in folders if not (ROOT / name).is_dir()}


WALKED = ("nst_core", "examples", "tests")


# ---------------------------------------------------------------- the table of cases


def test_every_test_in_the_table_of_cases_is_there() -> None:
    """In tests/README.md, as `folder/test_file.py::test_name`."""
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", (ROOT / "tests" / "README.md").read_text())
    assert len(named) > 50
    for file, name in named:
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(), f"{file}::{name}"
