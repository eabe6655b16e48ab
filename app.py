"""The page: two images in, a picture that paints itself, a PNG to keep.

`python app.py` starts it. Whatever is computed here, `nst_core` computes.
"""

import argparse
import asyncio
import json
import logging
import math
import secrets
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from inspect import getdoc
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.utils import get_upload_folder
from PIL import Image

from nst_core import (
    RECIPES,
    Backbone,
    BackboneError,
    Frame,
    ImageError,
    RecipeError,
    load_backbone,
    stylize,
)
from nst_core.images import save_png

EXAMPLES_FOLDER = Path(__file__).resolve().parent / "examples"
EXAMPLES = [  # (content, style) file names; the first pair is in place when the page opens
    (pair["content"], pair["style"])
    for pair in json.loads((EXAMPLES_FOLDER / "pairs.json").read_text())
]
RECIPE = RECIPES["studio"]
SIZES = (128, 1024)  # px
STRENGTHS = (-10, 10)
STEPS = (10, 1000)
ONE_DAY = 24 * 60 * 60  # seconds

CSS = """
#studio { display: grid; }
@media (width >= 768px) {
  #studio { grid-template: auto 1fr / 1fr 1fr; }
  #result { grid-area: 1 / 2 / span 2; }
}
#preview img { width: 100%; height: 100%; object-fit: contain; }
#network .html-container, #status .html-container, #cards .html-container { padding: 0; }
#status { min-height: 6em; }
#status .generating { border: none; }
#status .figures { font-size: var(--text-sm); font-variant-numeric: tabular-nums; }
#status .bar { height: 8px; margin-bottom: 4px; background: var(--border-color-primary); }
#status .bar div { height: 100%; background: var(--color-accent); }
#cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); }
#cards .images { display: grid; height: 190px; gap: 4px; }
#cards .images { grid-template-rows: 1fr 1fr; grid-auto-columns: 1fr 2fr; }
#cards img { width: 100%; height: 100%; min-height: 0; object-fit: cover; border-radius: 4px; }
#cards img:nth-child(3) { grid-area: 1 / 2 / span 2; }
"""
THEME = gr.themes.Default(
    primary_hue="indigo",
    secondary_hue="indigo",
    neutral_hue="slate",
    font=["system-ui", "sans-serif"],
    font_mono=["monospace"],
).set(  # darker than the theme's own, for contrast
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    block_title_text_color="*body_text_color",
    block_label_text_color="*neutral_700",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
)
LAUNCH: dict[str, Any] = {
    "theme": THEME,
    "css": CSS,
    "allowed_paths": [str(EXAMPLES_FOLDER)],
    "max_file_size": "50mb",
    "show_error": False,
    "enable_monitoring": False,
    "run_history": False,
    "footer_links": ["api", "gradio", "settings"],
}
"""What `Blocks.launch` must be told for this page."""

log = logging.getLogger(__name__)


@dataclass
class Visit:
    """What the events of one visitor tell each other while a picture is painted."""

    stop_asked: bool = False
    problem: str = ""


# ---------------------------------------------------------------- layout and wiring


def build_page(backbone: str = "auto") -> gr.Blocks:
    """The page, not launched yet; `backbone` as in `nst_core.load_backbone`."""
    with gr.Blocks(
        title="Neural style transfer", analytics_enabled=False, delete_cache=(3600, ONE_DAY)
    ) as page:
        gr.Markdown(
            "# Neural style transfer\n"
            "Choose a photograph and a painting: the photograph is painted again in the manner "
            "of the painting, and you can watch."
        )
        with gr.Row(elem_id="studio"):  # on a phone these three stand one below the other
            with gr.Column():
                images = image_inputs()
                with gr.Row():
                    go = gr.Button("Stylize", variant="primary", min_width=120)
                    stop = gr.Button("Stop", interactive=False, min_width=120)
            with gr.Column(elem_id="result"):
                preview = result_image()
                status = live_text("Press Stylize to begin.", elem_id="status")
                download = gr.DownloadButton("Download PNG", interactive=False)
            with gr.Column():
                numbers = sliders()
        network = live_text("Loading the network …", elem_id="network")
        example_cards(images)
        wire(page, backbone, images + numbers, [preview, status, download], [go, stop], network)
    return page.queue(max_size=20, api_open=False)


def wire(
    page: gr.Blocks,
    backbone: str,
    inputs: list[gr.components.Component],
    outputs: list[gr.components.Component],
    buttons: list[gr.Button],
    network: gr.HTML,
) -> None:
    """Say which function answers which event."""
    _, status, download = outputs
    go, stop = buttons
    visit = gr.State(Visit())
    unseen = {"show_progress": "hidden", "api_visibility": "private"}
    page.load(partial(announce, backbone), None, network, concurrency_limit=None, **unseen)
    go.click(begin, visit, [*buttons, download, status], queue=False, **unseen)
    go.click(None, js="() => document.getElementById('preview').scrollIntoView({block: 'nearest'})")
    run = go.click(
        partial(paint, backbone),
        [*inputs, visit],
        outputs,
        api_name="stylize",
        api_description=getdoc(paint),
        preprocess=False,  # it would open any file that a crafted request names
        concurrency_id="painting",
        concurrency_limit=1,
        show_progress_on=[status],
    )
    run.success(finish, None, [*buttons, download], queue=False, **unseen)
    run.failure(fail, visit, [*buttons, status], queue=False, **unseen)
    stop.click(ask_to_stop, visit, stop, queue=False, **unseen)


