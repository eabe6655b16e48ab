"""The page behind a link, as text: what comes from outside is escaped, and nothing else may run."""

import base64
import hashlib
import re

from nst_core.page.look.link_page import NOT_SIGNED_IN, NOT_THERE, About, Shown, link_page, told

EVIL = "</title><script>alert(1)</script>\"><img src=x onerror='alert(1)'>"


def shown(title: str = "In the style of waves", photo: str = "cat", **changes: bool) -> Shown:
    about = About(title, photo, **changes)
    return Shown(about, (600, 400), 1_700_000_000.0, "tok-en_1", "https://art.example/paint")


def test_it_tells_what_there_is() -> None:
    html = link_page(shown()).html
    assert html.startswith('<!doctype html>\n<html lang="en" data-home="../">')
    assert "<title>In the style of waves</title>" in html
    assert "<h1>In the style of waves</h1>" in html
    assert "A photo, painted again, 600 × 400 px." in html
    assert '<time datetime="2023-11-14T22:13:20Z">14 November 2023, 22:13 UTC</time>' in html
    assert '<img src="tok-en_1/picture.jpg" alt="A photo, painted again: cat" width="600"' in html
    assert '<img src="tok-en_1/photo.jpg" alt="The photo: cat" width="600" height="400">' in html
    assert '<a href="../">Make your own</a>' in html
    assert '<meta name="robots" content="noindex">' in html


def test_what_others_show_of_it() -> None:
    tag = r'<meta (?:property|name)="([\w:-]+)" content="([^"]*)">'
    tags = dict(re.findall(tag, link_page(shown()).html))
    address = "https://art.example/paint/link/tok-en_1"
    assert tags["og:title"] == tags["twitter:title"] == "In the style of waves"
    assert tags["og:url"] == address
    assert tags["og:image"] == tags["twitter:image"] == f"{address}/picture.jpg"
    assert (tags["og:image:width"], tags["og:image:height"]) == ("600", "400")
    assert tags["og:description"] == tags["description"] == "A photo, painted again, 600 × 400 px."
    assert tags["twitter:card"] == "summary_large_image"


def test_a_preview_says_that_it_is_one() -> None:
    html = link_page(shown(preview=True)).html
    assert "<p>A quick preview of a photo, 600 × 400 px.</p>" in html
    assert "painted again" not in html


def test_names_are_escaped_wherever_they_stand() -> None:
    html = link_page(shown(EVIL, EVIL)).html
    assert html.count("<script>") == 3  # its own
    assert html.count("<img ") == 2
    assert "onerror='" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 7


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_a_browser_may_use_what_is_there_and_nothing_else() -> None:
    for document in (link_page(shown()), told(*NOT_THERE), told(*NOT_SIGNED_IN)):
        allowed = dict(each.split(" ", 1) for each in document.policy.split("; "))
        assert allowed["default-src"] == "'none'"
        assert "unsafe" not in document.policy
        for tag, name in (("style", "style-src"), ("script", "script-src")):
            texts = re.findall(f"<{tag}>(.*?)</{tag}>", document.html, re.DOTALL)
            assert allowed[name].split() == list(map(hashed, texts))
        assert not re.search(r"\s(?:style|on\w+)=", document.html)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', document.html)
