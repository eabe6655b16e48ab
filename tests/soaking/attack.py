"""All that once broke a public page, on loopback and at once: what it takes, and what is left."""

import os
import random
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
from helpers import CAT
from PIL import Image
from playwright.sync_api import sync_playwright
from soaking.fuzz import UPLOADED
from soaking.runs import run_once
from soaking.served import QUIET_SECONDS, Figures, Page, page, wait_until
from visiting import Visitor, usual

MOST_MORE = 500
"""MB over what is held at rest."""
LONGEST_HEALTH = 2.0
"""Seconds until a load balancer has its answer."""
STRANGERS = 1100
SWEPT = 150.0
"""Seconds until files that are too old are gone."""
A_DAY = 100_000
"""Seconds, and a bit more."""


@dataclass
class Watch:
    """What the page took meanwhile.

    Attributes:
        page: most MB that its own process held.
        beside: the same of those beside it.
        health: longest seconds until an answer.
        silent: whether there was one without.
    """

    page: int = 0
    beside: int = 0
    health: float = 0.0
    silent: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def look(self, served: Page) -> None:
        with httpx.Client(base_url=served.url, trust_env=False, timeout=30) as client:
            while not self.over.wait(0.2):
                began = time.monotonic()
                try:
                    client.get("/healthz")
                except httpx.HTTPError:
                    self.silent = True
                self.health = max(self.health, time.monotonic() - began)
                held = served.held()
                self.page = max(self.page, held["mb"] - held["beside"])
                self.beside = max(self.beside, held["beside"])


@contextmanager
def watched(served: Page) -> Iterator[Watch]:
    watch = Watch()
    thread = threading.Thread(target=watch.look, args=(served,))
    thread.start()
    try:
        yield watch
    finally:
        watch.over.set()
        thread.join()


def attack(browsers: int) -> tuple[Figures, dict[str, bool]]:
    """Crafted requests of every kind that did harm once, and browsers that are closed in a run."""
    with page(NST_MAX_HELD="300") as served:
        for number in range(3):
            run_once(served, f"first-{number}", "full", 2, 128, "studio")
        time.sleep(QUIET_SECONDS)
        rest, kept, before = served.held(), owner(served), files(served)
        with watched(served) as watch:
            told = {attack.__name__: attack(served) for attack in ATTACKS}
            closed = close_browsers(served, browsers)
            time.sleep(QUIET_SECONDS)
            left = swept(files(served) - before)
        last = run_once(served, "last", "full", 2, 128, "studio")
        found = owner(served, kept[0])
        after, forged = served.held(), "forged" in served.log.read_text()
        sent = httpx.post(f"{served.url}gradio_api/upload", files={"files": b"x"}, trust_env=False)
    alone = {name: held["mb"] - held["beside"] for name, held in (("rest", rest), ("after", after))}
    figures = {
        "rest": rest,
        "most_of_the_page": watch.page,
        "most_beside": watch.beside,
        "longest_health": round(watch.health, 2),
        "after": after,
        "attacks": told,
        "browsers": closed,
        "left": left,
    }
    goals = {
        "refused": all(told.values()),
        "memory": watch.page - alone["rest"] <= MOST_MORE,
        "given_back": alone["after"] <= 1.1 * alone["rest"],
        "health": not watch.silent and watch.health < LONGEST_HEALTH,
        "files": left == 0,
        "uploads": sent.is_success,
        "others": found == kept,
        "log": not forged,
        "page": last.how == "finished",
    }
    return figures, goals


def owner(served: Page, secret: Any = None) -> tuple[Any, int]:
    """A visitor's secret, and how many pictures they find; painted where there is none."""
    name = f"owner-{secret is None}"
    with closing(Visitor(served.url, name)) as visitor:
        come_back = served.find("come_back")
        inputs = len(served.events[f"come_back {come_back}"][1])
        _, answers = visitor.ask(come_back, [secret, *[None] * (inputs - 1)])
        if secret is None:
            run_once(served, name, "full", 2, 128, "studio")
            _, answers = visitor.ask(come_back, [answers[0], *[None] * (inputs - 1)])
    strip = next(each for each in answers[1:] if isinstance(each, dict) and "value" in each)
    return answers[0], len(strip["value"])


def files(served: Page) -> set[Path]:
    return {path for path in (served.log.parent / "pictures").rglob("*") if path.is_file()}


def swept(new: set[Path]) -> int:
    """How many are left of these, once they are a day old."""
    then = time.time() - A_DAY
    for path in new:
        with suppress(FileNotFoundError):
            os.utime(path, (then, then))
    with suppress(TimeoutError):
        wait_until(lambda: not any(path.exists() for path in new), SWEPT)
    return sum(path.exists() for path in new)


# ---------------------------------------------------------------- what is tried


def closed_addresses(served: Page) -> bool:
    """The editor's way beside the queue, states of others, icons, relays, scripts, forged lines."""
    layer = {"type": "layer", "index": "300000000", "id": "a", "fn_name": "accept_blobs"}
    layer |= {"component_id": "1", "session_hash": "x"}
    file, elsewhere = "gradio_api/file=", "http://127.0.0.1:9/x.png"
    paths = (
        *("gradio_api/deep_link?session_hash=owner-True", "pwa_icon/40000", "a%0Aforged"),
        *(file + elsewhere, f"gradio_api/proxy={elsewhere}", f"{file}{CAT.parents[1]}/pairs.json"),
        "gradio_api/custom_component/a%0Aforged/a/a/a",
    )
    with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
        server = f"{served.url}gradio_api/component_server"
        sent = [client.post(server, data=layer, files={"file": b"x"}), *map(client.get, paths)]
        opened = client.get("config?deep_link=" + "a" * 43).json().get("deep_link_state")
        return {each.status_code for each in sent} == {404} and opened != "valid"


