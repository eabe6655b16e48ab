"""A network's file: the same picture after a round trip, and a sentence for all that is none."""

import io
import json
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT
from PIL import Image

from nst_core.errors import NetworkError, OutputError, RecipeError
from nst_core.fast.network import FastNetwork
from nst_core.fast.network_files import load_network, save_network
from nst_core.fast.network_pass import initial
from nst_core.images.opening import open_image
from nst_core.network.archive import MOST_BYTES, read_npz


def network(seed: int = 0) -> FastNetwork:
    """Of two styles that differ, with parameters as a training leaves them."""
    parameters = initial(2, seed)
    random = np.random.default_rng(seed)
    for name, values in parameters.items():
        if not name.endswith("kernel"):
            parameters[name] = values + random.normal(0, 0.2, values.shape).astype(np.float32)
    return FastNetwork(("dots", "waves"), parameters, {"steps": 3})


@pytest.mark.parametrize("precision", ["auto", "bfloat16"])
def test_precision_moves_a_picture_little(photograph: Image.Image, precision: str) -> None:
    exact, other = (
        replace(network(), precision=each).paint(photograph, "waves")
        for each in ("float32", precision)
    )
    assert np.abs(np.asarray(exact, int) - np.asarray(other, int)).mean() < 1.5


@pytest.fixture
def photograph() -> Image.Image:
    return open_image(CAT, longest=96).resize((96, 72))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_network(network(), tmp_path / "net.npz")
    return tmp_path / "net.npz"


def test_a_round_trip_gives_the_same_picture_to_one_grey_level(
    saved: Path, photograph: Image.Image
) -> None:
    before, after = (
        replace(each, precision="float32") for each in (network(), load_network(saved))
    )
    assert after.styles == before.styles
    assert after.story == before.story
    for style in before.styles:
        pictures = [np.asarray(each.paint(photograph, style), int) for each in (before, after)]
        assert np.abs(pictures[0] - pictures[1]).max() <= 1


ANY_NAMES = (
    *("Cafe\u0301", "चित्र", "สี", "ひまわり", "(1)", "-x", ".", "🎨", "'", "x" * 255),
    *("Screenshot 10.00.00\u202fAM", "two\nlines", "\x1b[31m", "\udcff"),
)


def test_any_name_of_a_file_is_one_of_a_style(photograph: Image.Image, tmp_path: Path) -> None:
    trained = FastNetwork(ANY_NAMES, initial(len(ANY_NAMES), 0))
    save_network(trained, tmp_path / "net.npz")
    loaded = load_network(tmp_path / "net.npz")
    assert loaded.styles == ANY_NAMES
    assert loaded.paint(photograph, dict.fromkeys(ANY_NAMES, 1.0), 32).width == 32


def test_many_styles_are_told_in_a_short_sentence(photograph: Image.Image) -> None:
    names = tuple(f"{number} {'x' * 90}" for number in range(9))
    known = FastNetwork(names, initial(len(names), 0))
    with pytest.raises(NetworkError, match=r"it knows 0 xxx.* and \d more\.$") as caught:
        known.paint(photograph, "oil" * 900)
    assert len(str(caught.value)) < 400


def test_a_file_is_small_and_holds_no_pickle(saved: Path) -> None:
    assert saved.stat().st_size < 1_000_000
    with np.load(saved, allow_pickle=False) as file:
        assert {file[name].dtype for name in file.files} == {np.dtype("f2"), np.dtype("u1")}


def test_pictures_have_the_size_asked_for(photograph: Image.Image) -> None:
    assert network().paint(photograph, "dots").size == photograph.size
    assert network().paint(photograph, "dots", size=64).size == (64, 48)


def test_a_blend_lies_between_its_styles_and_scales_do_not_matter(
    photograph: Image.Image,
) -> None:
    both = network()
    pictures = [both.paint(photograph, {"dots": a, "waves": b}) for a, b in ((1, 0), (3, 3))]
    assert pictures[0] == both.paint(photograph, "dots")
    assert pictures[1] == both.paint(photograph, {"waves": 0.5, "dots": 0.5})
    assert pictures[1] != pictures[0]


