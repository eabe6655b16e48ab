"""`python -m nst_core … --fast`: photographs painted in one pass, one or a folder of them."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_core.command.parser import FAILED
from nst_core.errors import ImageError, NetworkError, RecipeError
from nst_core.fast.files import load_network
from nst_core.fast.network import Blend, FastNetwork, check_known
from nst_core.fast.shelf import SHELF, shelf_network
from nst_core.images.opening import open_image
from nst_core.images.outputs import Outputs
from nst_core.images.saving import save_png
from nst_core.painting.folders import is_folder, photographs, targets


@dataclass(frozen=True)
class FastWork:
    """What a command line asked for.

    Attributes:
        network: a file, or `SHELF` for the networks of this project.
        content: a photograph, or a folder of them.
        output: the picture, or a folder.
        styles: names of the network's styles; empty where it knows one only.
        weights: the parts of their mixture; empty for equal ones.
        size: px of the longest side; None keeps the photograph's, up to 2048.
        as_json: whether a line of JSON is printed for each picture.
    """

    network: str
    content: str
    output: str
    styles: Sequence[str]
    weights: Sequence[float]
    size: int | None
    as_json: bool

    def paint(self, begin: Callable[[], object]) -> int:
        """Paint all; returns the exit status.

        begin: is called before each pass, when what it needs is checked.
        """
        network = find_network(self.network)
        blend = self._blend(network)
        failed = 0
        for photo, target in self._targets():
            started = time.monotonic()
            try:
                photograph = open_image(photo, "content image")
                begin()
                picture = network.paint(photograph, blend, self.size)
            except ImageError as error:
                if not is_folder(self.content):
                    raise
                print(f"nst_core: {photo.name}: {error}", file=sys.stderr)
                failed += 1
                continue
            save_png(picture, target)
            self._tell(target, picture.size, time.monotonic() - started)
        return FAILED if failed else 0

    def _blend(self, network: FastNetwork) -> Blend:
        if not self.styles:
            if len(network.styles) > 1:
                raise NetworkError(
                    "The network knows several styles; name one, or some, after the photograph: "
                    f"{', '.join(network.styles)}."
                )
            return network.styles[0]
        weights = self.weights or [1.0] * len(self.styles)
        if len(weights) != len(self.styles) or len(set(self.styles)) < len(self.styles):
            raise RecipeError(
                f"Each style may be named once, with one of the --style-weights each: there are "
                f"{len(self.styles)} styles and {len(weights)} weights."
            )
        blend = dict(zip(self.styles, weights, strict=True))
        check_known(blend, network.styles)
        return blend

    def _targets(self) -> Iterator[tuple[Path, Path]]:
        if is_folder(self.content):
            yield from targets(photographs(self.content), self.output).items()
            return
        Outputs(self.output, None, warn=lambda _: None).check([self.content, self.network])
        yield Path(self.content), Path(self.output)

    def _tell(self, target: Path, size: tuple[int, int], seconds: float) -> None:
        if self.as_json:
            told = {"output": str(target), "size": list(size), "seconds": round(seconds, 3)}
            print(json.dumps({**told, "styles": list(self.styles)}))
        else:
            print(f"{target}: {size[0]}×{size[1]} px after {seconds:.1f} s")


def find_network(name: str) -> FastNetwork:
    """The project's own networks for `SHELF`, else those of a file; raises `NetworkError`."""
    return shelf_network() if name == SHELF else load_network(name)
