"""The page as a person sees it, in chromium."""

import re
from pathlib import Path

import av
import pytest
from gradio_client import Client, handle_file
from page.driver import (
    OWN_STEPS,
    button,
    choose,
    give,
    open_details,
    opened_with_picture,
    saved,
    set_number,
    status,
    take_few_steps,
    visit,
)
from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, expect

import app
from nst_core.page import layout
from nst_core.page.hosting.limits import Limits

QUIET_BY = 60
"""s after which a page must have nothing more to ask; it mostly takes a few."""


def paint(page: Page) -> None:
    button(page, "Paint").click()
    expect(status(page)).to_contain_text("Finished: 128 × 85 px")
    expect(page.locator("#strip img").first).to_be_visible()


def next_picture(page: Page, seen: str = "") -> str:
    """Wait for a result other than the one seen, and give its address."""
    page.wait_for_function(
        "seen => ![null, undefined, seen].includes(document.querySelector('#preview img')?.src)",
        arg=seen,
    )
    return page.locator("#preview img").evaluate("image => image.src")


def strip_length(page: Page, length: int) -> None:
    expect(page.locator("#strip img")).to_have_count(length)


def test_one_click_paints_and_stop_keeps_the_picture(page: Page, tmp_path: Path) -> None:
    expect(page.locator("#content img")).to_have_js_property("complete", True)
    stylize, stop = button(page, "Paint"), button(page, "Stop")
    expect(stop).to_be_disabled()
    button(page, "Losses ▼").click()

    stylize.click()
    expect(stylize).to_be_disabled()
    first = next_picture(page)
    second = next_picture(page, first)
    third = next_picture(page, second)
    assert len({first, second, third}) == 3
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.locator("#loss-chart").scroll_into_view_if_needed()  # it is drawn once it is seen
    expect(page.locator("#loss-chart svg")).to_be_visible()
    expect(page.locator("#figures")).to_contain_text("loss ")

    stop.click()
    expect(
        page.get_by_role("status").filter(has_text="Stopped; the picture so far")
    ).to_be_visible()
    expect(page.locator("#slider img").first).to_be_visible()
    with Image.open(saved(page, "Download PNG", tmp_path)) as picture:
        assert picture.format == "PNG"
        picture.load()
    expect(stylize).to_be_enabled()
    expect(stop).to_be_disabled()


def test_continue_reload_and_settings_out_of_a_picture(page: Page, tmp_path: Path) -> None:
    take_few_steps(page)
    expect(button(page, "Continue")).to_be_disabled()
    paint(page)
    png = saved(page, "Download PNG", tmp_path)
    button(page, "Continue").click()
    strip_length(page, 2)

    page.reload()
    open_details(page)
    expect(page.locator("#mark")).to_contain_text(f"Changed: size 128 · steps 6 {OWN_STEPS}")
    button(page, "Reset to the recipe").click()
    expect(page.locator("#mark")).to_contain_text("Nothing is changed.")
    page.locator("#restore input[type=file]").set_input_files(png)
    expect(page.locator("#mark")).to_contain_text(f"steps 6 {OWN_STEPS}")
    expect(status(page)).to_contain_text("The settings of that picture are in place: studio.")
    expect(page.locator("#mark")).not_to_contain_text("precision")


def test_fields_and_ranges_follow_recipe_and_optimizer(page: Page) -> None:
    open_details(page)
    choose(page, "Recipe", "walkthrough")
    rate = page.get_by_label("Learning rate", exact=True)
    expect(rate).to_have_attribute("max", "200")
    set_number(page, "Learning rate", 5)
    expect(page.locator("#mark")).to_contain_text("learning rate 5 (own: 2)")
    choose(page, "Optimiser", "L-BFGS")
    expect(rate).to_be_hidden()
    expect(page.locator("#mark")).to_have_text("Changed: optimiser L-BFGS (own: Adam)")

    choose(page, "Recipe", "keras-book")
    expect(page.get_by_text("From 0 to 25.")).to_be_visible()
    expect(rate).to_be_hidden()
    choose(page, "Optimiser", "Adam")
    expect(rate).to_have_attribute("placeholder", "2 (Adam's own)")


def test_a_number_out_of_range_is_told_at_once_and_not_remembered(page: Page) -> None:
    take_few_steps(page)
    set_number(page, "Steps", 5000)
    sentence = "Steps must be a number from 1 to 2000, not 5000."
    expect(page.locator("#mark")).to_contain_text(f"Changed: size 128 · steps 5000 {OWN_STEPS}")
    expect(page.locator("#mark")).to_contain_text(sentence)
    button(page, "Paint").click()
    expect(status(page)).to_contain_text(sentence)
    page.reload()
    open_details(page)
    expect(page.locator("#mark")).to_have_text(f"Changed: size 128 · steps 6 {OWN_STEPS}")


