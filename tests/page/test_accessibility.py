"""What axe-core has to say about the page, in both themes."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from page.driver import (
    DESKTOP,
    PHONE,
    open_details,
    opened,
    opened_with_picture,
    set_number,
    show,
    visit,
)
from playwright.sync_api import Browser, Page, StorageState, expect

SETTLE = """
() => document.getAnimations().forEach(animation => {
  try { animation.finish(); } catch { /* one without end */ }
})
"""
"""Colours half-way between two states are nobody's choice."""


LESSER = ("heading-order", "image-redundant-alt")
"""What axe-core finds less serious, and is no more than a word or a number to mend."""


def complaints(page: Page) -> list[str]:
    """What axe-core finds serious or critical, with the element it means.

    It looks again where it finds something: a button may have changed its colours meanwhile.
    """
    return _complaints(page) and _complaints(page)


def _complaints(page: Page) -> list[str]:
    page.evaluate(SETTLE)
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical") or rule["id"] in LESSER
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_serious_on_any_tab(
    browser: Browser, page_url: str, size: tuple[int, int], scheme: str
) -> None:
    with opened(browser, page_url, size, color_scheme=scheme) as page:
        open_details(page)
        for tab in ("Paint", "Four styles", "Film", "Explore", "Learn"):
            page.get_by_role("tab", name=tab).click()
            expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
            assert complaints(page) == [], tab


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_keys_move_the_line_between_before_and_after(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        line = page.get_by_role("slider", name="Before and after")
        expect(line).to_have_attribute("aria-valuenow", "15")
        line.focus()
        for key, percent in (("ArrowRight", 17), ("PageUp", 37), ("ArrowLeft", 35), ("Home", 0)):
            page.keyboard.press(key)
            near = "|".join(map(str, range(max(percent - 2, 0), percent + 3)))  # in whole px
            expect(line).to_have_attribute("aria-valuenow", re.compile(f"^({near})$"))
        expect(line).to_have_attribute("aria-valuetext", "0 % photo")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_with_a_picture(
    browser: Browser, page_url: str, painted: StorageState, scheme: str
) -> None:
    with opened_with_picture(browser, page_url, painted, color_scheme=scheme) as page:
        show(page, "Film")
        expect(page.locator("#film video")).to_be_visible()
        page.get_by_role("button", name="Losses").click()
        assert complaints(page) == []


SHORT = {"four": "Four styles", "explore": "Explore", "look": "Learn"}
"""Button that starts it -> the tab where it stands."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("starter", SHORT)
def test_nothing_serious_with_what_a_tab_shows(
    browser: Browser, page_url: str, starter: str, scheme: str
) -> None:
    page = visit(browser, page_url, color_scheme=scheme)
    open_details(page)
    set_number(page, "Steps", 2)
    page.get_by_role("tab", name="Explore").click()
    set_number(page, "number input for Steps per cell", 2)
    page.get_by_role("tab", name=SHORT[starter]).click()
    page.locator(f"#{starter}").click()
    status = {"four": "Finished", "explore": "Finished", "look": "White is where"}[starter]
    expect(page.get_by_role("status").filter(has_text=status)).to_be_visible()
    assert complaints(page) == []
    if starter == "explore":
        page.locator("#sheet .thumbnail-item").first.click()
        expect(page.locator("#explore-take")).to_be_visible()
        assert complaints(page) == []
    page.close()
