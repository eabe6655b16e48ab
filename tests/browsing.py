"""Visitors of the page, for the tests in a browser."""

from typing import Any

from playwright.sync_api import Browser, Page, expect

PATIENCE = 60_000
"""ms; the first picture waits for the network to be loaded."""


def visit(browser: Browser, url: str, **options: Any) -> Page:
    """The page as a new visitor sees it, ready to be used."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, **options)
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    expect(page.locator("#network")).to_contain_text("Network: ")
    return page
