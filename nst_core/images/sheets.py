"""Sheets: many pictures on one, each with its label."""

import textwrap
from collections.abc import Sequence
from unicodedata import combining, normalize

from PIL import Image, ImageDraw, ImageFont, ImageOps

from nst_core.images.sizes import Size

GAP = 12
"""px between cells and around the sheet."""
TEXT = 18
"""Height of a label's font in px."""
NOTE = 12
"""Height of a note's font in px."""
BLANK = "#e8e8e8"


def labelled_sheet(
    cells: Sequence[tuple[str, Image.Image]], columns: int, height: int = 240
) -> Image.Image:
    """Lay out pictures row by row, each above its label.

    Args:
        cells: (label, picture), in reading order; at least one.
        columns: pictures in a row.
        height: px that every picture is scaled to; widths follow.

    Returns:
        RGB image on white; each column is as wide as its widest picture or label.
    """
    font = ImageFont.load_default(TEXT)
    pictures = [
        (
            _without_accents(label),
            image.convert("RGB").resize((round(image.width * height / image.height), height)),
        )
        for label, image in cells
    ]
    needed = [max(image.width, round(font.getlength(label))) for label, image in pictures]
    widths = [max(needed[column::columns]) for column in range(min(columns, len(pictures)))]
    rows = -(-len(pictures) // columns)
    row_height = height + 2 * TEXT
    size = (sum(widths) + GAP * (len(widths) + 1), rows * row_height + GAP)
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for number, (label, image) in enumerate(pictures):
        row, column = divmod(number, columns)
        left = GAP * (column + 1) + sum(widths[:column])
        top = GAP + row * row_height
        sheet.paste(image, (left, top))
        draw.text((left, top + height + TEXT // 4), label, fill="black", font=font)
    return sheet


def _without_accents(text: str) -> str:
    """Pillow's own font has no letters with accents."""
    return "".join(each for each in normalize("NFD", text) if not combining(each))


def balanced_columns(cells: int, most: int) -> int:
    """Columns for a sheet of `cells`, at most `most`, that leave the last row as full as can be."""
    rows = -(-cells // most)
    return -(-cells // rows)


def panel(size: Size, picture: Image.Image | None = None, note: str = "") -> Image.Image:
    """A cell's picture at a size that stays, whatever there is to show yet.

    Args:
        size: (width, height) px of the result.
        picture: scaled to fit and centred on grey; None leaves the panel grey.
        note: words over the upper part of the panel; cut off where it ends.

    Returns:
        RGB image of `size`.
    """
    base = Image.new("RGB", size, BLANK)
    if picture is not None:
        base = ImageOps.pad(picture.convert("RGB"), size, color=BLANK)
    if note:
        _write(base, note)
    return base


def _write(image: Image.Image, note: str) -> None:
    """Black words on a white box, wrapped to the width of the image."""
    font, note = ImageFont.load_default(NOTE), _without_accents(note)
    letters = max(1, int(image.width / (font.getlength(note) / len(note))) - 2)
    text = "\n".join(textwrap.wrap(note, letters))
    draw = ImageDraw.Draw(image)
    corner = (NOTE // 2, NOTE // 2)
    left, top, right, bottom = draw.multiline_textbbox(corner, text, font=font)
    draw.rectangle((left - 4, top - 4, right + 4, bottom + 4), fill="white")
    draw.multiline_text(corner, text, fill="black", font=font)
