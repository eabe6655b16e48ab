"""The photo in four styles, of which one is painted large."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers import CAT, CHURCH, ROOT
from page.driver import SCREENS, open_details, set_number, visit
from playwright.sync_api import Browser, Page, expect

from nst_core import RecipeError
from nst_core.page.settings.controls import NAMES
from nst_core.page.tabs.cells import DRAFT_SIZE, DRAFT_STEPS, draft_cells
from nst_core.page.tabs.four import COUNT, FourTab, FourTask
from nst_core.recipe.recipe import Recipe

EXAMPLES = ROOT / "examples"
ON_EACH_SCREEN = pytest.mark.parametrize("screen", SCREENS)


def values(**given: Any) -> dict[str, Any]:
    return {**dict.fromkeys(NAMES), **given}


# The cells


def test_drafts_are_small_and_short_whatever_the_recipe() -> None:
    for recipe in ("studio", "gatys-lbfgs"):
        made = draft_cells({"a": CAT, "b": CHURCH}, values(recipe=recipe, quality="fine"))
        assert [(cell.label, cell.style) for cell in made] == [("a", CAT), ("b", CHURCH)]
        for cell in made:
            assert cell.changes["size"] == DRAFT_SIZE
            steps = cell.changes["steps"]
            assert isinstance(steps, int)
            assert steps <= DRAFT_STEPS


def test_drafts_have_the_settings_at_hand() -> None:
    (cell,) = draft_cells({"a": CAT}, values(pooling="average", steps=3))
    assert isinstance(cell.recipe, Recipe)
    assert cell.recipe.pooling == "average"
    assert cell.changes["steps"] == 3
    with pytest.raises(RecipeError, match="Steps must be"):
        draft_cells({"a": CAT}, values(steps=5000))


# Which four


@pytest.fixture
def tab() -> FourTab:
    tab = FourTab.__new__(FourTab)  # of its components nothing is asked here
    tab.examples = EXAMPLES
    return tab


def upload(path: Path) -> dict[str, Any]:
    return {"path": str(path)}


def test_the_style_in_place_is_the_first_of_four(tab: FourTab, upload_folder: Path) -> None:
    copy = upload_folder / CHURCH.name  # as Gradio makes one of each example
    shutil.copy(CHURCH, copy)
    task = FourTask()
    shown = tab.offer(upload(CAT), upload(copy), task)
    assert task.styles[0] == CHURCH
    assert len({*task.styles}) == COUNT
    assert shown[:COUNT] == [str(path) for path in task.styles]
    assert "church at Auvers" in str(shown[COUNT])


def test_four_others_are_others(tab: FourTab) -> None:
    task = FourTask()
    tab.offer(upload(CAT), upload(CHURCH), task)
    before = {*task.styles}
    tab.offer_others(task)
    assert len({*task.styles} - before) == COUNT


def test_drafts_stay_as_long_as_they_fit(tab: FourTab) -> None:
    task = FourTask()
    tab.offer(upload(CAT), upload(CHURCH), task)
    before = [*task.styles]

    def changed(content: Path, style: Path) -> bool:
        return isinstance(tab.offer(upload(content), upload(style), task)[0], str)

    assert not changed(CAT, before[2])  # as a tap on the third has it
    assert changed(CHURCH, before[2])
    assert task.styles == before
    (other,) = [*{*(EXAMPLES / "style").glob("m*.jpg")} - {*before}][:1]
    assert changed(CHURCH, other)
    assert task.styles[0] == other
    task.under_way = True
    assert not changed(CAT, CHURCH)


def test_without_a_style_there_are_four_all_the_same(tab: FourTab) -> None:
    task = FourTask()
    tab.offer(None, None, task)
    assert len({*task.styles}) == COUNT


# In a browser


def open_quickly(browser: Browser, url: str, screen: str, **options: Any) -> Page:
    """At the tab, with few steps."""
    page = visit(browser, url, **options)
    page.set_viewport_size(SCREENS[screen])
    open_details(page)
    set_number(page, "Steps", 3)
    expect(page.locator("#mark")).to_contain_text("steps 3")
    page.get_by_role("tab", name="Four styles").click()
    expect(page.locator(".four-cell img")).to_have_count(COUNT)
    return page


def sources(page: Page) -> list[str]:
    return [each.get_attribute("src") or "" for each in page.locator(".four-cell img").all()]


@ON_EACH_SCREEN
def test_four_are_painted_and_a_tap_paints_one_large(
    browser: Browser, page_url: str, screen: str
) -> None:
    page = open_quickly(browser, page_url, screen)
    expect(page.locator("#four-estimate")).to_contain_text(re.compile(r"Four drafts: about \d+"))
    styles = sources(page)
    page.locator("#four").click()
    expect(page.locator("#four-status")).to_contain_text("Finished: 4 of 4 drafts")
    for number in range(COUNT):
        expect(page.locator(".four-note").nth(number)).to_contain_text(": draft")
        expect(page.locator(".four-cell img").nth(number)).not_to_have_attribute(
            "src", styles[number]
        )
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    first, second, third, _ = (page.locator(".four-cell").nth(each) for each in range(COUNT))
    assert beside(first, second)
    assert not beside(first, third)

    third.locator("img").click()
    expect(page).to_have_url(re.compile("#paint$"))
    name = Path(styles[2]).name
    expect(page.locator("#style img")).to_have_attribute("src", re.compile(name))
    expect(page.locator("#status")).to_contain_text("Finished: 544 × 362 px")
    page.go_back()
    expect(page.locator(".four-note").nth(2)).to_contain_text(": draft")
    page.close()


def beside(one: Any, other: Any) -> bool:
    top = "cell => cell.getBoundingClientRect().top"
    return bool(one.evaluate(top) == other.evaluate(top))


@ON_EACH_SCREEN
def test_stop_keeps_the_drafts_and_others_can_be_had(
    browser: Browser, page_url: str, screen: str
) -> None:
    page = open_quickly(browser, page_url, screen)
    before = sources(page)
    page.locator("#four-others").click()
    expect(page.locator(".four-cell img").first).not_to_have_attribute("src", before[0])
    assert not {*before} & {*sources(page)}
    page.locator("#four").click()
    expect(page.locator("#four-others")).to_be_disabled()
    expect(page.locator("#four-status")).to_contain_text("Painting draft 2 of 4.")
    expect(page.locator("#four-stop")).to_be_in_viewport()
    page.locator("#four-stop").click()
    expect(page.locator("#four-status")).to_contain_text("Stopped; the finished drafts are kept")
    expect(page.locator("#four-others")).to_be_enabled()
    expect(page.locator(".four-note").first).to_contain_text(": draft")
    page.close()


def test_the_keyboard_paints_one_large(browser: Browser, page_url: str) -> None:
    page = open_quickly(browser, page_url, "desktop")
    page.locator(".four-take").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#paint$"))
    expect(page.locator("#status")).to_contain_text("Finished: ")
    page.close()
