"""The files of a run: their format goes by the result's name."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_core.errors import OutputError
from nst_core.images.outputs import Outputs
from nst_core.images.saving import FORMATS, LONGEST_COMMENT

RED = Image.new("RGB", (8, 6), "red")


@pytest.mark.parametrize("suffix", [*FORMATS, ".JPG"])
def test_every_format_holds_the_picture_and_its_text(suffix: str, tmp_path: Path) -> None:
    warnings: list[str] = []
    outputs = Outputs(tmp_path / f"picture{suffix}", None, warnings.append)
    outputs.check([])
    outputs.keep_result(RED, {"words": "of the picture"})
    with Image.open(tmp_path / f"picture{suffix}") as picture:
        told = picture.info.get("words") or picture.info["comment"].decode()
        red, green, blue = np.asarray(picture)[3, 4].tolist()
    assert told.removeprefix("words ") == "of the picture"
    assert red >= 250
    assert max(green, blue) <= 5
    assert warnings == []


def test_settings_that_a_jpeg_has_no_room_for_are_told(tmp_path: Path) -> None:
    warnings: list[str] = []
    outputs = Outputs(tmp_path / "picture.jpg", None, warnings.append)
    outputs.keep_result(RED, {"words": "x" * LONGEST_COMMENT})
    with Image.open(tmp_path / "picture.jpg") as picture:
        assert "comment" not in picture.info
    assert warnings == ["The settings have no room in 'picture.jpg': PNG has it."]


def test_other_formats_are_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"'picture.tiff' must end in \.png or \.jpg or \.jpeg"):
        Outputs(tmp_path / "picture.tiff", None, print).check([])
