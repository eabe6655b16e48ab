"""Keep faces, on the page: offered where there is a face, and what a tap on it changes."""

import asyncio
from typing import Any

import gradio as gr
import pytest
from helpers import CAT, ROOT
from page.driver import DESKTOP, PHONE, open_details, opened
from playwright.sync_api import Browser, expect

from nst_core.page.inputs.faces import FacesBox
from nst_core.page.inputs.opening_queue import OpeningLine

ASTRONAUT = ROOT / "examples" / "content" / "astronaut.jpg"


@pytest.mark.parametrize(
    ("photo", "recipe", "shown"),
    [
        (ASTRONAUT, "studio", True),
        (CAT, "studio", False),
        (ASTRONAUT, "moments", False),
        (ASTRONAUT, "no recipe", False),
        (None, "studio", False),
    ],
    ids=["a face", "none", "a recipe without", "no recipe", "no photo"],
)
def test_it_is_offered_where_there_is_a_face(photo: Any, recipe: str, shown: bool) -> None:
    with gr.Blocks():
        faces = FacesBox(ROOT / "examples", OpeningLine())
    upload = photo and {"path": str(photo)}
    update = asyncio.run(faces.offered(upload, recipe))
    assert update["visible"] is shown


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_one_tap_paints_the_face_as_all_else(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        box = page.locator("#keep-faces input")
        expect(box).to_be_hidden()
        page.locator("#content input[type=file]").first.set_input_files(ASTRONAUT)
        expect(box).to_be_checked()
        preview = page.locator("#result img[src*=preview-512]").first
        expect(preview).to_be_visible()
        before = preview.get_attribute("src") or ""
        box.click()
        expect(box).not_to_be_checked()
        expect(preview).not_to_have_attribute("src", before)
        open_details(page)
        field = page.get_by_label("Weight of faces")
        expect(field).to_have_value("0")
        box.click()
        expect(field).to_have_value("")
        page.locator("#content input[type=file]").first.set_input_files(CAT)
        expect(box).to_be_hidden()
