"""Components that more than one place needs, or that need much said about their looks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import gradio as gr

from nst_core.page.look.curves import LossCurve
from nst_core.page.look.markup import paragraph


class PictureLook(TypedDict, total=False):
    """What a picture's component is told of its looks."""

    value: str
    format: str
    height: str
    min_width: int
    show_label: bool
    buttons: list[str]


STREAMED: PictureLook = {
    "format": "jpeg",  # a tenth of a PNG's size; the finished picture replaces it as PNG
    "height": "min(440px, 80vw)",
    "buttons": ["fullscreen"],
}
DOWNLOADABLE: PictureLook = {"format": "png", "buttons": ["fullscreen", "download"]}
VIEWS = {"preview": "Picture", "slider": "Before/after", "film": "Film"}
"""Element on the stage -> what people call it."""
SHOW_VIEW = "view => { document.getElementById('stage').dataset.view = view; }"
"""JavaScript, for when another view was chosen."""
SHOW_SHARE = "share => window.showShare(share)"
"""JavaScript, for when less of the picture is to be seen: `amount.js` lets the photo through."""
SHOW_WHOLE = "() => window.showShare(null)"
"""JavaScript, for when the server has made such a picture."""
TERM_COLOURS = {
    "total": "#64748b",
    "content": "#0284c7",
    "style": "#d97706",
    "palette": "#db2777",
    "layout": "#7c3aed",
    "variation": "#059669",
}
"""Each with a contrast of 3 or more against the page in both themes."""


def image_input(role: str, label: str, example: Path, camera: bool) -> gr.Image:
    """Where a visitor puts the photo or the style.

    Args:
        role: "content" or "style", by which scripts and style sheets find it.
        label: what people call it.
        example: is there at first.
        camera: whether a picture may be taken here, with a phone's rear camera if it has one.
    """
    sources = ["upload", "webcam", "clipboard"] if camera else ["upload", "clipboard"]
    rear = {"video": {"facingMode": {"ideal": "environment"}}}
    return gr.Image(
        example,
        label=label,
        alt_text=f"The {label.lower()}",
        type="filepath",
        image_mode=None,
        height="min(180px, 48vw)",
        min_width=120,
        sources=sources,
        webcam_options=gr.WebcamOptions(mirror=False, constraints=rear),
        buttons=[],
        placeholder="Choose an image",
        elem_id=role,
    )


def small_image_input(role: str, label: str) -> gr.Image:
    """As `image_input`, for an image that may be left out."""
    return gr.Image(
        label=label,
        alt_text=f"The {label.lower()}",
        type="filepath",
        image_mode=None,
        height=120,
        min_width=100,
        sources=["upload", "clipboard"],
        buttons=[],
        placeholder="None",
        elem_id=role,
    )


def problem_text(elem_id: str) -> gr.HTML:
    """Says what is wrong with the input above it, and takes no place while nothing is."""
    return gr.HTML(
        "",
        html_template='<div role="status" aria-live="polite">${value}</div>',
        label=elem_id.replace("-", " ").capitalize(),
        elem_id=elem_id,
        elem_classes="problem",
    )


def picture(
    elem_id: str, label: str, alt_text: str, visible: bool = True, **look: Unpack[PictureLook]
) -> gr.Image:
    return gr.Image(
        label=label,
        alt_text=alt_text,
        visible=visible,
        interactive=False,
        elem_id=elem_id,
        **look,
    )


def before_and_after(pair: tuple[str, str] | None) -> gr.ImageSlider:
    """The photograph and the painting in one frame; `pair` is there at first."""
    return gr.ImageSlider(
        pair,
        label="Before and after",
        type="filepath",
        interactive=False,
        slider_position=15,
        buttons=["fullscreen"],
        elem_id="slider",
    )


def picture_strip() -> gr.Gallery:
    return gr.Gallery(
        label="This visit's pictures: choose one to bring it back",
        columns=6,
        fit_columns=False,
        height=230,
        object_fit="contain",
        allow_preview=False,
        interactive=False,
        visible=False,
        buttons=[],
        elem_id="strip",
    )


RING = """
element.addEventListener("%s", event => trigger("select", event.detail ?? undefined));
"""
"""JavaScript, for an event of this name."""


def bell(elem_id: str, label: str, event: str) -> gr.HTML:
    """What scripts tell the page something by; it takes no place.

    Args:
        elem_id: of the element; a script has its `.bell` send the event, which bubbles.
        label: its name.
        event: its name; it becomes a `select` of the component, with its `detail` if it has one.
    """
    return gr.HTML(
        '<span class="bell"></span>',
        js_on_load=RING % event,
        label=label,
        elem_id=elem_id,
        elem_classes="unseen",
    )


def sent_with(event: gr.EventData, name: str) -> object:
    """What a browser has sent with an event under this name, which a request may have made up.

    `gr.SelectData` fails on what a crafted request sends.
    """
    sent = event._data
    return sent.get(name) if isinstance(sent, dict) else None


def live_text(text: str, elem_id: str) -> gr.HTML:
    """Text that a screen reader speaks when it changes."""
    return gr.HTML(
        paragraph(text),
        html_template='<div role="status" aria-live="polite">${value}</div>',
        label=elem_id.capitalize(),
        elem_id=elem_id,
        elem_classes="words",
    )


def view_switch(views: Sequence[str]) -> gr.Radio:
    """Which of the things on the stage is seen: names of views in `VIEWS`."""
    return gr.Radio(
        view_choices(views),
        value=views[-1],
        label="Show",
        show_label=False,
        container=False,
        interactive=True,
        elem_id="views",
    )


def view_choices(views: Sequence[str]) -> list[tuple[str, str]]:
    return [(VIEWS[view], view) for view in views]


def loss_chart(elem_id: str) -> gr.LinePlot:
    return gr.LinePlot(
        x="step",
        y="loss",
        color="term",
        x_title="step",
        y_title="loss (log₁₀)",
        color_title="term",
        color_map=TERM_COLOURS,
        label="Losses, logarithmic",
        show_label=False,  # it would push the legend out of the box
        height=240,
        elem_id=elem_id,
    )


def chart_data(curve: LossCurve) -> dict[str, object]:
    """A curve as the value of a `loss_chart`."""
    return {
        "columns": ["step", "loss", "term"],
        "data": curve.points(),
        "datatypes": {"step": "quantitative", "loss": "quantitative", "term": "nominal"},
        "mark": "line",
    }


def scroll_to(elem_id: str, block: str = "nearest") -> str:
    """JavaScript that brings an element into view, as little as it takes, or to the "start"."""
    return f"() => document.getElementById('{elem_id}')?.scrollIntoView({{block: '{block}'}})"
