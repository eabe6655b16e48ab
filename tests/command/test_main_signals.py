"""The command line: Ctrl-C and other signals keep the picture that is there."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command.calls import NUMBERS, OLD, Run, frame
from helpers import CAT
from PIL import Image

from nst_core import RECIPES, Backbone, Frame, ImageError
from nst_core import __main__ as command
from nst_core.images.opening import open_image
from nst_core.images.sizes import resize
from nst_core.painting.settings import read_settings

# Ctrl-C


def test_interrupt_keeps_the_picture_reached(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    changes: Any = {"recipe": RECIPES["studio"].changed(size=32)}
    reached = frame(2, image=Image.new("RGB", (32, 21), "blue"), **changes)
    yielding(frame(1, **changes), reached, then=KeyboardInterrupt())
    run = call("-o", output, "--json")
    assert run.status == 130
    with Image.open(output) as image:
        assert image.getpixel((0, 0)) == (0, 0, 255)
    assert run.report["steps"] == 2


def test_interrupt_at_a_coarse_size_gives_the_size_asked_for(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    coarse = Image.new("RGB", (32, 21), "white")
    recipe = RECIPES["studio"].changed(size=128, coarsest=32)
    yielding(frame(image=coarse, recipe=recipe), then=KeyboardInterrupt())
    run = call("-o", output, "--json")
    assert run.status == 130
    size = recipe.generated_size(open_image(CAT).size)
    with Image.open(output) as image:
        assert image.size == size
        assert np.asarray(image).mean() > 200  # the picture still, with the photograph's detail
    assert read_settings(output).size == size
    assert run.report["size"] == list(size)
    assert "32 × 21 px" in run.err


def test_interrupt_at_a_coarse_size_leaves_the_rest_as_it_is(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None], tmp_path: Path
) -> None:
    Image.new("L", (20, 20)).save(tmp_path / "mask.png")
    recipe = RECIPES["studio"].changed(size=128, coarsest=32)
    coarse = Image.new("RGB", (32, 21), "white")
    yielding(frame(image=coarse, recipe=recipe), then=KeyboardInterrupt())
    assert call("-o", output, "--mask", tmp_path / "mask.png").status == 130
    with Image.open(output) as image:
        photograph = resize(open_image(CAT), image.size)
        assert np.array_equal(np.asarray(image), np.asarray(photograph))


def test_interrupt_before_the_first_frame_leaves_the_old_result(
    call: Callable[..., Run], output: Path, yielding: Callable[..., None]
) -> None:
    output.write_bytes(OLD)
    yielding(then=KeyboardInterrupt())
    run = call("-o", output)
    assert run.status == 130
    assert "Traceback" not in run.err
    assert output.read_bytes() == OLD


def test_interrupt_while_the_backbone_loads(
    call: Callable[..., Run], output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_name: str) -> Backbone:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "load_backbone", interrupted)
    assert call("-o", output).status == 130


# Other signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_keeps_the_picture_reached(
    number: signal.Signals,
    call: Callable[..., Run],
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also when it comes twice, as from a terminal and its shell."""

    def fake(*_arguments: Any, **_changes: Any) -> Iterator[Frame]:
        yield frame(1)
        try:
            os.kill(os.getpid(), number)
            time.sleep(10)
        finally:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(command, "paint", fake)
    earlier = signal.signal(number, signal.SIG_DFL)  # ignored where the tests have no terminal
    try:
        run = call("-o", output, "--json")
    finally:
        signal.signal(number, earlier)
    assert run.status == 128 + number
    assert run.report["steps"] == 1
    Image.open(output).verify()


@pytest.mark.parametrize("end", [None, KeyboardInterrupt(), ImageError("No more.")])
def test_handlers_are_put_back(
    end: BaseException | None,
    call: Callable[..., Run],
    output: Path,
    yielding: Callable[..., None],
) -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    yielding(frame(final=True), then=end)
    call("-o", output)
    assert [signal.getsignal(number) for number in NUMBERS] == before


def test_signal_that_was_ignored_stays_ignored(
    call: Callable[..., Run], output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SIGHUP is under nohup."""

    def fake(*_arguments: Any, **_changes: Any) -> Iterator[Frame]:
        yield frame(1)
        os.kill(os.getpid(), signal.SIGHUP)
        yield frame(2, final=True)

    monkeypatch.setattr(command, "paint", fake)
    earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert call("-o", output).status == 0
    finally:
        signal.signal(signal.SIGHUP, earlier)