def image_inputs() -> list[gr.components.Component]:
    content, style = EXAMPLES[0]
    with gr.Row():
        return [
            gr.Image(
                EXAMPLES_FOLDER / role / name,
                label=f"{role.capitalize()} image",
                alt_text=f"The {role} image",
                type="filepath",
                image_mode=None,
                height="min(260px, 50vw)",
                min_width=120,
                sources=["upload", "clipboard"],
                buttons=[],
                elem_id=role,
            )
            for role, name in (("content", content), ("style", style))
        ]


def sliders() -> list[gr.components.Component]:
    return [
        gr.Slider(
            *SIZES,
            384,
            step=32,
            label="Size (px)",
            info="Longest side. Twice the size takes four times as long.",
        ),
        gr.Slider(
            *STRENGTHS,
            0,
            step=1,
            label="Style strength",
            info="Left: closer to the photograph. Right: closer to the painting.",
        ),
        gr.Slider(
            *STEPS,
            RECIPE.steps,
            step=10,
            label="Steps",
            info="More steps take longer and look more finished.",
        ),
    ]


def result_image() -> gr.Image:
    return gr.Image(
        label="Result",
        alt_text="The picture as far as it is painted",
        format="jpeg",  # a tenth of a PNG's size; the finished picture replaces it as PNG
        height="min(440px, 80vw)",
        interactive=False,
        buttons=["fullscreen"],
        elem_id="preview",
    )


def live_text(text: str, elem_id: str) -> gr.HTML:
    """Text that a screen reader speaks when it changes."""
    return gr.HTML(
        paragraph(text),
        html_template='<div role="status" aria-live="polite">${value}</div>',
        label=elem_id.capitalize(),
        elem_id=elem_id,
    )


def example_cards(images: list[gr.components.Component]) -> None:
    """One card per example pair; its button puts the pair in place."""
    gr.Markdown("## Examples")
    with gr.Row(elem_id="cards"):
        for content, style in EXAMPLES:
            pair = [
                str(EXAMPLES_FOLDER / "content" / content),
                str(EXAMPLES_FOLDER / "style" / style),
            ]
            with gr.Column():
                gr.HTML(card(content, style))
                button = gr.Button(f"Use {title(content)} + {title(style)}", size="sm")
                button.click(
                    lambda pair=pair: pair, None, images, queue=False, api_visibility="private"
                )


def card(content: str, style: str) -> str:
    """The pair, and the picture made from it where that was rendered."""
    result = f"gallery/{Path(content).stem}--{Path(style).stem}.jpg"
    images = {
        f"content/{content}": f"Content: {title(content)}",
        f"style/{style}": f"Style: {title(style)}",
        result: f"Result: {title(content)} in the manner of {title(style)}",
    }
    return '<div class="images">{}</div>'.format(
        "".join(
            f'<img src="gradio_api/file={quote(str(EXAMPLES_FOLDER / path))}" alt="{escape(text)}">'
            for path, text in images.items()
            if (EXAMPLES_FOLDER / path).exists()
        )
    )


def title(file_name: str) -> str:
    return Path(file_name).stem.replace("-", " ")


# ---------------------------------------------------------------- events


def begin(visit: Visit) -> list[Any]:
    """Stylize was clicked: there may be a queue to wait in before `paint` is called."""
    visit.stop_asked, visit.problem = False, ""
    return [
        gr.Button(interactive=False),
        gr.Button("Stop", interactive=True),
        gr.DownloadButton(value=None, interactive=False),
        paragraph("Waiting to begin …"),
    ]


def paint(
    backbone: str,
    content: dict[str, Any] | None,
    style: dict[str, Any] | None,
    size: float,
    style_strength: float,
    steps: float,
    visit: Visit,
) -> Iterator[tuple[Image.Image | str, str, str | None]]:
    """Paint the content image in the manner of the style image, streaming.

    Each answer is (picture, status as HTML, PNG file); the file is null in all but the last one.
    size: longest side, 128 to 1024 px. style_strength: -10 to 10; each step of ten multiplies the
    weight of the style by ten. steps: 10 to 1000.
    """
    with plain_errors(visit):
        changes: dict[str, Any] = {
            "size": round(in_range("The size", size, SIZES)),
            "steps": round(in_range("The number of steps", steps, STEPS)),
            "style_weight": RECIPE.style_weight
            * 10 ** (in_range("The style strength", style_strength, STRENGTHS) / 10),
        }
        images = chosen_file(content, "content image"), chosen_file(style, "style image")
        with closing(stylize(*images, RECIPE, backbone, **changes)) as frames:
            for frame in frames:
                yield frame.image, progress(frame), None
                if visit.stop_asked:
                    break
        png = keep(frame.image)
        yield png, summary(frame), png


