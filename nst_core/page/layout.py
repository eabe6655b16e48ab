"""The page as a whole: its tabs, what stands around them, and how it is to be served."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

import gradio as gr
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware

from nst_core.checks import shown
from nst_core.errors import BackboneError, OutputError
from nst_core.page.head import DESCRIPTION, ICON, TITLE, served_parts
from nst_core.page.hosting import operation
from nst_core.page.hosting.events import Events
from nst_core.page.hosting.guesses import LOGOUT
from nst_core.page.hosting.limits import current
from nst_core.page.hosting.links import LINKED, PART_OF_HELD, Links
from nst_core.page.hosting.loading import loading
from nst_core.page.hosting.middleware import in_front
from nst_core.page.hosting.request_limits import MEGABYTE, BodyLimit, Held
from nst_core.page.hosting.sweeping import ONE_DAY, ONE_HOUR
from nst_core.page.hosting.uploading import upload_route
from nst_core.page.inputs.gallery import Gallery
from nst_core.page.link_routes import link_routes
from nst_core.page.look.markup import paragraph
from nst_core.page.look.parts import live_text
from nst_core.page.look.theme import CSS, JS, THEME
from nst_core.page.run.problems import PlainBlocks, answer_full_disk
from nst_core.page.run.running import IN_ORDER, Shared
from nst_core.page.tabs.explore import ExploreTab
from nst_core.page.tabs.film import FilmTab
from nst_core.page.tabs.four import FourTab
from nst_core.page.tabs.learn import LearnTab
from nst_core.page.tabs.link import hours_text
from nst_core.page.tabs.live import LiveTab
from nst_core.page.tabs.paint import PaintTab
from nst_core.serving.painter import Here, Painter
from nst_core.serving.run_queue import RunQueue

MOST_EVENTS = 200
"""Events that wait for an answer at a time; runs among them have a queue of their own."""
SMALL_EVENTS = 40
"""Threads for all that is no run; each run, and each visitor who waits for one, has its own."""
MOST_SESSIONS = 1000
"""Open tabs that are remembered, of 30 kB each; see `Sessions` for who gives way."""
MOST_MEGABYTES = 50
"""Of one upload, all its files together; a clip may have more, see `Limits`."""
AROUND_A_FILE = 1
"""MB of a request around the file that it brings, which take less."""
MOST_OTHER_MEGABYTES = 1
"""Of any other request: what the controls hold are a few thousand characters."""

LANGUAGE = '<select aria-label="Language"></select>'
"""Filled by `language.js`, which has the page in the language that is chosen."""
NO_LIVE = (
    "The tab Live, which paints your camera, is missing: browsers let pages use a camera over "
    "HTTPS or on this machine alone."
)
"""Shown where a page has come over plain HTTP: see `inputs.js`."""

Page: TypeAlias = gr.Blocks
"""For those who may not know Gradio."""


def build_page(backbone: str, examples: Path, painter: Painter | None = None) -> Page:
    """The page, not launched yet.

    Args:
        backbone: as in `nst_core.load_backbone`.
        examples: see `Gallery`.
        painter: paints what visitors ask for; this process where there is none.

    Raises:
        OutputError: the folder for uploads can't be written to, as on a full disk.
    """
    gallery = Gallery(examples)
    try:
        page = _page(backbone, gallery, painter or Here())
    except OSError as error:
        raise OutputError(
            f"The page could not be made: {error.strerror or 'writing failed'}. It keeps its files "
            f"in {shown(get_upload_folder())}; the environment variable GRADIO_TEMP_DIR names "
            "another place."
        ) from error
    return page.queue(max_size=MOST_EVENTS, api_open=False)


def _page(backbone: str, gallery: Gallery, painter: Painter) -> gr.Blocks:
    with PlainBlocks(
        title=TITLE, analytics_enabled=False, delete_cache=(ONE_HOUR, ONE_DAY)
    ) as page:
        gr.HTML(LANGUAGE, label="Language", elem_id="language")
        gr.Markdown(f"# {TITLE}\n{DESCRIPTION}", elem_id="top")
        limits = current()
        page.runs = RunQueue(limits.concurrency, limits.queue_size, limits.max_per_address)
        if limits.link_hours:
            folder = Path(get_upload_folder()) / LINKED
            page.links = Links(folder, limits.link_hours, limits.max_held / PART_OF_HELD)
        build_tabs(page, backbone, gallery, painter)
        gr.Markdown(NO_LIVE, elem_id="why-no-live")
        time = hours_text(limits.link_hours)
        linked = f", those with a link after {time}" if page.links is not None else ""
        network = live_text("Loading the network …", elem_id="network")
        gr.Markdown(
            f"Photos stay in this server's temporary folder and are deleted after a day{linked}. "
            "Your browser remembers your settings, and a secret by which this page finds your "
            "pictures again; it keeps no picture. Keys are told where you press ?."
        )
        page.load(partial(announce, backbone), None, network, **IN_ORDER)
    return page


def build_tabs(page: PlainBlocks, backbone: str, gallery: Gallery, painter: Painter) -> None:
    """Each tab's id is its address as well, `#paint` and so on: `tabs.js` sees to that."""
    with gr.Tabs(elem_id="tabs"):
        with gr.Tab("Paint", id="paint"):
            paint = PaintTab(backbone, gallery, page.runs, painter, page.links)
        shared = Shared(page.runs, painter, backbone, gallery.folder, paint.pair)
        with gr.Tab("Four styles", id="four") as tab:
            FourTab(shared, paint.panel, paint.regions).wire(tab)
        with gr.Tab("Live", id="live") as tab:
            LiveTab(shared, gallery.image("style")).wire(tab)
        with gr.Tab("Film", id="film") as tab:
            FilmTab(shared, paint.inputs.instant, gallery.image("style")).wire(tab)
        with gr.Tab("Explore", id="explore") as tab:
            ExploreTab(shared, paint.panel.controls, paint.status).wire(tab)
        with gr.Tab("Learn", id="learn"):
            LearnTab(shared, paint.visit).wire()
    paint.wire(page)


