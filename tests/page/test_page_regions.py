"""Where the style applies, as the page has it: painted over, uploaded, and there and back."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT
from page.driver import DESKTOP, PHONE, be_quick, button, finished, opened, saved
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from nst_core import ImageError, Job, RecipeError, Style
from nst_core.images.masks import open_mask, open_painted
from nst_core.page.inputs.opening_queue import OpeningLine
from nst_core.page.inputs.regions import LONGEST, PAINT, Regions
from nst_core.painting.image_settings import PlaceSettings

EXAMPLES = (ROOT / "examples").resolve()
CASTLE = EXAMPLES / "content" / "castle.jpg"
GLASS = EXAMPLES / "style" / "stained-glass.jpg"


def upload(path: Path) -> dict[str, Any]:
    return {"path": str(path)}


@pytest.fixture(scope="module")
def places(upload_folder: Path) -> Regions:
    import gradio as gr

    with gr.Blocks():
        return Regions(EXAMPLES, OpeningLine())


@pytest.fixture
def layer(upload_folder: Path) -> Path:
    """The left half painted over."""
    picture = Image.new("RGBA", (60, 40), "#00000000")
    picture.paste(PAINT, (0, 0, 30, 40))
    file = upload_folder / "layer.png"
    picture.save(file)
    return file


def test_what_is_painted_over_is_white(layer: Path) -> None:
    mask = open_painted(layer)
    assert mask is not None
    pixels = np.asarray(mask)
    assert (pixels[:, :30] == 255).all()
    assert (pixels[:, 30:] == 0).all()


def test_a_layer_with_nothing_on_it_is_no_mask(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    Image.new("RGBA", (60, 40), "#00000000").save(empty)
    assert open_painted(empty) is None


def test_strokes_of_a_tint_count_wholly_once_over_or_many_times(tmp_path: Path) -> None:
    file = tmp_path / "tint.png"
    layer = Image.new("RGBA", (60, 40), "#00000000")
    for left in (0, 10, 20):  # a third stroke over a second over a first
        stroke = Image.new("RGBA", (60, 40), "#00000000")
        stroke.paste((67, 56, 202, 128), (left, 0, 30, 40))
        layer = Image.alpha_composite(layer, stroke)
    layer.save(file)
    mask = open_painted(file)
    assert mask is not None
    pixels = np.asarray(mask)
    assert pixels[:, :30].min() >= 250
    assert (pixels[:, 30:] == 0).all()


def test_the_mask_of_a_pictures_settings_comes_back(places: Regions, layer: Path) -> None:
    mask = open_painted(layer)
    back = places.bring_back(PlaceSettings.of(mask, ()))
    file = back[places.components["mask"]]
    assert mask is not None
    assert isinstance(file, str)
    assert open_mask(file).tobytes() == mask.tobytes()
    values = {"mask": upload(Path(file))}
    assert places.placed(Job.of(CAT, CHURCH), values).mask == Path(file)
    assert set(places.bring_back(None).values()) == {None, 1.0}


def test_a_drawing_becomes_the_mask_of_the_job(places: Regions, layer: Path) -> None:
    drawing = {"background": upload(CASTLE), "layers": [upload(layer)], "composite": None}
    job = places.placed(Job.of(CAT, CHURCH), {"drawing": drawing, "mask": upload(CASTLE)})
    assert np.asarray(open_mask(cast(Path, job.mask))).mean() == pytest.approx(127.5)
    assert job.outside == ()


@pytest.mark.parametrize(("brushed", "mean"), [(None, 127.5), ("paint", 85), ("keep", 170)])
def test_what_is_brushed_is_painted_or_kept(
    places: Regions, upload_folder: Path, brushed: object, mean: float
) -> None:
    """At the edge of the page: a mask is white where the style goes, whatever was chosen here."""
    picture = Image.new("RGBA", (60, 40), "#00000000")
    picture.paste(PAINT, (0, 0, 30 if brushed is None else 20, 40))
    picture.save(upload_folder / "third.png")
    values = {"drawing": {"layers": [upload(upload_folder / "third.png")]}, "brushed": brushed}
    job = places.placed(Job.of(CAT, CHURCH), values)
    assert np.asarray(open_mask(cast(Path, job.mask))).mean() == pytest.approx(mean)


def test_a_mask_that_was_uploaded_is_taken_as_it_is(places: Regions) -> None:
    values = {"mask": upload(CASTLE), "brushed": "keep"}
    assert places.placed(Job.of(CAT, CHURCH), values).mask == CASTLE


def test_what_is_brushed_is_painted_or_kept_and_nothing_else(places: Regions, layer: Path) -> None:
    values = {"drawing": {"layers": [upload(layer)]}, "brushed": "eat"}
    with pytest.raises(RecipeError, match="What is brushed must be one of paint, keep, not 'eat'"):
        places.placed(Job.of(CAT, CHURCH), values)


def test_without_a_stroke_the_uploaded_mask_counts(places: Regions) -> None:
    drawing: dict[str, Any] = {"background": upload(CASTLE), "layers": []}
    values = {"drawing": drawing, "mask": upload(CASTLE), "outside": upload(GLASS)}
    job = places.placed(Job.of(CAT, CHURCH), values)
    assert (job.mask, job.outside) == (CASTLE, (Style(GLASS),))


def test_with_nothing_the_style_is_everywhere(places: Regions) -> None:
    job = Job.of(CAT, CHURCH)
    assert places.placed(job, {}) == job


def test_a_style_for_the_rest_needs_a_rest(places: Regions) -> None:
    with pytest.raises(ValueError, match="Styles outside need a mask"):
        places.placed(Job.of(CAT, CHURCH), {"outside": upload(GLASS)})


@pytest.mark.parametrize("drawing", [1, "x", [], {"layers": 3}, {"layers": {}}])
def test_nonsense_is_no_drawing(places: Regions, drawing: Any) -> None:
    job = Job.of(CAT, CHURCH)
    assert places.placed(job, {"drawing": drawing}) == job


def test_a_layer_without_a_file_is_told(places: Regions) -> None:
    with pytest.raises(ImageError, match="There is no mask"):
        places.placed(Job.of(CAT, CHURCH), {"drawing": {"layers": [None]}})


def test_files_of_the_server_are_no_masks(places: Regions) -> None:
    secret = upload(ROOT / "README.md")
    for values in ({"mask": secret}, {"drawing": {"layers": [secret]}}, {"outside": secret}):
        with pytest.raises(ImageError, match="was not uploaded"):
            places.placed(Job.of(CAT, CHURCH), values)


def test_what_is_gone_on_from_keeps_its_places(places: Regions, layer: Path) -> None:
    job = Job.of(CAT, CHURCH, mask=layer)
    assert places.placed(job, {"mask": upload(CASTLE)}) is job


def test_the_photo_to_paint_over_is_no_larger_than_a_screen(places: Regions) -> None:
    problem, editor = asyncio.run(places.begun(upload(EXAMPLES / "content" / "mountains.jpg")))
    assert problem == ""
    assert isinstance(editor, dict)
    with Image.open(editor["background"]) as photo:
        assert max(photo.size) == LONGEST
    with pytest.raises(ImageError, match="There is no photo"):
        asyncio.run(places.begun(None))


def test_places_there_and_back(places: Regions, layer: Path) -> None:
    job = Job.of(CAT, CHURCH, mask=layer, outside=[Style(GLASS, brush=0.5)])
    shown = places.fill(job)
    held = {name: shown.get(each, "stays") for name, each in places.components.items()}
    assert held == {
        "drawing": None,
        "brushed": "stays",
        "mask": str(layer),
        "outside": str(GLASS),
        "brush_outside": 0.5,
    }
    assert set(places.fill().values()) == {None, 1.0}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["mouse", "finger"])
def test_tools_stand_above_the_photo(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size, has_touch=size == PHONE) as page:
        editor = open_section(page)
        canvas = editor.locator("canvas").first.bounding_box()
        assert canvas
        seen = {
            each.get_attribute("aria-label"): each.bounding_box()
            for each in editor.get_by_role("button").all()
            if each.get_attribute("aria-label")
        }
        assert {"Brush", "Erase", "Brush Size", "Undo", "Clear canvas"} <= seen.keys()
        assert page.get_by_label("Paint what I brush").is_checked()
        assert "Color" not in seen
        for box in seen.values():
            assert box
            assert box["y"] + box["height"] <= canvas["y"]
        for _ in range(2):
            button(page, "Brush Size").click()
            expect(editor.locator("input[type=range]")).to_be_in_viewport(ratio=1)
            draw(page, [middle_of(editor)], finger=size == PHONE)
            expect(editor.locator("input[type=range]")).to_have_count(0)
        button(page, "Brush Size").click()
        expect(editor.locator("input[type=range]")).to_be_visible()
        button(page, "Brush Size").click()
        expect(editor.locator("input[type=range]")).to_have_count(0)


def open_section(page: Page) -> Locator:
    """The editor, once the photo is under the brush and stands still."""
    page.get_by_role("button", name="Paint only a part").click()
    editor = page.locator("#drawing")
    expect(editor).to_have_attribute("data-untouched", "")
    editor.locator("canvas").first.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # while it slides there
    return editor


def middle_of(editor: Locator) -> tuple[float, float]:
    """Of its canvas, in the window, where that is now."""
    box = editor.locator("canvas").first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def strokes(page: Page) -> int:
    """How many things were done to the photo, its being put there included."""
    script = """() => {
        let [count, each] = [0, editor.command_manager.history];
        for (; each.previous; each = each.previous) count += 1;
        return count;
    }"""
    return int(page.evaluate(script))


def test_undo_takes_strokes_back_and_never_the_photo(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url, PHONE) as page:
        expect(page.locator("#status")).to_contain_text("This is the example")
        editor = open_section(page)
        undo = editor.get_by_role("button", name="Undo")
        untouched = strokes(page)
        undo.click()
        page.keyboard.press("Control+z")
        assert strokes(page) == untouched
        expect(page.locator("#status")).to_contain_text("There is nothing to undo.")
        expect(page.locator("#slider img").nth(1)).to_have_attribute("src", re.compile("castle--"))
        middle = middle_of(editor)
        draw(page, [middle, (middle[0] + 20, middle[1])], finger=False)
        expect(page.locator("#status")).to_contain_text("A quick preview")
        assert strokes(page) == untouched + 1
        undo.click()
        expect(editor).to_have_attribute("data-untouched", "")
        editor.get_by_role("button", name="Clear canvas").click()  # takes the photo as well
        expect(editor).to_have_attribute("data-untouched", "")


def test_another_photo_is_under_the_brush_at_once(page: Page) -> None:
    open_section(page)
    before = page.evaluate("editor.width / editor.height")
    page.get_by_role("button", name="temple + wave pattern").click()
    page.wait_for_function(f"Math.abs(editor.width / editor.height - {before}) > 0.01")
    expect(page.locator("#drawing")).to_have_attribute("data-untouched", "")
    expect(page.locator("#status")).to_contain_text("This is the example: temple")


def draw(page: Page, points: Iterable[tuple[float, float]], finger: bool) -> None:
    """A stroke, with the mouse or with a finger."""
    if not finger:
        first, *others = points
        page.mouse.move(*first)
        page.mouse.down()
        for x, y in others:
            page.mouse.move(x, y)
        page.mouse.up()
        return
    session = page.context.new_cdp_session(page)
    kinds = {0: "touchStart"}
    for number, (x, y) in enumerate(points):
        touch = {"type": kinds.get(number, "touchMove"), "touchPoints": [{"x": x, "y": y}]}
        session.send("Input.dispatchTouchEvent", touch)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["mouse", "finger"])
def test_only_what_was_brushed_changes_or_stays(
    browser: Browser, page_url: str, size: tuple[int, int], tmp_path: Path
) -> None:
    finger = size == PHONE
    with opened(browser, page_url, size, has_touch=finger, is_mobile=finger) as page:
        be_quick(page)
        middle = middle_of(open_section(page))
        draw(page, [(middle[0] + 2 * step, middle[1]) for step in range(-10, 11)], finger)
        button(page, "Paint").click()
        finished(page)
        apart = changed(saved(page, "Download PNG", tmp_path))
        page.get_by_label("Keep what I brush").check()
        button(page, "Paint").click()
        finished(page, pictures=2)
        rest_apart = changed(saved(page, "Download PNG", tmp_path))
    assert apart[38:47, 58:70].mean() > 20
    assert apart[:15].mean() < 8
    assert apart[-15:].mean() < 8
    assert rest_apart[40:45, 60:68].mean() < 12
    assert rest_apart[:15].mean() > 15
    assert rest_apart[-15:].mean() > 15


def test_what_was_brushed_is_a_mask_after_a_reload(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url, DESKTOP) as page:
        middle = middle_of(open_section(page))
        draw(page, [middle, (middle[0] + 20, middle[1])], finger=False)
        expect(page.locator("#status")).to_contain_text("A quick preview")
        page.reload()
        page.get_by_role("button", name="Paint only a part").click()
        mask = page.locator("#mask img")
        expect(mask).to_have_attribute("src", re.compile("mask.png"))
        page.locator("#shelf").get_by_role("button", name="mosaic", exact=True).click()
        expect(page.locator("#status")).to_contain_text("castle in the style of mosaic")
        page.reload()
        page.get_by_role("button", name="Paint only a part").click()
        expect(mask).to_have_attribute("src", re.compile("mask.png"))


def changed(png: Path) -> np.ndarray:
    """How far a painted castle is from the photo, for each pixel."""
    picture = np.int16(Image.open(png))  # type: ignore[arg-type]
    photo = Image.open(CASTLE).convert("RGB").resize((128, 85), Image.Resampling.LANCZOS)
    apart: np.ndarray = np.abs(picture - np.int16(photo)).max(axis=-1)  # type: ignore[arg-type]
    return apart
