"""What a link to the page shows, as those see it who make previews: without running a script."""

import io
from html.parser import HTMLParser

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from nst_core.page.head import DESCRIPTION, TITLE, tags, with_tags


class Head(HTMLParser):
    """The tags of a page: the content of each meta tag, and where each link leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, list[str]] = {}
        self.links: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "meta":
            name = given.get("property") or given.get("name", "")
            self.meta.setdefault(name, []).append(given.get("content", ""))
        elif tag == "link":
            self.links[given["rel"]] = given["href"]


def head_of(url: str, **headers: str) -> Head:
    return Head(httpx.get(url, headers=headers, trust_env=False).text)


def test_a_link_to_the_page_shows_title_sentence_and_picture(page_url: str) -> None:
    found = head_of(page_url)
    for name in ("og:title", "twitter:title"):
        assert found.meta[name] == [TITLE]
    for name in ("og:description", "twitter:description", "description"):
        assert found.meta[name] == [DESCRIPTION]
    assert found.meta["og:type"] == ["website"]
    assert found.meta["og:url"] == [page_url]
    assert found.meta["twitter:card"] == ["summary_large_image"]
    assert "twitter:creator" not in found.meta  # Gradio names itself there
    for name in ("og:image", "twitter:image"):
        (address,) = found.meta[name]
        answer = httpx.get(address, trust_env=False)
        assert answer.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert min(picture.size) >= 200  # less is not shown large


def test_the_icon_is_our_own(page_url: str) -> None:
    links = head_of(page_url).links
    assert links["icon"] == f"{page_url}icon.svg"
    drawing = httpx.get(links["icon"], trust_env=False)
    assert drawing.headers["content-type"].startswith("image/svg+xml")
    for address in (links["apple-touch-icon"], f"{page_url}favicon.ico"):
        answer = httpx.get(address, trust_env=False)
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert (picture.format, picture.width) == ("PNG", picture.height)


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"Host": "art.example"}, "http://art.example"),
        ({"Host": "art.example", "X-Forwarded-Proto": "https"}, "https://art.example"),
        (
            {"X-Forwarded-Host": "art.example", "X-Forwarded-Proto": "https"},
            "https://art.example",
        ),
    ],
)
def test_addresses_are_those_of_the_server_in_front(
    page_url: str, headers: dict[str, str], root: str
) -> None:
    found = head_of(page_url, **headers)
    assert found.meta["og:url"] == [f"{root}/"]
    assert found.meta["og:image"] == [f"{root}/preview.jpg"]


def test_what_a_request_says_of_its_address_can_not_leave_the_tags() -> None:
    ours = tags("http://a").count("<script>")
    assert tags('http://"><script>').count("<script>") == ours
    assert with_tags(b"<head></head>", "<title>").startswith(b"<head>\n<title>")


def test_only_the_page_is_changed(page_url: str) -> None:
    assert httpx.get(f"{page_url}config", trust_env=False).json()["title"] == TITLE
    assert httpx.head(page_url, trust_env=False).status_code == 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_of_a_phone_have_the_colour_of_the_page(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.reload()
    expect(page.locator("#network")).to_contain_text("Network: ")
    told = page.locator(f'meta[name="theme-color"][media*="{scheme}"]').get_attribute("content")
    as_rgb = """colour => {
        const place = document.querySelector(".gradio-container");
        place.style.color = colour;
        return getComputedStyle(place).color;
    }"""
    assert page.evaluate(as_rgb, told) == page.evaluate(as_rgb, "var(--body-background-fill)")
    assert page.title() == TITLE
