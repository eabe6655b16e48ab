"""A folder of photographs in one style: what is painted, where to, and what is done already."""

import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from nst_core.checks import shown
from nst_core.errors import ImageError, OutputError, SettingsError
from nst_core.painting.image_settings import PlaceSettings, pixels_sha256
from nst_core.painting.job import Job
from nst_core.painting.settings import read_settings, recipe_of

_MORE = {".heic", ".heif"}
"""Suffixes that Pillow knows with a package more."""


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder of this name, which may be none at all."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def photographs(folder: str | os.PathLike[str]) -> list[Path]:
    """The files of a folder that are images by their names, in the order of these; no hidden ones.

    Raises:
        ImageError: there is none, or the folder can't be read.
    """
    Image.init()
    suffixes = _MORE | set(Image.registered_extensions())
    try:
        found = sorted(
            path
            for path in Path(folder).iterdir()
            if path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file()
        )
    except OSError as error:
        raise ImageError(
            f"The folder {shown(str(folder))} can't be read: {error.strerror}."
        ) from error
    if not found:
        raise ImageError(f"There is no image in the folder {shown(str(folder))}.")
    return found


def targets(photos: Sequence[Path], folder: str | os.PathLike[str]) -> dict[Path, Path]:
    """Photograph -> its result: `cat.png` for cat.jpg, `cat.jpg.png` where there is a cat.tiff too.

    Makes the folder.

    Raises:
        OutputError: the folder is no folder, or can't be made.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {shown(str(folder))} for the results can't be made: {error.strerror}."
        ) from error
    stems = [path.stem for path in photos]
    names = [path.stem if stems.count(path.stem) == 1 else path.name for path in photos]
    return {photo: Path(folder) / f"{name}.png" for photo, name in zip(photos, names, strict=True)}


def is_done(job: Job, target: Path) -> bool:
    """Whether `target` is the finished result of a job, which is `opened`.

    It is if it says so: the same recipe and changes, the same pixels of all images.
    """
    try:
        settings = read_settings(target)
    except SettingsError:  # not there, or from elsewhere
        return False
    content, _ = job.images
    asked = job.recipe.changed(precision=settings.precision)
    steps = sum(scale.steps for scale in job.scales(content.size))
    return (
        recipe_of(settings) == asked
        and settings.steps == steps
        and settings.content_sha256 == pixels_sha256(content)
        and settings.style_sha256 == tuple(pixels_sha256(style.picture) for style in job.styles)
        and settings.style_weights == tuple(style.weight for style in job.styles)
        and settings.style_brushes == tuple(style.brush for style in job.styles)
        and settings.place == PlaceSettings.of(*job.place)
    )
