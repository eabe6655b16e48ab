"""A link to a picture, from the button to the page behind it, and until it is deleted."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from helpers import CAT, CHURCH, ROOT
from page.driver import (
    DESKTOP,
    PHONE,
    SMALL_PHONE,
    boxes,
    button,
    opened,
    opened_with_picture,
    served,
    status,
)
from page.test_accessibility import complaints
from page.test_languages import CATALOGUES, SEEN, english_words
from page.test_visits import keep
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, StorageState, expect

from nst_core.errors import ImageError, OutputError
from nst_core.page.hosting import limits
from nst_core.page.hosting.limits import Limits
from nst_core.page.hosting.links import PICTURE, Links
from nst_core.page.look.link_page import NOT_THERE
from nst_core.page.tabs.link import MOST_OF_ONE, NOT_MADE, LinkButton, hours_text
from nst_core.page.visit.visits import Preview, Visit

AT_BOTH_WIDTHS = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=str)
ASKED = "Anybody who has the link sees this picture and your photo for 24 hours."
CLIPBOARD = """
    const writeText = async text => { window.copied = text; };
    Object.defineProperty(navigator, "clipboard", {value: {writeText}});
"""
SHEET = """
    navigator.share = async ({url}) => {
        if (window.refuse) throw new DOMException("", "AbortError");
        window.shared = url;
    };
"""


@pytest.fixture(scope="module")
def page_url(upload_folder: Path) -> Iterator[str]:
    """Of a page that allows links."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "_settled", [Limits(link_hours=24)])
        with served() as url:
            yield url


def linked(page: Page) -> str:
    """Ask for a link, and give its address."""
    button(page, "Link").click()
    button(page, "Make the link").click()
    field = page.get_by_label("Address of the link")
    expect(field).to_be_visible()
    return field.input_value()


@contextmanager
def somebody(browser: Browser, size: tuple[int, int], **options: Any) -> Iterator[Page]:
    """A browser that has never been here."""
    options["viewport"] = {"width": size[0], "height": size[1]}
    with browser.new_context(has_touch=size != DESKTOP, **options) as context:
        yield context.new_page()


# ---------------------------------------------------------------- in the browser


@AT_BOTH_WIDTHS
def test_the_whole_way(
    browser: Browser, page_url: str, painted: StorageState, size: tuple[int, int]
) -> None:
    with opened_with_picture(browser, page_url, painted, size, script=CLIPBOARD) as page:
        button(page, "Link").click()
        expect(page.locator("#linking")).to_contain_text(ASKED)
        assert complaints(page) == []
        button(page, "Cancel").click()
        address = linked(page)
        assert address.startswith(f"{page_url}link/")
        expect(page.locator("#linking [role=status]")).to_have_text("The address is copied.")
        assert page.evaluate("copied") == address
        assert complaints(page) == []
        for scheme in ("light", "dark"):
            look(browser, address, size, scheme)
        button(page, "Delete").click()
        expect(page.locator("#linking")).to_contain_text("The link is deleted")
        find_nothing(browser, address, size)
        button(page, "Close").click()
        expect(button(page, "Link")).to_be_focused()
        assert linked(page) != address


def look(browser: Browser, address: str, size: tuple[int, int], scheme: str) -> None:
    """As somebody who has nothing but the address."""
    said: list[str] = []
    with somebody(browser, size, color_scheme=scheme) as page:
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("In the style of café terrace at night")
        expect(page.get_by_text("A photo, painted again, 128 × 85 px.")).to_be_visible()
        for name in ("A photo, painted again: castle", "The photo: castle"):
            expect(page.get_by_alt_text(name)).to_have_js_property("naturalWidth", 128)
        expect(page.get_by_text("You made this link.")).to_be_hidden()
        move_the_line(page, touching=size != DESKTOP)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert complaints(page) == []
        own = page.get_by_role("link", name="Make your own")
        box = own.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert own.evaluate("link => link.href") == address.split("link/")[0]
    assert said == []  # nothing that the policy forbids was tried


