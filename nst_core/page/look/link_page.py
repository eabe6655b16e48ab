"""The page behind a link to a picture: HTML of its own, and what a browser may do with it.

It asks for nothing elsewhere, runs no scripts but those in it, and works without them as well.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from pathlib import Path

from nst_core.images.sizes import Size

HERE = Path(__file__).parent


def _short(path: Path) -> str:
    """A style sheet or a script of ours without indents, and without lines of comment."""
    lines = map(str.strip, path.read_text().splitlines())
    return "\n".join(["", *(line for line in lines if not line.startswith("//"))])


STYLE, SCRIPT = (_short(HERE / "linked" / name) for name in ("linked.css", "linked.js"))
READ = [_short(HERE / "early" / name) for name in ("blocked-storage.js", "language.js")]
"""Scripts that have the page in the visitor's language."""
POLICY = (
    "default-src 'none'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; style-src {style}; script-src {script}"
)
NOT_THERE = (
    "There is no picture here",
    "Links to pictures last for a while. This one is over, or was deleted, or a part of its "
    "address is missing.",
)
NOT_SIGNED_IN = (
    "This page asks for a password",
    "Give it first, and then open the link again.",
)
"""Heading and sentence."""


@dataclass(frozen=True)
class About:
    """What is told of a picture.

    Attributes:
        title: what its page is called.
        photo: what the photograph is called.
        preview: whether it is only a quick preview.
    """

    title: str
    photo: str
    preview: bool = False

    @property
    def what(self) -> str:
        """What it is."""
        return "A quick preview of a photo" if self.preview else "A photo, painted again"


@dataclass(frozen=True)
class Shown:
    """What a page shows.

    Attributes:
        about: the picture.
        size: (width, height) px of both.
        until: seconds since 1970 at which it is gone.
        name: the last part of its address; below it are picture.jpg and photo.jpg.
        root: the address of the page that pictures are made on, without a slash at its end.
    """

    about: About
    size: Size
    until: float
    name: str
    root: str


@dataclass(frozen=True)
class Document:
    """Attributes: html; policy, its Content-Security-Policy."""

    html: str
    policy: str


def link_page(shown: Shown) -> Document:
    """The page of a picture."""
    about, (width, height) = shown.about, shown.size
    style = f"{STYLE}:root {{ --ratio: {width / height:.4f}; }}\n"
    until = datetime.fromtimestamp(shown.until, UTC)
    time = f"{until.day} {until:%B %Y, %H:%M} UTC"
    body = f"""<h1>{escape(about.title)}</h1>
<p>{about.what}, {width} × {height} px.</p>
<div class="pictures">
{_figure(shown, "picture", f"{about.what}: {about.photo}")}
{_figure(shown, "photo", f"The photo: {about.photo}")}
</div>
<p><a href="../">Make your own</a></p>
<p>This page is here until <time datetime="{until:%Y-%m-%dT%H:%M:%SZ}">{time}</time>.</p>
<div class="owner" hidden><p>You made this link.</p><button type="button">Delete it</button>
<p role="status"></p></div>"""
    return _document(about.title, body, style, _tags(shown), SCRIPT)


def told(heading: str, sentence: str) -> Document:
    """A page that only tells something."""
    body = f'<h1>{heading}</h1>\n<p>{sentence}</p>\n<p><a href="../">Make your own</a></p>'
    return _document(heading, body, STYLE, "")


def _figure(shown: Shown, kind: str, alt: str) -> str:
    width, height = shown.size
    return (
        f'<figure class="{kind}"><img src="{escape(shown.name)}/{kind}.jpg" alt="{escape(alt)}" '
        f'width="{width}" height="{height}"><figcaption>{kind.capitalize()}</figcaption></figure>'
    )


def _tags(shown: Shown) -> str:
    """What other sites and programs show of a link to the page."""
    about, (width, height) = shown.about, shown.size
    text = f"{about.what}, {width} × {height} px."
    address = f"{shown.root}/link/{shown.name}"
    picture = f"{address}/picture.jpg"
    graph = {
        **{"og:type": "website", "og:title": about.title, "og:description": text},
        **{"og:url": address, "og:image": picture, "og:image:alt": f"{about.what}: {about.photo}"},
        **{"og:image:width": str(width), "og:image:height": str(height)},
    }
    card = {
        **{"twitter:card": "summary_large_image", "twitter:title": about.title},
        **{"twitter:description": text, "twitter:image": picture, "description": text},
    }
    lines = [f'<meta property="{name}" content="{escape(each)}">' for name, each in graph.items()]
    lines += [f'<meta name="{name}" content="{escape(each)}">' for name, each in card.items()]
    return "\n".join(lines)


def _document(title: str, body: str, style: str, tags: str, *scripts: str) -> Document:
    html = f"""<!doctype html>
<html lang="en" data-home="../">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)}</title>
{tags}
<link rel="icon" href="../icon.svg">
<style>{style}</style>
{_tagged(READ)}
</head>
<body>
<main>
{body}
</main>
{_tagged(scripts)}
</body>
</html>
"""
    allowed = " ".join(map(_hashed, (*READ, *scripts)))
    return Document(html, POLICY.format(style=_hashed(style), script=allowed))


def _tagged(scripts: Sequence[str]) -> str:
    return "\n".join(f"<script>{script}</script>" for script in scripts)


def _hashed(text: str) -> str:
    """By which a browser knows that it may use it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
