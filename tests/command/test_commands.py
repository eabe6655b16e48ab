"""The words of the command line: commands, names and numbers of any kind, and what is refused."""

import importlib
import json
import resource
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT
from PIL import Image

from nst_core import RECIPES, Job
from nst_core import __main__ as command
from nst_core.command.paint_options import BY_DECODER
from nst_core.command.parser import COMMANDS, read_options
from nst_core.errors import RecipeError
from nst_core.fast.network import FastNetwork
from nst_core.fast.network_files import load_network, save_network
from nst_core.fast.network_pass import initial
from nst_core.network.address_space import LEAST
from nst_core.painting.at_once import paint_at_once

Call = Callable[..., tuple[int, str, str]]
QUICK = ["--size", "32", "--steps", "2", "--precision", "float32", "--backbone", "embedded"]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command line; its status, and what it wrote on both streams."""

    def call(*words: str | Path) -> tuple[int, str, str]:
        try:
            status = command.main([*map(str, words)])
        except SystemExit as ended:
            status = int(ended.code or 0)
        return (status, *capsys.readouterr())

    return call


# Commands


def test_the_plain_form_and_paint_ask_for_the_same() -> None:
    words = ["a.jpg", "b.jpg", "c.jpg", "-o", "d.png", "--style-weights", "1", "2", "--no-clip"]
    assert read_options(words) == read_options(["paint", *words])
    options = read_options(words)
    assert (options.content, options.styles) == ("a.jpg", ["b.jpg", "c.jpg"])
    assert (options.style_weights, options.changes) == ([1, 2], {"clip": False})


def test_fast_paints_at_once(call: Call, tmp_path: Path) -> None:
    output = tmp_path / "out.png"
    assert call("fast", CAT, CHURCH, "-o", output, "--size", "32")[0] == 0
    *_, wanted = paint_at_once(Job.of(CAT, CHURCH, size=32).opened())
    with Image.open(output) as picture:
        assert np.array_equal(np.asarray(picture), np.asarray(wanted))


def test_fast_takes_a_network(call: Call, tmp_path: Path) -> None:
    save_network(FastNetwork(("dots", "waves"), initial(2, 0)), tmp_path / "two.npz")
    words = ["fast", CAT, "waves", "-o", tmp_path / "out.png", "--network", tmp_path / "two.npz"]
    status, out, _ = call(*words, "--size", "32", "--json")
    assert status == 0
    assert json.loads(out)["styles"] == ["waves"]
    status, _, err = call(*words, "--mask", CAT)
    assert (status, err) == (2, "nst_core: --mask means nothing with --network.\n")


def test_fast_has_the_options_that_mean_something(call: Call) -> None:
    assert read_options(["fast", "a", "b", "-o", "c"]).fast == BY_DECODER
    status, _, err = call("fast", CAT, CHURCH, "-o", "out.png", "--steps", "5")
    assert status == 2
    assert "unrecognized arguments: --steps 5" in err


def test_only_a_decoder_is_trained_further(call: Call, tmp_path: Path) -> None:
    words = ["train", CHURCH, "--photos", tmp_path, "-o", tmp_path / "a.npz", "--start", "b.npz"]
    status, _, err = call(*words)
    assert status == 2
    assert "--start is for a decoder: a network is trained from its beginning." in err


def test_what_is_given_as_it_is_usual_may_stand_beside_fast() -> None:
    words = ["a", "b", "-o", "c", "--fast", "--recipe", "studio", "--backbone", "auto"]
    assert read_options(words).fast == BY_DECODER
    with pytest.raises(RecipeError, match="--recipe means nothing with --fast"):
        read_options([*words, "--recipe", "moments"])


@pytest.mark.parametrize("name", COMMANDS)
def test_a_photograph_called_as_a_command(
    name: str, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reached by its folder, behind an option, or behind `--`; the help says how."""
    monkeypatch.chdir(tmp_path)
    for words in ([f"./{name}"], ["-o", "out.png", name], ["--", name]):
        more = [] if "-o" in words else ["-o", "out.png"]
        options = read_options([*more, *words, "style.jpg"])
        assert (Path(options.content), options.styles) == (Path(name), ["style.jpg"])
    assert "./paint" in call("--help")[1]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_has_a_help(name: str, call: Call) -> None:
    words = [name] if name else []
    status, out, _ = call(*words, "--help")
    assert status == 0
    assert out.startswith(f"usage: python -m nst_core {name}".strip())
    assert "-o " in out
    status, out, err = call(*words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "needed" in err


def test_the_console_script_is_the_command_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, _, name = project["scripts"]["nst"].partition(":")
    assert getattr(importlib.import_module(module), name) is command.main


def test_it_is_called_as_it_was_started(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/local/bin/nst"])
    assert call("fast", "--help")[1].startswith("usage: nst fast CONTENT STYLE")


# Names and numbers


def test_names_that_begin_with_a_hyphen(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (40, 30), "teal").save("-cat.png")
    Image.new("RGB", (40, 30), "teal").save("--style.png")
    status, out, _ = call(
        "-o", "out.png", "--fast", "--size", "32", "--", "-cat.png", "--style.png"
    )
    assert status == 0
    assert "out.png: 32×24 px" in out


def test_names_before_and_behind_the_hyphens_keep_their_order() -> None:
    options = read_options(["a", "-o", "out.png", "b", "--json", "--", "-c", "--", "--size"])
    assert (options.content, options.styles) == ("a", ["b", "-c", "--", "--size"])
    assert options.json


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--style-strength", "−5"], ("style_strength", -5.0)),
        (["--style-strength=−0.5"], ("style_strength", -0.5)),
        (["--learning-rate", "1e−6"], ("learning_rate", 1e-6)),
        (["--content-layers", "block4_conv2=1e−2"], ("content_layers", {"block4_conv2": 0.01})),
        (["--seed", "−1"], ("seed", -1)),
        (["--style-strength", "-5e-1"], ("style_strength", -0.5)),
    ],
)
def test_a_true_minus_sign_in_numbers(words: list[str], wanted: tuple[str, Any]) -> None:
    name, value = wanted
    assert read_options(["a", "b", "-o", "c.png", *words]).changes[name] == value


