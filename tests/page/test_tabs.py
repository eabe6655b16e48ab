"""Tabs have addresses, and can be touched."""

import re

import pytest
from page.driver import SCREENS, visit
from playwright.sync_api import Browser, Page, expect

ADDRESSES = {
    "Paint": "paint",
    "Four styles": "four",
    "Film": "film",
    "Explore": "explore",
    "Learn": "learn",
}


def is_open(page: Page, tab: str) -> None:
    expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_have_count(1)


@pytest.mark.parametrize("tab", ADDRESSES)
def test_an_address_opens_its_tab(browser: Browser, page_url: str, tab: str) -> None:
    with visit(browser, f"{page_url}#{ADDRESSES[tab]}") as page:
        is_open(page, tab)
        assert page.evaluate("history.length") == 2  # the blank page, and this one


def test_an_address_of_no_tab_leaves_the_first_one(browser: Browser, page_url: str) -> None:
    with visit(browser, f"{page_url}#nothing") as page:
        is_open(page, "Paint")


def test_back_and_forward_go_from_tab_to_tab(page: Page, page_url: str) -> None:
    for tab in ("Explore", "Learn"):
        page.get_by_role("tab", name=tab).click()
        expect(page).to_have_url(f"{page_url}#{ADDRESSES[tab]}")
    page.go_back()
    is_open(page, "Explore")
    page.go_back()
    is_open(page, "Paint")
    expect(page).to_have_url(page_url)
    page.go_forward()
    is_open(page, "Explore")
    expect(page).to_have_url(f"{page_url}#explore")
    page.reload()
    is_open(page, "Explore")


def test_a_link_on_the_page_opens_a_tab(page: Page, page_url: str) -> None:
    page.evaluate("location.hash = 'learn'")
    is_open(page, "Learn")
    page.go_back()
    is_open(page, "Paint")


def test_tabs_are_opened_by_keyboard(page: Page, page_url: str) -> None:
    page.get_by_role("tab", name="Learn").focus()
    page.keyboard.press("Enter")
    is_open(page, "Learn")
    expect(page).to_have_url(re.compile("#learn$"))


SMALL = """() => [...document.querySelectorAll("button, a, [role=tab], .label-wrap")]
    .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest(MINE))
    .filter(each => !each.closest("[aria-hidden=true]"))
    .map(each => [each.getBoundingClientRect().height, each.ariaLabel || each.innerText])
    .filter(([height]) => height < 44)
    .map(([height, name]) => `${name}: ${height}`)"""


@pytest.mark.parametrize("tab", ADDRESSES)
def test_a_finger_finds_every_button(browser: Browser, page_url: str, tab: str) -> None:
    """On a phone each is 44 px high, but for links within a text and what a number field has."""
    with visit(browser, f"{page_url}#{ADDRESSES[tab]}") as page:
        page.set_viewport_size(SCREENS["phone"])
        is_open(page, tab)
        parts = "#studio, #cards" if tab == "Paint" else ".reset-button, .prose"
        assert page.evaluate(SMALL.replace("MINE", repr(parts))) == []
        expect(page.get_by_role("button", name="More tabs")).to_be_hidden()
        page.get_by_role("tab", name="Paint").click()
        accordion = page.get_by_role("button", name="Details").bounding_box()
        assert accordion
        assert accordion["height"] >= 44
