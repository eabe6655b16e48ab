"""What the examples are called."""

from pathlib import Path

from helpers import ROOT

from nst_core.page.inputs.names import OTHERS, known_styles, title

EXAMPLES = ROOT / "examples"


def test_every_style_has_its_line_and_every_line_its_style() -> None:
    known = known_styles(EXAMPLES)
    assert {each.file for each in known.values()} == {*(EXAMPLES / "style").iterdir()}
    assert OTHERS not in {each.group for each in known.values()}
    assert len({each.name for each in known.values()}) == len(known)


def test_a_style_is_called_as_its_line_says_and_a_photo_as_its_file() -> None:
    assert title("chalk-on-black.jpg", EXAMPLES) == "chalk circles"
    assert title("night-cafe", EXAMPLES) == "night café"
    assert title("castle.jpg", EXAMPLES) == "castle"


def test_a_style_without_a_line_comes_last_under_its_files_name(tmp_path: Path) -> None:
    (tmp_path / "style").mkdir()
    for name in ("red-chalk.png", "a-first.jpg", "notes.txt"):
        (tmp_path / "style" / name).touch()
    (tmp_path / "styles.json").write_text(
        '[{"file": "red-chalk.png", "name": "sanguine", "group": "Drawing"},'
        ' {"file": "gone.jpg", "name": "gone", "group": "Drawing"}]'
    )
    told = [(stem, each.name, each.group) for stem, each in known_styles(tmp_path).items()]
    assert told == [("red-chalk", "sanguine", "Drawing"), ("a-first", "a first", OTHERS)]
