"""What moves, what stands on one line, and what stands on which ground."""

import pytest
from page.driver import DESKTOP, PHONE, opened
from playwright.sync_api import Browser, Page, expect

MOST_SHIFT = 0.02
"""Of the window, times how far, that moves by itself while the page opens."""
WATCH = """
window.shift = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => { shift += entry.value; }))
  .observe({type: "layout-shift", buffered: true});
"""
BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@BOTH
def test_nothing_moves_while_the_page_opens(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size, script=WATCH) as page:
        expect(page.locator("#time")).to_contain_text("about")
        page.wait_for_timeout(1000)
        assert page.evaluate("shift") <= MOST_SHIFT


def test_a_page_that_never_gets_whole_is_seen_all_the_same(browser: Browser, page_url: str) -> None:
    restless = "setInterval(() => document.body?.append(document.createElement('i')), 20);"
    with opened(browser, page_url, script=restless) as page:
        expect(page.get_by_role("tab", name="Paint")).to_be_visible()


def middle(page: Page, selector: str) -> list[float]:
    """Of each such element that is seen, from the window's top in px."""
    script = """all => all.filter(each => each.checkVisibility()).map(each => {
        const {top, height} = each.getBoundingClientRect(); return top + height / 2; })"""
    found: list[float] = page.locator(selector).evaluate_all(script)
    return found


@BOTH
def test_an_accordions_name_and_arrow_are_on_one_line(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        names = middle(page, ".label-wrap > span:first-child")
        assert len(names) == 4
        assert middle(page, ".label-wrap > .icon") == pytest.approx(names, abs=1)
        for accordion in page.locator(".gr-accordion:visible").all():
            box = accordion.bounding_box()
            assert box
            assert 44 <= box["height"] <= 46  # with its borders


@BOTH
def test_sliders_are_whole_and_on_the_pages_ground(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        grounds = "each => getComputedStyle(each).backgroundColor"
        amount = page.locator("#amount")
        for element in (amount, amount.locator("..")):
            assert element.evaluate(grounds) == "rgba(0, 0, 0, 0)"
        for block in page.locator("#at-hand .block:has(input[type=range]), #amount").all():
            outer = block.bounding_box()
            inner = block.locator(".reset-button").bounding_box()
            assert outer
            assert inner
            assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
