"""Files that are written whole or not at all, and no halves of them left lying about."""

import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nst_core.checks import shown
from nst_core.errors import OutputError
from nst_core.images.sizes import Size

LOOKED_AT = 90
"""Quality of a JPEG file that only a browser shows."""
_PART = re.compile(r"\.[0-9a-f]{16}\.part")
"""The name of a file that is not whole yet."""


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


def save_jpeg(image: Image.Image, path: str | os.PathLike[str]) -> None:
    """Write an RGB `image` as a JPEG file for looking at, whole or not at all; as `save_png`."""
    bare = image.copy()
    bare.info.clear()
    with beside(path) as (part, target):
        bare.save(part, "JPEG", quality=LOOKED_AT)
        part.replace(target)


def check_target(path: str | os.PathLike[str]) -> None:
    """Raise the `OutputError` that `save_png` would raise for `path`, without writing there.

    To be called before the work. A disk that fills up meanwhile can't be foreseen.
    """
    with beside(path):
        pass


def check_space(path: str | os.PathLike[str], size: Size) -> None:
    """Raise `OutputError` before the work if the disk is too full for its result.

    Args:
        path: the file for it.
        size: (width, height) px; a PNG file has 3 bytes a pixel at most.
    """
    target = Path(os.path.realpath(path))
    need, free = 3 * size[0] * size[1], shutil.disk_usage(target.parent).free
    if need > free:
        raise OutputError(
            f"The result {shown(target.name)} of {size[0]} × {size[1]} px may take "
            f"{need / 1e6:.0f} MB, and its disk has {free / 1e6:.0f} MB left."
        )


@contextmanager
def beside(path: str | os.PathLike[str], what: str = "The result") -> Iterator[tuple[Path, Path]]:
    """Give (a new file in the same folder, the file that `path` means); remove the former after.

    Removes also what killed processes left in that folder.
    """
    problem = f"{what} could not be written to {shown(Path(path).name)}"
    target = Path(os.path.realpath(path))
    try:
        if not target.parent.is_dir():
            raise OutputError(f"{problem}: the folder does not exist.")
        if target.is_dir():
            raise OutputError(f"{problem}: a folder has that name.")
        if target.exists() and not target.is_file():
            raise OutputError(f"{problem}: it is not a regular file.")
        sweep(target.parent)
        with _new_part(target.parent) as part:
            yield part, target
    except OSError as error:
        raise OutputError(f"{problem}: {error.strerror or 'writing failed'}.") from error


def sweep(folder: Path) -> None:
    """Remove the files that processes left half-written in a folder when they were killed.

    Those that a process is still at stay: it holds a lock on them, which ends with it. What can't
    be looked at or removed stays, too.
    """
    with suppress(OSError):
        for path in folder.iterdir():
            if _PART.fullmatch(path.name):
                _remove_unlocked(path)


def _remove_unlocked(path: Path) -> None:
    with suppress(OSError):  # locked, or another's
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if stat.S_ISREG(os.fstat(handle).st_mode):
                path.unlink()
        finally:
            os.close(handle)


@contextmanager
def _new_part(folder: Path) -> Iterator[Path]:
    """A new file, locked as long as this goes on or this process lives, whichever ends first."""
    part, handle = _locked_part(folder)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
        os.close(handle)


def _locked_part(folder: Path) -> tuple[Path, int]:
    while True:
        part = folder / f".{secrets.token_hex(8)}.part"
        # with the permissions that any new file gets here
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with suppress(OSError):  # where there are no locks, nothing is ever swept either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if part.exists():
            return part, handle
        os.close(handle)  # another process swept it before it was locked


def _png_info(text: Mapping[str, str]) -> PngInfo:
    info = PngInfo()
    info.add(b"sRGB", b"\0")  # with the rendering intent for photographs, perceptual
    for keyword, value in text.items():
        info.add_text(keyword, value)
    return info
