"""The result's column: an example at first, nothing that moves, and all that a picture brings."""

import re

import pytest
from page.driver import (
    DESKTOP,
    PHONE,
    SIZES,
    SMALL_PHONE,
    be_quick,
    boxes,
    button,
    finished,
    opened,
    opened_with_picture,
    paint,
    places,
    ready,
    set_size,
    show,
    start,
    status,
)
from playwright.sync_api import Browser, Page, StorageState, expect

from nst_core.page.tabs import result

AT_ALL_SIZES = pytest.mark.parametrize("size", SIZES, ids=str)
AT_BOTH_WIDTHS = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=str)
"""For what a page does, which unlike its layout is the same on the smallest screens."""
ON_PHONES = pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=str)
SLOW_MOTION = """
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (moves, timing) {
        return animate.call(this, moves, {...timing, duration: 1e7});
    };
"""
"""An animation never ends by itself."""
ANIMATED = "document.getElementById('slider').getAnimations({subtree: true}).length"
SHIFTS = """
    window.shifts = [];
    new PerformanceObserver(list => list.getEntries().forEach(entry => entry.sources.forEach(
        ({node}) => node?.parentElement?.closest("#result") && !node.closest(".progress-text")
            && shifts.push(node.id || node.className || node.nodeName)
    ))).observe({type: "layout-shift"});
"""
"""What has moved in the result's column; the place in the queue is laid over it."""
PLAYING = """() => {
    const film = document.querySelector("#film video");
    return !film.paused && film.muted && film.loop && film.currentTime > 0;
}"""


