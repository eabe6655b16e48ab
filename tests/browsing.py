"""Visitors of the page, for the tests in a browser."""

from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, expect

PATIENCE = 60_000
"""ms; the first picture waits for the network to be loaded."""

SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1366, "height": 768},
    "phone": {"width": 390, "height": 844},
}


def visit(browser: Browser, url: str, **options: Any) -> Page:
    """The page as a new visitor sees it, ready to be used."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, **options)
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    expect(page.locator("#network")).to_contain_text("Network: ")
    return page
