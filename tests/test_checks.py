"""Numbers within limits, refused in plain words."""

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from nst_core import RecipeError
from nst_core.checks import (
    LONGEST_VALUE,
    check_bool,
    check_choice,
    check_layers,
    check_mix,
    check_number,
    check_whole,
    in_range,
    listed,
    number_text,
    printable,
    shown,
)
from nst_core.layer_text import parse_layers
from nst_core.recipe.catalogue import find_recipe


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
        ("y" * 1000, "'" + "y" * 58 + "…"),
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


# NumPy's numbers

NUMBERS = [np.int64(96), np.uint8(96), np.float32(96), np.float64(96), np.float16(96)]


@pytest.mark.parametrize("value", NUMBERS, ids=lambda value: type(value).__name__)
def test_numbers_of_numpy_are_numbers(value: Any, recwarn: pytest.WarningsRecorder) -> None:
    assert in_range("Size", value, (1, 1e300)) is value
    check_number("weight", value, 0, inf)
    if isinstance(value, np.integer):
        check_whole("size", value, 16, 10**12)
    else:
        with pytest.raises(RecipeError, match="size must be a whole number from 16 to 512 px"):
            check_whole("size", value, 16, 512, " px")
    assert not recwarn.list


@pytest.mark.parametrize("value", [np.float32(nan), np.float64(inf), np.int64(-1), np.bool_(True)])
def test_numbers_of_numpy_are_held_to_the_limits(value: Any) -> None:
    with pytest.raises(RecipeError):
        in_range("Size", value, (0, 512))
    with pytest.raises(RecipeError):
        check_number("weight", value, 0, inf)
    with pytest.raises(RecipeError):
        check_whole("size", value, 0, 512)


# Values in sentences

LONG = "x" * 10_000_000


class Odd:
    def __repr__(self) -> str:
        raise ValueError("no")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        ("it's", '"it\'s"'),
        ("x" * 58, "'" + "x" * 58 + "'"),
        ("x" * 59, "'" + "x" * 58 + "…"),
        (LONG, "'" + "x" * 58 + "…"),
        (LONG.encode(), "b'" + "x" * 57 + "…"),
        ([LONG], "['" + "x" * 57 + "…"),
        (10**5000, "<int>"),
        (Odd(), "<Odd>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_shown(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("holiday (1).jpg", "holiday (1).jpg"),
        (
            "Cafe\u0301 चित्र สี 👩\u200d🎨 10.00\u202fAM",
            "Cafe\u0301 चित्र สี 👩\u200d🎨 10.00\u202fAM",
        ),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred\x7f\x9b", r"\x1b[31mred\x7f\x9b"),
        ("gpj.\u202ecat\u2028", r"gpj.\u202ecat\u2028"),
        ("caf\udce9", r"caf\udce9"),  # how Python has a byte that is no UTF-8
    ],
    ids=ascii,
)
def test_printable(name: str, text: str) -> None:
    assert printable(name) == text


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_whole("a", LONG, 0, 1),
        lambda: check_number("a", LONG, 0, 1),
        lambda: in_range("a", LONG, (0, 1)),
        lambda: check_bool("a", LONG),
        lambda: check_choice("a", LONG, ["b"]),
        lambda: check_layers("a", LONG),
        lambda: check_layers("a", {LONG: LONG}),
        lambda: check_mix([LONG]),
        lambda: find_recipe(LONG),
        lambda: find_recipe("studio").changed(**{LONG: 1}),
        lambda: find_recipe("studio").changed(quality=LONG),
        lambda: find_recipe("gatys-lbfgs").changed(quality=LONG),
        lambda: find_recipe("studio").changed(optimizer=LONG),
        lambda: find_recipe("studio").changed(size=LONG),
        lambda: parse_layers(f"{LONG}=y"),
        lambda: parse_layers(f"a={LONG}"),
    ],
)
def test_no_sentence_repeats_a_long_value(check: Callable[[], Any]) -> None:
    with pytest.raises(RecipeError) as caught:
        check()
    assert len(str(caught.value)) < 2000


def test_of_many_names_a_sentence_has_the_first() -> None:
    assert listed(["a", "b"]) == "a, b"
    names = [f"{number:03}" for number in range(100)]
    assert listed(names) == f"{', '.join(names[:66])} and 34 more"
    assert listed(["x" * 500]) == "x" * LONGEST_VALUE
    with pytest.raises(RecipeError, match=r"065 and 34 more, not 'none'\.$"):
        check_choice("The name", "none", names)
