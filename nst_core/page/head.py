"""What links to the page show of it: a title, a sentence, a picture; its icon, and other files.

Those who make such previews run no scripts and know no address but the page's, while Gradio writes
tags of its own into the page. So these are put in their place on the way out, with whole addresses
as the visitor asked for them.
"""

import re
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from typing import TypedDict

from gradio.route_utils import get_root_url
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst_core.page.look.theme import BACKGROUND, EARLY, HERE

TITLE = "Neural style transfer"
DESCRIPTION = (
    "Choose a photo and a style, and press Paint: the photo is painted again in that style, and "
    "you can watch."
)
ICON = HERE / "icon.png"
PICTURE = Path("gallery") / "first.jpg"
"""Of the examples; what a link to the page shows."""
PICTURE_TEXT = "A photograph, a painting, and the photograph in the manner of the painting"
LANGUAGES = {file.name: file for file in sorted((HERE / "languages").glob("*.json"))}
"""Catalogues of the page's words, one of which `language.js` fetches: file name -> file."""
CROPPER = ("cropper.min.js", "cropper.min.css")
"""What `crop.js` fetches when it is first asked for."""
_GRADIOS_TAG = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*?/>\s*')


class ServedParts(TypedDict):
    routes: list[Route]
    middleware: list[Middleware]


def served_parts(examples: Path) -> ServedParts:
    """What the page's server must be told, for its `app_kwargs`."""
    files = {
        "/preview.jpg": examples / PICTURE,
        "/icon.png": ICON,
        "/icon.svg": ICON.with_suffix(".svg"),
        **{f"/languages/{name}": file for name, file in LANGUAGES.items()},
        **{f"/{name}": HERE / "cropper" / name for name in CROPPER},
    }
    routes = [Route(address, _sender(file)) for address, file in files.items()]
    return {"routes": routes, "middleware": [Middleware(HeadWriter)]}


def _sender(file: Path) -> Callable[[Request], Awaitable[FileResponse]]:
    async def send(_: Request) -> FileResponse:
        return FileResponse(file, headers={"Cache-Control": "max-age=86400"})

    return send


def tags(root: str) -> str:
    """The tags of a page whose address is `root`, without a slash at its end."""
    preview = {
        "og:type": "website",
        "og:title": TITLE,
        "og:description": DESCRIPTION,
        "og:url": f"{root}/",
        "og:image": f"{root}/preview.jpg",
        "og:image:alt": PICTURE_TEXT,
    }
    card = {
        "twitter:card": "summary_large_image",
        "twitter:title": TITLE,
        "twitter:description": DESCRIPTION,
        "twitter:image": f"{root}/preview.jpg",
        "description": DESCRIPTION,
    }
    lines = [f"<title>{escape(TITLE)}</title>"]
    lines += [f'<meta property="{key}" content="{escape(text)}">' for key, text in preview.items()]
    lines += [f'<meta name="{key}" content="{escape(text)}">' for key, text in card.items()]
    lines += [
        f'<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{colour}">'
        for scheme, colour in BACKGROUND.items()
    ]
    lines += [f"<script>\n{script}</script>" for script in EARLY]
    for kind, name in (("icon", "icon.svg"), ("apple-touch-icon", "icon.png")):
        lines.append(f'<link rel="{kind}" href="{escape(root)}/{name}">')
    return "\n".join(lines)


class HeadWriter:
    """Puts the tags into the page on its way to whoever asked for it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked_for_page = scope["type"] == "http" and Request(scope).url.path.endswith("/")
        if not asked_for_page:
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Rewriting(scope, send))


class _Rewriting:
    """Holds an answer back until it is whole, and gives it on with the tags, if it is a page."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope, self.send = scope, send
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = MutableHeaders(raw=message["headers"]).get("content-type", "")
            if not kind.startswith("text/html"):
                await self.send(message)
            else:
                self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_all(self.start)

    async def _send_all(self, start: Message) -> None:
        if self.body:  # there is none where only the headers were asked for
            self.body = with_tags(self.body, tags(root_of(Request(self.scope))))
            MutableHeaders(raw=start["headers"])["content-length"] = str(len(self.body))
        await self.send(start)
        await self.send({"type": "http.response.body", "body": self.body})


def root_of(request: Request, below: str = "/") -> str:
    """The page's address as the visitor knows it, through whatever servers stand in front.

    Args:
        request: for something of the page.
        below: what that is, from the page's address on.
    """
    app = request.scope.get("app")
    path = getattr(app, "root_path", "") or request.scope.get("root_path")
    return get_root_url(request, below, path)


def with_tags(page: bytes, ours: str) -> bytes:
    """The page with our tags at the top of its head, and none of Gradio's."""
    return _GRADIOS_TAG.sub(b"", page).replace(b"<head>", b"<head>\n" + ours.encode(), 1)
