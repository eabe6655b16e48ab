"""The Explore tab, and what the Learn tab shows before and after it was asked."""

import re
from typing import Any

import gradio as gr
import pytest
from helpers import ROOT
from page.driver import SCREENS, area, choose, open_details, set_number, visit
from playwright.sync_api import Browser, Locator, Page, expect

from nst_core import ImageError, RecipeError
from nst_core.page.tabs.explore import ExploreTab, ExploreTask
from nst_core.study.experiments import EXPERIMENTS, Cell, style_weights

ON_EACH_SCREEN = pytest.mark.parametrize("screen", SCREENS)


def at(browser: Browser, url: str, tab: str, screen: str) -> Page:
    page = visit(browser, f"{url}#{tab}")
    page.set_viewport_size(SCREENS[screen])
    return page


def make_small_cells(page: Page, steps: int = 2) -> None:
    set_number(page, "number input for Cell size (px)", 64)
    set_number(page, "number input for Steps per cell", steps)


def values_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("^Values"))


# A cell and its settings


@pytest.fixture
def tab() -> ExploreTab:
    tab = ExploreTab.__new__(ExploreTab)  # of its components nothing is asked here
    tab.examples = ROOT / "examples"
    return tab


def chosen(index: Any) -> gr.EventData:
    return gr.EventData(None, {"index": index})


def test_a_cell_is_chosen_by_its_place(tab: ExploreTab) -> None:
    task = ExploreTask(cells=EXPERIMENTS["poolings"].cells("course"))
    assert tab.open_cell(task, chosen(1))["value"] == "Take average pooling to Paint"
    recipe, *_, told = tab.take_cell(task)
    assert isinstance(recipe, dict)
    assert recipe["value"] == "course"
    assert "average pooling are in place" in str(told)
    tab.close_cell(task)
    with pytest.raises(ImageError, match="No cell is chosen"):
        tab.take_cell(task)


@pytest.mark.parametrize("index", [2, -1, None, "0", [0, 1], True])
def test_there_is_no_cell_at_other_places(tab: ExploreTab, index: Any) -> None:
    task = ExploreTask(cells=EXPERIMENTS["poolings"].cells("course"), chosen=0)
    with pytest.raises(RecipeError, match="The cell's place on the sheet"):
        tab.open_cell(task, chosen(index))
    assert task.chosen is None


def test_before_there_is_a_sheet_no_cell_can_be_chosen(tab: ExploreTab) -> None:
    with pytest.raises(ImageError, match="There is no sheet yet"):
        tab.open_cell(ExploreTask(), chosen(0))


def test_what_no_control_can_hold_is_told(tab: ExploreTab) -> None:
    task = ExploreTask(cells=[Cell("a", "studio", {"coarsest": None, "seed": 3})], chosen=0)
    assert "No control can hold coarsest None" in str(tab.take_cell(task)[-1])


# In a browser


@ON_EACH_SCREEN
def test_the_sheet_comes_into_view_and_a_cell_goes_to_paint(
    browser: Browser, page_url: str, screen: str
) -> None:
    page = at(browser, page_url, "explore", screen)
    make_small_cells(page)
    expect(page.locator("#sheet")).to_have_count(0)
    page.locator("#explore").click()
    expect(page.locator("#sheet img").first).to_be_in_viewport(ratio=1)
    expect(page.locator("#explore-stop")).to_be_in_viewport()
    expect(page.locator("#sheet-status")).to_contain_text("Finished: 5 of 5 cells")
    expect(page.locator("#sheet img")).to_have_count(5)
    widths = page.evaluate("""() => ["sheet", "explore-work"].map(
        name => document.getElementById(name).getBoundingClientRect().width)""")
    assert widths[0] == widths[1]
    weights = [cell.label.split()[1] for cell in style_weights("studio")]
    cell = page.locator("#sheet .caption-label").first  # said once: the image has no other name
    expect(cell).to_have_text(f"style_weight {weights[0]}")
    assert page.locator("#sheet img").first.get_attribute("alt") == ""
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")

    before = page.locator("#sheet img").first.bounding_box()
    page.locator("#sheet .thumbnail-item").nth(3).click()
    large = page.locator("#sheet .preview .media-button img")
    expect(large).to_be_visible()
    after = large.bounding_box()
    assert before
    assert after
    assert after["width"] > 1.5 * before["width"]

    page.get_by_role("button", name=f"Take style_weight {weights[3]} to Paint").click()
    expect(page).to_have_url(re.compile("#paint$"))
    expect(page.locator("#status")).to_contain_text(f"style_weight {weights[3]} are in place")
    open_details(page)
    expect(page.locator("#mark")).to_contain_text(f"style weight {weights[3]}")
    expect(area(page, "Medium")).to_be_checked()
    page.close()