def move_the_line(page: Page, touching: bool) -> None:
    line = page.get_by_role("slider", name="Before and after")
    expect(line).to_have_attribute("aria-valuetext", "20 % photo")
    page.keyboard.press("Tab")
    expect(line).to_be_focused()
    for key, percent in (("ArrowRight", 21), ("End", 100), ("ArrowLeft", 99), ("Home", 0)):
        page.keyboard.press(key)
        expect(line).to_have_attribute("aria-valuetext", f"{percent} % photo")
    box = page.locator(".pictures").bounding_box()
    assert box is not None
    x, y = box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2
    if touching:
        page.touchscreen.tap(x, y)
    else:
        page.mouse.move(box["x"] + 5, y)
        page.mouse.down()
        page.mouse.move(x, y)
        page.mouse.up()
        page.mouse.move(box["x"] + 5, y)
    expect(line).to_have_attribute("aria-valuetext", "75 % photo")
    clipped = page.locator(".photo img").evaluate("image => getComputedStyle(image).clipPath")
    assert re.fullmatch(r"inset\(0px 2[45](\.\d+)?% 0px 0px\)", clipped)


def find_nothing(browser: Browser, address: str, size: tuple[int, int]) -> None:
    with somebody(browser, size) as page:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text(NOT_THERE[0])
        assert complaints(page) == []


@AT_BOTH_WIDTHS
def test_without_scripts_both_pictures_are_seen(
    browser: Browser, page_url: str, painted: StorageState, size: tuple[int, int]
) -> None:
    with opened_with_picture(browser, page_url, painted, size) as page:
        address = linked(page)
    with somebody(browser, size, java_script_enabled=False) as page:
        page.goto(address)
        expect(page.get_by_role("img")).to_have_count(2)
        first, second = (image.bounding_box() for image in page.get_by_role("img").all())
        assert first is not None
        assert second is not None
        assert second["y"] > first["y"] + first["height"]
        expect(page.get_by_role("slider")).to_have_count(0)


def test_it_is_in_the_language_of_who_opens_it(
    browser: Browser, page_url: str, painted: StorageState
) -> None:
    german = CATALOGUES["de"]
    with opened_with_picture(browser, page_url, painted, PHONE) as page:
        address = linked(page)
    with somebody(browser, PHONE, locale="de-DE") as page:
        page.goto(address)
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("Im Stil von „Caféterrasse am Abend“")
        expect(page.get_by_role("link")).to_have_text(german["Make your own"])
        expect(page.locator("html")).to_have_attribute("lang", "de")
        until = re.compile(german["This page is here until {1}."].replace("{1}", r"\d+\. \w+ .*"))
        expect(page.locator("main")).to_contain_text(until)
        seen = set(page.evaluate(SEEN))
        assert complaints(page) == []
        page.goto(f"{address}x")
        expect(heading).to_have_text(german[NOT_THERE[0]])
        seen |= set(page.evaluate(SEEN))
    with somebody(browser, PHONE) as page:
        page.goto(address)
        english = set(page.evaluate(SEEN))
        page.goto(f"{address}x")
        assert not english_words(seen & (english | set(page.evaluate(SEEN))), german)


def test_its_maker_can_delete_it_on_its_page(
    browser: Browser, page_url: str, painted: StorageState
) -> None:
    """Also days later, when the page that it was made on is long closed."""
    with opened_with_picture(browser, page_url, painted, PHONE) as page:
        address = linked(page)
        kept = page.context.storage_state()
    with somebody(browser, PHONE, storage_state=kept) as page:
        page.goto(address)
        expect(page.get_by_text("You made this link.")).to_be_visible()
        assert complaints(page) == []
        button(page, "Delete it").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(NOT_THERE[0])


def test_a_share_sheet_gets_the_address(
    browser: Browser, page_url: str, painted: StorageState
) -> None:
    with opened_with_picture(browser, page_url, painted, PHONE, script=SHEET) as page:
        address = linked(page)
        said = page.locator("#linking [role=status]")
        page.locator("#linking").get_by_role("button", name="Share").click()
        expect(said).to_have_text("The link was handed to the app that you chose.")
        assert page.evaluate("shared") == address
        button(page, "Close").click()
        button(page, "Link").click()  # which asks nothing now
        expect(said).to_have_text("This picture has a link.")
        assert page.get_by_label("Address of the link").input_value() == address


@pytest.mark.parametrize("size", [DESKTOP, PHONE, SMALL_PHONE], ids=str)
def test_the_button_is_there_with_a_result_and_nothing_moves(
    browser: Browser, page_url: str, painted: StorageState, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size, storage_state=painted) as page:
        expect(page.locator("#link")).to_be_hidden()
        before = boxes(page, "keep", "larger")
        page.locator("#strip button").first.click()
        expect(page.locator("#link")).to_be_visible()
        after = boxes(page, "keep", "larger")
        assert {name: box["height"] for name, box in before.items()} == {
            name: box["height"] for name, box in after.items()
        }
        places = [each.bounding_box() for each in page.locator("#keep button").all()]
        for box in places:
            assert box is not None
            assert min(box["width"], box["height"]) >= 44
            assert box["x"] + box["width"] <= size[0]
        assert len(places) == 7


