"""The photograph and the style image, and the ways to choose them."""

import gradio as gr

from nst_core.page.gallery import Gallery
from nst_core.page.look.parts import image_input

LABELS = {"content": "Photo", "style": "Style"}
"""What the two images are called on the page."""


class Inputs:
    """Where a visitor puts the pair.

    Attributes:
        pair: "content" and "style" -> the component that holds the image.
    """

    def __init__(self, gallery: Gallery) -> None:
        with gr.Row(elem_id="pair"):
            self.pair = {
                role: image_input(role, label, gallery.image(role))
                for role, label in LABELS.items()
            }
