"""The network, loaded and made ready in the background while a server already answers."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from nst_core.network.backbone import Backbone
from nst_core.painting.cost import seconds_by_quality
from nst_core.painting.ready import made_ready


@cache
def loading(backbone: str) -> Future[Backbone]:
    """The backbone that `load_backbone` gives, and the decoder, both ready; once per process.

    The future raises what `made_ready` does.
    """
    return ThreadPoolExecutor(1).submit(made_ready, backbone)


@cache
def measuring(backbone: str) -> Future[Backbone]:
    """The same, when it is known, too, how fast this machine is with it."""
    return ThreadPoolExecutor(1).submit(_load_and_measure, backbone)


def _load_and_measure(backbone: str) -> Backbone:
    network = loading(backbone).result()
    seconds_by_quality((3, 2), network)
    return network
