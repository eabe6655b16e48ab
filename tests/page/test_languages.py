"""The page in its visitor's language: the catalogues, how they are read, and the page with them."""

import ast
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from helpers import CAT, ROOT
from house import PACKAGE, files_in
from page.driver import DESKTOP, PHONE, opened, status
from playwright.sync_api import Browser, Page, expect

from nst_core.page.head import LANGUAGES
from nst_core.page.inputs.names import known_styles, title

CATALOGUES: dict[str, dict[str, str]] = {
    name.removesuffix(".json"): json.loads(file.read_text()) for name, file in LANGUAGES.items()
}
KEYS = list(CATALOGUES["de"])
HOLE = re.compile(r"\{\d\}")
LOOKED_AT = 4000
"""ms in which the photo before has come back and has been looked at again."""
LEAST_LETTERS = 3
"""Of what is a word, and no unit or key."""
GRADIOS = {
    *("More tabs", "Reset to default value", "Drop File Here", "Click to Upload", "File upload"),
    *("Brush Size", "Erase", "Pan", "Zoom in", "Zoom out", "Clear canvas", "Redo", "Clear"),
    *("Upload file", "Remove Image", "Paste from clipboard", "Capture from camera", "Fullscreen"),
    *("Click to upload or drop files", "Drop an image file here to upload", "Empty value"),
    *("number input for {1}", "range slider for {1}", "Error", "Warning", "Use via API"),
    *("Built with Gradio", "Settings"),
    *("Invalid file type: {1}.", "Only {1} allowed.", "Click to Access Webcam", "capture photo"),
    *("- or -", "processing |", "Thumbnail {1} of {2}", "Loading"),
}
"""Texts that Gradio has written."""
ENGLISH = {"JPEG", "Color", "Stop Recording", "Gradio footer navigation"}
"""On the page in every language: a name, and what is not seen. Sources of recipes are, too."""
PUT_TOGETHER = {
    *("{1} must be a number from {2} to {3}, not {4}.", "This takes about {1}."),
    *("The mask is wholly white: the style is everywhere.", "{1} (the recipe's own)"),
    *("The mask is wholly black: the style is nowhere.", "{1} and {2} more"),
    *(
        "The server is full: 1 run is waiting already.",
        "Moments: this project's former own (moments)",
    ),
    *("The server is full: {1} runs are waiting already.", "{1} in the style of {2}."),
    "{1} in your style.",
}
"""Sentences that the program puts together out of parts."""


# ---------------------------------------------------------------- catalogues


def test_no_language_lacks_a_sentence() -> None:
    assert set(CATALOGUES) == {"de", "es", "fr", "zh", "ja", "ar"}
    for language, catalogue in CATALOGUES.items():
        assert list(catalogue) == KEYS, language
        assert all(text.strip() == text != "" for text in catalogue.values()), language


@pytest.mark.parametrize("language", CATALOGUES)
def test_each_sentence_has_a_place_for_all_that_it_is_about(language: str) -> None:
    for english, text in CATALOGUES[language].items():
        assert sorted(HOLE.findall(text)) == sorted(HOLE.findall(english)), english


def test_each_example_has_a_name_in_every_language() -> None:
    examples = ROOT / "examples"
    styles = known_styles(examples).values()
    names = {name for style in styles for name in (style.name, style.group, style.by) if name}
    names |= {title(path.name, examples) for path in (examples / "content").iterdir()}
    assert names <= set(KEYS)


def _literals() -> Iterator[str]:
    """All that the program's texts are made of, what is put in being {}."""
    for path in files_in(PACKAGE):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = (
                    each.value if isinstance(each, ast.Constant) else "{}" for each in node.values
                )
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
                yield node.value.replace("-", " ").capitalize()  # as names become labels
    for path in (PACKAGE / "page" / "look").rglob("*.js"):
        yield path.read_text()
    yield (ROOT / "examples" / "styles.json").read_text()
    yield from (path.stem for path in (ROOT / "examples" / "content").iterdir())


def test_no_sentence_is_one_that_the_program_has_not() -> None:
    """What a sentence was changed to would else stay English, unseen."""
    there = "\n".join(_literals())
    for english in KEYS:
        parts = re.split(r"\{\d\}|[:,;] ", english)
        gone = [part for part in parts if part.strip(" .,;") not in there]
        assert not gone or english in {*GRADIOS, *PUT_TOGETHER}, english


