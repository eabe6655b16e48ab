"""What browsers are told with each answer, and that no other site may speak for a visitor."""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst_core.page.hosting.doors import FILE, LINK, path_of, refusal

FOREIGN = "Another site has sent this: open the page itself, and send it from there."
HERE_ONLY = "frame-ancestors 'self'"
ON_SPACES = f"{HERE_ONLY} https://huggingface.co https://*.huggingface.co https://*.hf.space"
"""Spaces show the page in a frame of theirs."""
OF_A_FILE = (
    *("content-type", "content-length", "content-range", "content-disposition", "content-encoding"),
    *("accept-ranges", "cache-control", "etag", "last-modified", "vary"),
)
"""Headers that may come with a file. Gradio answers a part of one with those of the request."""
SAFE = ("GET", "HEAD")
"""Methods that change nothing; what they get, no other site's script may read."""


class Browsers:
    """ASGI middleware that takes requests of its own pages only, and adds headers to answers.

    Gradio lets the scripts of every site in, with the visitor's cookies, where it isn't at home on
    the visitor's own machine. It never learns the origin here, and so allows none.
    """

    def __init__(
        self, app: ASGIApp, environment: Mapping[str, str], names: Callable[[], Iterable[str]]
    ) -> None:
        """
        Args:
            app: what stands behind.
            environment: such as `os.environ`; Spaces are known by it.
            names: gives addresses of the page that its requests may not tell, such as the link's.
        """
        self._app, self._names = app, names
        frames = ON_SPACES if environment.get("SPACE_ID") else HERE_ONLY
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Content-Security-Policy": frames,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = path_of(scope)
        file, link = path.startswith(FILE), path.startswith(LINK)

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if file:
                    _leave(headers, OF_A_FILE)
                own = headers.keys() if link else ()  # which are stricter
                headers.update({k: v for k, v in self._headers.items() if k.lower() not in own})
                message = {**message, "headers": headers.raw}
            await send(message)

        if scope["method"] not in SAFE and self._foreign(Headers(scope=scope)):
            await refusal(403, FOREIGN)(scope, receive, add)
            return
        headers = [each for each in scope["headers"] if each[0] != b"origin"]
        await self._app({**scope, "headers": headers}, receive, add)

    def _foreign(self, headers: Headers) -> bool:
        """Whether a browser says that another site's page has sent this; programs say nothing."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        if origin is None:
            return False
        hosts = headers.get("host", ""), headers.get("x-forwarded-host", "").split(",")[0].strip()
        known = {*hosts, *(urlsplit(name).netloc for name in self._names())} - {""}
        return urlsplit(origin).netloc not in known


def _leave(headers: MutableHeaders, names: tuple[str, ...]) -> None:
    """Take all others away."""
    for name in set(headers.keys()) - set(names):
        del headers[name]
