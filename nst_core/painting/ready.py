"""The network, ready for work: the first step of a process takes longer than all others."""

from PIL import Image

from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.painting.stylize import stylize


def made_ready(backbone: str) -> Backbone:
    """The backbone that `load_backbone` gives, after a small run, with the decoder's first pass.

    For whoever serves: TensorFlow starts without its greetings. Raises what `load_backbone`
    does, and `NetworkError` where the decoder's file is damaged.
    """
    load_tensorflow_quietly()
    network = load_backbone(backbone)
    grey = Image.new("RGB", (32, 32), "grey")
    for _ in stylize(grey, grey, "studio", network, size=32, steps=2):
        pass
    return network