# ---------------------------------------------------------------- how they are read

SMALL = {
    "Paint": "Malen",
    "castle": "Burg",
    "café terrace": "Caféterrasse",
    "about {1}": "etwa {1}",
    "{1} min": "{1} Min.",
    "{1} in the style of {2}": "wie „{2}“: {1}",
    "{1} in the style of {2}.": "wie „{2}“: {1}.",
    "A look: {1}.": "Ein Blick: {1}.",
    "This is the example: {1}.": "Ein Beispiel: {1}.",
    "Press Paint to begin.": "Drück auf Malen.",
    "Make it large: {1} px": "Größer: {1} px",
    "Make it large: {1} px, about {2}": "Größer: {1} px in etwa {2}",
    "{1} needs {2} GB.": "{1} braucht {2} GB.",
    "Small": "Klein",
}
READ = {
    "Paint": "Malen",
    "Castle": "Burg",
    "paint": "Malen",
    "Castles": "Castles",
    "about 3 min": "etwa 3 Min.",
    "This is the example: castle in the style of café terrace. Press Paint to begin.": (
        "Ein Beispiel: wie „Caféterrasse“: Burg. Drück auf Malen."
    ),
    "A look: castle in the style of café terrace.": "Ein Blick: wie „Caféterrasse“: Burg.",
    "Castle in the style of café terrace. So.": "wie „Caféterrasse“: Burg. So.",
    "Something else. Press Paint to begin.": "Something else. Drück auf Malen.",
    "Small\n272 × 181 px\nabout 27 s": "Klein\n272 × 181 px\netwa 27 s",
    "Make it large: 1024 px, about 2 min": "Größer: 1024 px in etwa 2 Min.",
    "It needs 2.5 GB.": "It braucht 2,5 GB.",
    "about\u00a03 min": "etwa 3 Min.",
    "constructor": "constructor",
    "Paint {1} $& \\1": "Paint {1} $& \\1",
}


@contextmanager
def opened_in(
    browser: Browser, url: str, language: str, size: tuple[int, int] = DESKTOP, **options: Any
) -> Iterator[Page]:
    with browser.new_context(
        locale=language, viewport={"width": size[0], "height": size[1]}, **options
    ) as context:
        page = context.new_page()
        page.goto(url)
        expect(page.locator("html.opening")).to_have_count(0)
        expect(page.locator("#time")).not_to_be_empty()
        yield page


def test_a_text_is_read_by_its_sentences_and_what_they_are_about(
    browser: Browser, page_url: str
) -> None:
    with browser.new_context(locale="de-AT") as context:
        page = context.new_page()
        page.route("**/languages/de.json", lambda route: route.fulfill(json=SMALL))
        page.goto(page_url)
        expect(page.locator("#paint-go")).to_have_text("Malen")
        read = page.evaluate("texts => texts.map(window.inLanguage)", list(READ))
        assert dict(zip(READ, read, strict=True)) == READ


@pytest.mark.parametrize("language", ["it-IT", "en-GB"])
def test_other_languages_have_the_english_page(
    browser: Browser, page_url: str, language: str
) -> None:
    with opened_in(browser, page_url, language) as page:
        expect(page.locator("#paint-go")).to_have_text("Paint")
        expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_catalogue_that_does_not_come_leaves_the_page_english(
    browser: Browser, page_url: str
) -> None:
    with browser.new_context(locale="fr") as context:
        page = context.new_page()
        page.route("**/languages/fr.json", lambda route: route.abort())
        page.goto(page_url)
        expect(page.locator("html.opening")).to_have_count(0)
        expect(page.locator("#paint-go")).to_have_text("Paint")


# ---------------------------------------------------------------- the page

SEEN = """() => {
  const SKIPPED =
    "script, style, textarea, kbd, code, pre, #language, [role=tabpanel]:not(:has(#studio))";
  const NAMES = ["aria-label", "title", "alt", "placeholder"], {TEXT_NODE} = Node;
  const found = new Set();
  const walker = document.createTreeWalker(document.body, 5);  // elements and texts
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.nodeType === TEXT_NODE;
    if ((text ? node.parentElement : node).closest(SKIPPED)) continue;
    if (text) found.add(node.data.trim());
    else for (const name of NAMES) found.add(node.getAttribute(name)?.trim());
    if (node.readOnly) found.add(node.value);
  }
  return [...found].filter(Boolean);
}"""


