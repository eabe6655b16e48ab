"""A part of the photo, turned or mirrored, which takes its place."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from helpers import ROOT
from page.driver import DESKTOP, PHONE, button, give, opened, set_size, start
from page.test_accessibility import complaints
from PIL import ExifTags, Image, ImageOps
from playwright.sync_api import Browser, Locator, Page, Route, expect

BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
CASTLE = ROOT / "examples" / "content" / "castle.jpg"
FETCHED = "() => performance.getEntries().filter(each => each.name.includes('cropper.min')).length"
HANDLE = ".cropper-point.point-se"
SMALL_MEMORY = """
const look = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function(...place) {
  return this.canvas.width > 600 ? new ImageData(1, 1) : look.apply(this, place);
};
"""
"""A browser that has no memory for a canvas of more than 600 px, which it shows as Safari does."""


def asks(page: Page) -> Locator:
    return page.get_by_role("button", name="Crop or turn")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Crop or turn")


def ready(page: Page) -> None:
    expect(dialog(page).get_by_role("button", name="Apply")).to_be_enabled()


def press(page: Page, *names: str) -> None:
    for name in names:
        dialog(page).get_by_role("button", name=name, exact=True).click()


def edit(page: Page, *names: str) -> None:
    """Open the dialog, press what has these names, and then Apply."""
    before = source(page)
    asks(page).click()
    ready(page)
    press(page, *names, "Apply")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#content img")).not_to_have_attribute("src", before)


def source(page: Page) -> str:
    return str(page.locator("#content img").get_attribute("src"))


def name(page: Page) -> str:
    return unquote(source(page).split("/")[-1])


def shown(page: Page) -> Image.Image:
    """The photo that is in place now, as its file has it."""
    return Image.open(io.BytesIO(page.request.get(source(page)).body()))


def apart(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are from each other, as the mean over their values up to 255."""
    values = [np.asarray(each.convert("RGB"), float) for each in (one, other)]
    return float(np.abs(values[0] - values[1]).mean())


def noise(width: int, height: int, file: Path) -> Image.Image:
    """A photo in which no pixel is like the next."""
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    picture = Image.fromarray(values)
    picture.save(file)
    return picture


