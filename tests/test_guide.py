from dataclasses import fields

from nst_core import Recipe
from nst_core.guide import GUIDE
from nst_core.optimizers import Adam


def test_every_entry_is_a_field_and_says_something() -> None:
    known = {field.name for kind in (Recipe, Adam) for field in fields(kind)}
    entries = [pair for group in GUIDE.values() for pair in group.items()]
    assert {name for name, _ in entries} <= known
    assert len({entry.label for _, entry in entries}) == len(entries)
    assert all(entry.sentence.endswith(".") for _, entry in entries)