def test_a_problem_is_told_where_it_was_asked_for(
    browser: Browser, page_url: str, painted: StorageState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OutputError("The picture of the link could not be written: no space left.")

    with opened_with_picture(browser, page_url, painted, PHONE) as page:
        monkeypatch.setattr(LinkButton, "_link_of", fail)
        button(page, "Link").click()
        button(page, "Make the link").click()
        expect(page.locator("#linking [role=status]")).to_contain_text("no space left.")
        expect(page.get_by_label("Address of the link")).to_be_hidden()
        button(page, "Close").click()
        expect(status(page)).to_contain_text("Finished")
        monkeypatch.undo()
        assert linked(page)


# ---------------------------------------------------------------- what is linked


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links(tmp_path / "links", 24, 100)


@pytest.fixture
def maker(links: Links) -> LinkButton:
    return LinkButton(links, ROOT / "examples")


def picture_of(links: Links, made: dict[str, object]) -> Image.Image:
    link = links.find(str(made["token"]))
    assert link is not None
    with Image.open(link.folder / PICTURE) as image:
        return image.convert("RGB")


def test_what_is_shown_is_what_is_linked(links: Links, maker: LinkButton, tmp_path: Path) -> None:
    """A picture asked for twice has one link; with half of the photo in it, it has another."""
    (tmp_path / "pictures").mkdir()
    visit = Visit()
    keep(visit, tmp_path / "pictures")
    whole = maker.make(visit)
    assert maker.make(visit) == whole
    with Image.open(visit.mix(0.5)) as mixed:
        expected = mixed.convert("RGB")
    half = maker.make(visit)
    assert half["token"] != whole["token"]
    difference = ImageChops.difference(picture_of(links, half), expected)
    assert max(difference.tobytes()) < 30
    link = links.find(str(whole["token"]))
    assert link is not None
    assert (link.about.title, link.about.photo) == ("In the style of church at Auvers", "cat")
    assert not link.about.preview
    assert links.delete(link.token, link.key)
    assert maker.make(visit)["token"] == half["token"]
    visit.mix(1)
    assert maker.make(visit)["token"] != whole["token"]


def test_a_preview_says_so_and_own_files_have_no_names(
    links: Links, maker: LinkButton, tmp_path: Path
) -> None:
    own = [tmp_path / name for name in ("me at home.png", "<b>my style.png")]
    for path, colour in zip(own, ("navy", "green"), strict=True):
        Image.new("RGB", (30, 20), colour).save(path)
    visit = Visit()
    visit.show(Preview(own[0], own[1], (own[0], own[1])))
    link = links.find(str(maker.make(visit)["token"]))
    assert link is not None
    assert link.about.preview
    assert (link.about.title, link.about.photo) == ("In its maker's own style", "photo")


def test_one_visitor_has_so_many_and_others_have_theirs(
    links: Links, maker: LinkButton, tmp_path: Path
) -> None:
    visit, other = Visit(), Visit()
    for number in range(MOST_OF_ONE + 1):
        file = tmp_path / f"{number}.png"
        Image.new("RGB", (30, 20)).save(file)
        for each in (visit, other):
            each.show(Preview(file, CAT, (CAT, CHURCH)))
        if number < MOST_OF_ONE:
            made = maker.make(visit)
    with pytest.raises(OutputError, match="You have 12 links, and no more are kept for one"):
        maker.make(visit)
    assert len(links) == MOST_OF_ONE
    maker.make(other)
    assert links.delete(str(made["token"]), str(made["key"]))
    maker.make(visit)


def test_without_a_picture_there_is_none(maker: LinkButton) -> None:
    visit = Visit()
    with pytest.raises(ImageError, match="There is no picture"):
        maker.make(visit)
    assert maker.why_not(visit) == {"problem": NOT_MADE}
    visit.problem = "The disk is full."
    assert maker.why_not(visit) == {"problem": "The disk is full."}


@pytest.mark.parametrize(
    ("hours", "text"),
    [(1, "an hour"), (2, "2 hours"), (24, "24 hours"), (36, "36 hours"), (720, "30 days")],
)
def test_how_long_it_lasts_in_words(hours: int, text: str) -> None:
    assert hours_text(hours) == text
