"""What kind of field is this? One answer for all who ask: checks, command line, page, settings.

A field of a recipe, a term or an optimiser carries its kind as metadata. A kind checks a value,
reads one from a word, and says what it is.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeAlias

from nst_core.checks import check_bool, check_choice, check_layers, check_number, check_whole
from nst_core.layer_text import parse_layers

Value: TypeAlias = bool | int | float | str | Mapping[str, float] | None
"""What a field of some kind holds."""


class Kind(Protocol):
    """What a field may hold."""

    @property
    def word(self) -> str:
        """How a command line calls such a value."""

    def check(self, name: str, value: object) -> None:
        """Raise `RecipeError`, which names the field, the value and what is allowed."""

    def read(self, word: str) -> Value:
        """The value that a word stands for; `ValueError` where it stands for none."""


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`; None too where it is `optional`."""

    low: int
    high: int
    unit: str = ""
    optional: bool = False
    word: str = "INT"

    def check(self, name: str, value: object) -> None:
        if not (self.optional and value is None):
            check_whole(name, value, self.low, self.high, self.unit)

    def read(self, word: str) -> int:
        return int(word)


@dataclass(frozen=True)
class Number:
    """A finite number from `low` to `high`."""

    low: float
    high: float = math.inf
    word: str = "FLOAT"

    def check(self, name: str, value: object) -> None:
        check_number(name, value, self.low, self.high)

    def read(self, word: str) -> float:
        return float(word)


@dataclass(frozen=True)
class Choice:
    """One of some names."""

    names: Collection[str]
    word: str = "STR"

    def check(self, name: str, value: object) -> None:
        check_choice(name, value, self.names)

    def read(self, word: str) -> str:
        return word


@dataclass(frozen=True)
class Flag:
    """True or False."""

    word: str = "BOOL"

    def check(self, name: str, value: object) -> None:
        check_bool(name, value)

    def read(self, word: str) -> bool:
        raise NotImplementedError("A flag is given by its name alone.")


@dataclass(frozen=True)
class Layers:
    """Layer names with their weights."""

    word: str = "LAYERS"

    def check(self, name: str, value: object) -> None:
        check_layers(name, value)

    def read(self, word: str) -> dict[str, float]:
        return parse_layers(word)


def described(kind: Kind, **options: Any) -> Any:
    """A dataclass field of this kind; `options` as for `dataclasses.field`."""
    return field(metadata={"kind": kind}, **options)


def kinds(settings: Any) -> Mapping[str, Kind]:
    """Field -> kind, for the fields of a dataclass or of a value of it that have one."""
    return {each.name: each.metadata["kind"] for each in fields(settings) if each.metadata}


def check_kinds(settings: Any, prefix: str = "") -> None:
    """Check every such field of a value; raises `RecipeError`, with `prefix` before the name."""
    for name, kind in kinds(settings).items():
        kind.check(prefix + name, getattr(settings, name))
