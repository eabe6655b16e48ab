"""The result: the picture while it is painted, and what can be done with it afterwards."""

from typing import Any

import gradio as gr

from nst_core.errors import ImageError
from nst_core.page.look.parts import (
    STREAMED,
    before_and_after,
    live_text,
    loss_chart,
    picture,
)
from nst_core.page.running import Updates
from nst_core.page.uploads import new_folder
from nst_core.page.visits import Visit

SMALL: dict[str, Any] = {"size": "md", "min_width": 120}
"""Of buttons below a picture."""


class Result:
    """The picture in hand, its status, its files, its chart and its film."""

    def __init__(self) -> None:
        self.preview = picture(
            "preview", "Result", "The picture as far as it is painted", **STREAMED
        )
        self.slider = before_and_after()
        self.status = live_text("Press Paint to begin.", elem_id="status")
        with gr.Row():
            self.download = gr.DownloadButton("Download PNG", interactive=False, **SMALL)
            self.use = gr.Button("Use as photo", interactive=False, **SMALL)
        self.chart = loss_chart("loss-chart")
        with gr.Group(visible=False) as self.films:
            self.video = gr.Video(
                label="Time-lapse", interactive=False, loop=True, height=260, elem_id="film"
            )
            with gr.Row():
                self.mp4 = gr.DownloadButton("Download MP4", **SMALL)
                self.webp = gr.DownloadButton("Download WebP", **SMALL)

    def changing(self) -> list[gr.components.Component]:
        """What the answers below may change."""
        return [self.use, self.preview, self.slider, self.films]

    def begun(self) -> Updates:
        """A run was asked for."""
        return {
            self.use: gr.update(interactive=False),
            self.preview: gr.update(visible=True),
            self.slider: gr.update(visible=False),
            self.films: gr.update(visible=False),
        }

    def idle(self, visit: Visit) -> Updates:
        """The picture in hand, and what can be done with it."""
        current = visit.current
        there = {"interactive": current is not None}
        file, compared = None, None
        if current:
            file = str(current.file)
            compared = current.before(), file
        return {
            self.use: gr.update(**there),
            self.download: gr.update(value=file, **there),
            self.preview: gr.update(visible=current is None),
            self.slider: gr.update(visible=current is not None, value=compared),
        }

    def film_parts(self) -> list[gr.components.Component]:
        """What `make_films` answers for."""
        return [self.films, self.video, self.mp4, self.webp]

    def make_films(self, visit: Visit) -> list[Any]:
        """The time-lapse as MP4 and as animated WebP."""
        if not len(visit.film):
            raise ImageError("There is no run to make a film of: press Paint first.")
        folder = new_folder()
        mp4, webp = folder / "time-lapse.mp4", folder / "time-lapse.webp"
        visit.film.write_mp4(mp4)
        visit.film.write_webp(webp)
        label = f"Time-lapse of {len(visit.film)} pictures"
        video = gr.update(value=str(mp4), label=label)
        return [gr.update(visible=True), video, str(mp4), str(webp)]