def test_the_plain_form_and_paint_paint_the_same(call: Call, tmp_path: Path) -> None:
    """Also where one has a hyphen before a number, and the other a minus sign."""
    for number, words in enumerate((["--style-strength", "-5"], ["--style-strength", "−5"])):
        command_ = ["paint"] if number else []
        assert (
            call(*command_, CAT, CHURCH, "-o", tmp_path / f"{number}.png", *QUICK, *words)[0] == 0
        )
    assert (tmp_path / "0.png").read_bytes() == (tmp_path / "1.png").read_bytes()


def test_a_true_minus_sign_in_a_name_is_a_part_of_it() -> None:
    assert read_options(["−5.jpg", "b−.jpg", "-o", "−.png"]).content == "−5.jpg"


def test_control_characters_in_mistakes_are_escaped(call: Call, tmp_path: Path) -> None:
    for words in (
        ["--\x1b[31mred\n"],
        ["--size", "\x1b[31mred\n"],
        ["--recipe", "\x1b[31mred\n"],
        ["--mask", "\x1b[31mred\n"],
        ["--backbone", "\x1b[31mred\n.h5"],
    ):
        status, _, err = call(CAT, CHURCH, "-o", tmp_path / "out.png", *words)
        assert status == 2
        assert err.count("\n") == 1
        assert "\x1b" not in err
        assert r"\x1b[31mred\n" in err


def test_control_characters_in_the_results_name_are_escaped(call: Call, tmp_path: Path) -> None:
    output = tmp_path / "a\x1b[2J\n.png"
    status, out, err = call("fast", CAT, CHURCH, "-o", output, "--size", "32")
    assert status == 0
    assert output.exists()
    assert r"a\x1b[2J\n.png: 32×" in out
    assert "\x1b" not in out + err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["https://example.com/cat.jpg", CHURCH, "-o", "a.png"], "nothing is fetched"),
        ([CAT, "~/church.jpg", "-o", "a.png"], '"~" is no folder here'),
        (["~", CHURCH, "-o", "a.png"], '"~" is no folder here'),
        ([CAT, CHURCH, "--mask=~/m.png", "-o", "a.png"], '"~" is no folder here'),
        ([CAT, CHURCH, "-o", "~/a.png"], '"~" is no folder here'),
        ([CAT, CHURCH, "-o", "s3://bucket/a.png"], "nothing is fetched"),
        ([CAT, CHURCH, "-o", "a.png", "--snapshots", "~/b"], '"~" is no folder here'),
        ([CAT.parent, CHURCH, "-o", "~/results"], '"~" is no folder here'),
        ([CAT, "--fast", "https://example.com/n.npz", "-o", "a.png"], "nothing is fetched"),
        ([CAT, CHURCH, "--backbone", "~/vgg.h5", "-o", "a.png"], '"~" is no folder here'),
        (["train", CHURCH, "--photos", "~/photos", "-o", "a.npz"], '"~" is no folder here'),
    ],
)
def test_what_only_means_something_elsewhere_is_told(
    words: list[str | Path],
    told: str,
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = call(*words)
    assert (status, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert len(err) < 400
    assert not list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


# Results and memory


def test_a_read_only_result_is_refused_before_the_work(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "load_backbone", lambda _name: pytest.fail("loaded"))
    output = tmp_path / "out.png"
    output.write_bytes(b"kept")
    output.chmod(0o444)
    for words in ([], ["--fast"], ["--fast", "--size", "32"]):
        status, _, err = call(CAT, CHURCH, "-o", output, *words)
        assert (status, output.read_bytes()) == (2, b"kept")
        assert "'out.png': the file there is read-only" in err


@pytest.mark.process
@pytest.mark.parametrize("limit", [0.5e9, 1.3e9, 1.5e9, LEAST - 4096])
def test_too_low_a_limit_of_memory_is_told_in_a_sentence(limit: float, tmp_path: Path) -> None:
    output = tmp_path / "out.png"
    run = subprocess.run(
        [sys.executable, "-m", "nst_core", CAT, CHURCH, "-o", output, *QUICK],
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit))),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.count("\n") == 1
    assert "GB of memory, and painting needs 2.4 GB: raise the limit" in run.stderr


