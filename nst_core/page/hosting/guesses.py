"""Passwords are guessed slowly, and whoever leaves a page does not take others along."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst_core.page.hosting.doors import path_of, refusal
from nst_core.page.hosting.limits import Network
from nst_core.page.hosting.request_limits import client_address

OF_ONE, ONE_EVERY = 10, 10.0
"""Wrong passwords of one address at once, and seconds for each that follows."""
OF_ALL, ALL_EVERY = 60, 2.0
"""The same of all together: nobody has so many addresses that it would help."""
MOST_ADDRESSES = 10_000
WRONG = (400, 401)
"""Status of an answer to a password that is none."""


class Guesses:
    """Who has guessed wrongly how often, as it fades."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Args: clock: monotonic seconds."""
        self._clock = clock
        self._free: OrderedDict[str, float] = OrderedDict()
        """When each address will have none to its name."""
        self._all_free = 0.0

    def take(self, address: str) -> float:
        """One more guess of this address; where it has none left, the seconds until it has again.

        It counts as wrong until `give_back`: so none is free that is sent beside others.
        """
        now = self._clock()
        own = max(self._free.get(address, 0.0), now)
        everybody = max(self._all_free, now)
        early = max(
            own - now - (OF_ONE - 1) * ONE_EVERY, everybody - now - (OF_ALL - 1) * ALL_EVERY
        )
        if early > 0:
            return early
        self._free.pop(address, None)
        self._free[address], self._all_free = own + ONE_EVERY, everybody + ALL_EVERY
        if len(self._free) > MOST_ADDRESSES:
            self._free.popitem(last=False)
        return 0.0

    def give_back(self, address: str) -> None:
        """The guess was right."""
        self._all_free -= ALL_EVERY
        if address in self._free:
            self._free[address] -= ONE_EVERY


class SlowGuesses:
    """ASGI middleware in front of whatever asks for a password."""

    def __init__(
        self, app: ASGIApp, proxies: Sequence[Network], guesses: Guesses | None = None
    ) -> None:
        """
        Args:
            app: what stands behind.
            proxies: servers in front that tell for whom they ask; without any, all visitors who
                come from one address count as one.
            guesses: see there.
        """
        self._app, self._proxies = app, proxies
        self._guesses = guesses or Guesses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _brings_password(scope):
            await self._app(scope, receive, send)
            return
        host = (scope.get("client") or ("",))[0]
        address = client_address(host, self._proxies) or host
        seconds = math.ceil(self._guesses.take(address))
        if seconds:
            sentence = f"Too many wrong passwords were sent: try again in {seconds} s."
            await refusal(429, sentence, **{"Retry-After": str(seconds)})(scope, receive, send)
            return

        async def look(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] not in WRONG:
                self._guesses.give_back(address)
            await send(message)

        await self._app(scope, receive, look)


def _brings_password(scope: Scope) -> bool:
    form = path_of(scope).rstrip("/") == "/login" and scope["method"] == "POST"
    return form or "authorization" in Headers(scope=scope)


def token_cookies(app: Any) -> tuple[str, str]:
    """Names of the cookies in which a browser may hold the token that its password was worth."""
    return f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}"


def signed_in(request: Request) -> bool:
    """Whether the page asks for no password, or this browser has given it."""
    app = request.app
    tokens = map(request.cookies.get, token_cookies(app))
    return not app.auth or any(token in app.tokens for token in tokens)


async def leave(request: Request) -> Response:
    """End the session of this browser; Gradio's own `/logout` ends those of all who know it."""
    app = request.app
    answer = RedirectResponse(f"{request.scope.get('root_path', '').rstrip('/')}/", 302)
    for name in token_cookies(app):
        app.tokens.pop(request.cookies.get(name), None)
        answer.delete_cookie(name, path="/")
    return answer


LOGOUT = Route("/logout", leave)
"""In front of Gradio's."""
