"""Sizes by area: what a photo of any shape gets, and what the page says of it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import ROOT
from page.driver import (
    DESKTOP,
    PHONE,
    area,
    button,
    exact_size,
    finished,
    give,
    open_details,
    opened,
    saved,
    set_number,
    set_size,
    status,
    take_few_steps,
)
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from nst_core import RECIPES
from nst_core.page.hosting import limits
from nst_core.page.hosting.limits import Limits
from nst_core.page.settings import areas
from nst_core.page.settings.areas import offered, size_of_area

LANDSCAPE, PORTRAIT, PANORAMA = (4000, 3000), (3000, 4000), (6000, 1000)


def allow(monkeypatch: pytest.MonkeyPatch, largest: int) -> None:
    monkeypatch.setattr(limits, "_settled", [replace(Limits(), max_size=largest)])
    monkeypatch.setattr(areas, "SIZES", (128, largest))


@pytest.mark.parametrize(
    ("photo", "area", "recipe", "size"),
    [
        (LANDSCAPE, "small", "studio", 256),
        (LANDSCAPE, "medium", "studio", 512),
        (PORTRAIT, "medium", "studio", 512),
        (PORTRAIT, "large", "studio", 1024),
        (PANORAMA, "medium", "studio", 888),
        (PANORAMA, "large", "studio", 1024),
        (LANDSCAPE, "medium", "walkthrough", 384),  # whose size is the height
        (PORTRAIT, "medium", "walkthrough", 512),
        (PANORAMA, "medium", "walkthrough", 148),
        (PANORAMA, "small", "walkthrough", 128),  # the least that the page has
        (PORTRAIT, "medium", "tf-eager", 512),
        (PORTRAIT, "medium", "course", 512),  # 4 × 3, whatever the photo
    ],
)
def test_size_of_an_area(photo: tuple[int, int], area: str, recipe: str, size: int) -> None:
    assert size_of_area(area, RECIPES[recipe], photo) == size


def test_a_print_is_offered_where_the_operator_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for largest, names in (
        (128, ["small", "medium"]),
        (1024, ["small", "medium", "large"]),
        (2047, ["small", "medium", "large"]),
        (2048, ["small", "medium", "large", "print"]),
    ):
        allow(monkeypatch, largest)
        assert list(offered()) == names
    for largest, size in ((3000, 3000), (8192, 4096)):
        allow(monkeypatch, largest)
        assert size_of_area("print", RECIPES["studio"], LANDSCAPE) == size
    assert size_of_area("print", RECIPES["studio"], PANORAMA) == 7096


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pixels_and_time_of_each_size_follow_the_photo(
    browser: Browser, page_url: str, size: tuple[int, int], tmp_path: Path
) -> None:
    with opened(browser, page_url, size) as page:
        for name, pixels in (("Small", "272 × 181"), ("Medium", "544 × 362"), ("Large", "1024 ×")):
            said = page.locator("#size label", has_text=name)
            expect(said).to_contain_text(re.compile(rf"{name}\n{pixels}.* px\nabout \d+ (s|min)"))
        expect(area(page, "Medium")).to_be_checked()
        expect(area(page, "Print")).to_have_count(0)
        give(page, "content", portrait(tmp_path))
        expect(page.locator("#size label", has_text="Medium")).to_contain_text("384 × 512 px")


def portrait(folder: Path) -> Path:
    path = folder / "portrait.jpg"
    Image.open(ROOT / "examples" / "content" / "cat.jpg").resize((300, 400)).save(path)
    return path


def test_a_run_has_the_size_of_its_area_and_its_picture_brings_it_back(
    page: Page, tmp_path: Path
) -> None:
    take_few_steps(page, 2)
    area(page, "Small").check()
    expect(exact_size(page)).to_have_value("")
    expect(page.locator("#mark")).to_contain_text("Changed: size small")
    button(page, "Paint").click()
    finished(page)
    expect(status(page)).to_contain_text("Finished: 272 × 181 px")
    picture = saved(page, "Download PNG", tmp_path)
    area(page, "Large").check()
    expect(page.locator("#mark")).to_contain_text("size large")
    page.locator("#strip button").first.click()
    expect(area(page, "Small")).to_be_checked()
    page.locator("#restore input[type=file]").set_input_files(picture)
    expect(exact_size(page)).to_have_value("272")
    expect(area(page, "Exact")).to_be_checked()


def test_the_field_for_a_number_is_empty_at_first_and_changes_nothing(page: Page) -> None:
    open_details(page)
    expect(exact_size(page)).to_have_value("")
    exact_size(page).focus()
    page.keyboard.press("Tab")
    area(page, "Small").focus()
    expect(area(page, "Medium")).to_be_checked()
    expect(page.locator("#mark")).to_have_text("Nothing is changed.")


def test_a_number_stands_for_the_area_until_it_is_taken_out(page: Page) -> None:
    set_size(page, 300)
    expect(area(page, "Exact")).to_be_checked()
    expect(page.locator("#size label", has_text="Exact")).to_contain_text("300 × 200 px")
    page.reload()
    expect(area(page, "Exact")).to_be_checked()
    open_details(page)
    expect(exact_size(page)).to_have_value("300")
    exact_size(page).fill("")
    exact_size(page).press("Tab")
    expect(area(page, "Medium")).to_be_checked()
    expect(area(page, "Exact")).to_have_count(0)
    set_number(page, "Size (px)", 5)
    expect(page.locator("#mark")).to_contain_text("The size must be a number from 128 to 1024")


def test_undo_brings_a_size_back_in_one_step(page: Page) -> None:
    open_details(page)
    area(page, "Large").check()
    expect(page.locator("#mark")).to_contain_text("size large")
    set_size(page, 300)
    expect(page.locator("#mark")).to_contain_text("size 300")
    page.locator("h1").click()
    page.keyboard.press("Control+z")
    expect(area(page, "Large")).to_be_checked()
    page.keyboard.press("Control+z")
    expect(area(page, "Medium")).to_be_checked()
