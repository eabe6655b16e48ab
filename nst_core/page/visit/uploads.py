"""Files on the server: which of them a visitor may have opened, and where new ones are put."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from gradio.utils import get_upload_folder
from PIL import Image

from nst_core.errors import ImageError
from nst_core.images.opening import image_size
from nst_core.images.saving import check_space, save_jpeg
from nst_core.page.hosting.sweeping import STREAMED
from nst_core.page.visit.visits import Pair
from nst_core.painting.job import Job

Upload = Mapping[str, object] | None
"""An image component's raw value, which a crafted request may have made up."""


def chosen_pair(content: Upload, style: Upload, examples: Path) -> Pair:
    """As `chosen_file`, for the content and the style image."""
    return (
        chosen_file(content, "photo", examples),
        chosen_file(style, "style", examples),
    )


def chosen_file(upload: object, role: str, examples: Path) -> Path:
    """The file that was uploaded or chosen, if a visitor may have it opened.

    Args:
        upload: what the component holds.
        role: what the file is for, such as "photo"; stands in the text of an error.
        examples: the folder of the examples, links resolved.

    Raises:
        ImageError: there is none, or it is neither an upload nor an example.
    """
    if not isinstance(upload, Mapping) or not upload.get("path"):
        raise ImageError(f"There is no {role}: choose one first.")
    try:
        path: Path | None = Path(str(upload["path"])).resolve()  # where links really lead
    except (OSError, ValueError, RuntimeError):  # too long, a NUL byte, a circle of links
        path = None
    allowed = Path(get_upload_folder()).resolve(), examples
    if path is None or not any(path.is_relative_to(folder) for folder in allowed):
        raise ImageError(f"The {role} was not uploaded to this page: upload it first.")
    return path


def check_disk(job: Job) -> None:
    """Raise `OutputError` if there is no room for what a job paints, or `ImageError`."""
    size = job.recipe.generated_size(image_size(job.content, "content image"))
    check_space(Path(get_upload_folder()) / "picture.png", size)


def new_folder() -> Path:
    """Where Gradio serves files from and deletes them after a day; the path is a secret."""
    folder = Path(get_upload_folder()) / secrets.token_hex(20)
    folder.mkdir(parents=True)
    return folder


def streamed(picture: Image.Image) -> str:
    """A file of a picture that is shown until the next one comes; it is deleted after an hour."""
    file = _streamed_file()
    save_jpeg(picture, file)
    return str(file)


def streamed_jpeg(picture: bytes) -> str:
    """The same of a picture that is a JPEG already."""
    file = _streamed_file()
    file.write_bytes(picture)
    return str(file)


def _streamed_file() -> Path:
    folder = Path(get_upload_folder()) / STREAMED
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{secrets.token_hex(20)}.jpg"
