"""The Film tab: a clip is chosen, painted, stopped and kept, or refused in a sentence."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import gradio as gr
import psutil
import pytest
from clip.clips import click, encode, pan, play
from clip.test_looking import encode_sound
from helpers import CAT, CHURCH, ROOT
from page.driver import DESKTOP, PHONE, button, opened
from playwright.sync_api import Browser, Page, expect

from nst_core.clip.clip_film import START_SECONDS
from nst_core.errors import ClipError, RecipeError
from nst_core.page.hosting import limits
from nst_core.page.hosting.limits import Limits
from nst_core.page.hosting.sweeping import STREAMED
from nst_core.page.inputs.instant import Instant
from nst_core.page.inputs.opening_queue import OpeningLine
from nst_core.page.run.running import Shared
from nst_core.page.tabs.film import BEGIN, CHOOSE, EXAMPLE_NAME, FilmTab, FilmTask, offered_sizes
from nst_core.page.visit.uploads import new_folder
from nst_core.serving.painter import Here
from nst_core.serving.run_queue import RunQueue


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    return encode(folder / "holiday.mp4", pan(10), sound=click(1, 0.5))


def go_to_tab(page: Page) -> None:
    page.get_by_role("tab", name="Film").click()
    expect(page.locator("#film-status")).to_have_text(CHOOSE)


def choose_clip(page: Page, file: Path) -> None:
    if page.locator("#clip").get_by_label("Clear").count():
        page.locator("#clip").get_by_label("Clear").click()
        expect(page.locator("#clip-problem")).to_have_text("")
    page.locator("#clip input[type=file]").set_input_files(file)


def looked_at(page: Page, file: Path) -> None:
    """Choose a clip, and wait until a still of it is painted."""
    choose_clip(page, file)
    expect(page.locator("#clip-facts")).to_contain_text("The film takes about")
    expect(page.locator("#film-still img")).to_be_visible()
    expect(page.locator("#film-status")).to_have_text(BEGIN)


def test_who_has_no_clip_takes_the_example(browser: Browser, page_url: str) -> None:
    with opened(browser, page_url, PHONE) as page:
        go_to_tab(page)
        button(page, EXAMPLE_NAME).click()
        expect(page.locator("#clip-facts")).to_contain_text("640 × 360 px, 3.0")
        expect(page.locator("#clip-facts")).to_contain_text("with sound. The film takes about")
        expect(page.locator("#film-status")).to_have_text(BEGIN)


def downloaded(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        button(page, "Download film").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_clip_becomes_a_film_that_plays_in_place_and_is_kept(
    browser: Browser, page_url: str, clip: Path, size: tuple[int, int], tmp_path: Path
) -> None:
    with opened(browser, page_url, size) as page:
        go_to_tab(page)
        looked_at(page, clip)
        expect(page.locator("#clip-facts")).to_contain_text(
            "The clip: 96 × 64 px, 1.0 s, 10 pictures a second, with sound."
        )
        preview = page.locator("#film-still img").get_attribute("src")
        page.get_by_label("Small, 256 px").check()
        expect(page.locator("#film-still img")).not_to_have_attribute("src", preview or "")
        button(page, "Paint film").click()
        expect(page.locator("#film-status")).to_contain_text("of 1.0 s of film are painted")
        expect(page.locator("#film-still img")).to_have_attribute("src", re.compile("streamed"))
        expect(page.locator("#film-status")).to_contain_text(
            "Finished: 256 × 172 px, 1.0 s of film"
        )
        video = page.get_by_label("Your clip, painted")
        expect(video).to_be_visible()
        expect(video).to_have_js_property("videoWidth", 256)
        assert video.evaluate("video => video.duration") == pytest.approx(1.0, abs=0.1)
        expect(page.locator("#film-still")).to_be_hidden()
        film = downloaded(page, tmp_path)
        assert film.name == "film-cafe-terrace-at-night-256.mp4"
        assert len(play(film)[0]) == 10
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")


def test_stop_keeps_a_film_that_plays(browser: Browser, page_url: str, tmp_path: Path) -> None:
    clip = encode(tmp_path / "long.mp4", pan(120, step=1))
    with opened(browser, page_url) as page:
        go_to_tab(page)
        looked_at(page, clip)
        button(page, "Paint film").click()
        expect(page.locator("#film-status")).to_contain_text("of 12.0 s of film are painted")
        page.locator("#film-stop").click()
        told = page.locator("#film-status")
        expect(told).to_contain_text("Stopped; the film so far is kept: 384 × 256 px, ")
        expect(page.get_by_label("Your clip, painted")).to_be_visible()
        assert 0 < len(play(downloaded(page, tmp_path))[0]) < 120
        expect(button(page, "Paint film")).to_be_enabled()


def test_the_style_is_that_of_the_paint_tab_and_can_be_chosen_here(page: Page) -> None:
    go_to_tab(page)
    style = page.locator("#film-style img")
    expect(style).to_have_attribute("src", re.compile("cafe-terrace-at-night"))
    shelf = page.locator("#film-shelf")
    shelf.get_by_role("button", name="mosaic", exact=True).click()
    expect(style).to_have_attribute("src", re.compile("mosaic"))
    mosaic = shelf.get_by_role("button", name="mosaic", exact=True)
    expect(mosaic).to_have_attribute("aria-pressed", "true")
    page.get_by_role("tab", name="Paint").click()
    expect(page.locator("#style img")).to_have_attribute("src", re.compile("mosaic"))
    page.locator("#shelf").get_by_role("button", name="blueprint", exact=True).click()
    expect(page.locator("#style img")).to_have_attribute("src", re.compile("blueprint"))
    page.get_by_role("tab", name="Film").click()
    expect(style).to_have_attribute("src", re.compile("blueprint"))


def test_what_can_not_be_painted_is_told_at_once(page: Page, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("Not a clip.")
    (tmp_path / "half.mp4").write_bytes(clip.read_bytes()[:900])
    (tmp_path / "large.mp4").write_bytes(bytes(50_000_001))
    told = {
        CAT: "The clip 'cat.jpg' is a still image",
        encode_sound(tmp_path / "sound.m4a"): "'sound.m4a' is sound alone: there is no picture.",
        tmp_path / "text.mp4": "'text.mp4' can't be opened: it is damaged or cut off, or no clip",
        tmp_path / "half.mp4": "'half.mp4' can't be opened: it is damaged or cut off",
        encode(tmp_path / "long.mp4", pan(160, step=1)): "'long.mp4' is 16 s long, and 15 s at",
        tmp_path / "large.mp4": "The clip has more than 50 MB: make it shorter, or smaller.",
    }
    go_to_tab(page)
    for file, words in told.items():
        choose_clip(page, file)
        expect(page.locator("#clip-problem")).to_contain_text(words)
        expect(page.locator("#clip-facts")).to_have_text("")
    button(page, "Paint film").click()
    expect(page.locator("#film-status")).to_contain_text("There is no clip: choose one first.")
    looked_at(page, clip)
    expect(page.locator("#clip-problem")).to_have_text("")


# Without a browser


STYLE = {"path": str(CHURCH)}


@pytest.fixture
def tab(upload_folder: Path) -> Iterator[FilmTab]:
    """Of a page whose files are in that folder."""
    with gr.Blocks():
        shared = Shared(RunQueue(), Here(), "embedded", ROOT / "examples", {})
        tab = FilmTab(shared, Instant(OpeningLine()), CHURCH)
    yield tab
    tab.clips.close()


def uploaded(clip: Path) -> dict[str, str]:
    """What the page is sent of a clip that a visitor has brought."""
    return {"path": str(shutil.copy(clip, new_folder() / clip.name))}


@pytest.mark.process
def test_when_a_visitor_has_left_the_process_ends_and_nothing_stays(
    tab: FilmTab, upload_folder: Path, clip: Path
) -> None:
    sent = uploaded(clip)
    before = set(upload_folder.iterdir())
    task = FilmTask()
    prepared = tab.paint_clip(sent, STYLE, 256, 0, False, task)
    assert prepared.seconds > START_SECONDS
    others = set(psutil.Process().children())
    with closing(prepared.begin()) as answers:
        next(answers)
        (process,) = set(psutil.Process().children()) - others
        task.made = earlier = clip  # another run of the same visitor has ended meanwhile
    assert not process.is_running()
    assert {path.name for path in set(upload_folder.iterdir()) - before} <= {STREAMED}
    assert task.made == earlier


def test_clips_that_are_looked_at_together_are_not_taken_for_each_other(
    tab: FilmTab, clip: Path, tmp_path: Path
) -> None:
    """As a script may ask for; the page itself has one looked at after the other."""
    task = FilmTask()
    long = uploaded(encode(tmp_path / "long.mp4", pan(160, step=1)))

    async def look(sent: dict[str, str]) -> None:
        async for _ in tab.look(sent, STYLE, 256, 0, False, task):
            pass

    async def look_at_both() -> None:
        await asyncio.gather(look(uploaded(clip)), look(long))

    with ThreadPoolExecutor(1) as thread:  # this one has the loop of the browser
        thread.submit(lambda: asyncio.run(look_at_both())).result()
    with pytest.raises(ClipError, match=r"'long.mp4' is 16 s long, and 15 s at most"):
        tab.paint_clip(long, STYLE, 256, 0, False, task)


def test_no_film_is_larger_than_its_operator_allows(
    tab: FilmTab, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where that is less than the page usually offers."""
    monkeypatch.setattr(limits, "_settled", [Limits(max_clip_size=200)])
    assert list(offered_sizes()) == [200]
    for size in (199, 201, 256):
        with pytest.raises(RecipeError, match="Size must be a number from 200 to 200"):
            tab.paint_clip(uploaded(clip), STYLE, size, 0, False, FilmTask())
