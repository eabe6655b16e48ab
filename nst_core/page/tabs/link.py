"""The button that gives a picture a page of its own; `link.js` asks, and shows the address."""

import json
from pathlib import Path
from threading import Lock

import gradio as gr

from nst_core.errors import OutputError
from nst_core.page.hosting.links import Link, Links
from nst_core.page.inputs.titles import link_text, photo_title
from nst_core.page.look.link_page import About
from nst_core.page.look.parts import bell
from nst_core.page.run.running import AT_ONCE, PRIVATE
from nst_core.page.visit.visits import Kept, Visit

MOST_OF_ONE = 12
"""Links that one visitor may have at a time, as many as the strip has pictures."""
TOO_MANY = (
    f"You have {MOST_OF_ONE} links, and no more are kept for one visitor: open one of them and "
    "delete it there, or wait until the first is over."
)
NOT_MADE = "The link could not be made. If the server is full, try again in a minute."


class LinkButton:
    """Attributes: button; it stands where this is made."""

    def __init__(self, links: Links, examples: Path) -> None:
        self.links, self.examples = links, examples
        self.button = gr.Button("Link", interactive=False, size="md", min_width=44, elem_id="link")
        self._lock = Lock()

    def wire(self, shown: gr.components.Component, visit: gr.State) -> None:
        """
        Args:
            shown: holds the file of what is shown.
            visit: of the visitor.
        """
        time = json.dumps(hours_text(self.links.hours))
        ask = f"file => window.askForLink(file, {time})"
        self.button.click(None, shown, None, js=ask, **AT_ONCE)
        wanted = bell("link-wanted", "Link", "link")
        made = gr.JSON(label="Link made", elem_classes="unseen")
        tell = "made => window.linkMade(made)"
        # one at a time, however many are asked for: a picture is encoded for each
        asked = wanted.select(
            self.make, visit, made, concurrency_id="links", concurrency_limit=1, **PRIVATE
        )
        asked.success(None, made, None, js=tell, **AT_ONCE)
        failed = asked.failure(self.why_not, visit, made, **AT_ONCE)
        failed.then(None, made, None, js=tell, **AT_ONCE)

    def make(self, visit: Visit) -> dict[str, object]:
        """The link of what is shown, for the browser: the one that it has, or a new one.

        Raises:
            ImageError: nothing is shown, or it was deleted.
            OutputError: it can't be written, or the visitor has as many as there may be.
        """
        visit.problem = ""
        with self._lock:
            link = self._link_of(visit)
        return {"token": link.token, "key": link.key, "until": round(1000 * link.until)}

    def why_not(self, visit: Visit) -> dict[str, object]:
        """Why none was made; where the event never began, no problem was left behind."""
        return {"problem": visit.problem or NOT_MADE}

    def _link_of(self, visit: Visit) -> Link:
        seen, painted, own = visit.seen(), visit.painted(), visit.album.links
        for file in [file for file, link in own.items() if self.links.find(link.token) is None]:
            del own[file]  # its time is over, or it was deleted
        if seen not in own:
            if len(own) >= MOST_OF_ONE:
                raise OutputError(TOO_MANY)
            about = About(
                link_text(painted.pair, self.examples),
                photo_title(painted.pair, self.examples),
                preview=not isinstance(painted, Kept),
            )
            own[seen] = self.links.make(seen, painted.before, about)
        return own[seen]


def hours_text(hours: int) -> str:
    """How long a link lasts, in words."""
    if hours > 24 and hours % 24 == 0:
        return f"{hours // 24} days"
    return "an hour" if hours == 1 else f"{hours} hours"
