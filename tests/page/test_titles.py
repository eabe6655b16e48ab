"""Names of pictures: of examples, also of their copies, and never of a visitor's own files."""

import shutil
from pathlib import Path

from helpers import CAT, CHURCH, ROOT

from nst_core.page.inputs.titles import (
    example_text,
    file_stem,
    finished_example,
    photo_title,
    same_picture,
)

EXAMPLES = ROOT / "examples"
CASTLE = EXAMPLES / "content" / "castle.jpg"
CAFE = EXAMPLES / "style" / "cafe-terrace-at-night.jpg"


def test_examples_are_called_by_their_names(tmp_path: Path) -> None:
    copy = shutil.copy(CASTLE, tmp_path)
    for content in (CASTLE, Path(copy)):
        pair = content, CAFE
        assert file_stem(pair, 512, EXAMPLES) == "castle-cafe-terrace-at-night-512"
        assert photo_title(pair, EXAMPLES) == "castle"
        assert finished_example(pair, EXAMPLES) == (
            EXAMPLES / "gallery" / "castle--cafe-terrace-at-night.jpg"
        )
        assert "castle in the style of café terrace at night" in example_text(pair, EXAMPLES)


def test_no_name_of_a_visitor_s_file_goes_out(tmp_path: Path) -> None:
    own = tmp_path / "castle.jpg"  # but another picture
    shutil.copy(CAT, own)
    other = tmp_path / "me at home.jpg"
    shutil.copy(CHURCH, other)
    assert file_stem((own, other), 128, EXAMPLES) == "photo-style-128"
    assert photo_title((own, other), EXAMPLES) == "photo"
    assert finished_example((own, CAFE), EXAMPLES) is None


def test_a_pair_that_was_not_rendered_has_no_example() -> None:
    assert finished_example((CASTLE, CHURCH), EXAMPLES) is None


def test_the_same_picture_is_known_by_what_it_holds(tmp_path: Path) -> None:
    copy = tmp_path / "copy.jpg"
    shutil.copy(CAT, copy)
    assert same_picture(CAT, copy)
    assert not same_picture(CAT, CASTLE)
    assert not same_picture(CAT, tmp_path / "gone.jpg")
    assert not same_picture(None, None)