def walked(page: Page) -> set[str]:
    """All texts of the Paint tab, and of what opens from there."""
    found = set(page.evaluate(SEEN))
    for section in page.locator(".label-wrap:visible").all():
        section.click()
    page.locator("#shelf .all").click()
    found |= set(page.evaluate(SEEN))
    page.keyboard.press("Escape")
    page.locator("#crop button").click()
    expect(page.locator("#cropping .cropper-container")).to_be_visible()
    found |= set(page.evaluate(SEEN))
    page.keyboard.press("Escape")
    page.locator("body").press("?")
    return found | set(page.evaluate(SEEN))


def english_words(texts: set[str], catalogue: dict[str, str]) -> set[str]:
    """Those with a word that no catalogue has had a say in."""
    same = {text for english, text in catalogue.items() if english == text}
    return {text for text in texts if re.search(rf"[^\W\d_]{{{LEAST_LETTERS}}}", text)} - same


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_on_paint_is_left_in_english(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        english = walked(page)
    with opened_in(browser, page_url, "de-DE", size) as page:
        expect(page.locator("html")).to_have_attribute("lang", "de")
        left = english_words(walked(page) & english, CATALOGUES["de"])
    assert {
        text for text in left if "arxiv" not in text.lower() and "Source:" not in text
    } <= ENGLISH


def test_what_is_chosen_of_a_list_is_in_the_visitors_language_as_well(
    browser: Browser, page_url: str
) -> None:
    german = CATALOGUES["de"]
    with opened_in(browser, page_url, "de-DE") as page:
        page.get_by_role("button", name=german["Details"]).click()
        pooling = page.get_by_role("combobox", name=german["Pooling"])
        expect(pooling).to_have_value(german["{1} (the recipe's own)"].replace("{1}", "Maximum"))
        pooling.click()
        page.get_by_role("option", name=german["Average"]).click()
        expect(pooling).to_have_value(german["Average"])
        page.locator("#language select").select_option("en")
        expect(pooling).to_have_value("Average")


def test_a_mistake_is_told_in_the_visitors_language(
    browser: Browser, page_url: str, text_as_png: str
) -> None:
    with opened_in(browser, page_url, "es-MX") as page:
        with page.expect_file_chooser() as chooser:
            page.locator("#content img").click()
        chooser.value.set_files(text_as_png)
        told = CATALOGUES["es"]["{1} is not an image of a known format ({2})."]
        problem = page.locator("#content-problem")
        expect(problem).to_contain_text(HOLE.split(told)[1].strip())
        page.wait_for_timeout(LOOKED_AT)
        expect(problem).to_contain_text(HOLE.split(told)[1].strip())
        page.locator("#content input[type=file]").set_input_files(CAT)
        expect(problem).to_be_empty()


def test_another_language_can_be_chosen_and_is_remembered(browser: Browser, page_url: str) -> None:
    with opened_in(browser, page_url, "de-DE") as page:
        paint, languages = page.locator("#paint-go"), page.locator("#language select")
        for language in ("ja", "en", "fr", "en"):
            languages.select_option(language)
            words = CATALOGUES.get(language, {})
            expect(paint).to_have_text(words.get("Paint", "Paint"))
            size = words.get("Size: {1}", "Size: {1}").replace("{1}", words.get("Medium", "medium"))
            expect(page.locator("#size-button")).to_have_text(size)
        expect(status(page)).to_contain_text("Press Paint to begin.")
        languages.select_option("fr")
        page.reload()
        expect(paint).to_have_text(CATALOGUES["fr"]["Paint"])
        expect(languages).to_have_value("fr")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", CATALOGUES)
def test_nothing_is_wider_than_the_window(
    browser: Browser, page_url: str, language: str, size: tuple[int, int]
) -> None:
    with opened_in(browser, page_url, language, size) as page:
        expect(page.locator("#paint-go")).to_have_text(CATALOGUES[language]["Paint"])
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        for each in page.locator("#actions button:visible").all():
            assert each.evaluate("each => each.scrollWidth <= each.clientWidth"), (
                each.text_content()
            )


def test_arabic_goes_from_right_to_left(browser: Browser, page_url: str) -> None:
    with opened_in(browser, page_url, "ar-EG") as page:
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        photo, style = (page.locator(f"#{role}").bounding_box() for role in ("content", "style"))
        assert photo
        assert style
        assert photo["x"] > style["x"]
