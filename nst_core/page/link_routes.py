"""Pages of pictures that have a link, served beside the page itself, and how a link is deleted.

A link doesn't stand in for the password, where there is one. Of links that never were, are over or
were deleted, and of keys that don't fit, the same is told.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from nst_core.page.head import root_of
from nst_core.page.hosting.doors import LINK
from nst_core.page.hosting.guesses import signed_in
from nst_core.page.hosting.links import PHOTO, PICTURE, Link, Links
from nst_core.page.look.link_page import (
    NOT_SIGNED_IN,
    NOT_THERE,
    Document,
    Shown,
    link_page,
    told,
)

HEADERS = {
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
CACHED = 60
"""Seconds at most that a browser may keep a picture, which may be deleted any time."""
LONGEST_DELETION = 200
"""Bytes of a request that brings a key."""

Answer = Callable[[Request, Links], Awaitable[Response]]


def link_routes() -> list[Route]:
    """For a page that has `links`."""
    address = f"{LINK}{{token}}"
    return [
        Route(address, _guarded(_page)),
        *(Route(f"{address}/{name}", _guarded(_sender(name))) for name in (PICTURE, PHOTO)),
        Route(f"{address}/delete", _guarded(_delete), methods=["POST"]),
    ]


def _guarded(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """For those alone who may see the page; whether there is such a link, nobody else learns."""

    async def guarded(request: Request) -> Response:
        if not signed_in(request):
            return _telling(told(*NOT_SIGNED_IN), 401)
        return await answer(request, request.app.get_blocks().links)

    return guarded


async def _page(request: Request, links: Links) -> Response:
    link = links.find(request.path_params["token"])
    if link is None:
        return _not_there()
    root = root_of(request, f"{LINK}{link.token}")
    shown = Shown(link.about, link.size, link.until, name=link.token, root=root)
    return _telling(link_page(shown), 200, "private, max-age=0")


def _sender(name: str) -> Answer:
    async def send(request: Request, links: Links) -> Response:
        link = links.find(request.path_params["token"])
        content = await asyncio.to_thread(_read, link, name) if link else None
        if link is None or content is None:
            return _not_there()
        seconds = max(0, min(CACHED, int(links.left(link))))
        headers = {
            **HEADERS,
            "Content-Security-Policy": "default-src 'none'",
            "Cache-Control": f"private, max-age={seconds}",
        }
        return Response(content, media_type="image/jpeg", headers=headers)

    return send


def _read(link: Link, name: str) -> bytes | None:
    with suppress(OSError):  # deleted meanwhile
        return (link.folder / name).read_bytes()
    return None


async def _delete(request: Request, links: Links) -> Response:
    body = await request.body()  # of a megabyte at most, see `BodyLimit`
    keys = parse_qs(body[:LONGEST_DELETION].decode("latin-1")).get("key", [""])
    token = request.path_params["token"]
    if not await asyncio.to_thread(links.delete, token, keys[0]):
        return _not_there()
    return Response(status_code=204, headers={**HEADERS, "Cache-Control": "no-store"})


def _not_there() -> Response:
    return _telling(told(*NOT_THERE), 404)


def _telling(document: Document, status: int, cached: str = "no-store") -> Response:
    policy = {"Content-Security-Policy": document.policy, "Cache-Control": cached}
    return HTMLResponse(document.html, status, {**HEADERS, **policy})
