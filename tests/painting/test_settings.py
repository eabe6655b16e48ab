"""Settings inside a picture: they come back whole, and hold nothing personal."""

import dataclasses
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, noise, photo
from painting.described import CONTENT, MASK, PICTURE, STYLE, chunks, frame, saved, settings
from PIL import Image, ImageFile, PngImagePlugin

import nst_core
from nst_core import RECIPES, Backbone, Recipe, RecipeError, stylize
from nst_core.images.saving import save_png
from nst_core.painting.settings import (
    KEYWORD,
    Settings,
    pixels_sha256,
    read_settings,
    recipe_of,
    settings_of,
    to_text,
)
from nst_core.painting.style import OpenedStyle
from nst_core.recipe.adam import Adam
from nst_core.version import VERSION

CHANGES: list[dict[str, Any]] = [
    {},
    {"seed": 2**63 - 1},
    {"size": None, "steps": 7, "style_weight": 0.1 + 0.2, "keep_best": True},
    {"optimizer": "adam", "learning_rate": 3, "clip": True},
    {"optimizer": "lbfgs", "memory": 3, "counting": "iteration"},
    {"style_layers": {"block1_conv2": 0.3, "block3_conv1": 1 / 3}, "pooling": "average"},
    {"start": "noise", "precision": "bfloat16", "coarsest": 64, "reconstruct": "style"},
]


# There and back


@pytest.mark.parametrize(
    "outside", [[], [OpenedStyle(STYLE, 0.5), OpenedStyle(CONTENT, 2.0, brush=0.5)]]
)
def test_places_come_back(outside: list[OpenedStyle], tmp_path: Path) -> None:
    given = settings_of(frame(RECIPES["studio"]), CONTENT, [OpenedStyle(STYLE)], MASK, outside)
    read = read_settings(saved(given, tmp_path))
    assert read == given
    assert read.place is not None
    assert read.place.whole
    assert read.place.mask_image() == MASK
    assert read.place.outside_weights == tuple(style.weight for style in outside)
    assert read.place.outside_brushes == tuple(style.brush for style in outside)


def test_a_mask_that_is_too_long_is_kept_smaller_and_tells_it(tmp_path: Path) -> None:
    mask = Image.fromarray(noise(900, 1200, 4)[..., 0])
    place = read_settings(
        saved(settings_of(frame(RECIPES["studio"]), CONTENT, [OpenedStyle(STYLE)], mask), tmp_path)
    ).place
    assert place is not None
    assert not place.whole
    assert place.mask_sha256 == pixels_sha256(mask)
    assert max(place.mask_image().size) < 1200


def test_early_pictures_tell_no_brushes(tmp_path: Path) -> None:
    given = settings_of(
        frame(RECIPES["studio"]), CONTENT, [OpenedStyle(STYLE)] * 2, MASK, [OpenedStyle(CONTENT)]
    )
    values = json.loads(to_text(given)[KEYWORD])
    del values["style_brushes"], values["place"]["outside_brushes"]
    save_png(PICTURE, tmp_path / "out.png", {KEYWORD: json.dumps(values)})
    assert read_settings(tmp_path / "out.png") == given


def test_early_pictures_tell_no_places(tmp_path: Path) -> None:
    values = json.loads(to_text(settings())[KEYWORD])
    del values["place"]
    save_png(PICTURE, tmp_path / "out.png", {KEYWORD: json.dumps(values)})
    assert read_settings(tmp_path / "out.png") == settings()


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: ",".join(changes))
def test_round_trip(name: str, changes: Mapping[str, Any], tmp_path: Path) -> None:
    recipe = RECIPES[name].changed(**changes)
    given = settings(recipe)
    read = read_settings(saved(given, tmp_path))
    assert read == given
    assert recipe_of(read) == recipe
    assert read.changes.keys() <= changes.keys() | {"optimizer"} | optimizer_fields(recipe)


def test_numbers_of_numpy_are_written_as_numbers(tmp_path: Path) -> None:
    recipe = RECIPES["studio"].changed(size=np.int64(96), style_weight=np.float32(5))
    restored = recipe_of(read_settings(saved(settings(recipe), tmp_path)))
    assert (restored.size, restored.style_weight) == (96, 5)


def optimizer_fields(recipe: Recipe) -> set[str]:
    return {field.name for field in dataclasses.fields(recipe.optimizer)}


def test_what_is_told(tmp_path: Path) -> None:
    recipe = RECIPES["studio"].changed(size=96, seed=7, style_layers={"block2_conv1": 1.0})
    given = settings_of(
        frame(recipe, step=3), CONTENT, [OpenedStyle(STYLE, 0.25), OpenedStyle(CONTENT, 0.75, 2.0)]
    )
    assert read_settings(saved(given, tmp_path)) == Settings(
        recipe="studio",
        changes={"size": 96, "style_layers": {"block2_conv1": 1.0}},
        seed=7,
        size=(30, 20),
        steps=3,
        backbone="embedded",
        precision="auto",
        content_sha256=pixels_sha256(CONTENT),
        style_sha256=(pixels_sha256(STYLE), pixels_sha256(CONTENT)),
        style_weights=(0.25, 0.75),
        style_brushes=(1.0, 2.0),
        version=VERSION,
    )


def test_without_changes_only_the_name_is_told() -> None:
    for name, recipe in RECIPES.items():
        assert (settings(recipe).recipe, settings(recipe).changes) == (name, {})


def test_another_kind_of_optimizer_is_told_by_its_differences_from_the_defaults() -> None:
    changes = {"optimizer": "adam", "learning_rate": 3.0}
    assert settings(RECIPES["keras-book"].changed(**changes)).changes == changes


