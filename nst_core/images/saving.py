"""Files that are written whole or not at all, and no halves of them left lying about."""

import fcntl
import io
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nst_core.checks import hint_at, shown
from nst_core.errors import OutputError
from nst_core.images.sizes import Size

LOOKED_AT = 90
"""Quality of a JPEG file that only a browser shows."""
KEPT = 95
"""Quality of a JPEG file that somebody keeps."""
LONGEST_COMMENT = 65_533
"""Bytes of a comment in a JPEG file."""
_ANYBODY_WRITES = 0o222
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
    with beside(path, what) as (part, target):
        _bare(image).save(part, "PNG", pnginfo=_png_info(text or {}))
        part.replace(target)


def send_png(image: Image.Image, stream: BinaryIO, text: Mapping[str, str]) -> None:
    """Write the same to a stream; raises `OutputError` where that takes no more."""
    whole = io.BytesIO()  # a picture that can't be written is to leave nothing behind
    _bare(image).save(whole, "PNG", pnginfo=_png_info(text))
    try:
        stream.write(whole.getbuffer())
        stream.flush()
    except (OSError, ValueError) as error:  # the latter where it is closed
        reason = getattr(error, "strerror", None) or "writing failed"
        raise OutputError(
            f"The result could not be written to the standard output: {reason}."
        ) from error


def _bare(image: Image.Image) -> Image.Image:
    """A copy without metadata."""
    bare = image.copy()
    bare.info.clear()
    return bare


def save_jpeg(
    image: Image.Image,
    path: str | os.PathLike[str],
    what: str = "The result",
    quality: int = LOOKED_AT,
    comment: str = "",
) -> None:
    """Write an RGB `image` as a JPEG file, whole or not at all; as `save_png`.

    Args:
        image: see above.
        path: see above.
        what: see above.
        quality: of 1 to 95, for looking at by default.
        comment: ASCII, kept inside the file; left out beyond `LONGEST_COMMENT`.
    """
    kept = {"comment": comment} if 0 < len(comment) <= LONGEST_COMMENT else {}
    with beside(path, what) as (part, target):
        _bare(image).save(part, "JPEG", quality=quality, **kept)
        part.replace(target)


def _save_kept_jpeg(
    image: Image.Image, path: str | os.PathLike[str], text: Mapping[str, str]
) -> None:
    save_jpeg(image.convert("RGB"), path, quality=KEPT, comment=as_comment(text))


FORMATS: Mapping[str, Callable[[Image.Image, str | os.PathLike[str], Mapping[str, str]], None]] = {
    ".png": save_png,
    ".jpg": _save_kept_jpeg,
    ".jpeg": _save_kept_jpeg,
}
"""How a file's name may end -> what writes a picture there, and a text inside it."""


def as_comment(text: Mapping[str, str]) -> str:
    """What `save_png` keeps under a keyword, as the comment of a JPEG file; empty without any."""
    return next((f"{keyword} {value}" for keyword, value in text.items()), "")


def check_target(path: str | os.PathLike[str], what: str = "The result") -> None:
    """Raise the `OutputError` that `save_png` would raise for `path`, without writing there.

    To be called before the work. A disk that fills up meanwhile can't be foreseen.
    """
    with beside(path, what):
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
    try:
        target = Path(os.path.realpath(path))
        if not target.parent.is_dir():
            raise OutputError(f"{problem}: the folder does not exist{hint_at(path)}.")
        if target.is_dir():
            raise OutputError(f"{problem}: a folder has that name.")
        if target.exists() and not target.is_file():
            raise OutputError(f"{problem}: it is not a regular file.")
        if target.exists() and not _may_be_changed(target):
            raise OutputError(f"{problem}: the file there is read-only.")
        sweep(target.parent)
        with _new_part(target.parent) as part:
            yield part, target
    except OSError as error:
        raise OutputError(f"{problem}: {error.strerror or 'writing failed'}.") from error
    except ValueError as error:
        if "\0" not in str(path):
            raise
        raise OutputError(f"{problem}: no file can have that name.") from error


def _may_be_changed(file: Path) -> bool:
    """Whether a file's owner lets it be written to; root, too, is to leave a read-only one alone.

    The folder's permissions alone would let it be replaced.
    """
    effective = os.access in os.supports_effective_ids
    return bool(file.stat().st_mode & _ANYBODY_WRITES) and os.access(
        file, os.W_OK, effective_ids=effective
    )


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