def long_names(served: Page) -> bool:
    body = {"data": [], "fn_index": served.find("stylize")}
    with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
        answers = [
            client.post(
                "gradio_api/queue/join",
                json={**body, "session_hash": f"{number}{'x' * 900_000}"},
            )
            for number in range(100)
        ]
    return {each.status_code for each in answers} == {400}


def other_sites(served: Page) -> bool:
    told = {"Origin": "https://evil.example"}
    upload = f"{served.url}gradio_api/upload"
    sent = httpx.post(upload, headers=told, files={"files": b"x"}, trust_env=False)
    return sent.status_code == 403


def uploads(served: Page) -> bool:
    """Of other names, too large, and broken off: 600 MB where 300 may be held."""
    upload, large = f"{served.url}gradio_api/upload", b"x" * 20 * 10**6
    for _ in range(8):
        httpx.post(upload, files={"photo": large}, trust_env=False, timeout=60)
        many = [("files", ("a.png", large))] * 3
        httpx.post(upload, files=many, trust_env=False, timeout=60)
    address = urlsplit(served.url)
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Content-Length: 40000000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    )
    for _ in range(8):
        port = address.port or 80
        with (
            suppress(OSError),  # it is full for a moment, and closes
            socket.create_connection((address.hostname, port), timeout=30) as connection,
        ):
            connection.sendall(head.encode() + large)

    def small() -> bool:
        return sum(path.stat().st_size for path in files(served)) < 100e6

    wait_until(small, 60)
    time.sleep(2)  # where the folder was full, it is looked at after a second
    return httpx.post(upload, files={"files": b"x"}, trust_env=False).is_success


def addresses(served: Page) -> bool:
    """In a file's place; the other server is not asked."""
    file = {"path": "http://127.0.0.1:9/big.png", "url": "http://127.0.0.1:9/big.png", **UPLOADED}
    told = []
    with closing(Visitor(served.url, "addresses")) as visitor:
        for number, components in served.events.values():
            data = usual(components)
            places = [n for n, each in enumerate(components) if each["type"] in ("image", "file")]
            if places:
                data[places[0]] = file
                told.append(visitor.ask(number, data)[1])
    return all("none is fetched" in str(each) for each in told)


def large_photographs(served: Page) -> bool:
    """Seven of 64 megapixels in one run."""
    file = served.log.parent / "large.png"
    Image.new("RGB", (8000, 8000), "navy").save(file)
    upload = f"{served.url}gradio_api/upload"
    with file.open("rb") as opened:
        sent = httpx.post(upload, files={"files": opened}, trust_env=False, timeout=60).json()
    photo = {"path": sent[0], **UPLOADED}
    run = served.find("stylize")
    components = served.events[f"stylize {run}"][1]
    data = served.choices(size=128, steps=2)
    for place, component in enumerate(components):
        if component["type"] == "image":
            data[place] = photo
    with closing(Visitor(served.url, "large", timeout=240)) as visitor:
        success, answer = visitor.ask(run, data)
    return success and "inished" in str(answer)


def strangers(served: Page) -> bool:
    begun = served.numbers()[0]
    with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
        for number in range(STRANGERS):
            body = {"data": [None], "fn_index": begun, "session_hash": f"stranger-{number}"}
            client.post("gradio_api/run/predict", json=body)
    return True


def beside(served: Page, module: str) -> list[psutil.Process]:
    found = []
    for child in served.process.children():
        with suppress(psutil.Error):
            found += [child] if module in " ".join(child.cmdline()) else []
    return found


def killed_openers(served: Page) -> bool:
    """What opens files is killed; no file is blamed for it."""
    for child in beside(served, "guarded"):
        child.kill()
    return run_once(served, "opened", "full", 2, 128, "studio").how == "finished"


def hanging_painter(served: Page) -> bool:
    """It is stopped in a run, which its visitor then stops."""
    begun, run, stop = served.numbers()
    with closing(Visitor(served.url, "hanging", timeout=120)) as visitor:
        visitor.at_once(begun, [None])
        visitor.join(run, served.choices(size=128, steps=2000))
        asked, heard = None, 0
        for word in visitor.listen():
            heard += word.get("msg") == "process_generating"
            if heard == 3 and asked is None:
                for child in beside(served, "painting_process"):
                    child.suspend()
                visitor.at_once(stop, [None])
                asked = time.monotonic()
            if word.get("msg") == "process_completed":
                return asked is not None and time.monotonic() - asked < 12
    return False


ATTACKS: tuple[Callable[[Page], bool], ...] = (
    *(closed_addresses, long_names, other_sites, uploads, addresses, large_photographs),
    *(strangers, killed_openers, hanging_painter),
)


def close_browsers(served: Page, count: int) -> int:
    """Runs in real browsers, which are closed at some moment; gives how many there were."""
    chromium, chance = shutil.which("chromium"), random.Random(0)
    if chromium is None or not count:
        return 0
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        for _ in range(count):
            with browser.new_page() as tab:
                tab.goto(served.url)
                tab.locator("#paint-go").click(timeout=60_000)
                tab.wait_for_timeout(chance.uniform(0, 3000))
        browser.close()
    return count
