"""The result: the picture while it is painted, and what can be done with it afterwards."""

from dataclasses import replace
from pathlib import Path

import gradio as gr

from nst_core.checks import in_range
from nst_core.errors import ImageError
from nst_core.page.hosting.links import Links
from nst_core.page.hosting.loading import loading
from nst_core.page.inputs.gallery import Gallery
from nst_core.page.inputs.titles import (
    example_text,
    finished_example,
    pair_text,
    photo_title,
    preview_text,
    same_picture,
    strip_text,
)
from nst_core.page.look.markup import aside, ended, film_player, paragraph
from nst_core.page.look.parts import (
    SHOW_SHARE,
    SHOW_VIEW,
    SHOW_WHOLE,
    STREAMED,
    before_and_after,
    chart_data,
    live_text,
    loss_chart,
    picture,
    view_choices,
    view_switch,
)
from nst_core.page.look.words import larger_text
from nst_core.page.run.running import AT_ONCE, Updates
from nst_core.page.settings.controls import SIZES, Values, changed_recipe
from nst_core.page.tabs.link import LinkButton
from nst_core.page.visit.visits import Kept, Pair, Preview, Visit
from nst_core.painting.job import Job

SMALL: dict[str, object] = {"size": "md", "min_width": 120}
"""Of buttons below a picture."""
SAVE_PICTURE, SAVE_PREVIEW = "Download PNG", "Download preview"
SHARE_PICTURE, SHARE_PREVIEW = "Share", "Share preview"
LARGE_SIZES = (1024, 2048)
"""px that a finished picture is offered to grow to; the operator's own limit is in `SIZES`."""


