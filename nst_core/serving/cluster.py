"""The painters of a cluster, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cluster:
    """The painters on a cluster of Ray's, each of which paints one job at a time.

    Attributes:
        address: of the cluster: "host:port", or "auto" for the one that this machine is part of.
        backbone: a name, see `load_backbone`; every machine gets the weights by itself.
        cores: that each painter takes.
        least, most: painters; there are as many between these as there are jobs.
        silence: seconds between two looks at a painter; one that misses several is replaced.
        patience: seconds until the first painter must be there.
    """

    address: str
    backbone: str = "auto"
    cores: int = 2
    least: int = 1
    most: int = 4
    silence: float = 10.0
    patience: float = 90.0
