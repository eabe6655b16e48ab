"""A picture leaves the page: by the share sheet or as a file, named for what it shows."""

from pathlib import Path

import pytest
from page.driver import (
    PHONE,
    PICTURE,
    SIZES,
    be_quick,
    button,
    finished,
    give,
    opened,
    opened_with_picture,
    paint,
    saved,
    start,
    status,
)
from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, expect

from nst_core.painting.settings import read_settings

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
    browser: Browser,
    page_url: str,
    painted: StorageState,
    size: tuple[int, int],
    tmp_path: Path,
) -> None:
    script = "delete Navigator.prototype.canShare;"
    with opened_with_picture(browser, page_url, painted, size, script=script) as page:
        png = saved(page, "Share", tmp_path)
        assert png.name == f"{PICTURE}.png"
        with Image.open(png) as picture:
            assert (picture.format, picture.size) == ("PNG", (128, 85))
        expect(status(page)).to_contain_text(
            f"has no share sheet here, so the picture was downloaded: {PICTURE}.png"
        )


def test_the_share_sheet_gets_the_picture(
    browser: Browser, page_url: str, painted: StorageState
) -> None:
    with opened_with_picture(browser, page_url, painted, PHONE, script=SHEET) as page:
        button(page, "Share").click()
        expect(status(page)).to_contain_text("was handed to the app that you chose")
        assert page.evaluate("shared") == [f"{PICTURE}.png", "image/png", True]

        assert "preview" not in status(page).inner_text()

        page.evaluate("window.refuse = true")
        button(page, "Share").click()
        expect(status(page)).to_contain_text("Nothing was shared.")


def test_what_was_saved_or_shared_is_told_and_a_preview_called_one(
    browser: Browser, page_url: str, tmp_path: Path
) -> None:
    with opened(browser, page_url, PHONE, script=SHEET) as page:
        expect(button(page, "Share")).to_be_disabled()
        page.locator("#shelf").get_by_role("button", name="stained glass").click()
        expect(status(page)).to_contain_text("A quick preview")
        expect(button(page, "Share preview")).to_be_enabled()
        button(page, "Share preview").click()
        expect(status(page)).to_have_text(
            "The quick preview was handed to the app that you chose. "
            "Press Paint for the real picture."
        )
        jpeg = saved(page, "Download preview", tmp_path)
        expect(status(page)).to_have_text(
            f"Saved: {jpeg.name} is among your downloads. Press Paint for the real picture."
        )


def test_a_jpeg_is_of_quality_95_and_has_its_settings(
    browser: Browser, page_url: str, painted: StorageState, tmp_path: Path
) -> None:
    with opened_with_picture(browser, page_url, painted, PHONE) as page:
        jpeg = saved(page, "Download JPEG", tmp_path)
        expect(status(page)).to_have_text(f"Saved: {PICTURE}.jpg is among your downloads.")
        png = saved(page, "Download PNG", tmp_path)
        expect(status(page)).to_have_text(f"Saved: {PICTURE}.png is among your downloads.")
    assert jpeg.name == f"{PICTURE}.jpg"
    Image.new("RGB", (8, 8)).save(tmp_path / "quality.jpg", quality=95)
    with Image.open(jpeg) as picture, Image.open(tmp_path / "quality.jpg") as expected:
        assert (picture.format, picture.size) == ("JPEG", (128, 85))
        assert picture.quantization == expected.quantization  # type: ignore[attr-defined]
    assert read_settings(jpeg) == read_settings(png)


def test_files_are_named_for_what_they_show(page: Page, tmp_path: Path) -> None:
    be_quick(page)
    paint(page)
    for name in ("PNG", "MP4", "WebP"):
        assert saved(page, f"Download {name}", tmp_path).name == f"{PICTURE}.{name.lower()}"

    Image.new("RGB", (160, 80), "navy").save(tmp_path / "me at home.png")
    give(page, "content", tmp_path / "me at home.png")
    start(page)
    finished(page, pictures=2)
    png = saved(page, "Download PNG", tmp_path)
    assert png.name == "photo-cafe-terrace-at-night-128.png"
