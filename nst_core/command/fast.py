"""`python -m nst_core … --fast`: photographs painted at once, one or a folder of them."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from nst_core.command.parser import FAILED
from nst_core.errors import ImageError, NetworkError, RecipeError
from nst_core.fast.files import load_network
from nst_core.fast.network import check_known
from nst_core.images.opening import open_image
from nst_core.images.outputs import Outputs
from nst_core.images.saving import save_png
from nst_core.painting.at_once import paint_at_once
from nst_core.painting.folders import is_folder, photographs, targets
from nst_core.painting.job import Job

Painter = Callable[[Path], Image.Image]
"""A photograph's file -> its picture; raises `ImageError`."""


@dataclass(frozen=True)
class FastWork:
    """What a command line asked for.

    Attributes:
        content: a photograph, or a folder of them.
        output: the picture, or a folder.
        inputs: other files that are read, none of which may be written to.
        styles: as they were given, to be told.
        as_json: whether a line of JSON is printed for each picture.
    """

    content: str
    output: str
    inputs: Sequence[str]
    styles: Sequence[str]
    as_json: bool

    def paint(self, painter: Painter, begin: Callable[[], object]) -> int:
        """Paint all; returns the exit status.

        begin: is called before each picture, when what it needs is checked.
        """
        failed = 0
        for photo, target in self._targets():
            started = time.monotonic()
            try:
                begin()
                picture = painter(photo)
            except ImageError as error:
                if not is_folder(self.content):
                    raise
                print(f"nst_core: {photo.name}: {error}", file=sys.stderr)
                failed += 1
                continue
            save_png(picture, target)
            self._tell(target, picture.size, time.monotonic() - started)
        return FAILED if failed else 0

    def _targets(self) -> Iterator[tuple[Path, Path]]:
        if is_folder(self.content):
            yield from targets(photographs(self.content), self.output).items()
            return
        Outputs(self.output, None, warn=lambda _: None).check([self.content, *self.inputs])
        yield Path(self.content), Path(self.output)

    def _tell(self, target: Path, size: tuple[int, int], seconds: float) -> None:
        if self.as_json:
            told = {"output": str(target), "size": list(size), "seconds": round(seconds, 3)}
            print(json.dumps({**told, "styles": list(self.styles)}))
        else:
            print(f"{target}: {size[0]}×{size[1]} px after {seconds:.1f} s")


def by_decoder(job: Job) -> Painter:
    """Paints in the styles of a job, whose content is put in for each photograph.

    Raises:
        ImageError: a style can't be used.
    """
    shared = job.with_styles_opened()

    def painter(photo: Path) -> Image.Image:
        *_, last = paint_at_once(replace(shared, content=photo).opened())
        return last

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
            f"{', '.join(network.styles)}."
        )
    names = styles or network.styles
    parts = weights or [1.0] * len(names)
    if len(parts) != len(names) or len(set(names)) < len(names):
        raise RecipeError(
            f"Each style may be named once, with one of the --style-weights each: there are "
            f"{len(names)} styles and {len(parts)} weights."
        )
    check_known(names, network.styles)
    blend = dict(zip(names, parts, strict=True))
    return lambda photo: network.paint(open_image(photo, "content image"), blend, size)