async def announce(backbone: str) -> AsyncIterator[str]:
    """Say which weights are at work as soon as they are ready to be used."""
    yield paragraph("Loading the network …")
    try:
        network = await asyncio.shield(asyncio.wrap_future(loading(backbone)))
    except BackboneError as problem:
        yield paragraph(str(problem))
        return
    yield paragraph(f"Network: {network.origin}")


def launch_options(examples: Path, backbone: str) -> dict[str, object]:
    """What `Blocks.launch` must be told for the page; `backbone` is the one that it works with."""
    parts, uploads = served_parts(examples.resolve()), Path(get_upload_folder())
    clip = current().max_clip_mb
    ours = [LOGOUT, upload_route(uploads, MOST_MEGABYTES, clip)]
    ours += link_routes() if current().link_hours else []
    return {
        "theme": THEME,
        "css": CSS,
        "js": JS,
        "allowed_paths": [str(examples.resolve())],
        "max_file_size": max(MOST_MEGABYTES, clip) * MEGABYTE,
        "max_threads": SMALL_EVENTS + current().queue_size + current().concurrency,
        "state_session_capacity": MOST_SESSIONS,
        "show_error": False,
        "enable_monitoring": False,
        "run_history": False,
        "favicon_path": str(ICON),
        "app_kwargs": {
            "exception_handlers": {OSError: answer_full_disk},
            "lifespan": in_front(uploads, examples.resolve()),
            "routes": [*parts["routes"], *operation.routes(backbone), *ours],
            "middleware": [
                *parts["middleware"],
                Middleware(
                    BodyLimit,
                    uploads=max(MOST_MEGABYTES, clip + AROUND_A_FILE),
                    others=MOST_OTHER_MEGABYTES,
                    held=Held(uploads, current().max_held),
                ),
                Middleware(Events),
            ],
        },
        "footer_links": ["api", "gradio", "settings"],
    }
