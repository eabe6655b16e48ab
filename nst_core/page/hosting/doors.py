"""Which addresses of the server are open: those that this page needs, and no other.

Gradio serves many more, each of which is one more way in: it fetches what a visitor names, hands on
what another visitor has, scales an icon to any size. A new version may bring others. So what is
open is listed here, and everything else does not exist.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from nst_core.page.hosting.links import LINKED

LONGEST_KEY = 64
"""Characters of a name that is remembered, such as a session's."""
LONGEST_QUERY = 1000
"""Characters of what follows the question mark."""
KEY = rf"[\w-]{{1,{LONGEST_KEY}}}"
NOTHING_HERE = "There is nothing at this address."
BAD_QUERY = (
    f"What follows the question mark may have {LONGEST_QUERY} characters, and a session or an "
    f"upload is named by {LONGEST_KEY} letters, digits, - and _ at most."
)
KEYS = ("session_hash", "upload_id")
"""Of a query; the server remembers them."""
CLOSED_QUERIES = ("deep_link",)
"""Of a query; it would open the page in the state of another visitor, with their secret."""
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
"""What may be had of the examples; beside them lie scripts and lists."""


@dataclass(frozen=True)
class Door:
    """Addresses that are open.

    Attributes:
        methods: HTTP's, such as "GET".
        path: of the whole path, below what a server in front takes off.
    """

    methods: tuple[str, ...]
    path: re.Pattern[str]

    def opens(self, method: str, path: str) -> bool:
        return method in self.methods and self.path.fullmatch(path) is not None


def _doors(methods: Iterable[str], *paths: str) -> list[Door]:
    return [Door(tuple(methods), re.compile(path, re.ASCII)) for path in paths]


FILE = "/gradio_api/file="
"""And the whole path of a file on this machine."""
NAMES = "(stylize|explore|restore)"
"""Of the events that are for other programs as well, as the page's *Use via API* has them."""
LINK = "/link/"
"""And a token: the address of a picture that has a page of its own."""
DOORS = (
    *_doors(("GET", "HEAD"), "/", "/healthz", "/metrics", r"/preview\.jpg", r"/icon\.(png|svg)"),
    *_doors(("GET", "HEAD"), r"/cropper\.min\.(js|css)", r"/languages/[a-z]{2}\.json"),
    *_doors(
        ("GET",),
        *(r"/assets/[\w./-]+", r"/static/[\w./-]+", r"/(gradio_api/)?theme\.css", r"/favicon\.ico"),
        *(r"/robots\.txt", r"/manifest\.json", "/pwa_icon(/(192|512))?"),
        *("/config/?", "/logout", "/gradio_api/(info|app_id|startup-events)/?"),
        *(f"/gradio_api/heartbeat/{KEY}", "/gradio_api/(queue/data|upload_progress)"),
        f"/gradio_api/call/(v2/)?{NAMES}/{KEY}",
    ),
    *_doors(
        ("POST",),
        *("/login/?", "/gradio_api/(upload|cancel|reset)/?"),
        *(f"/gradio_api/(queue/join|run/predict|call/(v2/)?{NAMES})/?",),
        f"/gradio_api/stream/{KEY}(/close)?",  # of the camera
    ),
    *_doors(("GET", "HEAD"), FILE + r"/[^\0-\x1f\x7f]*"),
)
"""What the page, its events, gradio_client and the operator need."""
LINK_DOORS = (
    *_doors(("GET", "HEAD"), rf"{LINK}{KEY}(/(picture|photo)\.jpg)?"),
    *_doors(("POST",), f"{LINK}{KEY}/delete"),
)
"""What links need, where there are any."""


class Doors:
    """ASGI middleware that lets through what is open, and tells of nothing else."""

    def __init__(self, app: ASGIApp, uploads: Path, examples: Path, links: bool = False) -> None:
        """
        Args:
            app: what stands behind.
            uploads: the folder of what visitors bring and get.
            examples: the folder of the examples, links resolved.
            links: whether pictures may have pages of their own.
        """
        self._app = app
        self._doors = (*DOORS, *(LINK_DOORS if links else ()))
        self._uploads, self._examples = _plain(uploads.absolute()), examples

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = path_of(scope)
        opened = any(door.opens(scope["method"], path) for door in self._doors)
        if not opened or not self._has(path):
            await refusal(404, NOTHING_HERE)(scope, receive, send)
            return
        query = _query(scope)
        if query is None:
            await refusal(400, BAD_QUERY)(scope, receive, send)
            return
        await self._app({**scope, "query_string": query}, receive, send)

    def _has(self, path: str) -> bool:
        """Whether a file that is named is one that may be had; others are no files.

        Those of links are had by their own addresses alone.
        """
        if not path.startswith(FILE):
            return True
        file = _plain(path.removeprefix(FILE))
        example = file.is_relative_to(self._examples) and file.suffix.lower() in PICTURES
        upload = file.is_relative_to(self._uploads)
        return example or (upload and not file.is_relative_to(self._uploads / LINKED))


def _plain(path: str | Path) -> Path:
    """Without steps up and down; links are for Gradio to follow, which looks at them, too."""
    return Path(os.path.normpath(path))


def path_of(scope: Scope) -> str:
    """The path that was asked for, below what a server in front may have left on it."""
    path, root = scope["path"], scope.get("root_path", "").rstrip("/")
    below = path.removeprefix(root)
    return below if root and below.startswith("/") and path.startswith(root) else path


def refusal(status: int, sentence: str, **headers: str) -> JSONResponse:
    """A refusal as Gradio words its own, so that its script shows the sentence."""
    return JSONResponse({"detail": sentence, "error": sentence}, status, headers=headers)


def _query(scope: Scope) -> bytes | None:
    """The query without what is closed; None for one that can't be taken."""
    text = scope["query_string"]
    if len(text) > LONGEST_QUERY:
        return None
    pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True)
    if any(name in KEYS and not re.fullmatch(KEY, value, re.ASCII) for name, value in pairs):
        return None
    if not any(name in CLOSED_QUERIES for name, _ in pairs):
        return text
    return urlencode([pair for pair in pairs if pair[0] not in CLOSED_QUERIES]).encode()
