"""What several test files share: the backbone, an example pair, the page, and a browser."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from page.driver import PATIENCE, be_quick, files_in, opened, paint, served, visit
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from nst_core import Backbone, load_backbone

pytest_plugins = ["choice"]
EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="session")
def backbone() -> Backbone:
    return load_backbone("embedded")


@pytest.fixture(scope="session")
def content() -> str:
    return str(EXAMPLES / "content" / "castle.jpg")


@pytest.fixture(scope="session")
def style() -> str:
    return str(EXAMPLES / "style" / "cafe-terrace-at-night.jpg")


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everyone may enter, unlike `tmp_path`."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def text_as_png(tmp_path: Path) -> str:
    """A text file with the name of an image."""
    path = tmp_path / "holiday.png"
    path.write_text("Not a picture.")
    return str(path)


@pytest.fixture(scope="session")
def upload_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Gradio's folder for files; components read its name when they are made."""
    with files_in(tmp_path_factory.mktemp("uploads")) as folder:
        yield folder


@pytest.fixture(scope="session")
def page_url(upload_folder: Path) -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("These tests need chromium: install it from your system's packages.")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def painted(browser: Browser, page_url: str) -> StorageState:
    """What the browser of a visitor keeps who has painted a picture: for those who only look."""
    with opened(browser, page_url) as page:
        be_quick(page)
        paint(page)
        return page.context.storage_state()


@pytest.fixture
def page(browser: Browser, page_url: str) -> Iterator[Page]:
    with visit(browser, page_url) as page:
        yield page
