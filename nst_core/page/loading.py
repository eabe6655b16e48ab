"""The network, loaded and warmed up in the background while a server already answers."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from PIL import Image

from nst_core.network.backbone import Backbone, load_backbone
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.painting.cost import seconds_by_quality
from nst_core.painting.stylize import stylize


@cache
def loading(backbone: str) -> Future[Backbone]:
    """The backbone that `load_backbone` gives, having done one small step; once per process.

    The future raises what `load_backbone` does.
    """
    return ThreadPoolExecutor(1).submit(_load_and_warm_up, backbone)


@cache
def measuring(backbone: str) -> Future[Backbone]:
    """The same, when it is known, too, how fast this machine is with it."""
    return ThreadPoolExecutor(1).submit(_load_and_measure, backbone)


def _load_and_measure(backbone: str) -> Backbone:
    network = loading(backbone).result()
    seconds_by_quality((3, 2), network)
    return network


def _load_and_warm_up(backbone: str) -> Backbone:
    load_tensorflow_quietly()  # here, for who asks first may be a load balancer
    network = load_backbone(backbone)
    grey = Image.new("RGB", (32, 32), "grey")
    for _ in stylize(grey, grey, "studio", network, size=32, steps=1):
        pass
    return network
