"""A picture leaves the page: by the share sheet or as a file, named for what it shows."""

import re
from pathlib import Path

import pytest
from easel import PHONE, PICTURE, SIZES, be_quick, button, finished, opened, paint, start
from PIL import Image
from playwright.sync_api import Browser, Page, expect

SHEET = """
    navigator.canShare = given => given.files.length === 1;
    navigator.share = async ({files: [file]}) => {
        if (window.refuse) throw new DOMException("", "AbortError");
        window.shared = [file.name, file.type, file.size > 1000];
    };
"""
"""A share sheet, as phones have it."""


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_without_a_share_sheet_the_picture_is_downloaded(
    browser: Browser, page_url: str, size: tuple[int, int], tmp_path: Path
) -> None:
    script = "delete Navigator.prototype.canShare;"
    with opened(browser, page_url, size, script) as page:
        be_quick(page)
        paint(page)
        with page.expect_download() as download:
            button(page, "Share").click()
        assert download.value.suggested_filename == f"{PICTURE}.png"
        download.value.save_as(tmp_path / "picture.png")
        with Image.open(tmp_path / "picture.png") as picture:
            assert (picture.format, picture.size) == ("PNG", (128, 85))
        expect(page.locator("#status")).to_contain_text(
            f"has no share sheet here, so the picture was downloaded: {PICTURE}.png"
        )


def test_the_share_sheet_gets_the_picture(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url, PHONE, SHEET) as page:
        be_quick(page)
        paint(page)
        button(page, "Share").click()
        expect(page.locator("#status")).to_contain_text("was handed to the app that you chose")
        assert page.evaluate("shared") == [f"{PICTURE}.png", "image/png", True]

        page.evaluate("window.refuse = true")
        button(page, "Share").click()
        expect(page.locator("#status")).to_contain_text("Nothing was shared.")


def test_files_are_named_for_what_they_show(page: Page, tmp_path: Path) -> None:
    be_quick(page)
    paint(page)
    for name in ("PNG", "MP4", "WebP"):
        with page.expect_download() as download:
            button(page, f"Download {name}").click()
        assert download.value.suggested_filename == f"{PICTURE}.{name.lower()}"

    Image.new("RGB", (160, 80), "navy").save(tmp_path / "me at home.png")
    page.locator("#content").get_by_label("Remove Image").click()
    page.locator("#content input[type=file]").set_input_files(tmp_path / "me at home.png")
    expect(page.locator("#content img")).to_have_attribute("src", re.compile("home"))
    start(page)
    finished(page, pictures=2)
    with page.expect_download() as download:
        button(page, "Download PNG").click()
    assert download.value.suggested_filename == "photo-cafe-terrace-at-night-128.png"
