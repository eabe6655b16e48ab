"""Serve the page: `python app.py`. The page itself is `nst_core.page`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst_core.errors import StyleTransferError
from nst_core.images.opening import guarded_by
from nst_core.network.quiet_start import without_warnings
from nst_core.page.hosting import launching
from nst_core.page.hosting.loading import loading
from nst_core.page.hosting.page_options import read_options
from nst_core.streams import lasting_streams

if TYPE_CHECKING:
    from nst_core.page.layout import Page
    from nst_core.serving.painter import Painter

WATCHED = "GRADIO_WATCH_DIRS"
"""By this variable the command `gradio app.py` has Gradio run this file a second time, in a thread,
and again with every change: a second page, with processes of its own."""
EXAMPLES = Path(__file__).resolve().parent / "examples"


def build_page(backbone: str = "auto", painter: "Painter | None" = None) -> "Page":
    """The page with this folder's examples, not launched yet."""
    from nst_core.page import layout  # Gradio takes seconds, which a mistake needn't wait for

    return layout.build_page(backbone, EXAMPLES, painter)


def launch_options(backbone: str = "auto") -> dict[str, Any]:
    """What `Blocks.launch` must be told for this page."""
    from nst_core.page import layout

    return layout.launch_options(EXAMPLES, backbone)


def main() -> None:
    options = read_options()
    os.environ.pop(WATCHED, None)
    with launching.prepare(options), guarded_by(launching.guard()):
        with without_warnings(), launching.without_proxy(options.host):
            try:
                painter = launching.painter(options)
                page = build_page(options.backbone, painter)
            except StyleTransferError as problem:
                launching.end(str(problem))
            launching.launch(page, options, launch_options(options.backbone))
        network = loading(options.backbone)  # in the background: neither visitor nor page waits
        network.add_done_callback(lambda _: painter.prepare())  # which reads what that has loaded
        launching.wait(page)


if __name__ == "__main__":
    with lasting_streams():  # a log that is closed, or full, ends no page
        main()
        launching.leave()
