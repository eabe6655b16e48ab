"""Settings inside a picture: they come back whole, hold nothing personal, and can do no harm."""

import dataclasses
import hashlib
import io
import json
import random
import string
import struct
import zlib
from collections.abc import Callable, Mapping
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, noise, photo
from PIL import Image, ImageFile, PngImagePlugin

import nst_core
from nst_core import RECIPES, Backbone, Frame, Losses, Recipe, RecipeError, Style, stylize
from nst_core.errors import SettingsError
from nst_core.images.saving import save_png
from nst_core.painting.settings import (
    KEYWORD,
    MAX_CHARACTERS,
    Settings,
    pixels_sha256,
    read_settings,
    recipe_of,
    settings_of,
    to_text,
)
from nst_core.recipe.adam import Adam
from nst_core.recipe.lbfgs import LBFGS
from nst_core.version import VERSION

CONTENT, STYLE = Image.fromarray(noise(24, 32, 1)), Image.fromarray(noise(16, 16, 2))
PICTURE = Image.fromarray(noise(20, 30, 3))

CHANGES: list[dict[str, Any]] = [
    {},
    {"seed": 2**63 - 1},
    {"size": None, "steps": 7, "style_weight": 0.1 + 0.2, "keep_best": True},
    {"optimizer": "adam", "learning_rate": 3, "clip": True},
    {"optimizer": "lbfgs", "memory": 3, "counting": "iteration"},
    {"style_layers": {"block1_conv2": 0.3, "block3_conv1": 1 / 3}, "pooling": "average"},
    {"start": "noise", "precision": "bfloat16", "coarsest": 64, "reconstruct": "style"},
]


def frame(recipe: Recipe, backbone: str = "embedded", step: int = 5) -> Frame:
    losses = Losses.unmeasured(["content", "style", "variation"])
    at_work = {"precision": recipe.precision}
    return Frame(PICTURE, step, 9, losses, 1.0, 0.0, True, True, recipe, backbone, **at_work)


def settings(recipe: Recipe = RECIPES["studio"], **described: Any) -> Settings:
    return settings_of(frame(recipe, **described), CONTENT, [Style(STYLE)])


def saved(described: Settings, folder: Path) -> Path:
    save_png(PICTURE, folder / "out.png", to_text(described))
    return folder / "out.png"


# There and back


MASK = Image.fromarray(noise(24, 32, 4)[..., 0])


@pytest.mark.parametrize("outside", [[], [Style(STYLE, 0.5), Style(CONTENT, 2.0, brush=0.5)]])
def test_places_come_back(outside: list[Style], tmp_path: Path) -> None:
    given = settings_of(frame(RECIPES["studio"]), CONTENT, [Style(STYLE)], MASK, outside)
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
        saved(settings_of(frame(RECIPES["studio"]), CONTENT, [Style(STYLE)], mask), tmp_path)
    ).place
    assert place is not None
    assert not place.whole
    assert place.mask_sha256 == pixels_sha256(mask)
    assert max(place.mask_image().size) < 1200