@BOTH
def test_a_turned_photo_is_painted_turned(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    with opened(browser, page_url, size) as page:
        medium = page.get_by_role("radio", name=re.compile("^Medium"))
        expect(medium).to_have_accessible_name(re.compile("544 × 362 px"))
        edit(page, "Turn right")
        expect(medium).to_have_accessible_name(re.compile("362 × 544 px"))
        expect(page.locator("#status")).to_contain_text("A quick preview: photo in the style of")
        assert (shown(page).format, name(page)) == ("JPEG", "castle.jpg")
        with Image.open(CASTLE) as castle:
            upright = castle.transpose(Image.Transpose.ROTATE_270)
        assert apart(upright, shown(page)) < 3


@pytest.mark.parametrize(
    ("presses", "turned"),
    [
        (["Mirror"], ImageOps.mirror),
        (["Turn left"], lambda image: image.transpose(Image.Transpose.ROTATE_90)),
        (["Turn right", "Turn right"], lambda image: image.transpose(Image.Transpose.ROTATE_180)),
        (
            ["Turn right", "Mirror"],
            lambda image: ImageOps.mirror(image.transpose(Image.Transpose.ROTATE_270)),
        ),
        (
            ["Mirror", "Turn left"],
            lambda image: ImageOps.mirror(image).transpose(Image.Transpose.ROTATE_90),
        ),
    ],
    ids=lambda each: "-".join(each).replace(" ", "-").lower() if isinstance(each, list) else "",
)
def test_each_pixel_is_where_it_belongs(
    page: Page, tmp_path: Path, presses: list[str], turned: Callable[[Image.Image], Image.Image]
) -> None:
    """Also where a side is odd, so that its middle is none between two pixels."""
    photo = noise(181, 120, tmp_path / "noise.png")
    give(page, "content", tmp_path / "noise.png")
    edit(page, *presses)
    assert (shown(page).format, name(page)) == ("PNG", "noise.png")
    assert apart(shown(page), turned(photo)) == 0


def test_shapes(page: Page, tmp_path: Path) -> None:
    photo = noise(301, 200, tmp_path / "noise.png")
    give(page, "content", tmp_path / "noise.png")
    edit(page, "Square")
    assert shown(page).size == (200, 200)
    middle = [photo.crop((left, 0, left + 200, 200)) for left in (50, 51)]  # 50.5 px to each side
    assert min(apart(shown(page), each) for each in middle) == 0
    edit(page, "4:5", "Free", "Turn left")  # what is chosen is turned with the photo
    assert shown(page).size == pytest.approx((200, 160), abs=1)
    edit(page, "Turn right", "16:9")  # of the whole photo, which is upright again
    assert shown(page).size == pytest.approx((301, 169), abs=1)


def test_nothing_is_cut_off_for_good(page: Page, tmp_path: Path) -> None:
    """The dialog has the whole photo, with the part marked; and the very file can be had back."""
    photo = noise(300, 200, tmp_path / "noise.png")
    give(page, "content", tmp_path / "noise.png")
    whole = source(page)
    edit(page, "Turn right", "Square")
    part = source(page)
    assert shown(page).size == (200, 200)

    asks(page).click()
    ready(page)
    expect(dialog(page).get_by_role("button", name="Square")).to_have_attribute(
        "aria-pressed", "true"
    )
    canvas, chosen = (
        dialog(page).locator(f".cropper-{each}").bounding_box() for each in ("canvas", "crop-box")
    )
    assert canvas
    assert chosen
    assert canvas["height"] == pytest.approx(1.5 * canvas["width"], rel=0.02)
    assert chosen["height"] == pytest.approx(canvas["width"], rel=0.02)
    press(page, "Apply")  # as it was: nothing is sent
    expect(dialog(page)).to_be_hidden()
    assert source(page) == part

    edit(page, "Turn left", "Whole photo")
    assert source(page) == whole
    assert apart(shown(page), photo) == 0
    expect(page.locator("#status")).to_contain_text("A quick preview: photo")

    page.locator("#undo-button").click()
    expect(page.locator("#content img")).to_have_attribute("src", part)
    edit(page, "Whole photo")  # turned, as it was chosen, which is no part any more
    assert shown(page).size == (200, 300)


def test_the_whole_of_a_picture_made_here_comes_back_without_its_settings(
    page: Page, tmp_path: Path
) -> None:
    set_size(page, 128)
    page.get_by_label("Draft", exact=True).check()
    button(page, "Paint").click()
    expect(page.locator("#status")).to_contain_text("Finished: ")
    button(page, "Use as photo").click()
    expect(page.locator("#content img")).to_have_attribute("src", re.compile("-128"))
    set_size(page, 160)
    whole = source(page)
    edit(page, "Square")
    edit(page, "Whole photo")
    assert source(page) == whole
    expect(page.locator("#size input:checked")).to_have_attribute("value", "160")


def test_a_handle_is_dragged(page: Page) -> None:
    asks(page).click()
    ready(page)
    photo = dialog(page).locator(".cropper-canvas").bounding_box()
    handle = dialog(page).locator(HANDLE).bounding_box()
    assert photo
    assert handle
    page.mouse.move(handle["x"] + 20, handle["y"] + 20)  # beside it, as a finger would be
    page.mouse.down()
    page.mouse.move(handle["x"] + 20 - photo["width"] / 2, handle["y"] + 20 - photo["height"] / 4)
    page.mouse.up()
    before = source(page)
    press(page, "Apply")
    expect(page.locator("#content img")).not_to_have_attribute("src", before)
    with Image.open(CASTLE) as castle:
        expected = castle.width / 2, castle.height * 3 / 4
    assert shown(page).size == pytest.approx(expected, abs=2)


def test_a_photo_that_its_camera_turned(page: Page, tmp_path: Path) -> None:
    """Its file lies on its side, red at the left; seen upright, red is at the top."""
    photo = Image.new("RGB", (96, 64), "blue")
    photo.paste("red", (0, 0, 48, 64))
    notes = Image.Exif()
    notes[ExifTags.Base.Orientation] = 6
    photo.save(tmp_path / "phone.jpg", exif=notes, quality=95)
    give(page, "content", tmp_path / "phone.jpg")
    edit(page, "Turn right")
    turned = shown(page)
    assert turned.size == (96, 64)
    assert not turned.getexif()
    assert turned.getpixel((20, 32)) == pytest.approx((0, 0, 255), abs=6)
    assert turned.getpixel((76, 32)) == pytest.approx((255, 0, 0), abs=6)


def test_what_is_clear_stays_clear_in_a_png_alone(page: Page, tmp_path: Path) -> None:
    photo = Image.new("RGBA", (120, 90), (255, 0, 0, 0))
    photo.paste((0, 0, 255, 255), (0, 0, 60, 90))
    for file, corner in (("clear.png", (0, 0, 0, 0)), ("clear.webp", (255, 255, 255, 255))):
        photo.save(tmp_path / file, lossless=True)
        give(page, "content", tmp_path / file)
        edit(page, "Mirror")
        assert shown(page).convert("RGBA").getpixel((5, 5)) == pytest.approx(corner, abs=2)
    assert (shown(page).format, name(page)) == ("JPEG", "clear.jpg")


def test_ctrl_z_brings_the_photo_before_back(page: Page) -> None:
    before = shown(page).size
    edit(page, "Square")
    expect(page.locator("#status")).to_contain_text("A quick preview: photo")
    assert shown(page).size == (min(before), min(before))
    page.keyboard.press("Control+z")
    expect(page.get_by_role("radio", name=re.compile("^Medium"))).to_have_accessible_name(
        re.compile("544 × 362 px")
    )
    assert shown(page).size == before


def test_nothing_is_sent_or_fetched_for_nothing(page: Page) -> None:
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    before = source(page)
    assert page.evaluate(FETCHED) == 0
    for presses in (["Apply"], ["Turn left", "Turn right", "Square", "Whole photo", "Apply"]):
        asks(page).click()
        ready(page)
        press(page, *presses)
        expect(dialog(page)).to_be_hidden()
    asks(page).click()
    ready(page)
    press(page, "Turn right", "Cancel")
    expect(dialog(page)).to_be_hidden()
    assert page.evaluate(FETCHED) == 2
    assert source(page) == before
    assert [each for each in sent if "upload" in each or "queue/join" in each] == []


def test_escape_changes_and_stops_nothing(page: Page) -> None:
    set_size(page, 512)
    before = source(page)
    start(page)
    page.evaluate(
        "() => document.getElementById('paint-stop')"
        ".addEventListener('click', () => { window.stops = (window.stops ?? 0) + 1; })"
    )
    asks(page).click()
    ready(page)
    press(page, "Turn right")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(asks(page)).to_be_focused()
    assert page.evaluate("window.stops") is None
    assert source(page) == before
    button(page, "Stop").click()
    expect(button(page, "Paint")).to_be_enabled()


def test_by_keys_alone(page: Page) -> None:
    asks(page).focus()
    page.keyboard.press("Enter")
    ready(page)
    expect(dialog(page).get_by_role("button", name="Turn left")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    apply = dialog(page).get_by_role("button", name="Apply")
    for _ in range(8):
        page.keyboard.press("Tab")
    expect(apply).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(asks(page)).to_be_focused()
    expect(page.get_by_role("radio", name=re.compile("^Medium"))).to_have_accessible_name(
        re.compile("362 × 544 px")
    )


def test_what_can_not_be_cropped_is_told(page: Page, tmp_path: Path) -> None:
    Image.new("RGB", (96, 64), "red").save(tmp_path / "scan.tiff")
    give(page, "content", tmp_path / "scan.tiff")
    asks(page).click()
    expect(dialog(page).get_by_role("status")).to_contain_text("This browser can't show the photo")
    expect(dialog(page).get_by_role("button", name="Turn left")).to_be_disabled()
    press(page, "Cancel")
    page.locator("#content").get_by_label("Remove Image").click()
    expect(asks(page)).to_be_disabled()


def test_a_library_that_does_not_come_is_told_and_asked_for_again(page: Page) -> None:
    def lose(route: Route) -> None:
        route.abort()

    page.route("**/cropper.min.js", lose)
    asks(page).click()
    expect(dialog(page).get_by_role("status")).to_contain_text("could not be loaded")
    press(page, "Cancel")
    page.unroute("**/cropper.min.js", lose)
    edit(page, "Turn right")


def test_a_browser_with_little_memory_tells_that_it_makes_a_smaller_photo(
    browser: Browser, page_url: str
) -> None:
    with opened(browser, page_url, script=SMALL_MEMORY) as page:
        before = source(page)
        asks(page).click()
        ready(page)
        press(page, "Mirror", "Apply")
        said = dialog(page).get_by_role("status")
        expect(said).to_contain_text("at its full size. It can make one of 340 × ")
        press(page, "Apply")
        expect(dialog(page)).to_be_hidden()
        expect(page.locator("#content img")).not_to_have_attribute("src", before)
        assert shown(page).width == 340
        with Image.open(CASTLE) as castle:
            small = ImageOps.mirror(castle).resize(shown(page).size)
        assert apart(small, shown(page)) < 6


def test_a_browser_with_no_memory_for_it_tells_so(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url, script=SMALL_MEMORY.replace("600", "60")) as page:
        before = source(page)
        asks(page).click()
        ready(page)
        press(page, "Mirror", "Apply")
        expect(dialog(page).get_by_role("status")).to_contain_text("has no memory for a photo")
        press(page, "Cancel")
        assert source(page) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@BOTH
def test_nothing_serious_and_room_for_a_finger(
    browser: Browser, page_url: str, size: tuple[int, int], scheme: str
) -> None:
    touched = size == PHONE
    with opened(browser, page_url, size, color_scheme=scheme, has_touch=touched) as page:
        asks(page).click()
        ready(page)
        for each in dialog(page).get_by_role("button").all():
            box = each.bounding_box()
            assert box
            assert box["height"] >= 44
            expect(each).to_be_in_viewport(ratio=1)
        assert dialog(page).evaluate("each => each.scrollWidth - each.clientWidth") == 0
        assert complaints(page) == []
        press(page, "Turn right", "Square")
        fits(page)
        page.set_viewport_size({"width": size[1], "height": size[0]})  # a phone is turned
        fits(page)
        assert complaints(page) == []


def fits(page: Page) -> None:
    """The photo is whole in its frame, and what is chosen of it is square."""
    script = """() => {
        const [outer, inner, chosen] = [".frame", ".cropper-canvas", ".cropper-crop-box"].map(
            name => document.querySelector(`#cropping ${name}`).getBoundingClientRect());
        return outer.left < inner.left && inner.right < outer.right
            && outer.top < inner.top && inner.bottom < outer.bottom
            && Math.abs(chosen.width - chosen.height) < 2 && chosen.width > 100
            && Math.abs(chosen.width - Math.min(inner.width, inner.height)) < 2;
    }"""
    page.wait_for_function(script)
