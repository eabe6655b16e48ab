"""The Live tab: the camera, repainted while you look, in a style that you tap."""

import base64
import binascii
import io
import tempfile
from functools import lru_cache
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any

import gradio as gr
from PIL import Image

from nst_core.checks import check_choice
from nst_core.errors import ImageError
from nst_core.images.opening import open_image
from nst_core.page.inputs.gallery import title
from nst_core.page.inputs.shelf import Shelf
from nst_core.page.look.markup import aside
from nst_core.page.run.running import AS_SENT, AT_ONCE, Shared
from nst_core.page.visit.uploads import Upload
from nst_core.painting.at_once import KeptStyle

SIZES = (128, 256)
"""px of a picture's longest side: what it goes through, and what is shown."""
STYLES_KEPT = 6
"""Of each 20 MB."""
LONGEST = 60
"""Seconds of a camera, after which others have their turn; it may be started again."""
MOST = 2
"""Cameras at a time."""
EVERY = 0.1
"""Seconds between two frames that a browser sends; those that come too fast are dropped."""
REST = 2.0
"""Beside a run, so many times as long as a frame took is waited, so that most is left for it."""
MOST_CHARACTERS = 700_000
"""Of a frame, a JPEG in base64."""
QUALITY = 85
"""Of the JPEG that goes back."""


class LiveTab:
    """Nothing of what a camera sends is kept."""

    def __init__(self, shared: Shared, first: Path) -> None:
        self.queue = shared.queue
        self._painting = Lock()
        gr.Markdown(
            "Your camera, painted while you look. Start it, and tap a style. "
            f"{MOST} cameras at a time, each for a minute; nothing of it is kept."
        )
        self.style = gr.State(first.stem)
        with gr.Row():
            with gr.Column():
                self.camera = gr.Image(
                    label="Camera",
                    sources=["webcam"],
                    streaming=True,
                    type="filepath",
                    height="min(440px, 80vw)",
                    webcam_options=gr.WebcamOptions(
                        mirror=False, constraints={"video": {"width": 640}}
                    ),
                    elem_id="camera",
                )
            with gr.Column():
                self.view = gr.HTML(
                    "",
                    html_template='<img alt="Your camera, painted" src="${value}">',
                    label="Painted",
                    elem_id="live",
                )
        said = aside("The camera is off.")
        self.status = gr.HTML(said, elem_id="live-status", elem_classes="words")
        self.shelf = Shelf(shared.examples, first, "live-shelf")
        self.files = {path.stem: path for path in self.shelf.styles.values()}
        self.take = gr.Button("Keep this picture", min_width=120, elem_id="live-take")

    def wire(self, tab: gr.Tab) -> None:
        cards = self.shelf.cards
        tab.select(self.with_mark, self.style, cards, **AT_ONCE)
        cards.select(
            self.change_style, None, [self.style, cards], trigger_mode="always_last", **AT_ONCE
        )
        self.camera.stream(
            self.paint_frame,
            [self.camera, self.style],
            [self.view, self.status],
            stream_every=EVERY,
            time_limit=LONGEST,
            concurrency_limit=MOST,
            show_progress="hidden",
            api_visibility="private",
            **AS_SENT,
        )
        self.take.click(None, js="() => window.keepLivePicture()", **AT_ONCE)

    def with_mark(self, style: str) -> str:
        return self.shelf.with_mark(style)

    def change_style(self, event: gr.EventData) -> tuple[str, str]:
        """A card was tapped: from the next frame on its style is painted."""
        stem = self.shelf.chosen(None, event).stem
        return stem, self.with_mark(stem)

    def paint_frame(self, frame: Upload, style: Any) -> tuple[str, str]:
        """A frame of the camera as it is painted, a JPEG as an address of its own; and the time."""
        check_choice("The style", style, self.files)
        picture = opened_frame(frame)
        with self._painting:
            began = monotonic()
            painted = kept(self.files[style]).paint(picture)
            seconds = monotonic() - began
            if self.queue.busy:
                sleep(REST * seconds)
        told = f"{title(style)}, {painted.width} × {painted.height} px, {seconds:.2f} s a picture."
        return as_address(painted), aside(told)


@lru_cache(maxsize=STYLES_KEPT)
def kept(style: Path) -> KeptStyle:
    """The style of a file, its columns being kept."""
    return KeptStyle(open_image(style, "style image", longest=SIZES[-1]), SIZES)


def opened_frame(frame: Upload) -> Image.Image:
    """What a browser sent of its camera, through the one door; raises `ImageError`."""
    address = frame.get("url") if isinstance(frame, dict) else None
    if not isinstance(address, str) or not address.startswith("data:image/"):
        raise ImageError("The camera has sent no picture.")
    if len(address) > MOST_CHARACTERS:
        raise ImageError("The camera's picture is too large.")
    try:
        content = base64.b64decode(address.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageError("The camera has sent no picture.") from error
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(content)
        file.flush()
        return open_image(Path(file.name), "camera's picture", longest=SIZES[-1])


def as_address(picture: Image.Image) -> str:
    """A picture as a data: address, for which no file has to be kept."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
