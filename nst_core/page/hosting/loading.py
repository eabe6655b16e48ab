"""The network, loaded and warmed up in the background while a server already answers."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from PIL import Image

from nst_core.network.backbone import Backbone
from nst_core.painting.at_once import KeptStyle
from nst_core.painting.cost import seconds_by_quality
from nst_core.painting.warm_up import warmed_up


@cache
def loading(backbone: str) -> Future[Backbone]:
    """The backbone that `load_backbone` gives, having done one small step; once per process.

    The future raises what `load_backbone` does.
    """
    worker = ThreadPoolExecutor(1)
    network = worker.submit(warmed_up, backbone)
    worker.submit(_warm_up_decoder)  # next: whoever waits for the backbone need not wait for it
    return network


def _warm_up_decoder() -> None:
    """The first pass of a process is traced, which takes a second."""
    grey = Image.new("RGB", (32, 32), "grey")
    KeptStyle(grey, [32]).paint(grey)


@cache
def measuring(backbone: str) -> Future[Backbone]:
    """The same, when it is known, too, how fast this machine is with it."""
    return ThreadPoolExecutor(1).submit(_load_and_measure, backbone)


def _load_and_measure(backbone: str) -> Backbone:
    network = loading(backbone).result()
    seconds_by_quality((3, 2), network)
    return network