@pytest.mark.parametrize(
    ("style", "size", "error", "words"),
    [
        ("oil", None, NetworkError, "knows no style 'oil'; it knows dots, waves"),
        ({"dots": -1.0}, None, RecipeError, "from 0"),
        ({"dots": 0.0}, None, RecipeError, "at least one"),
        ({}, None, RecipeError, "at least one"),
        ("dots", 8, RecipeError, "from 16 to 2048 px, not 8"),
        ("dots", 4096, RecipeError, "from 16 to 2048 px"),
    ],
)
def test_what_can_not_be_painted(
    photograph: Image.Image, style: Any, size: int | None, error: type, words: str
) -> None:
    with pytest.raises(error, match=words):
        network().paint(photograph, style, size)


def altered(path: Path, **changes: Any) -> Path:
    """The file with other arrays, or another head; None takes one out."""
    arrays: dict[str, Any] = read_npz(path.read_bytes())
    for name, value in changes.items():
        name = name.replace("__", "/")
        if name == "head":
            head = {**json.loads(arrays["head"].tobytes()), **value}
            arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
        elif value is None:
            del arrays[name]
        else:
            arrays[name] = value
    np.savez(path, **arrays)
    return path


KERNEL = np.zeros((3, 3, 16, 32), np.float16)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"head": {"version": 2}}, "is of version 2; this program knows version 1"),
        ({"head": {"styles": ["dots"]}}, "not of these layers"),
        ({"head": {"styles": []}}, "1 to 100 styles"),
        ({"head": {"styles": ["dots", "dots"]}}, "its own name"),
        ({"head": {"styles": ["dots", "../x"]}}, "not '../x'"),
        ({"head": {"styles": ["dots", 5]}}, "not 5"),
        ({"head": {"styles": ["dots", "x" * 256]}}, "1 to 255"),
        ({"head": {"styles": 5}}, "damaged"),
        ({"head": {"story": "long"}}, "damaged"),
        ({"encoder2__kernel": None}, "not of these layers"),
        ({"encoder2__kernel": KERNEL[1:]}, "not of these layers"),
        ({"encoder2__kernel": KERNEL.astype(np.float64)}, "not of these layers"),
        ({"encoder2__kernel": KERNEL * np.nan}, "not finite"),
        ({"more": KERNEL}, "not of these layers"),
        ({"more": np.zeros(MOST_BYTES, np.uint8)}, "more than 5 MB"),
    ],
)
def test_files_that_are_no_networks(saved: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(NetworkError, match=words):
        load_network(altered(saved, **changes))


def test_a_pickle_inside_is_not_opened(saved: Path) -> None:
    arrays: dict[str, Any] = read_npz(saved.read_bytes())
    arrays["encoder1/kernel"] = np.array([{"a": 1}], dtype=object)
    np.savez(saved, allow_pickle=True, **arrays)
    with pytest.raises(NetworkError, match="damaged"):
        load_network(saved)


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("head.npy", bytes(MOST_BYTES + 1))
    assert path.stat().st_size < 100_000
    with pytest.raises(NetworkError, match="unpacks to more"):
        load_network(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"garbage" * 99, b"\x93NUMPY" + b"9" * 50])
def test_garbage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.npz"
    path.write_bytes(content)
    with pytest.raises(NetworkError, match=r"'net\.npz' is damaged, or no network"):
        load_network(path)


def test_every_byte_may_be_wrong(saved: Path) -> None:
    """A flipped byte gives a network or a sentence."""
    content = bytearray(saved.read_bytes())
    random = np.random.default_rng(1)
    for place in random.integers(0, len(content), 60):
        flipped = bytearray(content)
        flipped[place] ^= int(random.integers(1, 256))
        saved.write_bytes(flipped)
        with suppress(NetworkError):
            load_network(saved)


@pytest.mark.parametrize("name", ["none.npz", "", "\0", "x" * 5000])
def test_no_file_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(NetworkError, match=r"does not exist|can't be read"):
        load_network(tmp_path / name)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.npz"
    path.write_bytes(bytes(MOST_BYTES + 1))
    with pytest.raises(NetworkError, match="more than 5 MB"):
        load_network(path)


def test_saving_fails_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="The network could not be written"):
        save_network(network(), tmp_path / "none" / "net.npz")


def test_what_was_there_stays_until_all_is_written(saved: Path) -> None:
    before = saved.read_bytes()
    broken = FastNetwork(("a",), {"x": np.zeros(3)}, {"story": io})  # JSON knows no modules
    with pytest.raises(TypeError):
        save_network(broken, saved)
    assert saved.read_bytes() == before
