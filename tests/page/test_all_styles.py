"""All styles at a glance, by groups, with a field that finds some of them."""

import re

import pytest
from helpers import ROOT
from page.driver import DESKTOP, PHONE, button, opened, set_size, start
from page.test_accessibility import complaints
from playwright.sync_api import Browser, Locator, Page, expect

from nst_core.page.inputs.names import known_styles

STYLES = known_styles(ROOT / "examples")
BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="All styles")


def cells(page: Page) -> Locator:
    return dialog(page).locator("button[aria-pressed]:visible")


def survey(page: Page) -> Locator:
    """Open it; gives the field."""
    page.locator("#shelf").get_by_role("button", name="All styles").click()
    return dialog(page).get_by_role("searchbox", name="Find a style")


def in_place(page: Page, stem: str) -> None:
    expect(page.locator("#style img")).to_have_attribute("src", re.compile(stem))


@BOTH
def test_a_style_is_chosen_as_from_the_row(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        survey(page)
        expect(cells(page)).to_have_count(len(STYLES))
        expect(cells(page).filter(has_text="Katsushika Hokusai")).to_have_text(
            re.compile("great wave")
        )
        groups = dialog(page).get_by_role("heading", level=3).all_inner_texts()
        assert groups == [*dict.fromkeys(each.group for each in STYLES.values())]
        marked = dialog(page).locator("[aria-pressed=true]")
        expect(marked).to_have_accessible_name("café terrace at night")
        dialog(page).get_by_role("button", name="mosaic").click()
        expect(dialog(page)).to_be_hidden()
        in_place(page, "mosaic")
        expect(page.locator("#shelf [aria-pressed=true]")).to_have_accessible_name("mosaic")
        expect(page.locator("#shelf [aria-pressed=true]")).to_be_in_viewport(ratio=1)
        survey(page)
        expect(marked).to_have_accessible_name("mosaic")


def test_typing_finds_by_name_painter_and_group_and_asks_nobody(page: Page) -> None:
    field = survey(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for typed, names in (
        ("Cafe", ["café terrace at night", "night café"]),
        ("gogh night", ["café terrace at night", "starry night", "night café"]),
        ("Hokusai", ["great wave"]),
        ("drawing", ["pen and ink", "chalk circles", "blueprint"]),
        ("zzz", []),
    ):
        field.fill(typed)
        expect(cells(page)).to_have_count(len(names))
        assert [each.get_attribute("aria-label") for each in cells(page).all()] == names
        expect(dialog(page).get_by_role("status")).to_have_text(
            {0: "No style has such a name, painter or group.", 1: "1 style"}.get(
                len(names), f"{len(names)} styles"
            )
        )
    assert [each for each in asked if "file=" not in each] == []
    field.fill("marbled")
    field.press("Enter")
    expect(dialog(page)).to_be_hidden()
    in_place(page, "marbled-paper")


def test_the_keyboard_alone_surveys_them(page: Page) -> None:
    asks = page.locator("#shelf").get_by_role("button", name="All styles")
    asks.focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Tab")
    expect(cells(page).first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    in_place(page, "starry-night")
    expect(asks).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("ink")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(asks).to_be_focused()


def test_escape_closes_it_and_stops_nothing(page: Page) -> None:
    set_size(page, 512)
    start(page)
    page.evaluate(
        "() => document.getElementById('paint-stop')"
        ".addEventListener('click', () => { window.stops = (window.stops ?? 0) + 1; })"
    )
    survey(page)
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    assert page.evaluate("window.stops") is None
    button(page, "Stop").click()
    expect(button(page, "Paint")).to_be_enabled()


def test_the_cells_show_what_the_cards_show(page: Page) -> None:
    page.get_by_label("Show my photo in each style").check()
    survey(page)
    sources = "all => all.map(each => each.getAttribute('src'))"
    own = cells(page).locator("img").evaluate_all(sources)
    last = dialog(page).locator("[data-of=pointillist-dots] img")
    expect(last).not_to_have_attribute("src", own[cells(page).count() - 1])
    expect(page.locator("#shelf [data-style=pointillist-dots] img")).to_have_attribute(
        "src", str(last.get_attribute("src"))
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@BOTH
def test_nothing_serious_and_room_for_a_finger(
    browser: Browser, page_url: str, size: tuple[int, int], scheme: str
) -> None:
    touched = size == PHONE
    with opened(browser, page_url, size, color_scheme=scheme, has_touch=touched) as page:
        field = survey(page)
        for each in (field, dialog(page).get_by_role("button", name="Close"), cells(page).first):
            box = each.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 44
        assert dialog(page).evaluate("each => each.scrollWidth - each.clientWidth") == 0
        assert complaints(page) == []
        if size == PHONE:
            expect(dialog(page).locator("[aria-pressed=true]")).to_be_focused()
