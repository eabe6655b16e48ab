"""What stands in front of the page: how much one request may send, and whose it is."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst_core.page.hosting.limits import Network

MEGABYTE = 10**6
FULL = (
    "This server holds as many pictures as it may. They are deleted after a day: try again later."
)
HOUSEHOLD = 64
"""Bits of an IPv6 address that one household or one company shares; it has all that follow."""


def client_address(host: str, proxies: Sequence[Network]) -> str | None:
    """Who asks, where a trusted proxy tells; None where nobody does.

    Args:
        host: the address that uvicorn found, which is the proxy's own if that told none.
        proxies: those that are trusted.
    """
    try:
        address = ip_address(host)
    except ValueError:  # a name, or a socket's path
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if not proxies or any(address in proxy for proxy in proxies):
        return None
    bits = HOUSEHOLD if isinstance(address, IPv6Address) else 32
    return str(ip_network(f"{address}/{bits}", strict=False))


class Held:
    """What the files in a folder take together, looked at every few seconds at most."""

    LASTS = 10.0
    """Seconds that a look holds for."""
    LASTS_FULL = 1.0
    """The same where it is full: what was taken in since may be gone again."""

    def __init__(
        self, folder: Path, megabytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """
        Args:
            folder: with others in it.
            megabytes: that they may take.
            clock: monotonic seconds.
        """
        self._folder, self._most, self._clock = folder, megabytes * MEGABYTE, clock
        self._looked, self._bytes_then, self._taken = clock() - self.LASTS, 0, 0

    def full(self) -> bool:
        """Whether they take as much as they may, with all that was taken in since the last look."""
        full = self._bytes_then + self._taken >= self._most
        if self._clock() - self._looked >= (self.LASTS_FULL if full else self.LASTS):
            self._looked, self._bytes_then, self._taken = self._clock(), self._bytes(), 0
            full = self._bytes_then >= self._most
        return full

    def take(self, count: int) -> None:
        """So many bytes more come in."""
        self._taken += count

    def _bytes(self) -> int:
        total = 0
        for path in self._folder.rglob("*"):
            with suppress(OSError):  # deleted meanwhile
                total += path.lstat().st_size
        return total


class BodyLimit:
    """ASGI middleware that ends a request whose body is too long, all its files together.

    Gradio limits each file of an upload, but not how many there are, nor what else may be sent. Nor
    does it limit what uploads take together until they are deleted, which this does, too.
    """

    def __init__(self, app: ASGIApp, uploads: int, others: int, held: Held) -> None:
        """
        Args:
            app: what stands behind.
            uploads: MB of a request that brings files.
            others: MB of any other request.
            held: where files that were brought lie.
        """
        self._app = app
        self._uploads, self._others, self._held = uploads, others, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        brings_files = scope["path"].endswith("/upload")
        if brings_files and self._held.full():
            await _full()(scope, receive, send)
            return
        megabytes = self._uploads if brings_files else self._others
        held = self._held if brings_files else None
        request = _Request(receive, send, megabytes * MEGABYTE, held)
        try:
            request.check(_announced(scope))
            await self._app(scope, request.receive, request.send)
        except _FullError:
            await _full()(scope, receive, send)
        except _TooLongError:
            if request.answered:
                raise
            sentence = f"This request may send {megabytes} MB at most: send less, or smaller files."
            answer = PlainTextResponse(sentence, 413, headers={"connection": "close"})
            await answer(scope, receive, send)


class _TooLongError(Exception):
    """More was sent than may be; never leaves this module but for an answer already begun."""


class _FullError(Exception):
    """The folder has filled up meanwhile; never leaves this module."""


class _Request:
    """Counts what comes in, and whether an answer has gone out."""

    def __init__(self, receive: Receive, send: Send, limit: int, held: Held | None) -> None:
        self.answered = False
        self._held = held
        self._receive, self._send, self._limit = receive, send, limit
        self._length = 0

    def check(self, length: int) -> None:
        if length > self._limit:
            raise _TooLongError

    async def receive(self) -> Message:
        message = await self._receive()
        length = len(message.get("body", b""))
        self._length += length
        self.check(self._length)
        if self._held is not None and length:
            self._held.take(length)
            if self._held.full():
                raise _FullError
        return message

    async def send(self, message: Message) -> None:
        self.answered = True
        await self._send(message)


def _full() -> PlainTextResponse:
    return PlainTextResponse(FULL, 507, headers={"connection": "close"})


def _announced(scope: Scope) -> int:
    """Bytes that the request's head says will follow; 0 if it doesn't say."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0
