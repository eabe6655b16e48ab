"""Checks of what people give. Each failure names the field, the value and what is allowed."""

import math
import re
import sys
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from numbers import Integral, Real
from typing import TypeGuard

from nst_core.errors import RecipeError

Limits = tuple[float, float]
"""Smallest and largest number that is allowed."""
NO_BREAK = "\u00a0"
"""A space that stays within its line."""
LONGEST_VALUE = 60
"""Characters of a value that a sentence repeats: what is sent must not come back in full."""
MOST_LISTED = 200
"""Characters of the names in a sentence."""


def shown(value: object) -> str:
    """`value` as Python writes it, shortened to `LONGEST_VALUE` characters; never raises."""
    if isinstance(value, str | bytes):
        value = value[: LONGEST_VALUE + 1]  # so that no copy of a long one is made
    try:
        text = repr(value)
    except Exception:  # such as an int of more digits than Python writes
        text = f"<{type(value).__name__}>"
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


_ADDRESS = re.compile(r"(https?|ftps?|file|data|s3|gs):", re.IGNORECASE)
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
"""Categories of characters that do something to a terminal or a line instead of being shown."""
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that have others shown in another order than they stand in."""


def printable(text: str) -> str:
    """`text` with its control characters as Python writes them, such as \\n; for names in lines."""
    return "".join(_escaped(each) if _is_control(each) else each for each in text)


def _is_control(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in _CONTROLS


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def hint_at(path: object) -> str:
    """Why there is no file at `path`, as the end of a sentence that says so; empty if unknown."""
    text = str(path)
    if _ADDRESS.match(text):
        return ", for nothing is fetched from an address: save the file here first"
    if text.startswith("~"):
        return ', for "~" is no folder here: write the path in full'
    return ""


def check_whole(name: str, value: object, low: int, high: int, unit: str = "") -> int:
    """`value` if it is a whole number, NumPy's too, from `low` to `high`.

    Raises:
        RecipeError: it is none.
    """
    if not (_is_number(value, Integral) and low <= _plain(value) <= high):
        raise RecipeError(
            f"{name} must be a whole number from {low} to {high}{unit}, not {shown(value)}."
        )
    return int(value)


def check_number(name: str, value: object, low: float, high: float) -> None:
    """Raise `RecipeError` unless `value` is a finite number, NumPy's too, from `low` to `high`."""
    if not (_is_number(value, Real) and low <= _plain(value) <= min(high, sys.float_info.max)):
        allowed = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of {low:g} or more"
        raise RecipeError(f"{name} must be a finite number {allowed}, not {shown(value)}.")


def in_range(name: str, value: object, limits: Limits) -> float:
    """`value` if it is a number within `limits`; else raises `RecipeError`, in plain words."""
    low, high = limits
    if not (_is_number(value, Real) and low <= _plain(value) <= high):
        allowed = f"from {number_text(low)} to {number_text(high)}"
        raise RecipeError(f"{name} must be a number {allowed}, not {shown(value)}.")
    return value


def _is_number(value: object, kind: type) -> TypeGuard[float]:
    return isinstance(value, kind) and not isinstance(value, bool)


def _plain(value: float) -> float:
    """A number as Python's own: NumPy's short ones warn where they meet a limit beyond theirs."""
    return int(value) if isinstance(value, Integral) else float(value)


def number_text(value: float) -> str:
    """A number for people, with its thousands apart from five digits on."""
    text = f"{value:,}" if isinstance(value, Integral) else f"{value:,.10g}"
    return text.replace(",", NO_BREAK if abs(value) >= 10_000 else "")


def spoken_time(seconds: float) -> str:
    """In seconds up to a hundred of them, then in minutes."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def check_bool(name: str, value: object) -> None:
    """Raise `RecipeError` unless `value` is True or False."""
    if not isinstance(value, bool):
        raise RecipeError(f"{name} must be True or False, not {shown(value)}.")


def check_mix(weights: Sequence[object]) -> None:
    """Raise `RecipeError` unless `weights` can be the parts of a mixture of styles."""
    for weight in weights:
        check_number("Each of the style weights", weight, 0.0, 1e9)
    if not any(weights):
        raise RecipeError("The style weights leave no style image: at least one must be above 0.")


def check_choice(name: str, value: object, allowed: Collection[str]) -> str:
    """`value` if it is one of the names in `allowed`; else raises `RecipeError`."""
    if not isinstance(value, str) or value not in allowed:
        raise RecipeError(f"{name} must be one of {listed(allowed)}, not {shown(value)}.")
    return value


def listed(names: Collection[str]) -> str:
    """Names for a sentence: of many, the first, and how many more there are."""
    first: list[str] = []
    for name in names:
        if first and sum(map(len, first)) + len(name) > MOST_LISTED:
            break
        first.append(printable(name[:LONGEST_VALUE]))
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "")


def check_layers(name: str, layers: object) -> None:
    """Raise `RecipeError` unless `layers` maps names to finite weights of 0 or more."""
    if not isinstance(layers, Mapping):
        raise RecipeError(f"{name} must map layer names to weights, not be {shown(layers)}.")
    for layer, weight in layers.items():
        check_number(f"{name}: the weight of {layer!s:.{LONGEST_VALUE}}", weight, 0.0, math.inf)
