"""The photo in four styles, of which one is taken to Paint."""

import io
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT
from page.driver import SCREENS, open_details, opened, saved, set_number, visit
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from nst_core import ImageError, RecipeError
from nst_core.page.settings.controls import NAMES
from nst_core.page.tabs.cells import DRAFT_SIZE, DRAFT_STEPS, draft_cells
from nst_core.page.tabs.four import COUNT, OWN, FourTab, FourTask
from nst_core.recipe.recipe import Recipe

EXAMPLES = ROOT / "examples"
CASTLE = EXAMPLES / "content" / "castle.jpg"
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


def test_own_four_are_chosen_and_stay(tab: FourTab, upload_folder: Path) -> None:
    task = FourTask()
    tab.offer(upload(CAT), upload(CHURCH), task)
    before = [*task.styles]
    mosaic = EXAMPLES / "style" / "mosaic.jpg"
    task.styles[1:] = [*[each for each in before if each != mosaic][1:3], mosaic]
    first, second, third, last = task.styles
    shown = tab.choose(0, "mosaic", task)  # which the last cell has: they change places
    assert task.styles == [last, second, third, first]
    assert [isinstance(each, str) for each in shown[:COUNT]] == [True, False, False, True]
    own = upload_folder / "mine.jpg"
    shutil.copy(CHURCH, own)
    assert not isinstance(tab.offer(upload(CAT), upload(own), task)[0], str)
    tab.choose(2, OWN, task)
    assert task.styles == [last, second, own, first]
    with pytest.raises(ImageError, match="none of those offered"):
        tab.choose(2, "nobody's", task)
    tab.offer_others(task)
    assert not task.chosen


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
def test_four_are_painted_and_saved_and_a_tap_takes_one_to_paint(
    browser: Browser, page_url: str, screen: str, tmp_path: Path
) -> None:
    page = open_quickly(browser, page_url, screen)
    expect(page.locator("#four-estimate")).to_contain_text(re.compile(r"Four drafts: about \d+"))
    styles = sources(page)
    page.locator("#four").click()
    expect(page.locator("#four-status")).to_contain_text("Finished: 4 of 4 drafts")
    png = saved(page, "Save all four", tmp_path)
    expect(page.locator("#four-status")).to_contain_text("Saved: four-styles.png is among your")
    with Image.open(png) as sheet:
        assert sheet.width > 2 * DRAFT_SIZE  # two beside each other
        assert sheet.height > 2 * DRAFT_SIZE * 362 / 544
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


def test_drafts_are_painted_only_in_the_part_that_was_chosen(
    browser: Browser, page_url: str, tmp_path: Path
) -> None:
    mask = Image.new("L", (60, 40))
    mask.paste(255, (0, 0, 30, 40))
    mask.save(tmp_path / "left.png")
    with opened(browser, page_url) as page:
        open_details(page)
        set_number(page, "Steps", 3)
        page.get_by_role("button", name="Paint only a part").click()
        page.locator("#mask input[type=file]").set_input_files(tmp_path / "left.png")
        expect(page.locator("#mask img")).to_be_visible()
        page.get_by_role("tab", name="Four styles").click()
        page.locator("#four").click()
        expect(page.locator("#four-status")).to_contain_text("Finished: 4 of 4 drafts")
        draft = page.request.get(sources(page)[0]).body()
    picture = Image.open(io.BytesIO(draft)).convert("RGB")
    photo = Image.open(CASTLE).convert("RGB").resize(picture.size, Image.Resampling.LANCZOS)
    apart = np.abs(np.int16(picture) - np.int16(photo)).mean(axis=(0, 2))  # type: ignore[arg-type]
    quarter = picture.width // 4
    assert apart[:quarter].mean() > 12
    assert apart[-quarter:].mean() < 5


def test_the_keyboard_paints_one(browser: Browser, page_url: str) -> None:
    page = open_quickly(browser, page_url, "desktop")
    page.locator(".four-take").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#paint$"))
    expect(page.locator("#status")).to_contain_text("Finished: ")
    page.close()
