"""Settings inside a picture: what is refused, and what can do no harm."""

import io
import json
import random
import re
import string
import zlib
from collections.abc import Callable
from math import nan
from pathlib import Path
from typing import Any

import pytest
from painting.described import (
    CONTENT,
    MASK,
    PICTURE,
    STYLE,
    changes,
    frame,
    other,
    png,
    read_text,
    refusal,
    saved,
    settings,
    text_refusal,
)

from nst_core import RECIPES
from nst_core.errors import SettingsError
from nst_core.images.saving import save_png
from nst_core.painting.settings import (
    KEYWORD,
    MAX_CHARACTERS,
    read_settings,
    recipe_of,
    settings_of,
    to_text,
)
from nst_core.painting.style import OpenedStyle
from nst_core.version import VERSION

LATER = re.sub(r"\d+$", lambda last: str(int(last[0]) + 1), VERSION)
"""The next version."""


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
    given = settings_of(frame(RECIPES["studio"]), CONTENT, [OpenedStyle(STYLE)], MASK)
    values = json.loads(to_text(given)[KEYWORD])
    values["place"] = {**values["place"], **wrong} if isinstance(wrong, dict) else wrong
    save_png(PICTURE, tmp_path / "out.png", {KEYWORD: json.dumps(values)})
    with pytest.raises(SettingsError, match=r"The settings can't be used"):
        read_settings(tmp_path / "out.png")


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
        (b"", "The file 'in.png' is not a PNG or JPEG file, or a damaged one."),
        (b"Not a picture.", "The file 'in.png' is not a PNG or JPEG file, or a damaged one."),
        (jpeg(), "The file 'in.png' carries no settings; only pictures saved here do."),
        (png()[:40], "The file 'in.png' is not a PNG or JPEG file, or a damaged one."),
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


LONG = "A" * 20_000


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"version": LATER}, f"was made by version {LATER}, which is later than this one"),
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
    assert "not a PNG or JPEG file, or a damaged one" in refusal(png(huge), tmp_path)
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
