"""The result's column of the page as the tests in a browser use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from browsing import PATIENCE
from playwright.sync_api import Browser, Locator, Page, expect

DESKTOP, PHONE, SMALL_PHONE = (1366, 768), (390, 844), (360, 640)
SIZES = (DESKTOP, PHONE, SMALL_PHONE)
"""Of the window, in px."""
PARTS = ("stage", "status", "views", "keep", "larger", "details")
"""What stands in the column, from top to bottom."""
PICTURE = "castle-cafe-terrace-at-night-128"
"""What the files of a quick run are called."""


@contextmanager
def opened(
    browser: Browser, url: str, size: tuple[int, int] = DESKTOP, script: str = "", **options: Any
) -> Iterator[Page]:
    """The page for a new visitor with a window of this size; `script` runs before all others."""
    options["viewport"] = {"width": size[0], "height": size[1]}
    with browser.new_context(**options) as context:
        context.set_default_timeout(PATIENCE)
        context.add_init_script(script)
        page = context.new_page()
        page.goto(url)
        ready(page)
        yield page


def ready(page: Page) -> None:
    expect(page.locator("#network")).to_contain_text("Network: ")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def set_size(page: Page, size: int) -> None:
    field = page.get_by_label("number input for Size (px)")
    field.fill(str(size))
    field.press("Enter")


def be_quick(page: Page, size: int = 128) -> None:
    """A small draft."""
    set_size(page, size)
    page.get_by_label("Draft", exact=True).check()
    expect(page.get_by_label("Draft", exact=True)).to_be_checked()


def start(page: Page) -> None:
    """Press Paint, and wait for the first frame."""
    button(page, "Paint").click()
    expect(page.get_by_role("progressbar")).to_be_visible()


def finished(page: Page, pictures: int = 1) -> None:
    """Wait for the end of a run, its film included."""
    expect(page.locator("#strip img")).to_have_count(pictures)
    expect(button(page, "Download MP4")).to_be_enabled()
    expect(page.locator("#status")).to_contain_text("Finished: ")


def paint(page: Page, pictures: int = 1) -> None:
    start(page)
    finished(page, pictures)


def show(page: Page, view: str) -> None:
    page.locator("#views").get_by_label(view, exact=True).check()


def boxes(page: Page, *names: str) -> dict[str, dict[str, float]]:
    """Where elements are: in the window, and "place", from the top of the page."""
    script = """names => Object.fromEntries(names.map(name => {
        const {top, bottom, left, width, height} =
            document.getElementById(name).getBoundingClientRect();
        return [name, {top, bottom, left, width, height, place: top + scrollY}];
    }))"""
    found: dict[str, dict[str, float]] = page.evaluate(script, list(names))
    return found


def places(page: Page) -> list[tuple[float, float]]:
    """Where the parts of the column are on the page, and how high, in whole px."""
    return [(round(box["place"]), round(box["height"])) for box in boxes(page, *PARTS).values()]
