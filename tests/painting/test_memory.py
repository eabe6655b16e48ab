"""What a run is predicted to take, and the refusal of one that would not fit."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from helpers import MOMENTS, STUDIO

from nst_core import RECIPES, Backbone, OutOfMemoryError, stylize
from nst_core.network.free_memory import card_bytes, free_bytes
from nst_core.network.tensorflow import tf
from nst_core.objective.setup import Setup
from nst_core.painting import cost as cost_module
from nst_core.painting.cost import (
    BASE_BYTES,
    check_fits,
    held_bytes,
    needs_strips,
    predict_bytes,
    ran_out_of_memory,
    room_for,
)

CONTENT = (1600, 1000)


def test_need_grows_with_the_pixels_alone(backbone: Backbone) -> None:
    recipe = MOMENTS.changed(precision="float32")
    small = predict_bytes(Setup(recipe, backbone), (200, 100)) - BASE_BYTES
    large = predict_bytes(Setup(recipe, backbone), (400, 300)) - BASE_BYTES
    assert large == pytest.approx(6 * small)


def test_bfloat16_needs_less(backbone: Backbone) -> None:
    half = predict_bytes(Setup(STUDIO.changed(precision="bfloat16"), backbone), CONTENT)
    assert half < predict_bytes(Setup(STUDIO.changed(precision="float32"), backbone), CONTENT)


def test_only_the_layers_that_run_count(backbone: Backbone) -> None:
    shallow = RECIPES["walkthrough"].changed(style_layers={"block1_conv1": 1.0})
    assert predict_bytes(Setup(shallow, backbone), CONTENT) < predict_bytes(
        Setup(RECIPES["walkthrough"], backbone), CONTENT
    )


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_strips_need_less_at_large_sizes(backbone: Backbone, name: str, precision: str) -> None:
    recipe = RECIPES[name].changed(precision=precision)
    whole, strips = (
        predict_bytes(Setup(recipe, backbone), (4096, 2731), in_strips=way) for way in (False, True)
    )
    assert strips < whole


def test_what_does_not_fit_or_is_large_needs_strips(backbone: Backbone) -> None:
    recipe = STUDIO.changed(precision="float32")
    need = predict_bytes(Setup(recipe, backbone), (512, 320)) - BASE_BYTES
    assert not needs_strips(Setup(recipe, backbone), (512, 320), 1.01 * need)
    assert needs_strips(Setup(recipe, backbone), (512, 320), 0.99 * need)
    assert needs_strips(Setup(recipe, backbone), (4096, 2560), 1e12)


def test_a_print_is_accepted_where_only_its_strips_fit(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = STUDIO.changed(precision="float32", size=4096)
    need = predict_bytes(Setup(recipe, backbone), (4096, 2560), in_strips=True) - BASE_BYTES
    monkeypatch.setattr(cost_module, "free_bytes", lambda: need * 1.01)
    monkeypatch.setattr(cost_module, "held_bytes", lambda: 0.0)
    assert check_fits(Setup(recipe, backbone), CONTENT) == need * 1.01
    with pytest.raises(OutOfMemoryError, match=r"the largest size that fits is 4096 px"):
        check_fits(Setup(recipe.changed(size=5000), backbone), CONTENT)


def test_refusal_names_the_largest_size_that_fits(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = MOMENTS.changed(precision="float32", size=1024)
    need = predict_bytes(Setup(recipe, backbone), (704, 440), in_strips=True) - BASE_BYTES
    monkeypatch.setattr(cost_module, "free_bytes", lambda: need * 1.001)
    monkeypatch.setattr(cost_module, "held_bytes", lambda: 0.0)
    with pytest.raises(
        OutOfMemoryError, match=r"1024 × 640 px .* the largest size that fits is 704 px"
    ):
        check_fits(Setup(recipe, backbone), CONTENT)
    check_fits(Setup(recipe.changed(size=704), backbone), CONTENT)


def test_refusal_where_nothing_fits(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_module, "free_bytes", lambda: 1000.0)
    monkeypatch.setattr(cost_module, "held_bytes", lambda: 0.0)
    with pytest.raises(OutOfMemoryError, match="no size fits"):
        check_fits(Setup(STUDIO, backbone), CONTENT)


def test_a_card_decides_by_its_own_memory(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = STUDIO.changed(precision="float32", size=4096)
    setup, size = Setup(recipe, backbone), (4096, 2560)
    need = predict_bytes(setup, size) - BASE_BYTES
    monkeypatch.setattr(cost_module, "free_bytes", lambda: 1000.0)  # of the machine around it
    monkeypatch.setattr(cost_module, "card_bytes", lambda: need * 1.0001)
    assert check_fits(setup, CONTENT) == need * 1.0001
    assert not needs_strips(setup, size, need * 1.0001)
    assert needs_strips(setup, size, need * 0.99)
    with room_for(setup, CONTENT), pytest.raises(OutOfMemoryError, match="no size fits"):
        check_fits(setup, CONTENT)  # all of it is another run's


def test_the_card_is_the_one_that_tensorflow_paints_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorflow.python.client import device_lib

    card_bytes.cache_clear()
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda _: ["/device:GPU:0"])
    devices = [
        SimpleNamespace(device_type="CPU", memory_limit=256),
        SimpleNamespace(device_type="GPU", memory_limit=8_000_000_000),
        SimpleNamespace(device_type="GPU", memory_limit=16_000_000_000),
    ]
    monkeypatch.setattr(device_lib, "list_local_devices", lambda: devices)
    try:
        assert card_bytes() == 8e9
    finally:
        card_bytes.cache_clear()


@pytest.fixture
def resident(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets what this process holds on a machine of 4 GB that does nothing else, in bytes."""

    def hold(resident: float) -> None:
        monkeypatch.setattr(cost_module, "free_bytes", lambda: 4e9 - resident)
        memory = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=resident))
        monkeypatch.setattr(psutil, "Process", lambda: memory)

    return hold


