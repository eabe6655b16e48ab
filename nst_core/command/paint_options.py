"""What a command line asked for, as one value."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from nst_core.errors import RecipeError
from nst_core.painting.style import Style

BY_DECODER = ""
"""Painted at once by the decoder, in any style, not by a network for some."""
STANDARD_OUTPUT = "-"
"""In the place of a result's file."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Pictures to paint: one, or those of a folder. Fields are as `--help` tells of them.

    Attributes:
        content: a photograph, or a folder of them.
        styles: files, or names of styles where a trained network paints.
        output: a file, a folder, or `STANDARD_OUTPUT`.
        fast: a trained network's file, `BY_DECODER`, or None for a run.
        changes: what `Job.of` takes besides: fields of the recipe and its optimiser, by name.
    """

    content: str
    styles: Sequence[str] = ()
    output: str
    recursive: bool = False
    recipe: str = "studio"
    backbone: str = "auto"
    style_weights: Sequence[float] = ()
    style_brushes: Sequence[float] = ()
    mask: str | None = None
    outside: Sequence[str] = ()
    resume: str | None = None
    snapshots: str | None = None
    fast: str | None = None
    json: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> list[str]:
        """The files that are read besides photographs."""
        if self.fast:
            return [self.fast]  # whose styles are names
        maybe = [self.backbone, self.mask, self.resume]  # the first may be a file, too
        return [*self.styles, *self.outside, *filter(None, maybe)]

    def refuse_but(self, allowed: Collection[str], beside: str) -> None:
        """Raise `RecipeError` for an option that would be left aside.

        Args:
            allowed: names of the options that count; content, styles and output always do.
            beside: the option with which others mean nothing.
        """
        defaults = {each.name: each.default for each in fields(self) if each.name not in _ALWAYS}
        given = [name for name, default in defaults.items() if getattr(self, name) != default]
        for name in (*given, *self.changes):
            if name not in allowed:
                raise RecipeError(f"--{name.replace('_', '-')} means nothing with {beside}.")


_ALWAYS = ("content", "styles", "output", "changes", "fast")


def mixture(
    styles: Sequence[str], weights: Sequence[float], brushes: Sequence[float]
) -> list[Style]:
    """The styles of a call, each with its weight and its brush.

    Raises:
        RecipeError: there are none, or a wrong number of values for them.
    """
    if not styles:
        raise RecipeError("A STYLE is needed: the painting in whose manner to paint.")
    parts = {}
    for name, given in (("--style-weights", weights), ("--style-brushes", brushes)):
        parts[name] = given or [1.0] * len(styles)
        check_count(name, parts[name], len(styles))
    return list(map(Style, styles, *parts.values()))


def check_count(name: str, numbers: Sequence[float], styles: int) -> None:
    """Raise `RecipeError` unless an option has one number for each of so many styles."""
    if len(numbers) != styles:
        raise RecipeError(
            f"{name} needs one number for each style image: {styles}, not {len(numbers)}."
        )