def test_a_page_that_nobody_touches_asks_for_nothing(page: Page) -> None:
    take_few_steps(page)
    page.reload()
    open_details(page)
    expect(page.locator("#mark")).to_contain_text("Changed: size 128")
    for name in ("impasto", "mosaic", "blueprint"):  # faster than each can be answered
        page.locator("#shelf").get_by_role("button", name=name).click()
    expect(page.locator("#shelf [aria-pressed=true]")).to_have_accessible_name("blueprint")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(QUIET_BY):
        asked.clear()
        page.wait_for_timeout(1000)
        if not asked:
            expect(page.locator(".toast-body")).to_have_count(0)  # nor has anything failed
            return
    raise AssertionError(f"The page goes on asking: {asked}")


def test_the_time_lapse_comes_as_mp4_and_webp(
    browser: Browser, page_url: str, painted: StorageState, tmp_path: Path
) -> None:
    with opened_with_picture(browser, page_url, painted) as page:
        mp4, webp = (saved(page, f"Download {name}", tmp_path) for name in ("MP4", "WebP"))
    with av.open(mp4) as film:
        pictures = sum(1 for _ in film.decode(video=0))
        assert pictures > 1
    with Image.open(webp) as film:
        assert film.format == "WEBP"
        assert 1 < getattr(film, "n_frames", 1) <= pictures


def test_the_strip_brings_a_picture_and_its_settings_back(page: Page) -> None:
    take_few_steps(page)
    paint(page)
    set_number(page, "Seed", 5)
    expect(page.locator("#mark")).to_contain_text("seed 5")
    button(page, "Paint").click()
    strip_length(page, 2)
    button(page, "Use as photo").click()
    expect(page.locator("#content img")).to_have_attribute(
        "src", re.compile("castle-cafe-terrace-at-night-128")
    )

    page.locator("#strip button").nth(1).click()
    expect(page.locator("#mark")).not_to_contain_text("seed 5")
    expect(page.locator("#content img")).to_have_attribute("src", re.compile(r"/castle\.jpg"))


def test_an_error_is_a_sentence_and_the_page_goes_on(page: Page, text_as_png: str) -> None:
    give(page, "content", Path(text_as_png))
    button(page, "Paint").click()
    expect(status(page)).to_contain_text("'holiday.png' is not an image")
    expect(page.locator("#content-problem")).to_contain_text("'holiday.png' is not an image")
    expect(page.get_by_test_id("toast-text")).to_have_count(0)

    page.get_by_role("button", name="cat + harvest at La Crau").click()
    expect(page.locator("#content img")).to_have_attribute("src", re.compile("cat"))
    expect(page.locator("#style img")).to_have_attribute("src", re.compile("harvest"))
    take_few_steps(page)
    paint(page)


def test_an_empty_page_asks_for_an_image(page: Page) -> None:
    for role in ("content", "style"):
        page.locator(f"#{role}").get_by_label("Remove Image").click()
    button(page, "Paint").click()
    expect(status(page)).to_contain_text("There is no photo")


def test_two_visitors_never_see_each_others_pictures(
    browser: Browser, page_url: str, tmp_path: Path
) -> None:
    """Each uploads a picture of their own, and both paint at once."""
    shapes = {"wide": (160, 80), "tall": (80, 160)}
    visitors = {name: visit(browser, page_url) for name in shapes}
    for name, page in visitors.items():
        Image.new("RGB", shapes[name], "navy").save(tmp_path / f"{name}.png")
        give(page, "content", tmp_path / f"{name}.png")
        take_few_steps(page)
        button(page, "Paint").click()
    for name, size in (("wide", "128 × 64"), ("tall", "64 × 128")):
        page = visitors[name]
        expect(status(page)).to_contain_text(f"Finished: {size} px")
        strip_length(page, 1)
        (tmp_path / name).mkdir()
        with Image.open(saved(page, "Download PNG", tmp_path / name)) as picture:
            assert f"{picture.width} × {picture.height}" == size
        page.close()