def test_what_was_accepted_is_accepted_again(
    backbone: Backbone, resident: Callable[[float], None]
) -> None:
    """However much of the last run's memory is kept for this one."""
    large = MOMENTS.changed(precision="float32", size=1024)
    peak = predict_bytes(Setup(large, backbone), (1024, 640))
    assert 2e9 < peak < 4e9
    for held in (BASE_BYTES, peak / 2, peak):
        resident(held)
        with room_for(Setup(large, backbone), CONTENT):
            pass
    resident(BASE_BYTES)
    with pytest.raises(OutOfMemoryError, match=r"and 3\.2 GB are free"):
        check_fits(Setup(MOMENTS.changed(precision="float32", size=4096), backbone), CONTENT)
    resident(3.5e9)
    with pytest.raises(OutOfMemoryError, match=r"and 3\.2 GB are free"):
        check_fits(Setup(MOMENTS.changed(precision="float32", size=4096), backbone), CONTENT)


def test_what_a_run_under_way_takes_is_not_there_for_another(
    backbone: Backbone, resident: Callable[[float], None]
) -> None:
    large = MOMENTS.changed(precision="float32", size=1280)
    resident(predict_bytes(Setup(large, backbone), (1280, 800)))
    with room_for(Setup(large, backbone), CONTENT):
        assert held_bytes() == pytest.approx(0, abs=1)
        with pytest.raises(OutOfMemoryError), room_for(Setup(large, backbone), CONTENT):
            pass
        resident(BASE_BYTES)  # it has yet to take it
        with pytest.raises(OutOfMemoryError), room_for(Setup(large, backbone), CONTENT):
            pass
    with room_for(Setup(large, backbone), CONTENT):
        pass


def test_a_run_counts_as_long_as_it_goes_on(backbone: Backbone) -> None:
    """However it ends."""
    held = []
    noise = np.zeros((32, 32, 3), np.uint8)
    for ends in (1, 2, 100):
        frames = stylize(noise, noise, STUDIO, backbone, size=32, steps=40)
        for _ in zip(range(ends), frames, strict=False):
            held.append(len(cost_module._claims))
        frames.close()
        deadline = time.monotonic() + 10
        while cost_module._claims and time.monotonic() < deadline:
            time.sleep(0.01)
        assert cost_module._claims == []
    assert set(held) == {1}


def test_no_more_is_free_than_the_machine_has() -> None:
    assert 0 < free_bytes() <= psutil.virtual_memory().total
    if not tf.config.list_physical_devices("GPU"):
        assert card_bytes() is None


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


def test_what_fails_for_lack_of_memory_while_it_is_cleaned_up_is_lack_of_memory() -> None:
    error = OSError("of the codec")
    error.__context__ = MemoryError()
    assert ran_out_of_memory(error)
    error.__suppress_context__ = True  # raised "from None": it is of its own
    assert not ran_out_of_memory(error)
