"""Take the README's picture of the page, in a real browser: python examples/photograph.py

Needs what the tests need: `tests/requirements.txt`, and `chromium` from the system's packages.
"""

import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))  # so that the command works from a fresh clone

import app  # noqa: E402

PATIENCE = 180_000
"""ms that a run may take."""
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 860}, "color_scheme": "dark"}
GAP = 24


def photograph(browser: Browser, url: str, card: int, **window: Any) -> Image.Image:
    """The window after a run with the pair of a card of the gallery, counted from 0."""
    page = browser.new_page(**window)
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}?__theme={window['color_scheme']}")
    expect(page.locator("#network")).to_contain_text("Network: ")
    expect(page.locator("html.opening")).to_have_count(0)
    page.locator("#cards button").nth(card).click()
    page.get_by_role("button", name="Paint", exact=True).click()
    expect(page.locator("#status")).to_contain_text("Finished")
    expect(page.get_by_role("button", name="Download MP4")).to_be_enabled()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(2000)  # the scrolling, and the slider on its way
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return shot


def main() -> None:
    page = app.build_page("embedded")
    _, url, _ = page.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, **app.launch_options("embedded")
    )
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        desktop = photograph(browser, url, 0, **DESKTOP)
        phone = photograph(browser, url, 2, **PHONE)
        browser.close()
    page.close(verbose=False)
    whole = Image.new("RGB", (desktop.width + GAP + phone.width, desktop.height), "white")
    whole.paste(desktop, (0, 0))
    whole.paste(phone, (desktop.width + GAP, 0))
    whole.save(FOLDER / "gallery" / "page.jpg", quality=85)


if __name__ == "__main__":
    main()