def finish() -> list[Any]:
    return [*idle_buttons(), gr.DownloadButton(interactive=True)]


def fail(visit: Visit) -> list[Any]:
    return [*idle_buttons(), paragraph(visit.problem or "Nothing was painted.")]


def idle_buttons() -> list[gr.Button]:
    return [gr.Button(interactive=True), gr.Button("Stop", interactive=False)]


def ask_to_stop(visit: Visit) -> gr.Button:
    """`paint` looks at this after each frame; cancelling it would lose the picture."""
    visit.stop_asked = True
    return gr.Button("Stopping …", interactive=False)


async def announce(backbone: str) -> AsyncIterator[str]:
    """Say which weights are at work as soon as they are ready to be used."""
    yield paragraph("Loading the network …")
    try:
        network = await asyncio.shield(asyncio.wrap_future(loading(backbone)))
    except BackboneError as problem:
        yield paragraph(str(problem))
    else:
        yield paragraph(f"Network: {network.origin}")


@cache
def loading(backbone: str) -> Future[Backbone]:
    """The backbone, loaded and warmed up in the background, once per process."""
    return ThreadPoolExecutor(1).submit(load_and_warm_up, backbone)


def load_and_warm_up(backbone: str) -> Backbone:
    network = load_backbone(backbone)
    grey = Image.new("RGB", (32, 32), "grey")
    for _ in stylize(grey, grey, RECIPE, network, size=32, steps=1):
        pass
    return network


# ---------------------------------------------------------------- untrusted input


def chosen_file(upload: dict[str, Any] | None, role: str) -> Path:
    """The file of an image component's raw value, if a visitor may have it opened.

    Raises:
        ImageError: there is none, or it is neither an upload nor an example.
    """
    if not upload or not upload.get("path"):
        raise ImageError(f"There is no {role}: choose one first.")
    try:
        path: Path | None = Path(upload["path"]).resolve()  # where links really lead
    except (OSError, ValueError, RuntimeError):  # too long, a NUL byte, a circle of links
        path = None
    allowed = Path(get_upload_folder()).resolve(), EXAMPLES_FOLDER
    if path is None or not any(path.is_relative_to(folder) for folder in allowed):
        raise ImageError(f"The {role} was not uploaded to this page: upload it first.")
    return path


def in_range(name: str, value: Any, allowed: tuple[int, int]) -> float:
    low, high = allowed
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RecipeError(f"{name} must be a number from {low} to {high}, not {value!r}.")
    return value


@contextmanager
def plain_errors(visit: Visit) -> Iterator[None]:
    """Turn every error into one sentence on the page; only the unexpected ones are logged."""
    try:
        yield
    except (ImageError, RecipeError, BackboneError) as error:
        visit.problem = str(error)
    except Exception:
        log.exception("Painting failed")
        visit.problem = "Something went wrong on the server, and the picture was not finished."
    else:
        return
    raise gr.Error(escape(visit.problem, quote=False), print_exception=False)


def keep(image: Image.Image) -> str:
    """Save where Gradio serves files from and deletes them after a day; the path is a secret."""
    folder = Path(get_upload_folder()) / secrets.token_hex(20)
    folder.mkdir(parents=True)
    path = folder / "stylized.png"
    save_png(image, path)
    return str(path)


# ---------------------------------------------------------------- words


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def progress(frame: Frame) -> str:
    width, height = frame.image.size
    percent = round(100 * frame.step / frame.total_steps)
    return (
        paragraph(f"Painting at {width} × {height} px.")
        + '<div class="bar" role="progressbar" aria-label="Steps done" aria-live="off" '
        + f'aria-valuenow="{percent}"><div style="width: {percent}%"></div></div>'
        + figures(frame, time_left(frame))
    )


def time_left(frame: Frame) -> str:
    return "" if math.isnan(frame.remaining) else f"{frame.remaining:.0f} s left"


def summary(frame: Frame) -> str:
    width, height = frame.image.size
    how = "Finished" if frame.final else "Stopped; the picture so far is kept"
    text = f"{how}: {width} × {height} px. {frame.message}"
    return paragraph(text) + figures(frame, f"{frame.elapsed:.0f} s")


def figures(frame: Frame, time: str) -> str:
    parts = [f"step {frame.step} of {frame.total_steps}", time]
    if math.isfinite(frame.losses.total):
        losses = frame.losses
        parts += [
            f"loss {losses.total:.3g} = content {losses.content:.3g} + style {losses.style:.3g} "
            f"+ variation {losses.variation:.2g}"
        ]
    return f'<p class="figures" aria-live="off">{" · ".join(filter(None, parts))}</p>'


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the style transfer page.")
    parser.add_argument("--share", action="store_true", help="make a public link")
    parser.add_argument(
        "--backbone", default="auto", help="auto, vgg19, embedded or the path of a .h5 file"
    )
    options = parser.parse_args()
    page = build_page(options.backbone)
    page.launch(share=options.share or None, prevent_thread_lock=True, **LAUNCH)
    loading(options.backbone)  # only now, so that the first visitor need not wait for it
    page.block_thread()


if __name__ == "__main__":
    main()
