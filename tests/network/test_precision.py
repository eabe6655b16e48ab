"""The choice between float32 and bfloat16."""

import math
from typing import Any

import pytest
from helpers import STUDIO

from nst_core import Backbone
from nst_core.network import precision as precision_module
from nst_core.network.precision import faster_dtype, quickest
from nst_core.network.tensorflow import tf
from nst_core.objective.setup import set_up


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
    assert set_up(recipe, fresh).recipe == set_up(recipe, fresh).recipe
    assert sorted(timed) == ["bfloat16", "float32"]


def test_a_precision_asked_for_stays(backbone: Backbone) -> None:
    assert set_up(STUDIO.changed(precision="float32"), backbone).recipe.precision == "float32"


def test_work_that_fails_is_the_slowest() -> None:
    def failing() -> Any:
        raise tf.errors.AbortedError(None, None, "could not create a primitive")

    assert quickest(failing) == math.inf
    assert quickest(lambda: tf.zeros([])) < math.inf


def test_a_mistake_of_ours_is_not_taken_for_slowness() -> None:
    def wrong() -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        quickest(wrong)
