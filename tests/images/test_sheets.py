"""Sheets: where pictures go, and panels that keep their size."""

import numpy as np
import pytest
from PIL import Image

from nst_core.images.sheets import BLANK, GAP, NOTE, TEXT, balanced_columns, labelled_sheet, panel

RED = Image.new("RGB", (40, 20), "red")


def colours(image: Image.Image) -> set[tuple[int, ...]]:
    return {tuple(pixel) for pixel in np.asarray(image).reshape(-1, 3).tolist()}


def test_sheet_scales_pictures_and_lays_them_out_row_by_row() -> None:
    blue = Image.new("RGB", (10, 10), "blue")
    sheet = labelled_sheet([("a", RED), ("b", blue), ("c", RED)], columns=2, height=30)
    row = 30 + 2 * TEXT
    assert sheet.size == (60 + 30 + 3 * GAP, 2 * row + GAP)
    assert colours(sheet.crop((GAP, GAP, GAP + 60, GAP + 30))) == {(255, 0, 0)}
    left = 2 * GAP + 60
    assert colours(sheet.crop((left, GAP, left + 30, GAP + 30))) == {(0, 0, 255)}
    assert colours(sheet.crop((GAP, GAP + row, GAP + 60, GAP + row + 30))) == {(255, 0, 0)}


def test_column_is_as_wide_as_a_long_label() -> None:
    wide = labelled_sheet([("a label that is wider than its picture", RED)], columns=1, height=20)
    narrow = labelled_sheet([("a", RED)], columns=1, height=20)
    assert narrow.width == 40 + 2 * GAP
    assert wide.width > narrow.width + 100


def test_a_label_has_letters_for_its_accents() -> None:
    plain, accented = (labelled_sheet([(each, RED)], columns=1) for each in ("cafe", "caf\u00e9"))
    assert np.array_equal(np.asarray(plain), np.asarray(accented))
    plain, accented = (panel((80, 40), RED, note) for note in ("cafe", "cafe\u0301"))
    assert np.array_equal(np.asarray(plain), np.asarray(accented))


def test_fewer_pictures_than_columns_leave_no_empty_columns() -> None:
    assert labelled_sheet([("a", RED)], columns=5, height=20).width == 40 + 2 * GAP


@pytest.mark.parametrize(
    ("cells", "columns"), [(1, 1), (3, 3), (5, 5), (6, 3), (7, 4), (10, 5), (11, 4), (12, 4)]
)
def test_balanced_columns(cells: int, columns: int) -> None:
    assert balanced_columns(cells, most=5) == columns


def test_panel_without_a_picture_is_blank() -> None:
    image = panel((50, 30))
    assert image.size == (50, 30)
    assert image.getpixel((0, 0)) == image.getpixel((49, 29)) == (0xE8, 0xE8, 0xE8)
    assert BLANK == "#e8e8e8"


def test_panel_of_a_picture_with_the_same_aspect_is_the_picture_scaled() -> None:
    assert colours(panel((80, 40), RED)) == {(255, 0, 0)}


def test_panel_centres_a_picture_of_another_aspect() -> None:
    image = panel((40, 40), RED)
    assert colours(image.crop((0, 10, 40, 30))) == {(255, 0, 0)}
    assert colours(image.crop((0, 0, 40, 10))) == {(0xE8, 0xE8, 0xE8)}


@pytest.mark.parametrize("note", ["no", "failed: a sentence much longer than one line " * 5])
def test_note_stands_on_white_and_keeps_the_size(note: str) -> None:
    image = panel((90, 60), RED, note)
    assert image.size == (90, 60)
    assert {(255, 255, 255), (0, 0, 0)} <= colours(image)


def test_note_is_wrapped_to_the_width() -> None:
    shown = np.asarray(panel((300, 150), RED, "words " * 40))
    box = (shown == 255).all(axis=2)
    assert not box[:, -1].any()
    assert box[:, 200].sum() > 3 * NOTE  # several lines