def test_the_same_kind_is_told_by_its_differences_from_the_recipe_s() -> None:
    recipe = RECIPES["walkthrough"].changed(optimizer=Adam(clip=True, averaging=0.5))
    told = settings(recipe).changes
    assert told == {"beta_1": 0.9, "clip": True, "averaging": 0.5}  # its rate is 2 in both


@pytest.mark.parametrize(
    ("name", "asked", "changes"),
    [
        ("studio", "auto", {}),
        ("studio", "bfloat16", {"precision": "bfloat16"}),
        ("course", "auto", {"precision": "auto"}),
    ],
)
def test_the_precision_asked_for_and_the_one_at_work_are_told_apart(
    name: str, asked: str, changes: dict[str, str], tmp_path: Path
) -> None:
    asked_for = RECIPES[name].changed(precision=asked)
    shown = dataclasses.replace(frame(asked_for), precision="bfloat16")
    given = settings_of(shown, CONTENT, [OpenedStyle(STYLE)])
    read = read_settings(saved(given, tmp_path))
    assert (read.changes, read.precision) == (changes, "bfloat16")
    assert recipe_of(read) == shown.recipe.changed(precision="bfloat16")


def test_the_text_is_readable_json(tmp_path: Path) -> None:
    given = settings(RECIPES["course"].changed(steps=12))
    with Image.open(saved(given, tmp_path)) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        (text,) = image.text.values()
    assert list(json.loads(text)) == [field.name for field in dataclasses.fields(Settings)]
    assert '\n  "recipe": "course",\n  "changes": {\n    "steps": 12\n  },\n  "seed": 0,' in text
    assert len(text) < 1000


@pytest.mark.parametrize(
    ("backbone", "told"),
    [("vgg19", "vgg19"), ("auto", "auto"), ("/home/ada/vgg19.h5", "file"), ("ada.h5", "file")],
)
def test_a_backbone_from_a_file_is_not_named(backbone: str, told: str) -> None:
    assert settings(backbone=backbone).backbone == told


def test_the_version_is_the_package_s() -> None:
    assert settings().version == VERSION == nst_core.__version__


@pytest.mark.parametrize(
    "recipe",
    [
        dataclasses.replace(RECIPES["studio"], name="mine"),
        dataclasses.replace(RECIPES["studio"], story="mine"),
        dataclasses.replace(RECIPES["studio"], terms=RECIPES["studio"].terms[:2]),
    ],
)
def test_a_recipe_that_values_can_not_tell_is_refused(recipe: Recipe) -> None:
    with pytest.raises(RecipeError, match=r"^There is no recipe 'mine'|in more than plain values"):
        settings(recipe)


@pytest.mark.parametrize("name", ["studio", "gatys-lbfgs"])
def test_the_restored_recipe_paints_the_same_picture(
    name: str, backbone: Backbone, tmp_path: Path
) -> None:
    content, style = Image.fromarray(photo(CAT, 32, 48)), Image.fromarray(photo(CHURCH, 40, 32))
    changes: dict[str, Any] = {
        "size": 32,
        "steps": 3,
        "start": "noise",
        "seed": 11,
        "style_weight": 3.0,
    }
    *_, first = stylize(content, style, name, backbone, precision="float32", **changes)
    save_png(
        first.image,
        tmp_path / "out.png",
        to_text(settings_of(first, content, [OpenedStyle(style)])),
    )
    restored = recipe_of(read_settings(tmp_path / "out.png"))
    *_, second = stylize(content, style, restored, backbone)
    np.testing.assert_array_equal(np.asarray(second.image), np.asarray(first.image))
    *_, other = stylize(content, style, restored, backbone, seed=12)
    assert (np.asarray(other.image) != np.asarray(first.image)).any()


# Hashes


def test_sha256_is_that_of_a_ppm_file() -> None:
    ppm = io.BytesIO()
    CONTENT.save(ppm, "PPM")
    assert pixels_sha256(CONTENT) == hashlib.sha256(ppm.getvalue()).hexdigest()


def test_sha256_tells_sizes_apart() -> None:
    wide, high = Image.new("RGB", (4, 2)), Image.new("RGB", (2, 4))
    assert pixels_sha256(wide) != pixels_sha256(high)


def photo_with_exif() -> ImageFile.ImageFile:
    """A JPEG lying on its side, with a place, a camera and a name of its own."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turned by 90°
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.3), 29: "SECRETDATE"})
    file = io.BytesIO()
    CONTENT.save(file, "JPEG", exif=exif, comment=b"SECRETCOMMENT")
    return Image.open(file)


def test_sha256_is_of_upright_pixels_alone() -> None:
    image = photo_with_exif()
    upright = Image.fromarray(np.rot90(np.asarray(image), -1).copy())
    assert pixels_sha256(image) == pixels_sha256(upright)


def test_nothing_personal_goes_in(tmp_path: Path) -> None:
    image = photo_with_exif()
    image.filename = "SECRETNAME.jpg"
    picture = PICTURE.copy()
    picture.info |= image.info
    shown = dataclasses.replace(frame(RECIPES["studio"], "/SECRETFOLDER/v.h5"), image=picture)
    save_png(
        picture, tmp_path / "out.png", to_text(settings_of(shown, image, [OpenedStyle(image)]))
    )
    data = (tmp_path / "out.png").read_bytes()
    assert b"SECRET" in image.info["exif"]
    assert KEYWORD.encode() in data
    assert b"SECRET" not in data
    assert b"eXIf" not in data
    kinds = {kind for kind, _ in chunks(data)}
    assert kinds == {b"IHDR", b"sRGB", b"tEXt", b"IDAT", b"IEND"}
