"""Who paints: this process, or a cluster where there is a way to one."""

import sys

import pytest
from helpers import CAT, CHURCH

from nst_core import Job
from nst_core.errors import ClusterError
from nst_core.serving.cluster import Cluster
from nst_core.serving.painter import Here, on_cluster


def test_this_process_paints() -> None:
    job = Job.of(CAT, CHURCH, backbone="embedded", size=64, steps=2, precision="float32")
    *_, last = Here().paint(job.opened())
    assert (last.final, last.step) == (True, 2)


def test_without_ray_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "nst_core.serving.on_ray", raising=False)
    with pytest.raises(ClusterError, match=r'not installed: pip install "\.\[cluster\]"'):
        on_cluster(Cluster("auto"))
