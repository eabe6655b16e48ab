"""The instant picture: there while the finger is on the shelf, and out of everybody's way."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from helpers import CAT, CHURCH
from PIL import Image
from playwright.sync_api import Page, expect

from nst_core.errors import BusyError, ImageError
from nst_core.page.inputs.instant import SIZE, Instant
from nst_core.page.inputs.looking import MOST_WAITING, Line, Looking

PREVIEW = "A quick preview: castle in the style of mosaic. Press Paint for the real picture."


@pytest.fixture
def instant(upload_folder: Path) -> Instant:
    return Instant(Looking())


def painted(instant: Instant, content: Path, style: Path) -> Image.Image:
    """The picture, its photograph being as large."""
    before, after = map(Image.open, asyncio.run(instant.paint((content, style))))
    with before, after:
        assert before.size == after.size
        return after.convert("RGB")


def test_a_style_of_ones_own_is_painted_as_large_as_one_of_the_shelf(
    instant: Instant, tmp_path: Path
) -> None:
    own = tmp_path / "own.jpg"
    Image.open(CHURCH).rotate(180).save(own)
    for style in (CHURCH, own):
        assert max(painted(instant, CAT, style).size) == SIZE


def test_what_is_no_image_is_refused(instant: Instant, text_as_png: str) -> None:
    for pair in ((Path(text_as_png), CHURCH), (CAT, Path(text_as_png))):
        with pytest.raises(ImageError, match="not an image"):
            asyncio.run(instant.paint(pair))


def test_a_line_takes_so_many_and_does_one_after_the_other() -> None:
    line, done = Line("test", "Too many."), list[int]()

    async def all_at_once() -> list[Any]:
        works = [line.do(done.append, number) for number in range(MOST_WAITING + 5)]
        return await asyncio.gather(*works, return_exceptions=True)

    ends = asyncio.run(all_at_once())
    assert done == list(range(MOST_WAITING + 1))
    assert [str(end) for end in ends if isinstance(end, BusyError)] == ["Too many."] * 4
    asyncio.run(line.do(done.append, "later"))
    assert done[-1] == "later"


def slider(page: Page) -> str:
    """The address of the picture on the slider that is no photograph."""
    return page.locator("#slider img").last.get_attribute("src") or ""


def test_a_tap_on_the_shelf_shows_a_preview_and_says_so(page: Page) -> None:
    before = slider(page)
    page.locator("#shelf").get_by_role("button", name="mosaic", exact=True).click()
    expect(page.locator("#status")).to_have_text(PREVIEW)
    assert "preview.jpg" in slider(page)
    assert slider(page) != before
    expect(page.get_by_role("button", name="Download PNG")).to_be_disabled()
    expect(page.locator("#strip")).to_be_hidden()


def test_beside_a_run_nothing_is_previewed_and_afterwards_the_picture_stays_in_hand(
    page: Page,
) -> None:
    page.get_by_label("Draft").check()
    page.locator("#paint-go").click()
    expect(page.locator("#status")).to_contain_text("Painting at")
    page.locator("#shelf").get_by_role("button", name="mosaic", exact=True).click()
    expect(page.locator("#status")).to_contain_text("Finished")
    page.locator("#shelf").get_by_role("button", name="watercolour", exact=True).click()
    expect(page.locator("#status")).to_contain_text("castle in the style of watercolour")
    expect(page.get_by_role("button", name="Download PNG")).to_be_enabled()
    expect(page.locator("#strip img")).to_have_count(1)
    page.locator("#strip img").click()  # its pair and its picture come back, and stay
    expect(page.locator("#status")).to_contain_text("Finished")
    page.wait_for_timeout(1500)
    expect(page.locator("#status")).to_contain_text("Finished")
