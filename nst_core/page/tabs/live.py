"""The Live tab: the camera, repainted while you look, in a style that you tap."""

import base64
import binascii
import io
import tempfile
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock, Timer
from time import monotonic, sleep

import gradio as gr
from PIL import Image

from nst_core.checks import check_choice
from nst_core.clip.camera import CameraPainter
from nst_core.errors import ImageError
from nst_core.images.opening import open_image
from nst_core.page.inputs.shelf import Shelf
from nst_core.page.look.markup import aside, paragraph
from nst_core.page.run.running import AS_SENT, AT_ONCE, Shared
from nst_core.page.visit.uploads import Upload
from nst_core.painting.at_once import KeptStyle

SIZES = (128, 256)
"""px of a picture's longest side: what it goes through, and what is shown."""
STYLES_KEPT = 6
"""Of each 20 MB."""
LONGEST = 60
"""Seconds of a camera, after which others have their turn; it may be started again."""
OVER = f"A camera is painted for {LONGEST} seconds at a time: press Start painting to go on."
MOST = 2
"""Cameras at a time."""
EVERY = 0.1
"""Seconds between two frames that a browser sends; those that come too fast are dropped."""
SILENT = 10.0
"""Seconds without a frame, after which the last one is forgotten."""
REST = 2.0
"""Beside a run, so many times as long as a frame took is waited, so that most is left for it."""
MOST_CHARACTERS = 700_000
"""Of a frame, a JPEG in base64."""
QUALITY = 85
"""Of the JPEG that goes back."""


@dataclass
class Camera:
    """A visitor's, while it is on.

    Attributes:
        painter: goes on from its last frame.
        heard: monotonic seconds, when that came.
    """

    painter: CameraPainter
    heard: float = 0.0


class LiveTab:
    """Nothing of what a camera sends is kept; its last frame is remembered while it is on."""

    def __init__(self, shared: Shared, first: Path) -> None:
        self.queue = shared.queue
        self._painting = Lock()
        self._cameras: OrderedDict[str | None, Camera] = OrderedDict()
        self._to_forget = False
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
        self.take = gr.Button("Keep this picture", min_width=120, elem_id="live-take")
        self.shelf = Shelf(shared.examples, first, "live-shelf")
        self.files = self.shelf.styles

    def wire(self, tab: gr.Tab) -> None:
        cards = self.shelf.cards
        tab.select(self.with_mark, self.style, cards, **AT_ONCE)
        cards.select(
            self.change_style, None, [self.style, cards], trigger_mode="always_last", **AT_ONCE
        )
        streamed = self.camera.stream(
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
        streamed.then(self.over, None, self.status, **AT_ONCE)
        self.take.click(None, None, self.status, js="() => window.keepLivePicture()", **AT_ONCE)

    def with_mark(self, style: str) -> str:
        return self.shelf.with_mark(style)

    def change_style(self, event: gr.EventData) -> tuple[str, str]:
        """A card was tapped: from the next frame on its style is painted."""
        stem = self.shelf.chosen(None, event).stem
        return stem, self.with_mark(stem)

    def paint_frame(self, frame: Upload, style: object, request: gr.Request) -> tuple[str, str]:
        """A frame of the camera as it is painted, a JPEG as an address of its own; and the time."""
        stem = check_choice("The style", style, self.files)
        picture = opened_frame(frame)
        with self._painting:
            began = monotonic()
            painted = self._camera(request.session_hash).paint(picture, kept(self.files[stem]))
            seconds = monotonic() - began
            if self.queue.busy:
                sleep(REST * seconds)
        name, size = self.shelf.known[stem].name, f"{painted.width} × {painted.height} px"
        caption = f"{name}, {size}, {seconds:.2f} s a picture."
        return as_address(painted), aside(caption)

    def over(self, request: gr.Request) -> str:
        """What is said when a camera's time is over; its last frame is forgotten."""
        with self._painting:
            self._cameras.pop(request.session_hash, None)
        return paragraph(OVER)

    @property
    def remembered(self) -> int:
        """Cameras whose last frames are."""
        return len(self._cameras)

    def _camera(self, name: str | None) -> CameraPainter:
        """That of a visitor's tab; as many are remembered as may paint."""
        camera = self._cameras.setdefault(name, Camera(CameraPainter()))
        camera.heard = monotonic()
        self._cameras.move_to_end(name)
        while len(self._cameras) > MOST:
            self._cameras.popitem(last=False)
        if not self._to_forget:
            self._forget_later()
        return camera.painter

    def _forget_later(self) -> None:
        self._to_forget = True
        timer = Timer(SILENT, self.forget)
        timer.daemon = True
        timer.start()

    def forget(self) -> None:
        """Forget the last frames of cameras that send nothing any more, now and later on."""
        with self._painting:
            latest = monotonic() - SILENT
            for name in [each for each, own in self._cameras.items() if own.heard < latest]:
                del self._cameras[name]
            self._to_forget = False
            if self._cameras:
                self._forget_later()


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
