"""Photographs painted at once: by the decoder, or by a network that was trained for some styles."""

import json
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from nst_core.checks import listed, printable
from nst_core.command.photo_jobs import Piece
from nst_core.errors import NetworkError, OutputError, RecipeError
from nst_core.fast.network import check_known
from nst_core.fast.network_files import load_network
from nst_core.images.opening import open_image
from nst_core.network.quiet_start import load_tensorflow_quietly
from nst_core.painting.at_once import paint_at_once
from nst_core.painting.job import Job
from nst_core.painting.notes import opening_notes
from nst_core.streams import say


class Painted(NamedTuple):
    """A picture, and what to tell of the images that it was made of."""

    picture: Image.Image
    note: str


Painter = Callable[[Path], Painted]
"""A photograph's file -> its picture; raises `ImageError`."""


@dataclass(frozen=True)
class AtOnce:
    """Paints pieces, one after the other.

    Attributes:
        painter: of their pictures.
        styles: as they were given, to be told.
        as_json: whether a line of JSON is printed for each picture.
    """

    painter: Painter
    styles: Sequence[str]
    as_json: bool

    def __call__(self, piece: Piece) -> int:
        """Paint one; returns the exit status."""
        started = time.monotonic()
        try:
            piece.outputs.check([piece.photo])
        except OutputError as error:
            return piece.failed(error)
        load_tensorflow_quietly()  # after what a mistake in the arguments would stop
        picture, note = self.painter(piece.photo)
        piece.outputs.keep_result(picture, {})
        if note:
            say(note)
        self._tell(piece.output, picture.size, time.monotonic() - started)
        return 0

    def _tell(self, output: str, size: tuple[int, int], seconds: float) -> None:
        if self.as_json:
            report = {"output": output, "size": list(size), "seconds": round(seconds, 3)}
            print(json.dumps({**report, "styles": list(self.styles)}))
        else:
            print(f"{printable(output)}: {size[0]}×{size[1]} px after {seconds:.1f} s")


def by_decoder(job: Job) -> Painter:
    """Paints in the styles of a job, whose content is put in for each photograph.

    Raises:
        ImageError: a style can't be used.
    """
    shared = job.with_styles_decoded()

    def painter(photo: Path) -> Painted:
        opened = replace(shared, content=photo).opened()
        *_, last = paint_at_once(opened)
        styles = (style.image for style in (*opened.styles, *opened.outside))
        return Painted(last, opening_notes([opened.content, *styles, opened.mask]))

    return painter


def by_network(
    file: str, styles: Sequence[str], weights: Sequence[float], size: int | None
) -> Painter:
    """Paints in styles that a trained network knows by name.

    Args:
        file: the network.
        styles: names; empty where it knows one only.
        weights: the parts of their mixture; empty for equal ones.
        size: px of the longest side; None keeps the photograph's, up to 2048.

    Raises:
        NetworkError: the file is no network, or it doesn't know such a style.
        RecipeError: the weights can't work.
    """
    if file == "shelf":
        raise NetworkError("The shelf's networks are gone: --fast alone paints in any style.")
    network = load_network(file)
    if not styles and len(network.styles) > 1:
        raise NetworkError(
            "The network knows several styles; name one, or some, after the photograph: "
            f"{listed(network.styles)}."
        )
    names = [_as_spelt(name, network.styles) for name in styles] or network.styles
    parts = weights or [1.0] * len(names)
    if len(parts) != len(names) or len(set(names)) < len(names):
        raise RecipeError(
            f"Each style may be named once, with one of the --style-weights each: there are "
            f"{len(names)} styles and {len(parts)} weights."
        )
    check_known(names, network.styles)
    blend = dict(zip(names, parts, strict=True))

    def painter(photo: Path) -> Painted:
        content = open_image(photo, "content image")
        return Painted(network.paint(content, blend, size), opening_notes([content]))

    return painter


def _as_spelt(name: str, styles: Sequence[str]) -> str:
    """The style of this name, whose accents may be written in another way, as a Mac does."""
    if name in styles:
        return name
    alike = [each for each in styles if _composed(each) == _composed(name)]
    return alike[0] if alike else name


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