def test_early_pictures_tell_no_brushes(tmp_path: Path) -> None:
    given = settings_of(
        frame(RECIPES["studio"]), CONTENT, [Style(STYLE)] * 2, MASK, [Style(CONTENT)]
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


@pytest.mark.parametrize(
    "wrong",
    [
        {"mask": "no base64!"},
        {"mask": 7},
        {"mask": None},
        {"mask_sha256": "00"},
        {"outside_sha256": ["x"]},
        {"outside_weights": [1.0]},
        {"outside_weights": "1"},
        {"outside_brushes": [1.0]},
        {"more": 1},
        [],
        "mask",
    ],
    ids=str,
)
def test_places_that_can_not_be(wrong: Any, tmp_path: Path) -> None:
    given = settings_of(frame(RECIPES["studio"]), CONTENT, [Style(STYLE)], MASK)
    values = json.loads(to_text(given)[KEYWORD])
    values["place"] = {**values["place"], **wrong} if isinstance(wrong, dict) else wrong
    save_png(PICTURE, tmp_path / "out.png", {KEYWORD: json.dumps(values)})
    with pytest.raises(SettingsError, match=r"The settings can't be used"):
        read_settings(tmp_path / "out.png")


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
        frame(recipe, step=3), CONTENT, [Style(STYLE, 0.25), Style(CONTENT, 0.75, 2.0)]
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
    given = settings_of(shown, CONTENT, [Style(STYLE)])
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
        first.image, tmp_path / "out.png", to_text(settings_of(first, content, [Style(style)]))
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
    save_png(picture, tmp_path / "out.png", to_text(settings_of(shown, image, [Style(image)])))
    data = (tmp_path / "out.png").read_bytes()
    assert b"SECRET" in image.info["exif"]
    assert KEYWORD.encode() in data
    assert b"SECRET" not in data
    assert b"eXIf" not in data
    kinds = {kind for kind, _ in chunks(data)}
    assert kinds == {b"IHDR", b"sRGB", b"tEXt", b"IDAT", b"IEND"}


# What is refused


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """(kind, content) of every chunk of a PNG file."""
    found, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += length + 12
    return found


def png(*extra: tuple[bytes, bytes]) -> bytes:
    """A PNG file of 1 × 1 px with other chunks in front of its pixels."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(4))
    every = [(b"IHDR", header), *extra, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in every
    )


def refusal(data: bytes, folder: Path) -> str:
    """The sentence that a file of these bytes is refused with."""
    path = folder / "in.png"
    path.write_bytes(data)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    sentence = str(caught.value)
    assert str(folder) not in sentence
    assert len(sentence) <= 400
    assert sentence.isprintable()
    return sentence


def text_refusal(text: str, folder: Path) -> str:
    key = KEYWORD.encode() + b"\0"
    return refusal(png((b"tEXt", key + text.encode("latin-1"))), folder)


def other(**fields: Any) -> str:
    """JSON of valid settings with some fields replaced, or left out if they are `...`."""
    values = json.loads(to_text(settings())[KEYWORD]) | fields
    return json.dumps({name: value for name, value in values.items() if value is not ...})


def read_text(text: str, folder: Path) -> Settings:
    data = png((b"tEXt", KEYWORD.encode() + b"\0" + text.encode()))
    (folder / "in.png").write_bytes(data)
    return read_settings(folder / "in.png")


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, {"style_weight": 50.0, "steps": 120, "step_ratio": 2.0, "variation_weight": 1e-4}),
        ({"steps": 48, "style_weight": 7.0}, {"style_weight": 7.0, "steps": 48, "step_ratio": 2.0}),
        ({"optimizer": "lbfgs"}, {"style_weight": 50.0, "optimizer": LBFGS()}),
    ],
    ids=["plain", "changed", "other optimiser"],
)
def test_pictures_of_version_0_1_keep_the_studio_of_their_time(
    changes: dict[str, Any], known: dict[str, Any], tmp_path: Path
) -> None:
    recipe = recipe_of(read_text(other(version="0.1.0", changes=changes), tmp_path))
    assert {name: getattr(recipe, name) for name in known} == known
    comparisons = (recipe.style_comparison, recipe.variation_comparison)
    assert (recipe.name, *comparisons) == ("moments", "gram-relative", "roughness")
    layers = [weight * 341 for weight in recipe.style_layers.values()]
    assert layers == pytest.approx([256, 64, 16, 4, 1])
    if "optimizer" not in changes:
        expected = Adam(16.0, beta_1=0.8, beta_2=0.7, clip=True, decay=0.2, averaging=0.8)
        assert recipe.optimizer == expected


def test_other_recipes_of_version_0_1_are_as_they_were(tmp_path: Path) -> None:
    text = other(version="0.1.0", recipe="course", changes={"steps": 9})
    assert read_text(text, tmp_path).changes == {"steps": 9}


def test_pictures_of_version_0_2_keep_the_studio_of_their_time(tmp_path: Path) -> None:
    recipe = recipe_of(read_text(other(version="0.2.0", changes={"steps": 9}), tmp_path))
    assert recipe == RECIPES["moments"].changed(steps=9)


@pytest.mark.parametrize(
    ("recipe", "told", "comparison"),
    [
        ("studio", {"style_statistic": "gram", "style_scaling": "gatys"}, "gram-gatys"),
        ("course", {"style_statistic": "moments", "style_scaling": "moments-relative"}, "moments"),
        ("keras-book", {"style_scaling": "mean"}, "gram-mean"),
    ],
)
def test_what_a_term_compared_up_to_version_0_2_has_one_name_now(
    recipe: str, told: dict[str, str], comparison: str, tmp_path: Path
) -> None:
    text = other(version="0.2.0", recipe=recipe, changes={**told, "steps": 9})
    assert read_text(text, tmp_path).changes == {"style_comparison": comparison, "steps": 9}


@pytest.mark.parametrize("name", ["roughness", "median", 3, None, ["gram"]])
def test_what_a_term_no_longer_compares_is_refused(name: Any, tmp_path: Path) -> None:
    text = other(version="0.2.0", **changes(style_statistic=name))
    assert "that only versions up to 0.2 know" in text_refusal(text, tmp_path)


@pytest.mark.parametrize("fields", [{}, {"precision": ...}], ids=["complete", "early"])
def test_the_settings_that_the_refused_ones_start_from_are_read(
    fields: dict[str, Any], tmp_path: Path
) -> None:
    assert read_text(other(**fields), tmp_path) == settings()


def jpeg() -> bytes:
    file = io.BytesIO()
    PICTURE.save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "The file 'in.png' is not a PNG file, or a damaged one."),
        (b"Not a picture.", "The file 'in.png' is not a PNG file, or a damaged one."),
        (jpeg(), "The file 'in.png' is not a PNG file, or a damaged one."),
        (png()[:40], "The file 'in.png' is not a PNG file, or a damaged one."),
        (png(), "The file 'in.png' carries no settings; only pictures saved here do."),
        (
            png((b"tEXt", b"parameters\0" + other().encode())),
            "The file 'in.png' carries no settings; only pictures saved here do.",
        ),
    ],
)
def test_files_without_settings(data: bytes, named: str, tmp_path: Path) -> None:
    assert refusal(data, tmp_path) == named


@pytest.mark.parametrize("name", ["missing.png", "", "a\0b.png", "x" * 5000])
def test_no_such_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^The file ") as caught:
        read_settings(tmp_path / name)
    assert len(str(caught.value)) <= 400


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("{'recipe': 1}", "not valid JSON"),
        ("[" * 50_000, "not valid JSON"),
        ('{"a":' * 10_000, "not valid JSON"),
        ("9" * 5000, "not valid JSON"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ('"studio"', "not a JSON object"),
        ("NaN", "not a JSON object"),
        ("{}", "name no version"),
        ("\xff\xfe", "not valid JSON"),
        (" " * (MAX_CHARACTERS + 1), "at most 64000 are read"),
    ],
)
def test_texts_that_are_not_settings(text: str, named: str, tmp_path: Path) -> None:
    assert named in text_refusal(text, tmp_path)


def changes(**values: Any) -> dict[str, Any]:
    return {"changes": values}


LONG = "A" * 20_000


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"version": "0.3.1"}, "was made by version 0.3.1, which is later than this one"),
        ({"version": "99999.0.0", "novelty": 1}, "which is later than this one"),
        ({"version": ""}, "name no version"),
        ({"version": "1"}, "name no version"),
        ({"version": "0.1.x"}, "name no version"),
        ({"version": "٠.١.٠"}, "name no version"),
        ({"version": 0.1}, "name no version"),
        ({"version": LONG}, "name no version"),
        ({"recipe": ...}, "unknown or missing: 'recipe'"),
        ({"novelty": 1}, "unknown or missing: 'novelty'"),
        ({LONG: 1}, "unknown or missing"),
        ({"\ud800": 1}, "unknown or missing: '\\ud800'"),
        ({"recipe": "novelty"}, "recipe must be one of studio, moments, nnst, keras-book, "),
        ({"recipe": ["studio"]}, "recipe must be one of"),
        ({"recipe": None}, "recipe must be one of"),
        ({"backbone": "/etc/passwd"}, "backbone must be one of auto, vgg19, embedded, file"),
        ({"backbone": {}}, "backbone must be one of"),
        ({"precision": "float16"}, "precision must be one of auto, float32, bfloat16"),
        ({"precision": None}, "precision must be one of"),
        (
            {"precision": "float32", **changes(precision="bfloat16")},
            "precision can't be 'float32' where 'bfloat16' was asked for.",
        ),
        (changes(precision="float16"), "precision must be one of"),
        ({"steps": -1}, "steps must be a whole number from 0 to 100000, not -1."),
        ({"steps": 1.0}, "steps must be"),
        ({"steps": True}, "steps must be"),
        ({"seed": "1"}, "seed must be"),
        ({"seed": 2**63}, "seed must be"),
        ({"size": [30]}, "size must be a width and a height"),
        ({"size": [30, 20, 3]}, "size must be a width and a height"),
        ({"size": 30}, "size must be a list"),
        ({"size": {"30": 1, "20": 2}}, "size must be a list"),
        ({"size": [30, 0]}, "Each side of the picture"),
        ({"size": ["30", "20"]}, "Each side of the picture"),
        ({"content_sha256": "0" * 63}, "A SHA-256 has 64 digits"),
        ({"content_sha256": "G" * 64}, "A SHA-256 has 64 digits"),
        ({"content_sha256": 10**63}, "A SHA-256 has 64 digits"),
        ({"style_sha256": []}, "as many weights, and brushes, as style images"),
        ({"style_sha256": [], "style_weights": [], "style_brushes": []}, "no style image"),
        ({"style_sha256": [["0" * 64]]}, "A SHA-256 has 64 digits"),
        ({"style_sha256": "0" * 64}, "style_sha256 must be a list"),
        ({"style_weights": [0]}, "no style image"),
        ({"style_weights": [-1]}, "style weights"),
        ({"style_weights": [nan]}, "style weights"),
        ({"style_weights": [None]}, "style weights"),
        ({"style_weights": [1, 1]}, "as many weights, and brushes, as style images"),
        ({"changes": None}, "changes must map fields to values"),
        ({"changes": [["steps", 3]]}, "changes must map fields to values"),
        (changes(novelty=1), "Each field in changes must be one of optimizer, size, "),
        (changes(self=1), "Each field in changes must be one of"),
        (changes(__class__="Recipe"), "Each field in changes must be one of"),
        (changes(name="mine"), "Each field in changes must be one of"),
        (changes(story="mine"), "Each field in changes must be one of"),
        (changes(seed=1), "Each field in changes must be one of"),
        (changes(style_comparison="style_gatys"), "style_comparison must be one of"),
        (changes(style_comparison="roughness"), "style_comparison must be one of"),
        (changes(style_scaling="gatys"), "Each field in changes must be one of"),
        (changes(size_rule=None), "size_rule must be one of"),
        (changes(optimizer="sgd"), "optimizer must be one of adam, lbfgs, not 'sgd'"),
        (changes(optimizer=None), "optimizer must be one of"),
        (changes(optimizer={"learning_rate": 1}), "optimizer must be one of"),
        (changes(optimizer={}), "optimizer must be one of"),
        (changes(memory=3), "no field 'memory'"),
        (changes(optimizer="lbfgs", beta_1=0.5), "no field 'beta_1'"),
        (changes(clip="yes"), "clip must be True or False"),
        (changes(clip=1), "clip must be True or False"),
        (changes(keep_best="yes"), "keep_best must be True or False"),
        (changes(size=10**400), "size must be a whole number"),
        (changes(learning_rate=10**400), "learning_rate must be a finite number"),
        (changes(learning_rate=nan), "learning_rate must be a finite number"),
        (changes(style_weight=float("inf")), "style_weight must be a finite number"),
        (changes(style_weight=LONG), "style_weight must be a finite number"),
        (changes(pooling=["max"]), "pooling must be one of"),
        (changes(start="<script>"), "start must be one of"),
        (changes(steps=None), "steps must be a whole number"),
        (changes(content_layers=[]), "content_layers must map layer names"),
        (changes(content_layers="block1_conv1"), "content_layers must map layer names"),
        (changes(content_layers={"<script>": 1}), "VGG has no layer '<script>'"),
        (changes(content_layers={"block1_conv1\n": 1}), "VGG has no layer"),
        (changes(content_layers={"block1_conv1": None}), "the weight of block1_conv1"),
        (changes(content_layers={"block1_conv1": {"block1_conv1": 1}}), "the weight of"),
        (
            {
                "recipe": "moments",
                **changes(content_weight=0, style_weight=0, variation_weight=0),
            },
            "All weights are 0",
        ),
    ],
)
def test_settings_that_can_not_be(fields: dict[str, Any], named: str, tmp_path: Path) -> None:
    assert named in text_refusal(other(**fields), tmp_path)


def ztxt(text: bytes) -> tuple[bytes, bytes]:
    return b"zTXt", KEYWORD.encode() + b"\0\0" + zlib.compress(text, 9)


def itxt(text: bytes) -> tuple[bytes, bytes]:
    return b"iTXt", KEYWORD.encode() + b"\0\1\0\0\0" + zlib.compress(text, 9)


@pytest.mark.parametrize("chunk", [ztxt, itxt])
def test_bombs_do_not_go_off(chunk: Callable[[bytes], tuple[bytes, bytes]], tmp_path: Path) -> None:
    huge = chunk(bytes(200_000_000))
    assert "not a PNG file, or a damaged one" in refusal(png(huge), tmp_path)
    large = [chunk(b" " * 1_000_000)] * 100
    assert "damaged one" in refusal(png(*large), tmp_path)
    assert "at most 64000 are read" in refusal(png(large[0]), tmp_path)


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    text = (b"tEXt", KEYWORD.encode() + b"\0" + other().encode())
    padding = (b"prVt", bytes(2**21))
    assert "damaged one" in refusal(png(padding, text), tmp_path)
    (tmp_path / "late.png").write_bytes(png(text)[:-12] + bytes(2**21))
    assert read_settings(tmp_path / "late.png") == settings()


@pytest.mark.parametrize("chunk", [ztxt, itxt])
def test_compressed_text_of_other_programs_is_read(
    chunk: Callable[[bytes], tuple[bytes, bytes]], tmp_path: Path
) -> None:
    (tmp_path / "in.png").write_bytes(png(chunk(other().encode())))
    assert read_settings(tmp_path / "in.png") == settings()


def damaged_text(text: str, random_: random.Random) -> str:
    """The text with a few characters removed, doubled, or replaced by others."""
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(text))
        middle = random_.choice(["", text[at] * 2, random_.choice(string.printable), "null", "[]"])
        text = text[:at] + middle + text[at + 1 :]
    return text


def damaged_value(value: Any, random_: random.Random) -> Any:
    """A JSON value with one part, at some depth, replaced by something else."""
    if isinstance(value, dict) and value and random_.random() < 0.8:
        key = random_.choice(list(value))
        return value | {key: damaged_value(value[key], random_)}
    if isinstance(value, list) and value and random_.random() < 0.5:
        return [*value[1:], damaged_value(value[0], random_)]
    odd = [None, True, -1, 0, 1e308, nan, 2**70, "", "adam", "\ud800", [], [1], {}, {"a": 1}]
    return random_.choice(odd)


def test_fuzz(tmp_path: Path) -> None:
    """Whatever is read, settings or their refusal come of it, and nothing else."""
    random_ = random.Random(1)
    recipe = RECIPES["course"].changed(
        optimizer="lbfgs", memory=4, size=64, style_layers={"block1_conv1": 1.0}, clip=True
    )
    text = to_text(settings(recipe))[KEYWORD]
    save_png(PICTURE, tmp_path / "out.png", {KEYWORD: text})
    whole = (tmp_path / "out.png").read_bytes()
    outcomes = []
    for _ in range(500):
        bytes_ = bytearray(whole)
        for _ in range(random_.randint(1, 5)):
            bytes_[random_.randrange(len(bytes_))] = random_.randrange(256)
        value = json.dumps(damaged_value(json.loads(text), random_))
        for data in (
            bytes(bytes_),
            png((b"tEXt", KEYWORD.encode() + b"\0" + damaged_text(text, random_).encode())),
            png((b"tEXt", KEYWORD.encode() + b"\0" + value.encode())),
        ):
            outcomes.append(comes_back(data, tmp_path))
    assert set(outcomes) == {True, False}


def comes_back(data: bytes, folder: Path) -> bool:
    """Whether settings came of it; if so, they can be used and saved again."""
    (folder / "fuzz.png").write_bytes(data)
    try:
        read = read_settings(folder / "fuzz.png")
    except SettingsError:
        return False
    assert settings(recipe_of(read)).recipe == read.recipe
    assert read_settings(saved(read, folder)) == read
    return True
