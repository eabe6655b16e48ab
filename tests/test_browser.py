"""The page as a person sees it, in chromium."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

PATIENCE = 60_000
"""ms; the first picture waits for the network to be loaded."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("These tests need chromium: install it from your system's packages.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, page_url: str) -> Iterator[Page]:
    with browser.new_page(viewport={"width": 1280, "height": 900}) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(page_url)
        yield page


@pytest.fixture(autouse=True, scope="module")
def _patient() -> None:
    expect.set_options(timeout=PATIENCE)


def set_number(page: Page, label: str, value: int) -> None:
    field = page.get_by_label(f"number input for {label}")
    field.fill(str(value))
    field.press("Enter")


def next_picture(page: Page, seen: str = "") -> str:
    """Wait for a result other than the one seen, and give its address."""
    page.wait_for_function(
        "seen => ![null, undefined, seen].includes(document.querySelector('#preview img')?.src)",
        arg=seen,
    )
    return page.locator("#preview img").evaluate("image => image.src")


def test_one_click_paints_and_stop_keeps_the_picture(page: Page, tmp_path: Path) -> None:
    expect(page.locator("#content img")).to_have_js_property("complete", True)
    expect(page.locator("#network")).to_contain_text("Network: ")
    stylize, stop = (
        page.get_by_role("button", name="Stylize"),
        page.get_by_role("button", name="Stop"),
    )
    download = page.get_by_text("Download PNG")
    expect(stop).to_be_disabled()

    stylize.click()
    expect(stylize).to_be_disabled()
    first = next_picture(page)
    second = next_picture(page, first)
    third = next_picture(page, second)
    assert len({first, second, third}) == 3
    expect(page.get_by_role("progressbar")).to_be_visible()

    stop.click()
    expect(
        page.get_by_role("status").filter(has_text="Stopped; the picture so far")
    ).to_be_visible()
    expect(page.locator("#preview img")).to_be_visible()
    with page.expect_download() as saved:
        download.click()
    saved.value.save_as(tmp_path / "result.png")
    with Image.open(tmp_path / "result.png") as picture:
        assert picture.format == "PNG"
        picture.load()
    expect(stylize).to_be_enabled()
    expect(stop).to_be_disabled()


def test_an_error_is_a_sentence_and_the_page_goes_on(page: Page, text_as_png: str) -> None:
    page.locator("#content").get_by_label("Remove Image").click()
    page.locator("#content input[type=file]").set_input_files(text_as_png)
    expect(page.locator("#content img")).to_have_attribute("src", re.compile("holiday"))
    page.get_by_role("button", name="Stylize").click()
    expect(page.locator("#status")).to_contain_text("'holiday.png' is not an image")
    expect(page.get_by_test_id("toast-text")).to_contain_text("'holiday.png' is not an image")

    page.get_by_role("button", name="Use cat").click()
    expect(page.locator("#content img")).to_have_attribute("src", re.compile("cat"))
    expect(page.locator("#style img")).to_have_attribute("src", re.compile("harvest"))
    set_number(page, "Size (px)", 128)
    set_number(page, "Steps", 10)
    page.get_by_role("button", name="Stylize").click()
    expect(page.locator("#status")).to_contain_text("Finished: 128 × 85 px")


def test_an_empty_page_asks_for_an_image(page: Page) -> None:
    page.locator("#style").get_by_label("Remove Image").click()
    page.get_by_role("button", name="Stylize").click()
    expect(page.locator("#status")).to_contain_text("There is no style image")


def test_a_phone_needs_no_sideways_scrolling(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#cards img").first).to_be_visible()
    page.wait_for_function(
        """() => {
            const top = name => document.getElementById(name).getBoundingClientRect().top;
            return document.documentElement.scrollWidth <= 390 && top("content") === top("style");
        }"""
    )


def test_images_have_alternative_texts(page: Page) -> None:
    expect(page.locator("#cards img").first).to_be_visible()
    expect(page.locator("#content img")).to_have_attribute("alt", "The content image")
    for image in page.locator("#cards img").all():
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
        assert image.get_attribute("alt")
