"""Who paints a job: this process, one beside it, other machines; who has a job need not know."""

from collections.abc import Generator
from typing import Protocol

from nst_core.errors import ClusterError
from nst_core.painting.frame import Frame
from nst_core.painting.job import OpenedJob
from nst_core.painting.run import paint
from nst_core.serving.cluster import Cluster


class Painter(Protocol):
    """Paints jobs."""

    def prepare(self) -> None:
        """Be ready soon; returns at once."""

    def paint(self, job: OpenedJob) -> Generator[Frame, None, None]:
        """Paint a job, as `stylize` says; closing it ends the work in two steps.

        Raises:
            StyleTransferError: as `stylize` does, and where the work can't be done elsewhere.
        """


class Here:
    """Paints in this process."""

    def prepare(self) -> None:
        pass

    def paint(self, job: OpenedJob) -> Generator[Frame, None, None]:
        return paint(job)


def on_cluster(cluster: Cluster) -> Painter:
    """Have a cluster paint; it is joined in the background.

    Raises:
        ClusterError: Ray is not installed.
    """
    try:
        from nst_core.serving.on_ray import OnRay
    except ImportError as error:
        raise ClusterError(
            'A cluster is reached by way of Ray, which is not installed: pip install ".[cluster]".'
        ) from error
    return OnRay(cluster)
