"""The instant picture: there while the finger is on the shelf, and out of everybody's way."""

import asyncio
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT
from page.driver import status, take_few_steps
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page, expect

from nst_core import Job
from nst_core.errors import BusyError, ImageError
from nst_core.page.inputs.instant import SIZE, SMALL, Instant
from nst_core.page.inputs.opening_queue import MOST_WAITING, Line, OpeningLine

CASTLE = ROOT / "examples" / "content" / "castle.jpg"
PREVIEW = "A quick preview: castle in the style of mosaic. Press Paint for the real picture."


@pytest.fixture
def instant(upload_folder: Path) -> Instant:
    return Instant(OpeningLine())


def previews(instant: Instant, job: Job) -> list[Image.Image]:
    """The pictures, their photograph being as large."""

    async def all_of_them() -> list[Image.Image]:
        found = []
        async for pair in instant.paint(job):
            before, after = map(Image.open, pair)
            assert before.size == after.size
            found.append(after.convert("RGB"))
        return found

    return asyncio.run(all_of_them())


def test_a_style_of_ones_own_is_painted_as_large_as_one_of_the_shelf(
    instant: Instant, tmp_path: Path
) -> None:
    own = tmp_path / "own.jpg"
    Image.open(CHURCH).rotate(180).save(own)
    for style in (CHURCH, own):
        found = previews(instant, Job.of(CAT, style))
        assert [max(each.size) for each in found] == [SIZE] * 4  # each larger one in its place
        assert len({each.tobytes() for each in found}) == 4


@pytest.mark.slow
def test_strength_mask_and_colours_are_followed(instant: Instant) -> None:
    mask = np.zeros((64, 96), np.uint8)
    mask[:, :48] = 255
    *_, usual = previews(instant, Job.of(CAT, CHURCH))
    jobs = {
        "strength": Job.of(CAT, CHURCH, style_strength=-10),
        "mask": Job.of(CAT, CHURCH, mask=mask),
        "colours": Job.of(CAT, CHURCH, keep_colours="luminance"),
        "mixture": Job.of(CAT, [(CHURCH, 0.5), (CASTLE, 0.5)]),
    }
    for job in jobs.values():
        *_, changed = previews(instant, job)
        assert ImageStat.Stat(ImageChops.difference(changed, usual)).mean[0] > 2


def test_a_photo_in_each_style_leaves_out_what_is_none(instant: Instant, text_as_png: str) -> None:
    styles = {"church": CHURCH, "text": Path(text_as_png), "castle": CASTLE}

    async def all_of_them() -> list[dict[str, Path]]:
        return [found async for found in instant.each_style(CAT, styles)]

    one, both = asyncio.run(all_of_them())
    assert list(one) == ["church"]
    assert list(both) == ["church", "castle"]
    for path in both.values():
        with Image.open(path) as picture:
            assert max(picture.size) == SMALL


def test_what_is_no_image_is_refused(instant: Instant, text_as_png: str) -> None:
    for pair in ((Path(text_as_png), CHURCH), (CAT, Path(text_as_png))):
        with pytest.raises(ImageError, match="not an image"):
            previews(instant, Job.of(*pair))


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
    expect(status(page)).to_have_text(PREVIEW)
    expect(page.locator("#slider img").last).to_have_attribute("src", re.compile("preview-512"))
    assert slider(page) != before
    expect(page.get_by_role("button", name="Download preview")).to_be_enabled()
    expect(page.locator("#larger")).to_be_disabled()
    expect(page.locator("#strip")).to_be_hidden()


def test_the_preview_follows_the_strength(page: Page) -> None:
    page.get_by_label("number input for Style strength").fill("-8")
    page.keyboard.press("Tab")
    told = "A quick preview: castle in the style of café terrace at night."
    expect(status(page)).to_contain_text(told)


def test_a_picture_stays_where_nothing_was_changed(page: Page) -> None:
    """As after an event on a busy machine, which comes when the picture has long been painted."""
    take_few_steps(page, 128)
    page.locator("#paint-go").click()
    expect(page.get_by_role("button", name="Download MP4")).to_be_enabled()
    expect(status(page)).to_contain_text("Finished")
    page.get_by_role("slider", name="Style strength").dispatch_event("pointerup")
    page.wait_for_timeout(2500)
    expect(status(page)).to_contain_text("Finished")
    expect(page.get_by_role("button", name="Download PNG")).to_be_enabled()


def test_the_shelf_shows_the_photo_in_each_style(page: Page) -> None:
    cards = page.locator("#shelf img")
    own = cards.evaluate_all("all => all.map(each => each.src)")
    page.get_by_label("Show my photo in each style").check()
    sources = "all => all.map(each => each.src)"  # those out of sight are loaded later
    for _ in range(60):
        now = cards.evaluate_all(sources)
        if len(now) == len(own) and not set(now) & set(own):
            break
        page.wait_for_timeout(500)
    assert len(now) == len(own)
    assert not set(now) & set(own)
    page.locator("#shelf").get_by_role("button", name="mosaic", exact=True).click()
    expect(status(page)).to_have_text(PREVIEW)
    assert cards.evaluate_all("all => all.map(each => each.src)") == now
    page.get_by_label("Show my photo in each style").uncheck()
    expect(cards.first).to_have_attribute("src", re.compile(own[0].rsplit("/", 2)[-2]))


def test_beside_a_run_nothing_is_previewed_and_afterwards_the_picture_comes_back_with_its_pair(
    page: Page,
) -> None:
    take_few_steps(page, 256)
    page.locator("#paint-go").click()
    expect(status(page)).to_contain_text("Painting at")
    page.locator("#shelf").get_by_role("button", name="mosaic", exact=True).click()
    expect(status(page)).to_contain_text("Finished")
    page.locator("#shelf").get_by_role("button", name="watercolour", exact=True).click()
    expect(status(page)).to_contain_text("castle in the style of watercolour")
    expect(page.get_by_role("button", name="Download preview")).to_be_enabled()
    expect(page.locator("#strip img")).to_have_count(1)
    page.locator("#shelf").get_by_role("button", name="café terrace at night").click()
    expect(page.get_by_role("button", name="Download PNG")).to_be_enabled()
    page.locator("#shelf").get_by_role("button", name="watercolour", exact=True).click()
    expect(page.locator("#slider img").last).to_have_attribute("src", re.compile("preview-512"))
    page.locator("#strip img").click()  # its pair and its picture come back, and stay
    expect(status(page)).to_contain_text("Finished")
    page.wait_for_timeout(1500)
    expect(status(page)).to_contain_text("Finished")
