"""Sheets: many pictures on one, each with its label."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

GAP = 12
"""px between cells and around the sheet."""
TEXT = 18
"""Height of a label's font in px."""


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
        (label, image.convert("RGB").resize((round(image.width * height / image.height), height)))
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
