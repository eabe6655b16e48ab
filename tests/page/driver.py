"""The page in a browser, as the tests drive it: visitors, and what they do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from nst_core import RECIPES

PATIENCE = 60_000
"""ms; the first picture waits for the network to be loaded."""
SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1366, "height": 768},
    "phone": {"width": 390, "height": 844},
}
DESKTOP, PHONE, SMALL_PHONE = (1366, 768), (390, 844), (360, 640)
SIZES = (DESKTOP, PHONE, SMALL_PHONE)
"""Of the window, in px."""
OWN_STEPS = f"(own: {RECIPES['studio'].steps})"
PARTS = ("stage", "status", "views", "keep", "larger", "details")
"""What stands in the result's column, from top to bottom."""
PICTURE = "castle-cafe-terrace-at-night-128"
"""What the files of a quick run are called."""


# A server


@contextmanager
def files_in(folder: Path) -> Iterator[Path]:
    """Pages that are built meanwhile keep their files there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder


@contextmanager
def served() -> Iterator[str]:
    """The address of a page with the embedded network, which is loaded."""
    import app  # takes seconds, which the tests of nst_core need not wait for
    from nst_core.page.hosting.loading import loading

    page = app.build_page("embedded")
    loading("embedded").result()  # else the first test of a file would wait for it, if long enough
    _, url, _ = page.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, **app.launch_options("embedded")
    )
    yield url
    page.close(verbose=False)


# A visitor


def visit(browser: Browser, url: str, **options: Any) -> Page:
    """The page as a new visitor sees it, ready to be used."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, **options)
    page.set_default_timeout(PATIENCE)
    come(page, url)
    return page


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
        come(page, url)
        yield page


@contextmanager
def opened_with_picture(
    browser: Browser, url: str, painted: Any, size: tuple[int, int] = DESKTOP, **options: Any
) -> Iterator[Page]:
    """The page of a visitor who has a picture, see `painted`; it is in hand, as after its run."""
    with opened(browser, url, size, storage_state=painted, **options) as page:
        page.locator("#strip button").first.click()
        finished(page)
        yield page


def come(page: Page, url: str) -> None:
    """Open the page; what its browser complains of later on is printed, for a test that fails."""
    page.goto(url)
    ready(page)
    page.on("console", lambda message: print(f"console: {message.text:.300}"))
    page.on("pageerror", lambda error: print(f"error: {error}"))
    page.on("requestfailed", lambda request: print(f"failed: {request.url} {request.failure}"))
    page.on("framenavigated", lambda frame: print(f"loaded anew: {frame.url}"))


def ready(page: Page) -> None:
    expect(page.locator("#network")).to_contain_text("Network: ")
    expect(page.locator("html.opening")).to_have_count(0)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def status(page: Page) -> Locator:
    return page.locator("#status")


# Controls


def set_number(page: Page, label: str, value: float) -> None:
    field = page.get_by_label(label, exact=True).first
    field.fill(str(value))
    field.press("Enter")


def set_size(page: Page, size: int) -> None:
    """In px; the details, where that is set, stay open or closed as they are."""
    closed = not exact_size(page).is_visible()
    if closed:
        open_details(page)
    set_number(page, "Size (px)", size)
    expect(page.locator("#size input:checked")).to_have_attribute("value", str(size))
    if closed:
        page.get_by_role("button", name="Details").click()
        expect(exact_size(page)).to_be_hidden()


def exact_size(page: Page) -> Locator:
    return page.get_by_label("Size (px)", exact=True).first


def area(page: Page, name: str) -> Locator:
    """A size to choose, such as "Medium"."""
    return page.get_by_role("radio", name=re.compile(f"^{name}"))


def choose(page: Page, label: str, option: str) -> None:
    """Of a list on the tab that is open, by a part of the option's name."""
    page.get_by_role("tabpanel").get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option).first.click()


def open_details(page: Page) -> None:
    page.get_by_role("button", name="Details").click()


def be_quick(page: Page, size: int = 128) -> None:
    """A small draft."""
    set_size(page, size)
    page.get_by_label("Draft", exact=True).check()
    expect(page.get_by_label("Draft", exact=True)).to_be_checked()


def take_few_steps(page: Page, steps: int = 6) -> None:
    """A small picture of few steps, which the browser remembers; the details are open then."""
    set_size(page, 128)
    open_details(page)
    set_number(page, "Steps", steps)
    expect(page.locator("#mark")).to_contain_text(f"Changed: size 128 · steps {steps} {OWN_STEPS}")


def give(page: Page, role: str, file: Path) -> None:
    """Upload a file in the place of the image that is there."""
    page.locator(f"#{role}").get_by_label("Remove Image").click()
    page.locator(f"#{role} input[type=file]").set_input_files(file)
    last_word = re.compile(file.stem.split()[-1])  # a name loses its spaces on the way
    expect(page.locator(f"#{role} img")).to_have_attribute("src", last_word)


def saved(page: Page, name: str, folder: Path) -> Path:
    """What a button downloads, under the name that it comes with."""
    with page.expect_download() as download:
        button(page, name).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


# Runs


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
