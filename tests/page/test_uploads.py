"""Which files a visitor may have opened."""

from pathlib import Path
from typing import Any

import pytest
from helpers import CAT, CHURCH, ROOT

from nst_core import ImageError
from nst_core.page.visit.uploads import chosen_file, chosen_pair, new_folder

EXAMPLES = ROOT / "examples"


def test_examples_and_uploads_may_be_opened(upload_folder: Path) -> None:
    example, upload = {"path": str(CAT)}, {"path": str(upload_folder / "photo.jpg")}
    assert chosen_file(example, "picture", EXAMPLES) == CAT
    assert chosen_file(upload, "picture", EXAMPLES) == (upload_folder / "photo.jpg").resolve()
    assert chosen_pair(example, {"path": str(CHURCH)}, EXAMPLES) == (CAT, CHURCH)


@pytest.mark.parametrize("path", ["/etc/passwd", f"{EXAMPLES}/../app.py", "a\0b", "x" * 5000, 5])
def test_other_files_may_not(path: object, upload_folder: Path) -> None:
    with pytest.raises(ImageError, match="The style was not uploaded to this page"):
        chosen_file({"path": path}, "style", EXAMPLES)


@pytest.mark.parametrize("nothing", [None, {}, {"path": None}, {"path": ""}, "a", [1]])
def test_nothing_is_asked_for(nothing: Any) -> None:
    with pytest.raises(ImageError, match="There is no photo: choose one first"):
        chosen_pair(nothing, {"path": str(CHURCH)}, EXAMPLES)


def test_new_folders_are_uploads_that_nobody_can_guess(upload_folder: Path) -> None:
    folder = new_folder()
    assert folder.parent == upload_folder
    assert len(folder.name) == 40
    assert folder != new_folder()