class Result:
    """The picture in hand, its status, its files, its chart and its film.

    Before there is one, the finished example of the pair is shown, or a preview. What is shown is
    what the buttons act on.
    """

    def __init__(self, gallery: Gallery, backbone: str, links: Links | None = None) -> None:
        self.examples, self.backbone = gallery.folder, backbone
        first = gallery.image("content"), gallery.image("style")
        with gr.Column(elem_id="easel"):
            with gr.Column(elem_id="stage"):
                self._build_stage(first)
            self.status = live_text(example_text(first, self.examples), elem_id="status")
            self.views = view_switch(["slider"])
            self.share_shown = gr.Slider(
                0, 100, 100, step=1, label="How much of it (%)", interactive=False, elem_id="amount"
            )
        with gr.Row(elem_id="keep"):
            self.download = gr.DownloadButton(SAVE_PICTURE, interactive=False, **SMALL)
            self.jpeg = gr.Button("Download JPEG", interactive=False, **SMALL)
            self.mp4 = gr.DownloadButton("Download MP4", interactive=False, **SMALL)
            self.webp = gr.DownloadButton("Download WebP", interactive=False, **SMALL)
            self.use = gr.Button("Use as photo", interactive=False, **SMALL)
            self.share = gr.Button(SHARE_PICTURE, interactive=False, **SMALL)
            self.link = None if links is None else LinkButton(links, self.examples)
        self._made = gr.DownloadButton("JPEG", elem_classes="unseen")  # until it is downloaded
        self.larger = gr.Button(larger_text(), interactive=False, size="md", elem_id="larger")
        with gr.Accordion("Losses", open=False, elem_id="details"):
            self.figures = live_figures()
            self.chart = loss_chart("loss-chart")

    def _build_stage(self, first: Pair) -> None:
        alt_text = "The picture as far as it is painted"
        self.preview = picture("preview", "Result", alt_text, **STREAMED)
        example = finished_example(first, self.examples)
        self.slider = before_and_after((str(first[0]), str(example)) if example else None)
        self.film = gr.HTML("", elem_id="film")

    def wire(self, visit: gr.State) -> None:
        """What is done with what is shown, some of it by the browser itself."""
        self.share_shown.input(None, self.share_shown, None, js=SHOW_SHARE, **AT_ONCE)
        self.share_shown.release(
            self.mixed,
            [self.share_shown, visit],
            [self.preview, self.slider, self.download],
            **AT_ONCE,
        ).then(None, None, None, js=SHOW_WHOLE, **AT_ONCE)
        self.jpeg.click(self.as_jpeg, visit, self._made, **AT_ONCE).success(
            None, self._made, self.status, js="file => window.downloadPicture(file)", **AT_ONCE
        )
        for each in (self.download, self.mp4, self.webp):
            each.click(None, each, self.status, js="file => window.savedPicture(file)", **AT_ONCE)
        self.views.change(None, self.views, None, js=SHOW_VIEW, **AT_ONCE)
        self.share.click(
            None, self.download, self.status, js="file => window.sharePicture(file)", **AT_ONCE
        )
        if self.link is not None:
            self.link.wire(self.download, visit)

    # -------- what is shown

    def changing(self) -> list[gr.components.Component]:
        """What the answers below may change."""
        mine = [self.preview, self.slider, self.film, self.views, self.figures, self.chart]
        return [*mine, self.status, self.download, self.share_shown, *self._buttons()]

    def begun(self, visit: Visit) -> Updates:
        """A run was asked for: until its first picture comes, what it begins from is shown."""
        shown = {} if visit.photo is None else {self.preview: gr.update(value=str(visit.photo))}
        return {
            **shown,
            **{each: gr.update(interactive=False) for each in self._buttons()},
            self.share_shown: gr.update(value=100, interactive=False),
            self.views: gr.update(choices=view_choices(["preview"]), value="preview"),
        }

    def idle(self, visit: Visit) -> Updates:
        """What is shown, and what can be done with it: a picture, a preview or an example."""
        if visit.current is not None:
            return self._in_hand(visit.current)
        if visit.preview is not None:
            return self.previewed(visit.preview)
        return self._without_picture()

    def _in_hand(self, kept: Kept) -> Updates:
        size = larger_size(kept)
        file = str(kept.file)
        return {
            **self._film_of(kept),
            **{each: gr.update(interactive=True) for each in (*self._for_all(), self.jpeg)},
            self.share: gr.update(interactive=True, value=SHARE_PICTURE),
            self.share_shown: gr.update(value=100, interactive=True),
            self.download: gr.update(value=file, interactive=True, label=SAVE_PICTURE),
            self.preview: gr.update(value=file),
            self.slider: gr.update(value=(str(kept.before), file)),
            self.views: gr.update(choices=view_choices(views_of(kept)), value="slider"),
            self.figures: aside(kept.figures),
            self.chart: chart_data(kept.curve),
            self.larger: gr.update(value=larger_text(size), interactive=size is not None),
        }

    def _without_picture(self) -> Updates:
        """Nothing is in hand: of what there may be, only before and after are seen."""
        return {
            **{each: gr.update(interactive=False) for each in self._buttons()},
            self.download: gr.update(value=None, interactive=False, label=SAVE_PICTURE),
            self.share: gr.update(interactive=False, value=SHARE_PICTURE),
            self.larger: gr.update(value=larger_text(), interactive=False),
            self.share_shown: gr.update(value=100, interactive=False),
            self.film: "",
            self.views: gr.update(choices=view_choices(["slider"]), value="slider"),
        }

    def summary(self, kept: Kept) -> str:
        """The status of a finished picture."""
        what = pair_text(kept.pair, self.examples)
        text = f"{what[0].upper()}{what[1:]}. {kept.summary}"
        return ended(text, photo_title(kept.pair, self.examples))

    def example(self, pair: Pair) -> Updates | None:
        """The finished example of a pair; None where there is none."""
        finished = finished_example(pair, self.examples)
        if finished is None:
            return None
        return {
            **self._without_picture(),
            self.slider: gr.update(value=(str(pair[0]), str(finished))),
            self.status: paragraph(example_text(pair, self.examples)),
        }

    def previewed(self, preview: Preview) -> Updates:
        """An instant picture of a pair, beside its photograph."""
        file = str(preview.file)
        return {
            **self._without_picture(),
            **{each: gr.update(interactive=True) for each in self._for_all()},
            self.share: gr.update(interactive=True, value=SHARE_PREVIEW),
            self.share_shown: gr.update(value=100, interactive=True),
            self.download: gr.update(value=file, interactive=True, label=SAVE_PREVIEW),
            self.slider: gr.update(value=(str(preview.before), file)),
            self.status: paragraph(preview_text(preview.pair, self.examples)),
        }

    def strip(self, visit: Visit) -> dict[str, object]:
        """This visit's pictures, each with its style and when it was done."""
        strip = [
            (str(each.file), strip_text(each.pair, each.finished, self.examples))
            for each in visit.look()
        ]
        return gr.update(value=strip, **({"visible": True} if strip else {}))

    def _buttons(self) -> list[gr.components.Component]:
        return [self.jpeg, self.mp4, self.webp, *self._for_all(), self.larger]

    def _for_all(self) -> list[gr.components.Component]:
        """What can be done with previews as well."""
        return [self.use, self.share, *([] if self.link is None else [self.link.button])]

    def _film_of(self, kept: Kept) -> Updates:
        """The film and its files, if they were made."""
        mp4, webp = kept.films
        there = {"interactive": kept.filmed}
        return {
            self.film: film_player(mp4, kept.size) if there["interactive"] else "",
            self.mp4: gr.update(value=str(mp4) if there["interactive"] else None, **there),
            self.webp: gr.update(value=str(webp) if there["interactive"] else None, **there),
        }

    def mixed(self, percent: object, visit: Visit) -> Updates:
        """So much of what is shown, over the photograph; all buttons act on that."""
        share = in_range("How much of it", percent, (0, 100)) / 100
        file = str(visit.mix(share))
        return {
            self.preview: gr.update(value=file),
            self.slider: gr.update(value=(str(visit.painted().before), file)),
            self.download: gr.update(value=file),
        }

    def as_jpeg(self, visit: Visit) -> str:
        """The file that the browser is then told to download."""
        return str(visit.as_jpeg())

    # -------- what is made after a run

    def made_later(self) -> list[gr.components.Component]:
        """What `make_films` may change."""
        return [self.views, self.film, self.mp4, self.webp, self.larger]

    def make_films(self, visit: Visit) -> Updates:
        """The time-lapse of the last run as MP4 and as WebP; and what a larger picture takes."""
        if visit.newest is None:
            raise ImageError("There is no run to make a film of: press Paint first.")
        made, film = visit.newest
        if not made.filmed:
            if not len(film):
                raise ImageError("The pictures of that run are gone: there were many runs since.")
            for path, write in zip(made.films, (film.write_mp4, film.write_webp), strict=True):
                write(path)
            film.clear()
        size = larger_size(made)
        seconds = self._seconds(made, size) if size else 0
        if visit.under_way or visit.current is not made:
            return {self.views: gr.skip()}  # something else is shown by now
        return {
            **self._film_of(made),
            self.views: gr.update(choices=view_choices(views_of(made))),
            self.larger: gr.update(value=larger_text(size, seconds)),
        }

    def _seconds(self, kept: Kept, size: int) -> float:
        """What it takes to make a picture as large as this."""
        return larger_job(kept, size, self.backbone).cost(loading(self.backbone).result()).seconds


