"""The Live tab: with a camera of chromium's own, without one, and what a crafted frame gets."""

import base64
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast
from unittest.mock import Mock

import gradio as gr
import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT, noise
from page.driver import DESKTOP, PHONE, button, opened, served
from page.test_accessibility import complaints
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from nst_core.errors import ImageError, RecipeError
from nst_core.page.run.running import Shared
from nst_core.page.tabs import live
from nst_core.page.tabs.live import (
    MOST_CHARACTERS,
    REST,
    SILENT,
    SIZES,
    LiveTab,
    as_address,
    opened_frame,
)
from nst_core.serving.painter import Here
from nst_core.serving.run_queue import RunQueue

MOVES = """
() => new Promise(resolve => {
  const image = document.querySelector("#live img"), seen = new Set();
  const look = setInterval(() => {
    seen.add(image.src);
    if (seen.size > 3) { clearInterval(look); resolve(seen.size); }
  }, 20);
})
"""
"""Ends once three more pictures have come."""
VISITOR = cast(gr.Request, SimpleNamespace(session_hash="visitor"))
TRACKS = """
() => document.querySelector("#camera video").srcObject.getTracks().map(track => track.readyState)
"""
"""Whether the camera is on."""


@pytest.fixture
def camera(browser: Browser, page_url: str) -> Iterator[Page]:
    with filmed(browser, page_url) as page:
        yield page


@contextmanager
def filmed(browser: Browser, url: str) -> Iterator[Page]:
    """The Live tab of a browser that has a camera; it shows a clock."""
    chromium = shutil.which("chromium")
    device = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--no-sandbox",
        "--disable-gpu",
    ]
    with browser.browser_type.launch(executable_path=chromium, args=device) as own:
        page = own.new_context(permissions=["camera"]).new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{url}#live")
        yield page


def test_the_camera_is_painted_in_the_style_that_is_tapped_and_ends_when_left(
    camera: Page,
) -> None:
    page = camera
    page.get_by_title("grant webcam access").get_by_role("button").click()
    record = page.locator("#camera .capture-button")
    record.click()
    expect(page.locator("#live-status")).to_contain_text("café terrace at night")
    assert page.evaluate(MOVES) > 3
    page.locator("#live-shelf").get_by_role("button", name="mosaic", exact=True).click()
    expect(page.locator("#live-status")).to_contain_text("mosaic")
    with page.expect_download() as kept:
        page.get_by_role("button", name="Keep this picture").click()
    with Image.open(kept.value.path()) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) == SIZES[-1]
    expect(record).to_have_text("Stop painting")
    assert page.evaluate(TRACKS) == ["live"]
    page.get_by_role("tab", name="Paint").click()
    expect(record).to_have_text("Start painting")
    assert page.evaluate(TRACKS) == ["ended"]
    page.get_by_role("tab", name="Live").click()
    record.click()
    assert page.evaluate(MOVES) > 3
    record.click()
    expect(record).to_have_text("Start painting")
    assert page.evaluate(TRACKS) == ["ended"]


