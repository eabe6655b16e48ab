"""Pictures that are dropped or pasted, how much of one is shown, and what a browser remembers."""

import json
import re
import shutil
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers import CAT, ROOT
from page.driver import DESKTOP, PHONE, opened
from page.test_languages import CATALOGUES
from playwright.sync_api import Browser, Page, expect

from nst_core.page.inputs.drop import PROBLEMS

PUT = """async ([target, kind, files]) => {
  const data = new DataTransfer();
  for (const [name, type, text] of files) {
    const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0));
    data.items.add(new File([bytes], name, {type}));
  }
  if (kind === "text") data.setData("text", files.length ? "" : "https://example.org/cat.jpg");
  const may = {bubbles: true, cancelable: true};
  const event = kind === "paste" ? new ClipboardEvent("paste", {...may, clipboardData: data})
    : new DragEvent("drop", {...may, dataTransfer: data});
  document.querySelector(target).dispatchEvent(event);
}"""
Given = Sequence[tuple[str, str, bytes]]
"""Name, type and content of files."""


def put(page: Page, target: str, files: Given, kind: str = "drop") -> None:
    sent = [[name, type_, b64encode(content).decode()] for name, type_, content in files]
    page.evaluate(PUT, [target, kind, sent])


def example(role: str, name: str) -> tuple[str, str, bytes]:
    return f"{name}.jpg", "image/jpeg", (ROOT / "examples" / role / f"{name}.jpg").read_bytes()


def holds(page: Page, role: str, name: str) -> None:
    expect(page.locator(f"#{role} img")).to_have_attribute("src", re.compile(name))


def test_a_picture_is_taken_wherever_it_falls(page: Page) -> None:
    put(page, "#content", [example("content", "cat")])
    holds(page, "content", "cat.jpg")
    put(page, "#style", [example("style", "mosaic")])
    holds(page, "style", "mosaic.jpg")
    put(page, "body", [example("content", "fig")])
    holds(page, "content", "fig.jpg")
    put(page, "body", [example("content", "dogs")], "paste")
    holds(page, "content", "dogs.jpg")


@pytest.mark.parametrize("agreed", [True, False])
def test_of_two_it_is_asked_once_which_is_the_photo(page: Page, agreed: bool) -> None:
    asked = []

    def answer(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        dialog.accept() if agreed else dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", answer)
    put(page, "body", [example("content", "cat"), example("style", "mosaic")])
    holds(page, "content", "cat.jpg" if agreed else "mosaic.jpg")
    holds(page, "style", "mosaic.jpg" if agreed else "cat.jpg")
    assert len(asked) == 1


def test_what_is_no_picture_is_told(page: Page) -> None:
    for files, kind, problem in (
        ([("a.txt", "text/plain", b"words")], "drop", "kind"),
        ([example("content", "cat")] * 3, "drop", "many"),
        ([], "paste", "text"),
        ([], "text", "link"),
    ):
        put(page, "body", files, kind)
        expect(page.locator("#status")).to_have_text(PROBLEMS[problem])
    holds(page, "content", "castle")


def test_a_file_that_cant_be_used_leaves_the_photo_before(page: Page) -> None:
    put(page, "#content", [("bad.png", "image/png", b"Not a picture.")])
    told = page.locator("#content-problem")
    expect(told).to_contain_text("'bad.png' is not an image of a known format")
    holds(page, "content", "castle")
    put(page, "#content", [example("content", "cat")])
    expect(told).to_have_text("")


def test_how_much_of_it_is_what_is_saved(page: Page, tmp_path: Path) -> None:
    page.locator("#shelf").get_by_role("button", name="mosaic", exact=True).click()
    picture = page.locator("#slider img").last
    expect(picture).to_have_attribute("src", re.compile("preview-512.jpg"))
    amount = page.get_by_label("number input for How much of it (%)")
    amount.fill("40")
    page.keyboard.press("Tab")
    expect(picture).to_have_attribute("src", re.compile("preview-512-40-percent.jpg"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download preview").click()
    assert download.value.suggested_filename == "preview-512-40-percent.jpg"
    amount.fill("100")
    page.keyboard.press("Tab")
    expect(picture).to_have_attribute("src", re.compile("preview-512.jpg"))


def test_the_pair_is_there_again_after_a_reload(page: Page) -> None:
    put(page, "#content", [example("content", "cat")])
    expect(page.locator("#status")).to_contain_text("A quick preview")
    page.reload()
    holds(page, "content", "cat.jpg")


def test_a_browser_that_blocks_storage_opens_the_page(
    browser: Browser, page_url: str, tmp_path: Path
) -> None:
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(blocked))
    context = browser.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=shutil.which("chromium"),
        args=["--no-sandbox", "--disable-gpu"],
        locale="de-DE",
    )
    page = context.new_page()
    page.goto(page_url)
    words = CATALOGUES["de"]
    expect(page.locator("#network")).to_contain_text(
        words["Network: {1}"].partition("{1}")[0].strip()
    )
    assert page.evaluate("Object.prototype.toString.call(localStorage)") == "[object Object]"
    assert page.evaluate("document.documentElement.lang") == "de"
    expect(page.locator("footer")).to_contain_text(words["Settings"])
    context.close()


@pytest.mark.parametrize("box", ["content", "style"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_arrow_asks_for_a_file_and_the_picture_stays_until_there_is_one(
    browser: Browser, page_url: str, size: tuple[int, int], box: str
) -> None:
    with opened(browser, page_url, size, has_touch=size == PHONE) as page:
        picture = page.locator(f"#{box} img")
        before = picture.get_attribute("src")
        arrow = page.locator(f"#{box}").get_by_label("Upload file")
        with page.expect_file_chooser() as asked:
            (arrow.tap if size == PHONE else arrow.click)()
        expect(picture).to_have_attribute("src", str(before))
        asked.value.set_files(CAT)
        expect(picture).not_to_have_attribute("src", str(before))
