"""Names of pictures: of examples, also of their copies, and never of a visitor's own files."""

import shutil
from pathlib import Path

import pytest
from helpers import CAT, CHURCH, ROOT

from nst_core.page.inputs.titles import (
    example_text,
    file_stem,
    finished_example,
    photo_title,
    same_picture,
    same_work,
)
from nst_core.painting.job import Job
from nst_core.painting.style import Style

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


def test_the_same_work_is_known_by_what_it_says_and_its_pictures_hold(tmp_path: Path) -> None:
    job = Job.of(CAT, CHURCH, mask=CASTLE, outside=CAFE)
    mask = Path(shutil.copy(CASTLE, tmp_path))
    assert same_work(job, Job.of(CAT, CHURCH, mask=mask, outside=CAFE, resume=CASTLE))


@pytest.mark.parametrize(
    "other",
    [
        Job.of(CAT, CHURCH),
        Job.of(CAT, CHURCH, mask=CASTLE),
        Job.of(CAT, CHURCH, mask=CAT, outside=CAFE),
        Job.of(CAT, CAFE, mask=CASTLE, outside=CAFE),
        Job.of(CASTLE, CHURCH, mask=CASTLE, outside=CAFE),
        Job.of(CAT, CHURCH, mask=CASTLE, outside=[Style(CAFE, brush=2)]),
        Job.of(CAT, [(CHURCH, 1), (CAFE, 1)], mask=CASTLE),
        Job.of(CAT, CHURCH, mask=CASTLE, outside=CAFE, style_strength=1),
    ],
)
def test_any_other_work_is_not_the_same(other: Job) -> None:
    assert not same_work(Job.of(CAT, CHURCH, mask=CASTLE, outside=CAFE), other)