def test_a_large_cell_stays_while_the_next_ones_are_painted(page: Page) -> None:
    page.get_by_role("tab", name="Explore").click()
    make_small_cells(page, steps=100)
    page.locator("#explore").click()
    expect(page.locator("#sheet-status")).to_contain_text("Painting cell 2 of 5.")
    page.locator("#sheet .thumbnail-item").first.click()
    expect(page.locator("#sheet-status")).to_contain_text("Painting cell 3 of 5.")
    expect(page.locator("#sheet .preview")).to_be_visible()
    page.locator("#explore-stop").click()
    page.locator("#sheet").get_by_label("Close").press("Enter")
    expect(page.locator("#sheet .preview")).to_be_hidden()
    expect(page.locator("#explore-take")).to_be_hidden()


@ON_EACH_SCREEN
def test_names_of_experiments_are_whole(browser: Browser, page_url: str, screen: str) -> None:
    page = at(browser, page_url, "explore", screen)
    for experiment in [*EXPERIMENTS.values()][1:]:
        choose(page, "Experiment", experiment.title)
        expect(page.get_by_text(experiment.description)).to_be_visible()
        field = page.get_by_role("tabpanel").get_by_label("Experiment", exact=True)
        expect(field).to_have_value(experiment.title)
        assert field.evaluate("field => field.scrollWidth <= field.clientWidth")
    choose(page, "Experiment", "Any number")
    expect(values_of(page)).to_be_visible()
    page.close()


def test_the_estimate_is_that_of_the_choices(page: Page) -> None:
    page.get_by_role("tab", name="Explore").click()
    estimate = page.locator("#estimate")
    expect(estimate).to_contain_text("5 cells, about")
    choose(page, "Experiment", "Poolings")
    expect(estimate).to_contain_text("2 cells, about")
    choose(page, "Experiment", "Any number")
    expect(estimate).to_contain_text("3 cells, about")
    values_of(page).fill("1, two")
    expect(estimate).to_contain_text("Values must be numbers")
    values_of(page).fill("1")
    expect(estimate).to_contain_text("1 cells, about")
    page.get_by_role("tab", name="Paint").click()
    page.locator("#content").get_by_label("Remove Image").click()
    page.get_by_role("tab", name="Explore").click()
    expect(estimate).to_contain_text("There is no photo")


def test_the_estimate_is_cleared_while_it_is_not_known(page: Page) -> None:
    page.get_by_role("tab", name="Explore").click()
    expect(page.locator("#estimate")).to_contain_text("5 cells, about")
    page.route("**/gradio_api/queue/join*", lambda route: route.abort())
    set_number(page, "number input for Steps per cell", 20)
    expect(page.locator("#estimate")).not_to_contain_text("about")


@ON_EACH_SCREEN
def test_learn_shows_nothing_empty(browser: Browser, page_url: str, screen: str) -> None:
    page = at(browser, page_url, "learn", screen)
    expect(page.locator("#look-status")).to_contain_text("Nothing is computed until you ask.")
    for name in ("maps", "grams", "learn-chart"):
        expect(page.locator(f"#{name}")).to_be_hidden()
    page.locator("#look").click()
    for name in ("maps", "grams"):
        expect(page.locator(f"#{name} img")).to_have_js_property("complete", True)
    expect(page.locator("#learn-chart")).to_be_hidden()  # nothing was painted yet
    page.close()
