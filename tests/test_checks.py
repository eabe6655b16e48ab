"""Numbers within limits, refused in plain words."""

from math import inf, nan
from typing import Any

import pytest

from nst_core import RecipeError
from nst_core.checks import in_range, number_text


@pytest.mark.parametrize("value", [1, 2.5, 10])
def test_a_number_within_its_limits_comes_back(value: float) -> None:
    assert in_range("Steps", value, (1, 10)) is value


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0"),
        (10.1, "10.1"),
        (nan, "nan"),
        (inf, "inf"),
        (True, "True"),
        ("5", "'5'"),
        (None, "None"),
        ("y" * 1000, "'" + "y" * 59),
    ],
)
def test_others_are_refused(value: Any, told: str) -> None:
    with pytest.raises(RecipeError) as error:
        in_range("Steps", value, (1, 10))
    assert str(error.value) == f"Steps must be a number from 1 to 10, not {told}."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.1 + 0.2, "0.3"),
        (1e-6, "1e-06"),
        (9999, "9999"),
        (2000.0, "2000"),
        (50_000.0, "50\u00a0000"),
        (2**53, "9\u00a0007\u00a0199\u00a0254\u00a0740\u00a0992"),
    ],
)
def test_numbers_are_written_for_people(value: float, text: str) -> None:
    assert number_text(value) == text