# Training


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(8):
        pixels = rng.integers(0, 256, (48, 48, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


TRAINS = ["--backbone=embedded", "--steps=1", "--crop=32", "--batch=1", "--every=1"]


@pytest.mark.parametrize(
    ("output", "more", "told"),
    [
        ("photos/0.png", [], "The network '0.png' would overwrite the input '0.png'"),
        ("style.png", [], "The network 'style.png' would overwrite the input 'style.png'"),
        ("a.npz", ["--look", "photos/0.png"], "would overwrite the input '0.png'"),
        ("a.npz", ["--look", "style.png"], "would overwrite the input 'style.png'"),
        ("a.npz", ["--look", "photos/new.jpg"], "among what is trained on"),
        ("a.npz", ["--look", "missing/new.jpg"], "the folder does not exist"),
        ("a.npz", ["--look", "read-only.jpg"], "the file there is read-only"),
        ("read-only.jpg", [], "the file there is read-only"),
        ("-", [], "A network is a file"),
    ],
)
def test_a_training_writes_to_nothing_that_it_reads(
    output: str,
    more: list[str],
    told: str,
    call: Call,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(photos.parent)
    Image.new("RGB", (40, 30), "teal").save("style.png")
    Image.new("RGB", (40, 30), "teal").save("read-only.jpg")
    Path("read-only.jpg").chmod(0o444)
    before = {path: path.read_bytes() for path in photos.parent.rglob("*.*g")}
    status, _, err = call("train", "style.png", "--photos", "photos", "-o", output, *more, *TRAINS)
    assert status == 2
    assert told in err
    assert err.count("\n") == 1
    assert {path: path.read_bytes() for path in photos.parent.rglob("*.*g")} == before


NAMES = ["Cafe\u0301", "-a\x1b[31m\nb"]


@pytest.mark.slow
def test_paintings_may_have_any_name(
    call: Call, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a Mac spells an accent, and as nobody should call a file."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        Image.open(CHURCH).reduce(8).save(f"{name}.png")
    (photos / "notes.txt").write_text("none")
    given = [
        "--photos",
        "photos",
        "-o",
        "any.npz",
        *TRAINS,
        "--",
        *(f"{name}.png" for name in NAMES),
    ]
    status, _, err = call("train", *given)
    assert status == 0
    assert "Left out: 1 file without an image's suffix ('notes.txt')." in err
    assert load_network("any.npz").styles == tuple(NAMES)
    for name in (*NAMES, "Caf\N{LATIN SMALL LETTER E WITH ACUTE}"):  # as other systems spell it
        words = ["fast", "--network", "any.npz", "--size", "32", "-o", "out.png", "--", CAT, name]
        assert call(*words)[0] == 0
    _, _, err = call("fast", CAT, "oil", "--network", "any.npz", "-o", "out.png")
    assert f"knows no style 'oil'; it knows {NAMES[0]}, -a" in err
    assert r"-a\x1b[31m\nb" in err
    assert "\x1b" not in err


def test_recipes_are_told_by_paint_and_the_plain_form(call: Call) -> None:
    for words in (["--help"], ["paint", "--help"]):
        told = " ".join(call(*words)[1].split())
        assert all(recipe.story in told for recipe in RECIPES.values())
