"""`--fast`: one photograph, a folder of them, and what is refused in one line."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import CAT, CHURCH
from PIL import Image

from nst_core import Job
from nst_core.__main__ import main
from nst_core.fast.network import FastNetwork
from nst_core.fast.network_files import save_network
from nst_core.fast.network_pass import initial
from nst_core.painting.at_once import paint_at_once


def network(*styles: str) -> FastNetwork:
    return FastNetwork(styles, initial(len(styles), 0))


@pytest.fixture
def one(tmp_path: Path) -> str:
    save_network(network("dots"), tmp_path / "dots.npz")
    return str(tmp_path / "dots.npz")


@pytest.fixture
def two(tmp_path: Path) -> str:
    save_network(network("dots", "waves"), tmp_path / "two.npz")
    return str(tmp_path / "two.npz")


def test_a_photograph_in_the_only_style(one: str, tmp_path: Path) -> None:
    output = tmp_path / "out.png"
    assert main([str(CAT), "--fast", one, "-o", str(output), "--size", "64"]) == 0
    with Image.open(CAT) as photograph:
        wanted = network("dots").paint(photograph.convert("RGB"), "dots", 64)
    with Image.open(output) as picture:
        difference = np.asarray(picture, int) - np.asarray(wanted, int)
    assert np.abs(difference).mean() < 2  # bfloat16 may be at work, and the file's are float16


def test_json_tells_of_the_picture(
    two: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "out.png")
    given = [str(CAT), "dots", "waves", "--style-weights", "1", "3"]
    assert main([*given, "--fast", two, "-o", output, "--size", "32", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["output"] == output
    assert max(told["size"]) == 32
    assert told["styles"] == ["dots", "waves"]


def test_a_folder_whose_one_file_is_no_image(
    one: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, results = tmp_path / "photos", tmp_path / "results"
    folder.mkdir()
    Image.new("RGB", (40, 30), "teal").save(folder / "a.png")
    (folder / "b.jpg").write_text("no image")
    Image.new("RGB", (40, 30), "navy").save(folder / "c.png")
    assert main([str(folder), "--fast", one, "-o", str(results)]) == 1
    assert sorted(path.name for path in results.iterdir()) == ["a.png", "c.png"]
    assert "b.jpg: The content image 'b.jpg' is not an image" in capsys.readouterr().err


@pytest.mark.parametrize("strength", [0, -8])
def test_any_style_at_once(
    strength: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.png"
    given = ["--fast", "-o", str(output), "--size", "64", "--style-strength", str(strength)]
    assert main([str(CAT), str(CHURCH), *given]) == 0
    *_, wanted = paint_at_once(Job.of(CAT, CHURCH, size=64, style_strength=strength).opened())
    with Image.open(output) as picture:
        difference = np.asarray(picture, int) - np.asarray(wanted, int)
    assert np.abs(difference).max() == 0
    assert "64×43 px after" in capsys.readouterr().out


def test_which_picture_of_a_film_was_taken_is_told(
    tmp_path: Path, one: str, capsys: pytest.CaptureFixture[str]
) -> None:
    film, output = tmp_path / "film.gif", str(tmp_path / "out.png")
    first, second = (Image.new("RGB", (40, 30), colour) for colour in ("teal", "navy"))
    first.save(film, save_all=True, append_images=[second])
    for given in ([str(CHURCH), "--fast"], ["--fast", one]):
        assert main([str(film), *given, "-o", output, "--size", "40"]) == 0
        told = "The content image 'film.gif' is an animation, of which frame 1 is taken."
        assert told in capsys.readouterr().err
    assert main([str(CAT), str(film), "--fast", "-o", output, "--size", "40"]) == 0
    assert "The style image 'film.gif' is an animation" in capsys.readouterr().err


def test_a_folder_at_once_with_mask_and_mixture(tmp_path: Path) -> None:
    folder, results, mask = tmp_path / "photos", tmp_path / "results", tmp_path / "mask.png"
    folder.mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (40, 30), "teal").save(folder / f"{name}.png")
    Image.new("L", (40, 30), 0).save(mask)
    given = [str(folder), str(CHURCH), str(CAT), "--style-weights", "1", "2", "--fast"]
    assert main([*given, "--mask", str(mask), "-o", str(results), "--size", "40"]) == 0
    for path in results.iterdir():
        with Image.open(path) as picture:
            assert picture.getcolors() == [(40 * 30, (0, 128, 128))]  # nothing is to be painted
    assert len(list(results.iterdir())) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["none.jpg", "--fast"], "'none.jpg' does not exist"),
        (["--fast"], "A STYLE is needed"),
        ([str(CHURCH), "--steps", "5", "--fast"], "--steps means nothing with --fast"),
        ([str(CHURCH), "--size", "9999", "--fast"], "size must be"),
        ([str(CHURCH), "--size", "2049", "--fast"], "at most 2048 px, not 2049: a run"),
        (["mosaic", "--fast", "shelf"], "--fast alone paints in any style"),
        (["--fast", "TWO"], "knows several styles; name one"),
        (["oil", "--fast", "TWO"], "knows no style 'oil'; it knows dots, waves"),
        (["dots", "dots", "--fast", "TWO"], "may be named once"),
        (["dots", "--style-weights", "1", "2", "--fast", "TWO"], "1 styles and 2 weights"),
        (["dots", "--style-weights", "-1", "--fast", "TWO"], "from 0"),
        (["--fast", "none.npz"], "'none.npz' does not exist"),
        (["--fast", str(CAT)], "'cat.jpg' is damaged, or no network"),
        (["--fast", "TWO", "--steps", "5"], "--steps means nothing with --fast"),
        (["--fast", "TWO", "--recipe", "course"], "--recipe means nothing with --fast"),
        (["--fast", "TWO", "--mask", "m.png"], "--mask means nothing with --fast"),
        (["dots", "--fast", "TWO", "--size", "4096"], "from 16 to 2048 px, not 4096"),
        ([], "A STYLE is needed"),
    ],
)
def test_what_is_refused(
    two: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
    words: str,
) -> None:
    output = tmp_path / "out.png"
    given = [two if word == "TWO" else word for word in given]
    assert main([str(CAT), *given, "-o", str(output)]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1
    assert not output.exists()


def test_the_network_is_not_overwritten(one: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path(one).read_bytes()
    assert main([str(CAT), "--fast", one, "-o", one]) == 2
    assert "must end in .png or .jpg or .jpeg" in capsys.readouterr().err
    assert Path(one).read_bytes() == before


def test_options_between_the_images_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["none.jpg", "-o", "out.png", "none.png"]) == 2
    assert "'none.jpg' does not exist" in capsys.readouterr().err
