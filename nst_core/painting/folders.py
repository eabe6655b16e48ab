"""A folder of photographs in one style: what is painted, where to, and what is done already."""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from nst_core.checks import hint_at, shown
from nst_core.errors import ImageError, OutputError, SettingsError
from nst_core.images.outputs import check_overwrites, identity, make_folder
from nst_core.images.result_names import result_names
from nst_core.painting.image_settings import PlaceSettings, pixels_sha256
from nst_core.painting.job import OpenedJob
from nst_core.painting.settings import read_settings, recipe_of

_MORE = {".heic", ".heif"}
"""Suffixes that Pillow knows with a package more."""
_NAMED = 3
"""Names of what is left out that are told; of more there is the number."""
_LONGEST = 30
"""Characters of each."""


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder of this name, which may be none at all; an empty one is none."""
    try:
        return path != "" and Path(path).is_dir()
    except (OSError, ValueError):
        return False


@dataclass(frozen=True)
class Gathered:
    """What was found in a folder.

    Attributes:
        folder: that was looked through.
        photographs: files that are images by their names, in the order of these; no hidden ones.
        left_out: a line that tells how much else there is; empty if nothing.
        folders: how many of that are folders.
    """

    folder: Path
    photographs: list[Path]
    left_out: str
    folders: int


def gather(
    folder: str | os.PathLike[str],
    recursive: bool = False,
    results: str | os.PathLike[str] | None = None,
) -> Gathered:
    """Look through a folder, and those in it where `recursive`; links to folders are left aside.

    Args:
        folder: of photographs.
        recursive: whether folders in it count.
        results: a folder that is none of photographs, wherever it is.

    Raises:
        ImageError: there is no photograph, or the folder can't be read.
    """
    suffixes = _suffixes()
    found: list[Path] = []
    others: list[Path] = []
    apart: list[Path] = []
    hidden = 0
    ours = None if results is None else identity(results)
    unreadable: list[OSError] = []
    for each, inside, names in os.walk(folder, onerror=unreadable.append):
        here = Path(each)
        hidden += sum(name.startswith(".") for name in (*inside, *names))
        seen = [
            name for name in inside if not name.startswith(".") and ours != identity(here / name)
        ]
        inside[:] = [name for name in seen if recursive and not (here / name).is_symlink()]
        apart += [here / name for name in seen if name not in inside]
        for path in sorted(here / name for name in names if not name.startswith(".")):
            is_photograph = path.suffix.lower() in suffixes and path.is_file()
            (found if is_photograph else others).append(path)
    _check_readable(Path(folder), unreadable)
    apart += [Path(error.filename) for error in unreadable]
    left_out = _left_out(others, apart, hidden)
    if not found:
        sentence = f"There is no image in the folder {shown(str(folder))}. {left_out}"
        raise ImageError(sentence.strip())
    return Gathered(Path(folder), sorted(found), left_out, len(apart))


def photographs(folder: str | os.PathLike[str]) -> list[Path]:
    """Those of `gather` in the folder itself; raises `ImageError` likewise."""
    return gather(folder).photographs


def _suffixes() -> set[str]:
    Image.init()
    return _MORE | set(Image.registered_extensions())


def _check_readable(folder: Path, unreadable: Sequence[OSError]) -> None:
    for error in unreadable:
        if error.filename is not None and Path(error.filename) == folder:
            raise ImageError(
                f"The folder {shown(str(folder))} can't be read: {error.strerror}{hint_at(folder)}."
            ) from error


def _left_out(others: Sequence[Path], folders: Sequence[Path], hidden: int) -> str:
    """A line; empty where nothing is left out."""
    parts = []
    if others:
        parts.append(f"{_count(others, 'file')} without an image's suffix ({_some(others)})")
    if folders:
        parts.append(f"{_count(folders, 'folder')} not looked into ({_some(folders)})")
    if hidden:
        parts.append(f"{hidden} hidden")
    return f"Left out: {', '.join(parts)}." if parts else ""


def _count(paths: Sequence[Path], what: str) -> str:
    return f"{len(paths)} {what}" if len(paths) == 1 else f"{len(paths)} {what}s"


def _some(paths: Sequence[Path]) -> str:
    """The first names, as far as a sentence has room for them."""
    names = [path.name for path in sorted(paths)[:_NAMED]]
    shortened = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names]
    return ", ".join(map(shown, shortened)) + (", …" if len(paths) > _NAMED else "")


def targets(
    photos: Sequence[Path],
    folder: str | os.PathLike[str],
    root: Path | None = None,
    inputs: Sequence[str | os.PathLike[str]] = (),
) -> dict[Path, Path]:
    """Photograph -> its result, the same in every call; makes the folders for them.

    It is `cat.png` for cat.jpg, and `cat.jpg.png` where there is a cat.tiff too.

    Args:
        photos: in order.
        folder: for the results.
        root: that the photographs were found in; those of a folder in it get one in `folder`.
        inputs: files that are read besides.

    Raises:
        OutputError: an input would be overwritten, results would be taken for photographs by the
            next call, or the folder is no folder or can't be made.
    """
    names = result_names([path.relative_to(root) if root else Path(path.name) for path in photos])
    named = {photo: Path(folder) / name for photo, name in zip(photos, names, strict=True)}
    check_overwrites(named.values(), [*photos, *inputs])
    _check_apart(named.values(), Path(folder), root)
    _check_links(named.values())
    try:
        for target_folder in {Path(folder), *(target.parent for target in named.values())}:
            make_folder(target_folder)
    except OSError as error:
        raise OutputError(
            f"The folder {shown(str(folder))} for the results can't be made: {error.strerror}."
        ) from error
    return named


def _check_apart(results: Iterable[Path], folder: Path, root: Path | None) -> None:
    """Raise `OutputError` where `gather` would find a result among the photographs."""
    if root is None or lies_within(Path(os.path.realpath(folder)).parent, root):
        return  # one inside is never looked into
    if any(lies_within(result.parent, root) for result in results):
        raise OutputError(
            f"The results can't be kept in {shown(str(folder))}, among the photographs: the next "
            "call would take them for some. Name another folder behind -o."
        )


def lies_within(folder: Path, root: Path) -> bool:
    """Whether a folder, which may not be there yet, is `root` or in it."""
    real = Path(os.path.realpath(folder))
    return identity(root) in [identity(each) for each in (real, *real.parents)]


def _check_links(results: Collection[Path]) -> None:
    """Raise `OutputError` where a link makes two results one file."""
    seen: dict[str, Path] = {}
    for result in results:
        other = seen.setdefault(os.path.realpath(result), result)
        if other is not result:
            raise OutputError(
                f"The results {shown(other.name)} and {shown(result.name)} would be one file, "
                "by a link: remove it."
            )


def is_done(job: OpenedJob, target: Path) -> bool:
    """Whether `target` is the finished result of a job.

    It is if it says so: the same recipe and changes, the same pixels of all images.
    """
    try:
        settings = read_settings(target)
    except SettingsError:  # not there, or from elsewhere
        return False
    asked = job.recipe.changed(precision=settings.precision)
    steps = sum(scale.steps for scale in job.scales())
    return (
        recipe_of(settings) == asked
        and settings.steps == steps
        and settings.content_sha256 == pixels_sha256(job.content)
        and settings.style_sha256 == tuple(pixels_sha256(style.image) for style in job.styles)
        and settings.style_weights == tuple(style.weight for style in job.styles)
        and settings.style_brushes == tuple(style.brush for style in job.styles)
        and settings.place == PlaceSettings.of(job.mask, job.outside)
    )