@AT_ALL_SIZES
def test_the_example_is_there_before_anyone_clicks(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        photo, painting = page.locator("#slider img").all()
        expect(photo).to_have_attribute("src", re.compile(r"/castle\.jpg"))
        expect(painting).to_have_attribute("src", re.compile("castle--cafe-terrace-at-night"))
        expect(painting).to_be_visible()
        expect(status(page)).to_have_text(
            "This is the example: castle in the style of café terrace at night. "
            "Press Paint to begin."
        )
        for name in ("Download PNG", "Continue", "Share", "Make it large"):
            expect(button(page, name)).to_be_disabled()
        expect(page.locator("#views")).to_be_hidden()

        page.get_by_role("button", name="cat + harvest").click()
        expect(page.locator("#slider img").nth(1)).to_have_attribute("src", re.compile("cat--har"))
        expect(status(page)).to_contain_text("example: cat in the style of harvest at La Crau")


def test_the_example_drifts_until_it_is_touched(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url, script=SLOW_MOTION) as page:
        page.wait_for_function(f"{ANIMATED} === 2")
        page.locator("#slider img").first.dispatch_event("pointerdown")
        assert page.evaluate(ANIMATED) == 0


def test_the_example_stands_still_for_who_wants_it(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url, script=SLOW_MOTION, reduced_motion="reduce") as page:
        expect(page.locator("#slider img").nth(1)).to_have_js_property("complete", True)
        page.wait_for_function("document.querySelectorAll('#slider img')[1].naturalWidth > 0")
        page.wait_for_timeout(300)
        assert page.evaluate(ANIMATED) == 0


@AT_ALL_SIZES
def test_a_run_moves_nothing(browser: Browser, page_url: str, size: tuple[int, int]) -> None:
    with opened(browser, page_url, size, script=SHIFTS) as page:
        be_quick(page)
        page.evaluate("scrollTo(0, 0)")
        before = places(page)
        page.evaluate("shifts.length = 0")  # the page has opened by now
        start(page)
        assert places(page) == before
        cards = boxes(page, "cards")["cards"]["place"]
        seen = boxes(page, "stage")["stage"]["top"]
        finished(page)
        assert boxes(page, "stage")["stage"]["top"] == seen
        assert page.evaluate("shifts") == []
        show(page, "Film")
        expect(page.locator("#film video")).to_be_visible()
        show(page, "Picture")
        assert places(page) == before
        assert boxes(page, "cards")["cards"]["place"] == cards


@pytest.mark.parametrize("far_down", [False, True])
@ON_PHONES
def test_a_phone_has_picture_and_progress_in_view(
    browser: Browser, page_url: str, size: tuple[int, int], far_down: bool
) -> None:
    with opened(browser, page_url, size) as page:
        set_size(page, 256)
        page.evaluate(f"scrollTo(0, {3000 if far_down else 0})")
        start(page)
        for _ in range(3):
            seen = boxes(page, "stage", "actions")
            bar = page.get_by_role("progressbar").bounding_box()
            assert bar is not None
            assert seen["stage"]["top"] >= 0
            assert seen["stage"]["bottom"] <= bar["y"]
            assert bar["y"] + bar["height"] <= seen["actions"]["top"]
            page.wait_for_timeout(200)
        button(page, "Stop").click()
        expect(status(page)).to_contain_text("Stopped")


def test_the_buttons_stay_in_view_on_a_desktop(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url, DESKTOP) as page:
        place = boxes(page, "actions")["actions"]["place"]
        page.evaluate(f"scrollTo(0, {place + 100})")
        page.wait_for_function(
            "document.getElementById('actions').getBoundingClientRect().top === 0"
        )


@ON_PHONES
def test_fingers_find_everything(
    browser: Browser, page_url: str, painted: StorageState, size: tuple[int, int]
) -> None:
    with opened_with_picture(browser, page_url, painted, size) as page:
        targets = page.locator("#keep button, #larger, #views label, #details > button").all()
        assert len(targets) == 11
        for target in targets:
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44, target
            assert box["x"] + box["width"] <= size[0]


@AT_BOTH_WIDTHS
def test_nothing_covers_the_pictures_of_the_strip(
    browser: Browser, page_url: str, painted: StorageState, size: tuple[int, int]
) -> None:
    with opened_with_picture(browser, page_url, painted, size) as page:
        title, image, name = (
            page.locator(f"#strip {each}").first.bounding_box()
            for each in ("label", "img", ".caption-label")
        )
        assert title
        assert image
        assert name
        assert title["y"] + title["height"] <= image["y"]
        assert image["y"] + image["height"] <= name["y"]


@AT_BOTH_WIDTHS
def test_the_film_plays_by_itself(
    browser: Browser, page_url: str, painted: StorageState, size: tuple[int, int]
) -> None:
    with opened_with_picture(browser, page_url, painted, size) as page:
        show(page, "Film")
        page.wait_for_function(PLAYING)
        film = page.locator("#film video")
        box, stage = film.bounding_box(), boxes(page, "stage")["stage"]
        assert box is not None
        ratio = film.evaluate("film => film.videoWidth / film.videoHeight")
        assert box["width"] / box["height"] == pytest.approx(ratio, rel=0.02)  # nothing black
        assert box["width"] == pytest.approx(stage["width"], abs=2)
        assert film.evaluate("film => film.duration") == pytest.approx(10, abs=0.1)  # 2 s held


def test_continue_is_for_the_photo_that_was_painted(page: Page) -> None:
    be_quick(page)
    paint(page)
    again = button(page, "Continue")
    expect(again).to_be_enabled()
    page.get_by_role("button", name="cat + harvest").click()
    expect(again).to_be_disabled()
    page.get_by_role("button", name="castle + caf").click()
    expect(again).to_be_enabled()
    page.locator("#content").get_by_label("Remove Image").click()
    expect(again).to_be_disabled()


def test_the_tab_tells_the_progress_until_it_is_seen(page: Page) -> None:
    own = page.title()
    be_quick(page, 256)
    start(page)
    expect(page).to_have_title(re.compile(r"^\d+ % · castle$"))
    finished(page)
    expect(page).to_have_title("Ready · castle")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title(own)


def test_the_tab_is_as_before_after_an_error(page: Page) -> None:
    own = page.title()
    page.locator("#content").get_by_label("Remove Image").click()
    button(page, "Paint").click()
    expect(status(page)).to_contain_text("There is no photo")
    expect(page.get_by_test_id("toast-text")).to_have_count(0)
    expect(page).to_have_title(own)
    expect(page.locator("#slider")).to_be_visible()


@AT_BOTH_WIDTHS
def test_a_picture_of_the_strip_brings_all_that_is_its_own(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        page.get_by_role("button", name="Losses").click()
        be_quick(page, 128)
        paint(page)
        figures = page.locator("#figures").text_content()
        set_size(page, 160)
        paint(page, pictures=2)
        expect(status(page)).to_contain_text("160 × ")
        assert page.locator("#figures").text_content() != figures

        page.locator("#strip button").nth(1).click()
        expect(status(page)).to_contain_text("Finished: 128 × 85 px.")
        expect(page.locator("#film video")).to_have_attribute("src", re.compile(r"-128\.mp4"))
        expect(page.locator("#figures")).to_have_text(figures or "")
        expect(page.locator("#slider img").nth(1)).to_have_attribute("src", re.compile("-128"))
        page.wait_for_function(
            """() => {
                const {top, bottom} = document.getElementById("stage").getBoundingClientRect();
                return top >= 0 && bottom <= innerHeight;
            }"""
        )


def test_a_picture_is_made_large(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result, "LARGE_SIZES", (160, 192))
    be_quick(page)
    paint(page)
    larger = page.locator("#larger")
    expect(larger).to_have_text(re.compile(r"Make it large: 160 px, about \d+ s"))
    page.get_by_role("button", name="cat + harvest").click()
    expect(larger).to_be_disabled()  # what is shown is an example now
    page.get_by_role("button", name="castle + caf").click()
    larger.click()
    finished(page, pictures=2)
    expect(status(page)).to_contain_text("Finished: 160 × 107 px")
    expect(page.locator("#slider img").nth(1)).to_have_attribute(
        "src", re.compile("castle-cafe-terrace-at-night-160")
    )
    monkeypatch.setattr(result, "LARGE_SIZES", (160,))
    page.locator("#strip button").first.click()
    expect(larger).to_have_text("Make it large")
    expect(larger).to_be_disabled()


def test_the_strip_is_there_again_for_the_same_browser_alone(
    browser: Browser, page_url: str
) -> None:
    with opened(browser, page_url) as page:
        be_quick(page)
        paint(page)
        page.reload()
        expect(page.locator("#strip img")).to_have_count(1)
        page.locator("#strip button").first.click()
        expect(status(page)).to_contain_text("Finished: 128 × 85 px.")

        second = page.context.new_page()
        second.goto(page_url)
        expect(second.locator("#strip img")).to_have_count(1)
        with opened(browser, page_url) as stranger:
            expect(stranger.locator("#content img")).to_be_visible()
            expect(stranger.locator("#strip")).to_have_count(0)


def test_a_run_under_way_at_a_reload_leaves_its_picture(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url) as page:
        set_size(page, 256)
        start(page)
        page.reload()
        ready(page)
        expect(page.locator("#strip img")).to_have_count(1)
        page.locator("#strip button").first.click()
        expect(status(page)).to_contain_text("Stopped; the picture so far is kept")


def test_details_are_there_for_who_asks(page: Page) -> None:
    expect(page.locator("#loss-chart")).to_be_hidden()
    be_quick(page)
    paint(page)
    page.get_by_role("button", name="Losses").click()
    page.locator("#loss-chart").scroll_into_view_if_needed()  # it is drawn once it is seen
    expect(page.locator("#loss-chart svg")).to_be_visible()
    expect(page.locator("#figures")).to_contain_text(re.compile(r"step \d+ of \d+ · .* loss "))