def test_who_waits_sees_a_place_in_the_queue_and_a_full_server_says_so(
    browser: Browser,
    upload_folder: Path,
    content: str,
    style: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layout, "current", lambda: Limits(queue_size=1))
    full = app.build_page("embedded")
    _, url, _ = full.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, **app.launch_options("embedded")
    )
    client = Client(url, verbose=False, analytics_enabled=False)
    images = handle_file(content), handle_file(style)
    job = client.submit(*images, size=128, steps=2000, api_name="/stylize")
    next(iter(job))
    waiting, refused = visit(browser, url), visit(browser, url)
    button(waiting, "Paint").click()
    expect(status(waiting)).to_contain_text("One picture is ahead of yours: it begins in about ")
    button(refused, "Paint").click()
    expect(status(refused)).to_contain_text("The server is full: 1 run is waiting already.")
    expect(button(refused, "Paint")).to_be_enabled()
    button(waiting, "Stop").click()
    expect(status(waiting)).to_contain_text("You left the queue before your picture was begun.")
    expect(button(waiting, "Paint")).to_be_enabled()
    waiting.close()
    refused.close()
    job.cancel()
    client.close()
    full.close(verbose=False)


def test_explore_stops_in_the_middle_and_keeps_the_sheet(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Explore").click()
    expect(page.locator("#estimate")).to_contain_text("5 cells, about")
    set_number(page, "number input for Cell size (px)", 64)
    set_number(page, "number input for Steps per cell", 150)
    page.locator("#explore").click()
    expect(page.locator("#sheet-status")).to_contain_text("Painting cell 2 of 5.")
    page.locator("#explore-stop").click()
    expect(page.locator("#sheet-status")).to_contain_text("Stopped; the finished cells are kept")
    with Image.open(saved(page, "Download sheet", tmp_path)) as sheet:
        assert sheet.format == "PNG"
    expect(page.locator("#explore")).to_be_enabled()


def test_learn_looks_inside_the_pair(page: Page) -> None:
    page.get_by_role("tab", name="Learn").click()
    button(page, "Look inside with this pair").click()
    for name in ("#maps", "#grams"):
        expect(page.locator(f"{name} img")).to_have_js_property("complete", True)
    expect(page.locator("#look-status")).to_contain_text("Paint this pair")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, page_url: str, scheme: str) -> None:
    page = visit(browser, page_url, color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    for tab in ("Four styles", "Explore", "Learn", "Paint"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        page.wait_for_function("document.documentElement.scrollWidth <= 390")
    expect(page.locator("#cards img").first).to_be_visible()
    page.wait_for_function(
        """() => {
            const top = name => document.getElementById(name).getBoundingClientRect().top;
            return top("content") === top("style");
        }"""
    )
    page.mouse.wheel(0, 3000)
    expect(button(page, "Stop")).to_be_in_viewport()
    page.close()


FOCUSED = """() => {
    const it = document.activeElement;
    return (it.getAttribute("aria-label") || it.innerText).replace("▼", "").trim();
}"""


def tab_to(page: Page, wanted: str) -> list[str]:
    """Press Tab until this has the focus; the names of all that had it on the way."""
    names: list[str] = []
    while wanted not in names:
        assert len(names) < 60, names
        page.keyboard.press("Tab")
        names.append(page.evaluate(FOCUSED))
    return names


def test_the_keyboard_alone_will_do(page: Page) -> None:
    names = [*tab_to(page, "Paint"), *tab_to(page, "Details")]
    page.keyboard.press("Enter")
    expect(page.get_by_label("Steps", exact=True)).to_be_visible()
    names += tab_to(page, "castle + café terrace at night")
    stops = ["Paint", "Explore", "Learn", "Upload file", "Surprise me", "café terrace at night"]
    stops += ["range slider for Style strength", "Details"]
    stops += ["Recipe", "Reset to the recipe", "Click to upload or drop files"]
    reached = [name for name in dict.fromkeys(names) if name in stops]
    assert reached == stops
    assert names.count("Paint") == 2  # the tab and the button
    assert names.count("Upload file") == 2

    while page.evaluate(FOCUSED) != "Paint":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    tab_to(page, "Stop")
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("Stopped; the picture so far is kept")
    tab_to(page, "Use as photo")


def test_every_picture_has_an_alternative_text(
    browser: Browser, page_url: str, painted: StorageState
) -> None:
    with opened_with_picture(browser, page_url, painted) as page:
        page.get_by_role("tab", name="Learn").click()
        button(page, "Look inside with this pair").click()
        expect(page.locator("#grams img")).to_have_js_property("complete", True)
        pictures = page.locator("img").all()
        assert len(pictures) > 20
        named = (
            "each => each.alt || (each.alt === '' && each.closest('button, a')?.innerText.trim())"
        )
        untold = [each.get_attribute("src") for each in pictures if not each.evaluate(named)]
        assert untold == []


def test_images_have_alternative_texts(page: Page) -> None:
    expect(page.locator("#cards img").first).to_be_visible()
    expect(page.locator("#content img")).to_have_attribute("alt", "The photo")
    for image in page.locator("#cards img").all():
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
        assert image.get_attribute("alt")
