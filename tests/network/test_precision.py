"""The choice between float32 and bfloat16."""

import pytest
from helpers import STUDIO

from nst_core import Backbone
from nst_core.network import precision as precision_module
from nst_core.network.precision import faster_dtype
from nst_core.objective.precision import settled


@pytest.mark.parametrize("faster", ["float32", "bfloat16"])
def test_the_faster_one_is_chosen(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch, faster: str
) -> None:
    fresh = Backbone("fresh", "", backbone.kernels)
    monkeypatch.setattr(
        precision_module, "seconds_per_pass", lambda _backbone, dtype: 2.0 - (dtype == faster)
    )
    assert faster_dtype(fresh) == faster


def test_timed_once_per_backbone(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, timed = Backbone("fresh", "", backbone.kernels), []

    def seconds(_backbone: Backbone, dtype: str) -> float:
        timed.append(dtype)
        return 1.0

    monkeypatch.setattr(precision_module, "seconds_per_pass", seconds)
    recipe = STUDIO.changed(precision="auto")
    assert settled(recipe, fresh).precision == settled(recipe, fresh).precision
    assert sorted(timed) == ["bfloat16", "float32"]


def test_a_precision_asked_for_stays(backbone: Backbone) -> None:
    assert settled(STUDIO.changed(precision="float32"), backbone).precision == "float32"
