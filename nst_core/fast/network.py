"""A trained network: its styles, and pictures out of photographs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image

from nst_core.checks import check_mix, check_whole, listed, shown
from nst_core.errors import NetworkError
from nst_core.fast.network_pass import painted
from nst_core.images.sizes import fit, resize, to_array, to_image
from nst_core.network.precision import TRIAL_SIZE, quickest
from nst_core.network.tensorflow import tf
from nst_core.objective.graph import Traced

SIZES = (16, 2048)
"""px of a picture's longest side; a process that paints one of 2048 px takes 2 GB."""
Blend = str | Mapping[str, float]
"""A style's name, or names with their parts."""


@dataclass(frozen=True)
class FastNetwork:
    """A network that paints in one pass, in the styles that it was trained for.

    Attributes:
        styles: their names, in the order of the parameters.
        parameters: name -> float32 array, see `layers.shapes`.
        story: what it was trained with, for people: names to values that JSON knows.
        precision: of the convolutions: "float32", "bfloat16", or "auto", the faster. The other one
            moves a picture by less than a grey level in the mean.
    """

    styles: tuple[str, ...]
    parameters: Mapping[str, np.ndarray]
    story: Mapping[str, object] = field(default_factory=dict)
    precision: str = "auto"

    def paint(self, photograph: Image.Image, style: Blend, size: int | None = None) -> Image.Image:
        """The photograph in a style, or in a blend of several.

        Args:
            photograph: RGB; left as it is.
            style: one of `styles`, or names with weights, as {"mosaic": 1, "waves": 2}.
            size: px of the picture's longest side; None keeps the photograph's, up to 2048.

        Raises:
            NetworkError: a style that the network doesn't know.
            RecipeError: a size or a weight that can't work.
        """
        if size is None:
            size = min(max(photograph.size), SIZES[1])
        check_whole("size", size, *SIZES, unit=" px")
        mix = self._mix(style)
        pixels = to_array(resize(photograph, fit(photograph.size, size)))
        return to_image(self._pass(tf.constant(pixels[None]), tf.constant(mix[None])).numpy()[0])

    def _mix(self, style: Blend) -> np.ndarray:
        parts = {style: 1.0} if isinstance(style, str) else dict(style)
        check_known(parts, self.styles)
        check_mix(list(parts.values()))
        weights = np.array([parts.get(name, 0.0) for name in self.styles], np.float32)
        return weights / math.fsum(weights)

    @cached_property
    def _pass(self) -> Traced:
        if self.precision != "auto":
            return self._traced(self.precision)
        return min(map(self._traced, ("float32", "bfloat16")), key=self._seconds)

    def _traced(self, dtype: str) -> Traced:
        """The pass as a graph, for photographs of every size."""
        parameters = {name: tf.constant(values) for name, values in self.parameters.items()}
        return Traced(lambda image, mix: painted(parameters, image, mix, dtype))

    def _seconds(self, work: Traced) -> float:
        """Of a small pass, the quickest of a few."""
        image, mix = tf.zeros([1, TRIAL_SIZE, TRIAL_SIZE, 3]), tf.zeros([1, len(self.styles)])
        return quickest(lambda: work(image, mix))


def check_known(names: Iterable[str], styles: tuple[str, ...]) -> None:
    """Raise `NetworkError` for a name that is none of a network's styles."""
    for name in names:
        if name not in styles:
            raise NetworkError(
                f"The network knows no style {shown(name)}; it knows {listed(styles)}."
            )
