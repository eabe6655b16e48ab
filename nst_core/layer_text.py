"""Layer weights as a person types them: "block4_conv2=1, block5_conv2=0.5"."""

from collections.abc import Mapping

from nst_core.checks import shown
from nst_core.errors import RecipeError

MAX_LAYERS = 19
"""Convolutions of VGG19."""


def parse_layers(text: str) -> dict[str, float]:
    """Layer name -> weight; a layer without a weight has 1. Names are not looked up.

    Raises:
        RecipeError: no layer, too many or one of them twice, or a weight that is no number.
    """
    parts = [part.partition("=") for part in text.split(",")]
    layers = {layer.strip(): _weight(layer.strip(), weight.strip()) for layer, _, weight in parts}
    if not 1 <= len(parts) <= MAX_LAYERS or "" in layers or len(layers) < len(parts):
        raise RecipeError(
            f"Layers must be 1 to {MAX_LAYERS} different names, such as "
            f"block4_conv2=1, block5_conv2=0.5, not {shown(text)}."
        )
    return layers


def layers_text(layers: Mapping[str, float], digits: int = 17) -> str:
    """The inverse of `parse_layers`; exact with 17 digits, shorter with fewer."""
    return ", ".join(f"{layer}={weight:.{digits}g}" for layer, weight in layers.items())


def _weight(layer: str, weight: str) -> float:
    try:
        return float(weight or 1)
    except ValueError as error:
        raise RecipeError(
            f"The weight of {shown(layer)} must be a number, not {shown(weight)}."
        ) from error
