"""What axe-core has to say about the page, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import visit
from playwright.sync_api import Browser, Page, expect

SETTLE = """
() => document.getAnimations().forEach(animation => {
  try { animation.finish(); } catch { /* one without end */ }
})
"""
"""Colours half-way between two states are nobody's choice."""


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
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_on_any_tab(browser: Browser, page_url: str, scheme: str) -> None:
    page = visit(browser, page_url, color_scheme=scheme)
    page.get_by_role("button", name="Details").click()
    for tab in ("Paint", "Four styles", "Explore", "Learn"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        assert complaints(page) == [], tab
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_with_a_picture(browser: Browser, page_url: str, scheme: str) -> None:
    page = visit(browser, page_url, color_scheme=scheme)
    field = page.get_by_label("number input for Size (px)")
    field.fill("128")
    field.press("Enter")
    page.get_by_label("Draft").check()
    page.get_by_role("button", name="Paint", exact=True).click()
    page.locator("#views").get_by_label("Film").check()
    expect(page.locator("#film video")).to_be_visible()
    page.get_by_role("button", name="Losses").click()
    assert complaints(page) == []
    page.close()


SHORT = {"four": "Four styles", "explore": "Explore", "look": "Learn"}
"""Button that starts it -> the tab where it stands."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("button", SHORT)
def test_nothing_serious_with_what_a_tab_shows(
    browser: Browser, page_url: str, button: str, scheme: str
) -> None:
    page = visit(browser, page_url, color_scheme=scheme)
    page.get_by_role("button", name="Details").click()
    for field in ("Steps", "number input for Steps per cell"):
        if field.startswith("number"):
            page.get_by_role("tab", name="Explore").click()
        page.get_by_label(field, exact=True).first.fill("2")
        page.get_by_label(field, exact=True).first.press("Enter")
    page.get_by_role("tab", name=SHORT[button]).click()
    page.locator(f"#{button}").click()
    status = {"four": "Finished", "explore": "Finished", "look": "White is where"}[button]
    expect(page.get_by_role("status").filter(has_text=status)).to_be_visible()
    assert complaints(page) == []
    if button == "explore":
        page.locator("#sheet .thumbnail-item").first.click()
        expect(page.locator("#explore-take")).to_be_visible()
        assert complaints(page) == []
    page.close()
