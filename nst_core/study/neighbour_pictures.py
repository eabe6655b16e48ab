"""What a neighbour is, in pictures: places of a photograph, and the style's places they go by."""

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst_core.images.opening import ImageSource, open_image
from nst_core.images.sizes import fit, resize, to_array, to_image
from nst_core.loss.spread import spread
from nst_core.network.backbone import Backbone
from nst_core.objective.graph import Graph, as_a_whole, as_tensor
from nst_core.objective.matching import GUIDE, Look, match
from nst_core.recipe.catalogue import RECIPES
from nst_core.study.activation_pictures import Labelled

SIZE = 256
"""px of an image's longest side when the network looks at it."""
COLUMN = 4
"""px of each side of a place."""
ENLARGED = 2
"""How many times as large the images are shown."""
MARK = 16
"""px, as they are shown, from the middle of a marked place to the sides of its square."""
COLOURS = ("#e11d48", "#2563eb", "#16a34a", "#f59e0b", "#9333ea", "#0891b2")
"""One for each place that is marked."""


def neighbour_pictures(
    content: ImageSource, style: ImageSource, backbone: Backbone
) -> list[Labelled]:
    """Places of the photograph, the style's places they go by, and all of those put together.

    Places go by what ten layers say of them, each of 4 × 4 px at 256 px, as `studio` has it at its
    first size.

    Raises:
        ImageError: an image can't be used.
    """
    photo, painting = _scaled(content), _scaled(style)
    looks = [Look(as_tensor(to_array(painting)), 1.0)]
    graph = Graph.of(RECIPES["studio"].changed(precision="float32"), backbone)
    weights = dict.fromkeys(GUIDE.layers, 1.0)
    found = match(graph, as_a_whole, GUIDE, weights, as_tensor(to_array(photo)), looks)
    chosen = found.candidates[0][found.numbers.numpy()]
    shown = spread(len(COLOURS), *found.grid, shift=(0.35, 0.2))
    together = _together(to_array(painting), chosen, found.grid, found.grids[0])
    return [
        ("places of the photo", _marked(photo, shown, found.grid[1])),
        ("the places of the style they go by", _marked(painting, chosen[shown], found.grids[0][1])),
        ("all of them put together", _enlarged(together)),
    ]


def _scaled(source: ImageSource) -> Image.Image:
    image = open_image(source)
    return resize(image, fit(image.size, SIZE))


def _enlarged(picture: Image.Image) -> Image.Image:
    return picture.resize((ENLARGED * picture.width, ENLARGED * picture.height))


def _marked(picture: Image.Image, numbers: Iterable[int], columns: int) -> Image.Image:
    """The picture with a numbered square around each of some places."""
    marked = _enlarged(picture)
    draw = ImageDraw.Draw(marked)
    for label, (number, colour) in enumerate(zip(numbers, COLOURS, strict=True), start=1):
        row, column = divmod(int(number), columns)
        x, y = (ENLARGED * (COLUMN * each + COLUMN // 2) for each in (column, row))
        square = (x - MARK, y - MARK, x + MARK, y + MARK)
        draw.rectangle(square, outline="white", width=5)
        draw.rectangle(square, outline=colour, width=3)
        draw.text(
            (x, y),
            str(label),
            fill=colour,
            anchor="mm",
            font=ImageFont.load_default(22),
            stroke_width=3,
            stroke_fill="white",
        )
    return marked


def _together(
    style: np.ndarray, chosen: np.ndarray, grid: tuple[int, int], from_grid: tuple[int, int]
) -> Image.Image:
    """Each place of the picture as the piece of the style that it goes by."""
    rows, columns = np.divmod(chosen, from_grid[1])
    whole = np.zeros((grid[0] * COLUMN, grid[1] * COLUMN, 3), np.float32)
    down, right = (COLUMN * most - side for most, side in zip(from_grid, style.shape, strict=False))
    padded = np.pad(style, [(0, max(down, 0)), (0, max(right, 0)), (0, 0)], "edge")
    for index, (row, column) in enumerate(zip(rows * COLUMN, columns * COLUMN, strict=True)):
        y, x = (COLUMN * each for each in divmod(index, grid[1]))
        piece = padded[row : row + COLUMN, column : column + COLUMN]
        whole[y : y + COLUMN, x : x + COLUMN] = piece
    return to_image(whole)
