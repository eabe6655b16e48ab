"""Takes files in: as Gradio does, but a request that fails leaves nothing behind."""

import secrets
import shutil
from pathlib import Path

from gradio.route_utils import GradioMultiPartParser, GradioUploadFile, MultiPartException
from gradio.routes import file_upload_statuses
from gradio_client.utils import strip_invalid_filename_characters
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nst_core.checks import shown
from nst_core.page.hosting.doors import refusal
from nst_core.page.hosting.guesses import signed_in
from nst_core.page.hosting.request_limits import MEGABYTE

MOST_FILES = 20
"""Of one request; each is an open file while it is sent."""
NO_FILES = "Only files are taken here, each by the name of files."
CLIPS = (
    *(".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".3gp", ".ogv", ".wmv"),
    *(".flv", ".ts", ".mts", ".m2ts"),
)
"""How the names of clips end; they may be larger than others."""
TOO_MANY = f"A request may bring {MOST_FILES} files at most."


def upload_route(uploads: Path, megabytes: int, clip_megabytes: int) -> Route:
    """In front of Gradio's own.

    Args:
        uploads: the folder for them; each request gets one of its own in there.
        megabytes: that one file may have.
        clip_megabytes: the same for a clip.
    """

    async def upload(request: Request) -> Response:
        if not signed_in(request):
            return refusal(401, "Give the password first.")
        folder = uploads / secrets.token_hex(20)
        folder.mkdir(parents=True)
        placed: list[str] = []
        try:
            placed = await _taken(request, folder, max(megabytes, clip_megabytes))
            _check_sizes(placed, megabytes)
        except MultiPartException as problem:
            placed = []
            size = "maximum allowed size" in problem.message
            many = problem.message.startswith("Too many files")
            return refusal(413 if size else 400, TOO_MANY if many else problem.message)
        except (ValueError, KeyError, TypeError):
            return refusal(400, NO_FILES)
        finally:  # whatever it was: a broken connection, a full disk
            if not placed:
                shutil.rmtree(folder, ignore_errors=True)
        return JSONResponse(placed)

    return Route("/gradio_api/upload", upload, methods=["POST"])


async def _taken(request: Request, folder: Path, megabytes: int) -> list[str]:
    """Where the files of a request lie from now on."""
    upload_id = request.query_params.get("upload_id")
    if upload_id:
        file_upload_statuses.track(upload_id)
    parser = GradioMultiPartParser(
        request.headers,
        request.stream(),
        max_files=MOST_FILES,
        max_fields=MOST_FILES,
        upload_dir=folder,
        upload_id=upload_id,
        upload_progress=file_upload_statuses if upload_id else None,
        max_file_size=megabytes * MEGABYTE,
    )
    form = await parser.parse()
    placed = [_placed(file, folder / str(n)) for n, file in enumerate(form.getlist("files"))]
    await form.close()
    for rest in folder.glob("tmp*"):  # files of other names
        rest.unlink()
    return placed


def _check_sizes(placed: list[str], megabytes: int) -> None:
    """Raise what the parser raises for a file that is too large, but is no clip."""
    for each in map(Path, placed):
        if each.suffix.lower() not in CLIPS and each.stat().st_size > megabytes * MEGABYTE:
            raise MultiPartException(
                f"{shown(each.name)} exceeds the maximum allowed size of {megabytes} MB."
            )


def _placed(file: object, folder: Path) -> str:
    if not isinstance(file, GradioUploadFile):
        raise TypeError(type(file).__name__)
    name = strip_invalid_filename_characters(Path(file.filename or "").name)
    folder.mkdir()
    path = folder / (name if name.strip(". ") else "file")
    Path(file.file.name).rename(path)
    return str(path)