@pytest.mark.usefixtures("upload_folder")
def test_a_camera_whose_time_is_over_is_off_and_its_last_picture_stays(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gradio would begin again by itself, and have what a camera shows that is off painted."""
    monkeypatch.setattr(live, "LONGEST", 10)  # on a busy machine the first picture takes some
    with served() as url, filmed(browser, url) as page:
        page.get_by_title("grant webcam access").get_by_role("button").click()
        button(page, "Start painting").click()
        expect(page.locator("#live-status")).to_contain_text("seconds at a time")
        expect(button(page, "Start painting")).to_be_visible()
        page.wait_for_function(f"() => ({TRACKS})().every(state => state === 'ended')")
        source = page.locator("#live img").get_attribute("src")
        with Image.open(io.BytesIO(base64.b64decode(str(source).split(",")[1]))) as picture:
            assert np.ptp(np.asarray(picture).mean(2)) > 60  # it is no black one
        page.wait_for_timeout(1500)
        assert page.locator("#live img").get_attribute("src") == source
        button(page, "Start painting").click()
        assert page.evaluate(MOVES) > 3


def test_on_a_phone_the_painted_picture_is_in_view(camera: Page) -> None:
    camera.set_viewport_size({"width": 390, "height": 844})
    turn_on = camera.get_by_title("grant webcam access").get_by_role("button")
    expect(turn_on).to_have_text("Turn the camera on")
    turn_on.click()
    button(camera, "Start painting").click()
    picture = camera.locator("#live img")
    expect(picture).to_have_attribute("src", re.compile("^data:"))
    expect(picture).to_be_in_viewport(ratio=1)
    expect(button(camera, "Stop painting")).to_be_in_viewport(ratio=1)
    expect(button(camera, "Keep this picture")).to_be_in_viewport(ratio=1)


def test_that_the_camera_is_on_is_told_before_anything_is_painted(camera: Page) -> None:
    status = camera.locator("#live-status")
    expect(status).to_have_text("The camera is off.")
    camera.get_by_title("grant webcam access").get_by_role("button").click()
    expect(status).to_have_text(
        "The camera is on, and nothing is painted yet: press Start painting."
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_serious_before_the_camera_is_on_and_while_it_is_painted(
    camera: Page, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    camera.set_viewport_size({"width": size[0], "height": size[1]})
    camera.emulate_media(color_scheme=scheme)
    turn_on = camera.get_by_title("grant webcam access").get_by_role("button")
    expect(turn_on).to_have_text("Turn the camera on")
    assert complaints(camera) == []
    turn_on.click()
    button(camera, "Start painting").click()
    expect(camera.locator("#live img")).to_have_attribute("src", re.compile("^data:"))
    assert complaints(camera) == []


@pytest.mark.parametrize("secure", [True, False])
def test_over_plain_http_a_line_says_why_there_is_no_tab(
    browser: Browser, page_url: str, secure: bool
) -> None:
    told = "" if secure else "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"
    with opened(browser, page_url, script=told) as page:
        line = page.get_by_text("The tab Live, which paints your camera, is missing")
        expect(line).to_be_visible(visible=not secure)


def test_nothing_of_a_camera_is_kept(camera: Page, upload_folder: Path) -> None:
    page = camera
    page.get_by_title("grant webcam access").get_by_role("button").click()
    page.wait_for_timeout(500)
    before = {path for path in upload_folder.rglob("*") if path.is_file()}
    page.locator("#camera .capture-button").click()
    expect(page.locator("#live-status")).to_contain_text("café terrace at night")
    assert page.evaluate(MOVES) > 3
    assert {path for path in upload_folder.rglob("*") if path.is_file()} == before


def test_without_a_camera_there_is_no_tab(page: Page) -> None:
    expect(page.get_by_role("tab", name="Four styles")).to_be_visible()
    expect(page.get_by_role("tab", name="Live")).to_be_hidden()


def frame(content: bytes) -> dict[str, Any]:
    return {"url": f"data:image/jpeg;base64,{base64.b64encode(content).decode()}", "path": None}


def test_a_frame_is_opened_and_comes_back() -> None:
    picture = opened_frame(frame(CAT.read_bytes()))
    with Image.open(CAT) as photograph:
        assert picture.size == photograph.size
    again = opened_frame({"url": as_address(Image.fromarray(noise(30, 40, 1)))})
    assert again.size == (40, 30)


def test_beside_a_run_most_of_the_time_is_left_for_it(
    upload_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(live, "sleep", rests.append)
    queue = RunQueue()
    with gr.Blocks():
        shared = Shared(queue, Here(), "embedded", ROOT / "examples", {})
        tab = LiveTab(shared, CHURCH)
    tab.paint_frame(frame(CAT.read_bytes()), "mosaic", VISITOR)
    assert not rests
    monkeypatch.setattr(RunQueue, "busy", True)
    _, told = tab.paint_frame(frame(CAT.read_bytes()), "mosaic", VISITOR)
    (rest,) = rests
    seconds = float(told.split(" s a picture")[0].split(", ")[-1])
    assert rest == pytest.approx(REST * seconds, abs=REST * 0.01)


def test_a_camera_that_rests_stays_as_it_is_and_is_forgotten_when_it_is_silent(
    upload_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(live, "monotonic", lambda: now)
    monkeypatch.setattr(live, "Timer", Mock())
    with gr.Blocks():
        tab = LiveTab(Shared(RunQueue(), Here(), "embedded", ROOT / "examples", {}), CHURCH)

    def painted(style: str) -> str:
        return tab.paint_frame(frame(CAT.read_bytes()), style, VISITOR)[0]

    first = painted("mosaic")
    assert painted("mosaic") == first
    assert painted("stained-glass") != first
    now += SILENT - 1
    tab.forget()
    assert tab.remembered == 1
    now += 2
    tab.forget()
    assert tab.remembered == 0
    assert painted("mosaic") == first  # anew


def test_another_style_than_those_of_the_shelf_is_refused(upload_folder: Path) -> None:
    with gr.Blocks():
        tab = LiveTab(Shared(RunQueue(), Here(), "embedded", ROOT / "examples", {}), CHURCH)
    with pytest.raises(RecipeError, match="The style must be one of"):
        tab.paint_frame(frame(CAT.read_bytes()), "../x", VISITOR)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (None, "has sent no picture"),
        ("data:image/png;base64,", "has sent no picture"),
        ({"path": "/etc/passwd"}, "has sent no picture"),
        ({"url": "http://127.0.0.1:9/x.png"}, "has sent no picture"),
        ({"url": "file:///etc/passwd"}, "has sent no picture"),
        ({"url": 5}, "has sent no picture"),
        ({"url": "data:image/jpeg;base64,!!!"}, "has sent no picture"),
        ({"url": "data:image/jpeg;base64,"}, "empty file"),
        ({"url": "data:image/jpeg;base64," + "A" * MOST_CHARACTERS}, "too large"),
        (frame(b"no picture at all"), "not an image"),
        (frame(CAT.read_bytes()[:5000]), "damaged"),
    ],
)
def test_what_is_no_frame(sent: Any, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        opened_frame(sent)
