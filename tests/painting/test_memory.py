"""What a run is predicted to take, and the refusal of one that would not fit."""

import psutil
import pytest
from helpers import STUDIO

from nst_core import RECIPES, Backbone, OutOfMemoryError
from nst_core.network.tensorflow import tf
from nst_core.painting import cost as cost_module
from nst_core.painting.cost import (
    BASE_BYTES,
    check_fits,
    free_bytes,
    predict_bytes,
    ran_out_of_memory,
)

CONTENT = (1600, 1000)


def test_need_grows_with_the_pixels_alone(backbone: Backbone) -> None:
    recipe = STUDIO.changed(precision="float32")
    small = predict_bytes(recipe, (200, 100), backbone) - BASE_BYTES
    large = predict_bytes(recipe, (400, 300), backbone) - BASE_BYTES
    assert large == pytest.approx(6 * small)


def test_bfloat16_needs_less(backbone: Backbone) -> None:
    half = predict_bytes(STUDIO.changed(precision="bfloat16"), CONTENT, backbone)
    assert half < predict_bytes(STUDIO.changed(precision="float32"), CONTENT, backbone)


def test_only_the_layers_that_run_count(backbone: Backbone) -> None:
    shallow = RECIPES["walkthrough"].changed(style_layers={"block1_conv1": 1.0})
    assert predict_bytes(shallow, CONTENT, backbone) < predict_bytes(
        RECIPES["walkthrough"], CONTENT, backbone
    )


def test_refusal_names_the_largest_size_that_fits(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = STUDIO.changed(precision="float32", size=1024)
    fitting = STUDIO.changed(precision="float32", size=512)
    need = predict_bytes(fitting, (512, 320), backbone) - BASE_BYTES
    monkeypatch.setattr(cost_module, "free_bytes", lambda: need * 1.01)
    with pytest.raises(
        OutOfMemoryError, match=r"1024 × 640 px .* the largest size that fits is 512 px"
    ):
        check_fits(recipe, CONTENT, backbone)
    check_fits(fitting, CONTENT, backbone)


def test_refusal_where_nothing_fits(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_module, "free_bytes", lambda: 1000.0)
    with pytest.raises(OutOfMemoryError, match="no size fits"):
        check_fits(STUDIO, CONTENT, backbone)


def test_no_more_is_free_than_the_machine_has() -> None:
    assert 0 < free_bytes() <= psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"), True),
        (tf.errors.AbortedError(None, None, "an exception:Status: 1, message: could not"), True),
        (tf.errors.AbortedError(None, None, "an exception:Status:1, message: could not"), True),
        (tf.errors.AbortedError(None, None, "an exception:Status: 2, message: bad"), False),
        (tf.errors.InvalidArgumentError(None, None, "Status: 1, of another kind"), False),
        (ValueError("Status: 1,"), False),
    ],
)
def test_lack_of_memory_is_told_from_other_errors(error: Exception, expected: bool) -> None:
    assert ran_out_of_memory(error) is expected
