"""Every picture carries its recipe: a run's settings as text inside the PNG, and back again.

A PNG may come from anybody. What is read is bounded, and becomes `Settings` of plain, checked
values or a `SettingsError`.
"""

import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from PIL import Image

from nst_core.checks import check_choice, check_whole, shown
from nst_core.errors import RecipeError, SettingsError
from nst_core.images.sizes import MAX_MEGAPIXELS, Size
from nst_core.kinds import Value, kinds
from nst_core.painting.earlier_versions import bring_up_to_date
from nst_core.painting.frame import Frame
from nst_core.painting.image_settings import (
    PlaceSettings,
    add_brushes,
    check_sha256,
    check_styles,
    pixels_sha256,
)
from nst_core.painting.style import OpenedStyle
from nst_core.recipe.catalogue import RECIPES, find_recipe
from nst_core.recipe.descent import Optimizer
from nst_core.recipe.optimizers import OPTIMIZERS, find_optimizer
from nst_core.recipe.recipe import PRECISIONS, STEPS, Recipe
from nst_core.version import VERSION

KEYWORD = "nst-settings"
"""Of the text chunk in a PNG file, and at the beginning of a JPEG file's comment."""
MAX_CHARACTERS = 64_000
"""Longest text of settings that is read; one style image makes it about a thousand."""
BACKBONES = ("auto", "vgg19", "embedded", "file")
"""What settings may call a backbone: "auto" before it was loaded, "file" for any path."""