def live_figures() -> gr.HTML:
    """Steps and losses, which change too often to be spoken."""
    return gr.HTML(aside("Nothing is painted yet."), elem_id="figures", elem_classes="words")


def views_of(kept: Kept) -> list[str]:
    """The views that there are of a picture."""
    return ["preview", "slider", *(["film"] if kept.filmed else [])]


def larger_size(kept: Kept) -> int | None:
    """The next size that a picture is offered to grow to; None if it is as large as it gets."""
    allowed = [size for size in LARGE_SIZES if max(kept.size) < size <= SIZES[1]]
    return next(iter(allowed), None)


def larger_values(kept: Kept, size: int) -> Values:
    """The controls that made a picture, with another size."""
    return {**kept.values, "size": size}


def larger_job(kept: Kept, size: int, backbone: str, seen: Path | None = None) -> Job:
    """Go on from a picture at another size, with its own images and its own settings.

    Args:
        kept: the picture.
        size: px.
        backbone: as in `nst_core.load_backbone`.
        seen: what is shown in its place, with some of the photograph in it.
    """
    recipe = changed_recipe(larger_values(kept, size))
    return replace(kept.job, recipe=recipe, backbone=backbone, resume=seen or kept.file)


def can_go_on(visit: Visit) -> bool:
    """Whether the picture in hand was made from the photograph in place."""
    return visit.current is not None and same_picture(visit.photo, visit.current.pair[0])
