"""Files that are written whole or not at all."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nst_core.checks import shown
from nst_core.errors import OutputError


def save_png(
    image: Image.Image,
    path: str | os.PathLike[str],
    text: Mapping[str, str] | None = None,
    what: str = "The result",
) -> None:
    """Write `image` as a PNG file, whole or not at all.

    If anything fails, what was at `path` before stays. The file holds pixels, `text` and the mark
    that the pixels are sRGB: no EXIF, no profile, no other metadata of the image.

    Args:
        image: of any mode that PNG has, with values in sRGB.
        path: of the file; a link is followed. Its folder must exist.
        text: keyword -> value, kept inside the file; keywords are 1 to 79 Latin-1 characters.
        what: the picture is, at the beginning of the error's sentence.

    Raises:
        OutputError: the place can't be written to.
    """
    bare = image.copy()
    bare.info.clear()
    with beside(path, what) as (part, target):
        bare.save(part, "PNG", pnginfo=_png_info(text or {}))
        part.replace(target)


def check_target(path: str | os.PathLike[str]) -> None:
    """Raise the `OutputError` that `save_png` would raise for `path`, without writing there.

    To be called before the work. A disk that fills up meanwhile can't be foreseen.
    """
    with beside(path):
        pass


@contextmanager
def beside(path: str | os.PathLike[str], what: str = "The result") -> Iterator[tuple[Path, Path]]:
    """Give (a new file in the same folder, the file that `path` means); remove the former after."""
    problem = f"{what} could not be written to {shown(Path(path).name)}"
    target = Path(os.path.realpath(path))
    part = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        if not target.parent.is_dir():
            raise OutputError(f"{problem}: the folder does not exist.")
        if target.is_dir():
            raise OutputError(f"{problem}: a folder has that name.")
        if target.exists() and not target.is_file():
            raise OutputError(f"{problem}: it is not a regular file.")
        part.touch(exist_ok=False)  # with the permissions that any new file gets here
        try:
            yield part, target
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{problem}: {error.strerror or 'writing failed'}.") from error


def _png_info(text: Mapping[str, str]) -> PngInfo:
    info = PngInfo()
    info.add(b"sRGB", b"\0")  # with the rendering intent for photographs, perceptual
    for keyword, value in text.items():
        info.add_text(keyword, value)
    return info