_HEAD_BYTES = 2**20  # `save_png` writes text in front of the pixels, so this much will do
_LAYER = re.compile(r"block[1-5]_conv[1-4]|image")
_VERSION = re.compile(r"[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What made a picture, without anything personal: no names of files, no places, no dates.

    Attributes:
        recipe: its name in `RECIPES`.
        changes: fields of the recipe and its optimiser, as they were asked for, that differ from
            that recipe; "optimizer" is the name of another kind, whose own fields then differ from
            its defaults.
        seed: of the random numbers.
        size: of the picture: (width, height) in px.
        steps: done when the picture was taken.
        backbone: one of `BACKBONES`.
        precision: that was at work, also where "auto" was asked for.
        content_sha256: see `pixels_sha256`.
        style_sha256, style_weights, style_brushes: of each style.
        place: where the styles applied; None is everywhere.
        version: of the package that made the picture.

    Raises:
        SettingsError: a field has a value that can't be.
    """

    recipe: str
    changes: Mapping[str, Value]
    seed: int
    size: Size
    steps: int
    backbone: str
    precision: str
    content_sha256: str
    style_sha256: tuple[str, ...]
    style_weights: tuple[float, ...]
    style_brushes: tuple[float, ...]
    place: PlaceSettings | None = None
    version: str = VERSION

    def __post_init__(self) -> None:
        try:
            check_choice("recipe", self.recipe, RECIPES)
            check_choice("backbone", self.backbone, BACKBONES)
            check_choice("precision", self.precision, PRECISIONS)
            check_whole("steps", self.steps, 0, STEPS[1])
            self._check_size()
            check_sha256(self.content_sha256)
            check_styles(self.style_sha256, self.style_weights, self.style_brushes)
            self._check_changes()
        except RecipeError as error:
            raise SettingsError(f"The settings can't be used: {error}") from error

    def _check_size(self) -> None:
        if len(self.size) != 2:
            raise RecipeError(f"size must be a width and a height, not {shown(self.size)}.")
        for side in self.size:
            check_whole("Each side of the picture", side, 1, MAX_MEGAPIXELS * 1_000_000, " px")

    def _check_changes(self) -> None:
        if not isinstance(self.changes, Mapping):
            raise RecipeError(f"changes must map fields to values, not be {shown(self.changes)}.")
        changeable = _changeable(RECIPES[self.recipe])
        for name, value in self.changes.items():
            check_choice("Each field in changes", name, changeable)
            if name == "optimizer":
                check_choice(name, value, OPTIMIZERS)
            for layer in value if isinstance(value, Mapping) else ():
                if not _LAYER.fullmatch(layer):
                    raise RecipeError(f"VGG has no layer {shown(layer)}.")
        asked = _asked(self).precision
        if len({asked, self.precision} - {"auto"}) > 1:
            raise RecipeError(
                f"precision can't be {self.precision!r} where {asked!r} was asked for."
            )


def recipe_of(settings: Settings) -> Recipe:
    """The recipe, with its changes, seed and precision at work, that made the picture."""
    return _asked(settings).changed(precision=settings.precision)


def _asked(settings: Settings) -> Recipe:
    return RECIPES[settings.recipe].changed(**settings.changes, seed=settings.seed)


def settings_of(
    frame: Frame,
    content: Image.Image,
    styles: Sequence[OpenedStyle],
    mask: Image.Image | None = None,
    outside: Sequence[OpenedStyle] = (),
) -> Settings:
    """The settings that made a frame's picture.

    Args:
        frame: of a run.
        content: the run's content image.
        styles: of the run.
        mask: of mode L: where the styles apply; None if everywhere.
        outside: the styles where the mask is black.

    Raises:
        RecipeError: the run's recipe can't be told as changes of plain values to one in `RECIPES`.
    """
    recipe = frame.recipe
    settings = Settings(
        recipe=recipe.name,
        changes=_changes(recipe, find_recipe(recipe.name)),
        seed=recipe.seed,
        size=frame.image.size,
        steps=frame.step,
        backbone=frame.backbone if frame.backbone in BACKBONES else "file",
        precision=frame.precision,
        content_sha256=pixels_sha256(content),
        style_sha256=tuple(pixels_sha256(style.image) for style in styles),
        style_weights=tuple(style.weight for style in styles),
        style_brushes=tuple(style.brush for style in styles),
        place=PlaceSettings.of(mask, outside),
    )
    if _asked(settings) != recipe:
        raise RecipeError(f"This recipe differs from {recipe.name!r} in more than plain values.")
    return settings


def to_text(settings: Settings) -> dict[str, str]:
    """The settings as readable JSON under `KEYWORD`, for `save_png`."""
    return {KEYWORD: json.dumps(vars(settings), indent=2, default=_plain)}


def _plain(value: object) -> object:
    """What JSON does not know: NumPy's numbers, which recipes take, as Python's; and a place."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, PlaceSettings):
        return vars(value)
    raise TypeError(f"A value of type {type(value).__name__} can't be written as JSON.")


def read_settings(source: str | os.PathLike[str]) -> Settings:
    """The settings inside a PNG file that was saved with the text of `to_text`, or a JPEG's.

    The picture itself is not decoded.

    Raises:
        SettingsError: the file is not there, or neither PNG nor JPEG; it carries no settings; or
            they are not JSON, too long, of a later version of this package, or not as `Settings`
            has them.
    """
    text = _text_inside(Path(source))
    if len(text) > MAX_CHARACTERS:
        raise SettingsError(
            f"The settings have {len(text)} characters; at most {MAX_CHARACTERS} are read."
        )
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError("The settings in the picture are not valid JSON.") from error
    return _from_json(values)


def _text_inside(path: Path) -> str:
    subject = f"The file {shown(path.name)}"
    try:
        if not path.is_file():  # others, such as pipes, might never end
            raise SettingsError(f"{subject} does not exist, or is no regular file.")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise SettingsError(f"{subject} can't be read: {error.strerror}.") from error
    try:
        with Image.open(io.BytesIO(head), formats=["PNG", "JPEG"]) as image:
            text = image.info.get(KEYWORD, _from_comment(image.info.get("comment")))
    except Exception as error:  # Pillow raises nearly everything when a file is damaged
        raise SettingsError(f"{subject} is not a PNG or JPEG file, or a damaged one.") from error
    if text is None:
        raise SettingsError(f"{subject} carries no settings; only pictures saved here do.")
    return text


def _from_comment(comment: bytes | None) -> str | None:
    """The text of `as_comment`; None where it is another comment."""
    keyword, _, text = (comment or b"").decode("latin-1").partition(" ")
    return text if keyword == KEYWORD else None


def _from_json(values: object) -> Settings:
    if not isinstance(values, dict):
        raise SettingsError("The settings in the picture are not a JSON object.")
    _check_version(values.get("version"))  # first: a later one may have other fields
    values.setdefault("precision", "auto")  # early pictures don't tell it apart
    values.setdefault("place", None)
    add_brushes(values, "style")
    bring_up_to_date(values, _numbers(values["version"]))
    names = {field.name for field in fields(Settings)}
    if values.keys() != names:
        odd = ", ".join(map(shown, sorted(values.keys() ^ names)))
        raise SettingsError(f"The settings have fields that are unknown or missing: {odd}.")
    for name in ("size", "style_sha256", "style_weights", "style_brushes"):
        if not isinstance(values[name], list):
            raise SettingsError(f"{name} must be a list, not {shown(values[name])}.")
        values[name] = tuple(values[name])
    try:
        values["place"] = PlaceSettings.read(values["place"])
    except RecipeError as error:
        raise SettingsError(f"The settings can't be used: {error}") from error
    return Settings(**values)


def _check_version(version: object) -> None:
    if not (isinstance(version, str) and _VERSION.fullmatch(version)):
        raise SettingsError(
            f"The settings name no version, such as {VERSION}, but {shown(version)}."
        )
    if _numbers(version) > _numbers(VERSION):
        raise SettingsError(
            f"The picture was made by version {version}, which is later than this one, {VERSION}."
        )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _changes(recipe: Recipe, original: Recipe) -> dict[str, Value]:
    changes = _differing(recipe, original)
    kind, optimizer = type(recipe.optimizer), original.optimizer
    if kind is not type(optimizer):
        names = {type(default): name for name, default in OPTIMIZERS.items()}
        name = changes["optimizer"] = names.get(kind, kind.__name__)
        optimizer = find_optimizer(name)
    return changes | _differing(recipe.optimizer, optimizer)


def _differing(after: Recipe | Optimizer, before: Recipe | Optimizer) -> dict[str, Value]:
    changed = {
        name: getattr(after, name)
        for name in _field_names(after)
        if getattr(after, name) != getattr(before, name)
    }
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in changed.items()
    }


def _field_names(described: Recipe | Optimizer) -> list[str]:
    """Names of the fields that settings tell as changes; the seed they tell apart."""
    known = described.field_kinds if isinstance(described, Recipe) else kinds(described)
    return [name for name in known if name != "seed"]


def _changeable(recipe: Recipe) -> list[str]:
    """Names of all fields in which settings may differ from a recipe."""
    parts: tuple[Recipe | Optimizer, ...] = (recipe, *OPTIMIZERS.values())
    return ["optimizer", *dict.fromkeys(name for part in parts for name in _field_names(part))]
