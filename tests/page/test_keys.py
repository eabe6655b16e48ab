"""Undo, and what else a keyboard does."""

import re
from pathlib import Path

import pytest
from helpers import ROOT
from page.driver import (
    DESKTOP,
    SIZES,
    area,
    be_quick,
    boxes,
    button,
    exact_size,
    finished,
    open_details,
    opened,
    set_size,
    status,
)
from playwright.sync_api import Browser, Page, expect

from nst_core.page.inputs.undo import MOST, NOTHING, Choice, History

EXAMPLES = ROOT / "examples"


def choice(strength: int, photo: Path = EXAMPLES / "content" / "cat.jpg") -> Choice:
    style = EXAMPLES / "style" / "mosaic.jpg"
    return Choice((photo, style), {"style_strength": strength})


def test_a_history_goes_back_by_one_change_at_a_time() -> None:
    history = History()
    for strength in (0, 1, 1, 2):
        history.note(choice(strength))
    assert history.back() == choice(1)
    history.note(choice(1))  # as the page tells of what was brought back
    assert history.back() == choice(0)
    assert history.back() is None


def test_a_history_is_bounded_and_goes_over_what_was_deleted(tmp_path: Path) -> None:
    history = History()
    for strength in range(2 * MOST):
        history.note(choice(strength))
    assert len(history.earlier) == MOST
    history = History()
    for each in (choice(0), choice(1, tmp_path / "gone.jpg"), choice(2)):
        history.note(each)
    assert history.back() == choice(0)


def test_undo_brings_style_and_settings_back(page: Page) -> None:
    size = exact_size(page)
    open_details(page)
    set_size(page, 256)
    expect(page.locator("#mark")).to_contain_text("size 256")
    page.locator("#shelf").get_by_role("button", name="mosaic", exact=True).click()
    expect(page.locator("#style img")).to_have_attribute("src", re.compile("mosaic"))
    expect(status(page)).to_contain_text("mosaic")
    page.keyboard.press("Control+z")
    expect(page.locator("#style img")).to_have_attribute("src", re.compile("cafe"))
    expect(size).to_have_value("256")
    expect(status(page)).to_contain_text("café")
    page.keyboard.press("Control+z")
    expect(size).to_have_value("")
    expect(area(page, "Medium")).to_be_checked()
    page.keyboard.press("Control+z")
    expect(status(page)).to_contain_text(NOTHING)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_button_undoes_what_the_key_does(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    touched = size != DESKTOP
    with opened(browser, page_url, size, has_touch=touched) as page:
        undo = page.locator("#undo-button")
        expect(undo).to_be_disabled()
        before = boxes(page, "actions", "shelf", "stage", "undo-button")
        assert before["undo-button"]["height"] >= 44
        page.locator("#shelf").get_by_role("button", name="stained glass").click()
        expect(page.locator("#style img")).to_have_attribute("src", re.compile("stained"))
        expect(undo).to_be_enabled()
        expect(undo).to_be_in_viewport(ratio=1)
        assert boxes(page, "actions", "shelf", "stage", "undo-button") == before
        undo.click()
        expect(page.locator("#style img")).to_have_attribute("src", re.compile("cafe"))
        expect(undo).to_be_disabled()


def test_keys_paint_step_and_stop(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url) as page:
        be_quick(page)
        page.locator("h1").click()
        page.keyboard.press("Enter")
        finished(page)
        page.locator("h1").click()
        page.keyboard.press("Enter")
        finished(page, 2)
        page.locator("h1").click()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#strip button.selected img")).to_have_attribute(
            "src", str(page.locator("#strip img").last.get_attribute("src"))
        )
        set_size(page, 512)
        page.locator("h1").click()
        page.keyboard.press("Enter")
        expect(button(page, "Stop")).to_be_enabled()
        page.keyboard.press("Escape")
        expect(button(page, "Paint")).to_be_enabled()


def test_enter_in_a_field_paints_nothing(page: Page) -> None:
    set_size(page, 128)
    page.wait_for_timeout(300)
    expect(button(page, "Stop")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_question_mark_shows_the_keys(browser: Browser, page_url: str, scheme: str) -> None:
    with opened(browser, page_url, color_scheme=scheme) as page:
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        expect(dialog).to_contain_text("undoes a change of photo, style or settings")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
