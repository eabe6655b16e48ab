"""The photographs of a training: random crops, the same for the same seed and step."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from nst_core.checks import printable
from nst_core.errors import ImageError, TrainingError
from nst_core.images.opening import open_image
from nst_core.images.sizes import fit, resize
from nst_core.painting.folders import photographs as files_of

FEWEST = 8
"""Photographs; a network that saw fewer paints those alone well."""
MOST = 1000
"""Are held in memory, at about 0.7 MB each."""
SHORTER = 400
"""px of the shorter side that is held at least, of a photograph that has them: the finest strokes
that are learnt are those of pictures of about 512 px."""
HELD_OUT = 4
"""Are never trained on: the loss on them tells how good the network is."""
DARKEST, FLATTEST = 12.0, 6.0
"""Grey levels: the mean and the spread below which a crop is not used. There is next to nothing in
it to be kept, and a loss relative to that next to nothing explodes."""
TRIES = 10
"""Other crops that are looked at in the place of such a one."""


class Photographs:
    """Those of a folder, each opened once and held at the size that crops are taken from.

    Attributes:
        count: how many are trained on.
        refused: one sentence for each that could not be used.
    """

    def __init__(self, folder: str | os.PathLike[str], crop: int, seed: int) -> None:
        """Open them.

        Args:
            folder: of image files; others in it are left aside.
            crop: px, side of the squares to train on.
            seed: of the choice of crops.

        Raises:
            ImageError: the folder can't be read, or holds no image.
            TrainingError: fewer than `FEWEST` are at least as large as a crop.
        """
        self._crop, self._seed = crop, seed
        self.refused: list[str] = []
        files = files_of(folder)
        step = max(len(files) / MOST, 1.0)
        chosen = [files[int(number * step)] for number in range(int(len(files) / step))]
        held = [image for image in map(self._opened, chosen) if image is not None]
        if len(held) < FEWEST:
            raise TrainingError(
                f"A training needs at least {FEWEST} photographs with sides of {crop} px or more "
                f"each; of {len(files)} in the folder {len(held)} can be used."
            )
        apart = len(held) // HELD_OUT
        indices = range(0, apart * HELD_OUT, apart)
        self._held_out = [held[index] for index in indices]
        self._photos = [image for index, image in enumerate(held) if index not in indices]
        self.count = len(self._photos)

    def _opened(self, path: Path) -> Image.Image | None:
        longest = 4 * self._crop
        try:
            image = open_image(path, "photograph", longest=longest)
        except ImageError as error:
            self.refused.append(str(error))
            return None
        if min(image.size) < self._crop:
            width, height = image.size
            self.refused.append(f"{printable(path.name)} is too small: {width} × {height} px.")
            return None
        shorter = min(max(round(1.75 * self._crop), SHORTER), min(image.size))
        return resize(image, fit(image.size, round(max(image.size) * shorter / min(image.size))))

    def batch(self, step: int, count: int) -> np.ndarray:
        """So many random crops, uint8 B×crop×crop×3; the same for the same step."""
        random = np.random.default_rng((self._seed, step))
        return np.stack([self._random_crop(random) for _ in range(count)])

    def held_out(self) -> np.ndarray:
        """The middle of each photograph that is not trained on, uint8 B×crop×crop×3."""
        middles = [self._square(image, min(image.size), 0.5, 0.5) for image in self._held_out]
        return np.stack(middles)

    def _random_crop(self, random: np.random.Generator) -> np.ndarray:
        for _ in range(TRIES):
            image = self._photos[random.integers(len(self._photos))]
            side = int(random.integers(self._crop, min(image.size) + 1))
            pixels = self._square(image, side, *random.random(2))
            if pixels.mean() > DARKEST and pixels.std() > FLATTEST:
                break
        return pixels[:, ::-1] if random.random() < 0.5 else pixels

    def _square(self, image: Image.Image, side: int, right: float, down: float) -> np.ndarray:
        """A square of the image, scaled to a crop; `right` and `down`, in 0..1, say where it is."""
        x, y = int((image.width - side) * right), int((image.height - side) * down)
        square = image.crop((x, y, x + side, y + side))
        return np.asarray(resize(square, (self._crop, self._crop)))
