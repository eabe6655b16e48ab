"""What a stranger sees and does first: a photo, a style, Paint."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers import ROOT
from page.driver import (
    PHONE,
    SMALL_PHONE,
    area,
    boxes,
    button,
    open_details,
    opened,
    status,
    take_few_steps,
    visit,
)
from playwright.sync_api import Browser, Page, expect

from nst_core.page.look import words

WIDTHS = [(390, 844), (360, 640), (1366, 768)]
SECONDS = re.compile(r"^\s*about \d+ (s|min)\s*$")
PHOTO = ROOT / "examples" / "content" / "coffee.jpg"


def resized(browser: Browser, url: str, width: int, height: int, **options: Any) -> Page:
    page = visit(browser, url, **options)
    page.set_viewport_size({"width": width, "height": height})
    return page


def choose_file(page: Page, role: str, file: str | Path) -> None:
    """By a tap on the image that is there."""
    with page.expect_file_chooser() as chooser:
        page.locator(f"#{role} img").click()
    chooser.value.set_files(file)


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_all_that_it_takes_is_in_the_first_view(
    browser: Browser, page_url: str, width: int, height: int
) -> None:
    page = resized(browser, page_url, width, height)
    expect(page.locator("#time")).to_contain_text(SECONDS)
    paint = button(page, "Paint")
    card = page.locator("#shelf [aria-pressed=true]")
    for seen in (page.locator("#content img"), page.locator("#style img"), card, paint):
        expect(seen).to_be_in_viewport(ratio=1)
    tops = [page.locator(f"#{role}").bounding_box() for role in ("content", "style")]
    assert tops[0]
    assert tops[1]
    assert tops[0]["y"] == tops[1]["y"]
    if width > 768:
        for name in ("Quality", "Size", "Style strength", "Details"):
            expect(page.get_by_text(name, exact=True).first).to_be_in_viewport(ratio=1)
    else:
        shelf, bar = (page.locator(name).bounding_box() for name in ("#shelf", "#actions"))
        assert shelf
        assert bar
        assert shelf["y"] + shelf["height"] <= bar["y"]
    page.close()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])
def test_my_photo_in_the_stained_glass_takes_three_taps(
    browser: Browser, page_url: str, width: int, height: int
) -> None:
    page = resized(browser, page_url, width, height)
    take_few_steps(page, 3)
    page.reload()
    expect(page.locator("#time")).to_contain_text("about")

    choose_file(page, "content", PHOTO)
    page.locator("#shelf").get_by_role("button", name="stained glass").click()
    expect(page.locator("#style img")).to_have_attribute("src", re.compile("stained-glass"))
    button(page, "Paint").click()
    expect(status(page)).to_contain_text("Finished: 128 × 85 px")
    page.close()


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=str)
def test_a_size_is_chosen_beside_paint_on_a_phone(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size, has_touch=True) as page:
        near, sizes = page.locator("#size-button button"), page.locator("#size")
        expect(near).to_have_text("Size: medium")
        expect(sizes).not_to_be_in_viewport()
        below = boxes(page, "more", "stage")
        near.click()
        for name in ("Small", "Medium", "Large"):
            expect(area(page, name)).to_be_in_viewport()
        expect(button(page, "Paint")).to_be_in_viewport(ratio=1)
        page.locator("#size label").filter(has_text="Small").click()
        expect(near).to_have_text("Size: small")
        expect(sizes).not_to_be_in_viewport()
        near.click()
        page.keyboard.press("Escape")
        expect(sizes).not_to_be_in_viewport()
        expect(near).to_be_focused()
        assert boxes(page, "more", "stage") == below


SMALL = """() => [...document.querySelectorAll(
    "#pair button, #shelf button, #actions button, #controls button, #controls input, #cards button"
)].filter(each => each.checkVisibility() && each.type !== "range" && each.type !== "file")
  .map(each => [each.type === "radio" ? each.parentElement : each, each])
  .filter(([box]) => box.offsetHeight < 44)
  .map(([, each]) => each.ariaLabel || each.innerText || each.outerHTML)"""


def test_a_finger_hits_what_it_means_on_a_phone(browser: Browser, page_url: str) -> None:
    page = resized(browser, page_url, 390, 844, has_touch=True)
    open_details(page)
    expect(page.get_by_label("Steps", exact=True)).to_be_visible()
    hidden = ["Drop an image file here to upload"]
    assert [name for name in page.evaluate(SMALL) if name not in hidden] == []
    page.close()


def test_one_word_for_each_thing(page: Page) -> None:
    open_details(page)
    page.get_by_role("tab", name="Learn").click()
    said = page.locator("body").inner_text()
    page.get_by_role("tab", name="Paint").click()
    said += page.locator("body").inner_text()
    assert re.findall(r"photograph|content image|stylize|a painting|painting's", said, re.I) == []


@pytest.mark.parametrize("camera", [True, False])
def test_the_camera_is_offered_where_there_is_one(
    browser: Browser, page_url: str, camera: bool
) -> None:
    page = browser.new_page()
    found = "{getUserMedia: () => null}" if camera else "undefined"
    page.add_init_script(f"Object.defineProperty(navigator, 'mediaDevices', {{value: {found}}})")
    page.goto(page_url)
    expect(page.locator("#style").get_by_label("Upload file")).to_be_visible()
    shutter = page.locator("#content").get_by_label("Capture from camera")
    expect(shutter).to_be_visible(visible=camera)
    expect(page.locator("#style").get_by_label("Capture from camera")).to_have_count(0)
    page.close()


def test_the_camera_is_the_rear_one(page_url: str) -> None:
    config = httpx.get(f"{page_url}config").json()
    (photo,) = [each for each in config["components"] if each["props"].get("elem_id") == "content"]
    options = photo["props"]["webcam_options"]
    assert options["constraints"] == {"video": {"facingMode": {"ideal": "environment"}}}
    assert options["mirror"] is False


def test_a_file_that_cant_be_used_is_told_at_the_image(page: Page, text_as_png: str) -> None:
    choose_file(page, "content", text_as_png)
    problem = page.locator("#content-problem")
    expect(problem).to_contain_text("'holiday.png' is not an image")
    expect(page.locator("#content img")).to_have_attribute("src", re.compile("castle"))
    expect(page.locator("#time")).to_contain_text("about")  # of the photo before, which is back
    expect(page.get_by_test_id("toast-text")).to_have_count(0)

    choose_file(page, "content", PHOTO)
    expect(problem).to_have_text("")
    expect(page.locator("#style-problem")).to_have_text("")
    expect(page.locator("#time")).to_contain_text("about")


def test_layers_are_checked_while_they_are_typed(page: Page) -> None:
    open_details(page)
    field, problem = page.get_by_label("Style layers"), page.locator("#style-layers-problem")
    for typed, sentence in (
        ("block1_conv1=", ""),
        ("block1_conv1=x", "The weight of 'block1_conv1' must be a number, not 'x'."),
        ("block9_conv1", "has no layer 'block9_conv1'"),
    ):
        field.fill(typed)
        expect(problem).to_contain_text(sentence)
        expect(page.locator("#mark")).to_contain_text(f"style layers {typed}")
        expect(page.locator("#mark")).not_to_contain_text("must be a number")
    field.fill("block2_conv1")
    expect(problem).to_have_text("")


def test_the_time_follows_the_choices(page: Page) -> None:
    def seconds() -> float:
        number, unit = re.findall(r"about ([\d.]+) (s|min)", page.locator("#time p").inner_text())[
            0
        ]
        return float(number) * {"s": 1, "min": 60}[unit]  # minutes on a busy machine

    expect(page.locator("#time p")).to_contain_text(SECONDS)
    balanced = page.locator("#time p").inner_text()
    before = seconds()
    page.get_by_label("Draft").check()
    expect(page.locator("#time p")).not_to_have_text(balanced)
    assert seconds() < before


def test_what_takes_long_is_asked_about_once(
    page: Page, page_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "SLOW_SECONDS", 0.5)
    page.reload()
    line, paint = page.locator("#time"), button(page, "Paint")
    expect(line.locator("[data-question]")).to_have_count(1)
    paint.click()
    expect(line).to_contain_text("Press Paint again, or choose Draft.")
    expect(paint).to_be_enabled()
    page.get_by_label("Draft").check()
    expect(line).to_contain_text(SECONDS)
    paint.click()
    expect(line).to_contain_text("Press Paint again, or choose a smaller size.")
    paint.click()
    expect(paint).to_be_disabled()
    page.get_by_role("button", name="Stop").click()
    expect(paint).to_be_enabled()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])
def test_a_card_of_the_gallery_is_a_whole_button(
    browser: Browser, page_url: str, width: int, height: int
) -> None:
    page = resized(browser, page_url, width, height)
    picture = page.locator("#cards img").nth(8)
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#content img")).to_have_attribute("src", re.compile("cat"))
    expect(status(page)).to_contain_text(
        "This is the example: cat in the style of harvest at La Crau. Press Paint to begin."
    )
    for role in ("content", "style"):
        expect(page.locator(f"#{role} img")).to_be_in_viewport(ratio=1)
    expect(button(page, "Paint")).to_be_in_viewport(ratio=1)

    page.get_by_role("button", name="temple + wave pattern").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#content img")).to_have_attribute("src", re.compile("temple"))
    expect(page.locator("#style img")).to_be_in_viewport(ratio=1)
    page.close()
