"""The drawing of the rooms: which arrows it has, and that the document has this one."""

from graphlib import CycleError

import house
import pytest
from house import between_rooms, drawing, reduced, room


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("app", "app.py"),
        ("nst_core", ""),
        ("nst_core.__main__", "python -m nst_core"),
        ("nst_core.fast.__main__", "python -m nst_core.fast"),
        ("nst_core.errors", "shared"),
        ("nst_core.images", "images"),
        ("nst_core.images.sizes", "images"),
        ("nst_core.page.layout", "page"),
        ("nst_core.page.tabs.paint", "page/tabs"),
    ],
)
def test_each_module_has_its_room(module: str, name: str) -> None:
    assert room(module) == name


def test_arrows_between_rooms_are_those_of_their_modules() -> None:
    modules = {
        "nst_core": {"nst_core.loss.terms"},
        "nst_core.errors": {"math"},
        "nst_core.images.sizes": {"nst_core.errors", "nst_core.images.colour", "PIL"},
        "nst_core.images.colour": set(),
        "nst_core.loss.terms": {"nst_core.images.sizes"},
        "nst_core.__main__": {"nst_core"},
    }
    assert between_rooms(modules) == {
        "shared": set(),
        "images": {"shared"},
        "loss": {"images"},
        "python -m nst_core": {"loss"},
    }


def test_what_follows_from_other_arrows_is_left_out() -> None:
    arrows = {"a": {"b", "c", "d"}, "b": {"c"}, "c": set(), "d": set()}
    assert reduced(arrows) == {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": set()}
    with pytest.raises(CycleError):
        reduced({"a": {"b"}, "b": {"a"}})


def test_the_map_has_the_drawing_of_the_imports() -> None:
    assert house.DRAWN.findall(house.MAP.read_text()) == [drawing()], "run tests/house.py"
