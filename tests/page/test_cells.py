"""What a visitor chose for a sheet: read, checked and made into cells."""

import math
from typing import Any

import pytest

from nst_core import RecipeError
from nst_core.page.tabs.cells import SWEEP, chosen_cells, parse_values
from nst_core.study.experiments import MAX_CELLS


def test_chosen_cells_have_the_size_and_steps_asked_for() -> None:
    made = chosen_cells("poolings", "course", "", "", 64, 2.0)
    assert [cell.label for cell in made] == ["max pooling", "average pooling"]
    assert [cell.changes for cell in made] == [
        {"size": 64, "steps": 2, "pooling": "max"},
        {"size": 64, "steps": 2, "pooling": "average"},
    ]
    assert {cell.recipe for cell in made} == {"course"}


def test_a_chosen_sweep_reads_its_values() -> None:
    made = chosen_cells(SWEEP, "studio", "learning_rate", "6, 24", 64, 2)
    assert [cell.changes["learning_rate"] for cell in made] == [6, 24]
    made = chosen_cells(SWEEP, "studio", "steps", "5", 64, 2)
    assert made[0].changes == {"size": 64, "steps": 5}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"recipe": "alchemy"}, "The recipe must be one of studio, .*, not 'alchemy'"),
        ({"recipe": ["studio"]}, "The recipe must be one of"),
        ({"experiment": "alchemy"}, "The experiment must be one of .*, sweep, not 'alchemy'"),
        ({"experiment": None}, "The experiment must be one of"),
        ({"number": "name"}, "The field to sweep must be one of"),
        ({"number": ["steps"]}, "The field to sweep must be one of"),
        ({"values": "1, two"}, "Values must be numbers"),
        ({"values": None}, "Values must be numbers"),
        ({"size": 63}, "The cell size must be a number from 64 to 384, not 63"),
        ({"size": math.nan}, "The cell size must be a number from 64 to 384, not nan"),
        ({"steps": 301}, "The number of steps must be a number from 1 to 300, not 301"),
        ({"steps": "5"}, "The number of steps must be a number from 1 to 300, not '5'"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(wrong: dict[str, Any], sentence: str) -> None:
    right: dict[str, Any] = {
        "experiment": SWEEP,
        "recipe": "studio",
        "number": "learning_rate",
        "values": "6, 24",
        "size": 64,
        "steps": 2,
    }
    with pytest.raises(RecipeError, match=f"^{sentence}"):
        chosen_cells(**{**right, **wrong})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1, 10, 100", [1, 10, 100]),
        ("1e2;.5\n-3", [100, 0.5, -3]),
        (" 1e-3 ", [0.001]),
    ],
)
def test_parse_values(text: str, values: list[float]) -> None:
    assert parse_values(text) == values
    assert [type(value) for value in parse_values(text)] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "there are 0"),
        (" , ;", "there are 0"),
        ("1 " * (MAX_CELLS + 1), f"1 to {MAX_CELLS} numbers.* there are {MAX_CELLS + 1}"),
        ("1, two", "not 'two'"),
        ("nan", "not 'nan'"),
        ("1e999", "not '1e999'"),
        ("y" * 1000, f"not '{'y' * 58}…"),
    ],
)
def test_parse_values_says_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(RecipeError, match=complaint):
        parse_values(text)


# Experiments
