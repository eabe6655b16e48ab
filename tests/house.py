"""The rooms of the code and who imports whom, drawn for people: python tests/house.py

Writes the drawing into nst_core/README.md, where `test_house.py` holds it against the imports.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "nst_core"
MAP = PACKAGE / "README.md"
"""The document that has the drawing."""
PAGE = "nst_core.page"
"""The one room with rooms of its own."""
SHARED = "shared"
"""The room of the modules that lie in the package itself."""

Arrows = Mapping[str, set[str]]
"""Name -> the names that it imports from."""


def files_in(folder: Path, pattern: str = "*.py") -> list[Path]:
    return [path for path in sorted(folder.rglob(pattern)) if "__pycache__" not in path.parts]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in [ROOT / "app.py", *files_in(PACKAGE)]}
PACKAGES = {module_name(path) for path in files_in(PACKAGE, "__init__.py")}


def imports(path: Path) -> set[str]:
    """Full names of the modules that a file imports, wherever the statement stands.

    `from a.b import c` is an import of a.b.c if that is a module of ours, else of a.b.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)}: relative import"
            origin = node.module or ""
            for alias in node.names:
                whole = f"{origin}.{alias.name}"
                names.add(whole if whole in MODULES else origin)
    return names


ARROWS: Arrows = {name: imports(path) for name, path in MODULES.items()}


# ---------------------------------------------------------------- the drawing


def room(module: str) -> str:
    """The room in which a module is drawn; "" for the package's own name, which opens them all.

    What people start is a room of its own, called as they start it.
    """
    package, _, last = module.rpartition(".")
    if last == "__main__":
        return f"python -m {package}"
    if module == "app":
        return "app.py"
    _, *inside = module.split(".")
    if not inside:
        return ""
    if module.startswith(f"{PAGE}.") and ".".join(module.split(".")[:3]) in PACKAGES:
        return "/".join(inside[:2])
    return inside[0] if f"nst_core.{inside[0]}" in PACKAGES else SHARED


def between_rooms(arrows: Arrows) -> dict[str, set[str]]:
    """The same arrows from room to room. What imports `nst_core` itself knows what that gathers."""
    gathered = {room(name) for name in arrows.get("nst_core", ()) if name in arrows}
    found: dict[str, set[str]] = {each: set() for each in map(room, arrows) if each}
    for module, names in arrows.items():
        if own := room(module):
            rooms = {room(name) for name in names if name in arrows}
            found[own] |= (rooms | (gathered if "" in rooms else set())) - {"", own}
    return found


def reduced(arrows: Arrows) -> dict[str, set[str]]:
    """Without the arrows that follow from others; raises `CycleError` where there is a circle."""
    reached: dict[str, set[str]] = {}
    for name in TopologicalSorter(arrows).static_order():  # those that it imports come first
        reached[name] = set().union(*({each} | reached[each] for each in arrows[name]))
    return {
        name: {each for each in own if not any(each in reached[other] for other in own)}
        for name, own in arrows.items()
    }


def drawing() -> str:
    """The rooms as a Mermaid flowchart, those that import above those that are imported."""
    arrows = reduced(between_rooms(ARROWS))
    return "\n".join(["flowchart TD", *_boxes(list(arrows)), *_lines(arrows)])


def _boxes(rooms: list[str]) -> Iterator[str]:
    page = [name for name in rooms if name.split("/")[0] == PAGE.split(".")[1]]
    for name in sorted(set(rooms) - set(page)):
        yield f'    {_key(name)}["{name}"]'
    yield f'    subgraph all_of_the_page ["{PAGE.split(".")[1]}"]'
    for name in sorted(page):
        yield f'        {_key(name)}["{name}"]'
    yield "    end"


def _lines(arrows: Arrows) -> Iterator[str]:
    for name in sorted(arrows):
        for other in sorted(arrows[name]):
            yield f"    {_key(name)} --> {_key(other)}"


def _key(name: str) -> str:
    """A name that Mermaid takes for one, and for no word of its own."""
    return "room_" + re.sub(r"\W+", "_", name)


DRAWN = re.compile(r"(?<=```mermaid\n).*?(?=\n```)", re.DOTALL)
"""The drawing in a document."""

if __name__ == "__main__":
    MAP.write_text(DRAWN.sub(lambda _: drawing(), MAP.read_text()))
