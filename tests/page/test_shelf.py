"""The shelf of styles, as a person uses it."""

import re
from pathlib import Path

import httpx
import pytest
from helpers import ROOT
from page.driver import visit
from playwright.sync_api import Browser, Locator, Page, expect

STYLES = sorted((ROOT / "examples" / "style").glob("*.jpg"))
PRESSED = "#shelf [aria-pressed=true]"


def card(page: Page, name: str) -> Locator:
    return page.locator("#shelf").get_by_role("button", name=name, exact=True)


def in_place(page: Page, role: str, name: str) -> None:
    expect(page.locator(f"#{role} img")).to_have_attribute("src", re.compile(name))


def test_every_style_is_there_with_a_name_and_a_light_picture(page: Page) -> None:
    pictures = page.locator("#shelf img")
    expect(pictures).to_have_count(len(STYLES))
    expect(page.locator("#shelf [data-style]")).to_have_count(len(STYLES) + 1)
    for picture in pictures.all():
        assert picture.get_attribute("alt") == ""  # its button has the name, which is said once
        address = picture.evaluate("image => image.src")
        assert len(httpx.get(address).raise_for_status().content) < 20_000
    names = page.locator("#shelf .name").all_inner_texts()
    assert "Café terrace at night" in names
    assert all(names)


@pytest.mark.parametrize("width", [390, 1366])
def test_a_tap_changes_the_style_and_nothing_else(
    browser: Browser, page_url: str, width: int
) -> None:
    page = visit(browser, page_url)
    page.set_viewport_size({"width": width, "height": 800})
    expect(page.locator(PRESSED)).to_have_attribute("data-style", "cafe-terrace-at-night")
    page.locator("#content input[type=file]").set_input_files(
        ROOT / "examples" / "content" / "cat.jpg"
    )
    in_place(page, "content", "cat")
    page.get_by_label("Draft").check()

    card(page, "stained glass").click()
    in_place(page, "style", "stained-glass")
    expect(page.locator(PRESSED)).to_have_attribute("data-style", "stained-glass")
    in_place(page, "content", "cat")
    expect(page.get_by_label("Draft")).to_be_checked()
    page.close()


def test_the_keyboard_chooses_too_and_keeps_its_place(page: Page) -> None:
    expect(page.locator("#shelf [data-style]:not([tabindex])")).to_have_count(2)
    page.locator(PRESSED).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    in_place(page, "style", "stained-glass")
    expect(page.locator(PRESSED)).to_have_attribute("data-style", "stained-glass")
    assert page.evaluate("document.activeElement.dataset.style") == "stained-glass"


def test_surprise_me_picks_another_one(page: Page) -> None:
    for _ in range(2):
        now = page.locator(PRESSED).get_attribute("data-style")
        card(page, "Surprise me").click()
        expect(page.locator(PRESSED)).not_to_have_attribute("data-style", now or "")


def test_a_style_of_ones_own_is_none_of_the_shelf(page: Page, tmp_path: Path) -> None:
    own = tmp_path / "mosaic.jpg"  # a name that the shelf has
    own.write_bytes((ROOT / "examples" / "content" / "coffee.jpg").read_bytes())
    page.locator("#style input[type=file]").set_input_files(own)
    expect(page.locator(PRESSED)).to_have_count(0)


def test_the_chosen_one_is_scrolled_to(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    expect(card(page, "wave pattern")).not_to_be_in_viewport()
    page.get_by_role("button", name="temple + wave pattern").click()
    expect(card(page, "wave pattern")).to_be_in_viewport(ratio=1)
