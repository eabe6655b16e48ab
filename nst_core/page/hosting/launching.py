"""The page on its way to visitors: a port, a folder for their pictures, and no proxy in between."""

import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import httpx

from nst_core.child import end_all
from nst_core.images.guarded import LONGEST_SIDE, OpeningProcess
from nst_core.page.hosting import operation
from nst_core.page.hosting.limits import current
from nst_core.page.hosting.page_options import BAD_INPUT, Options
from nst_core.page.hosting.sweeping import OwnFolder
from nst_core.serving.cluster import Cluster
from nst_core.serving.own_process import OwnProcess
from nst_core.serving.painter import Painter, on_cluster

log = logging.getLogger(__name__)

LAST_SECONDS = 8.0
"""For runs to end with their pictures, when the page is stopped; a container gets ten."""
LAST_WORDS = 0.5
"""Seconds for what they ended with to reach their visitors."""
TEMP_DIR = "GRADIO_TEMP_DIR"
"""The variable that names Gradio's folder for files."""
TRUSTED = "FORWARDED_ALLOW_IPS"
"""The variable by which uvicorn knows whose word on a visitor's address counts."""


def prepare(options: Options) -> OwnFolder:
    """Find out what would stop the page, before the seconds that Gradio takes to be imported.

    Returns:
        The folder for pictures, which Gradio takes for its own from here on.

    Raises:
        SystemExit: with status 2, and one sentence: the port is taken, or the address is none of
            this machine's, or no folder for pictures can be written.
    """
    _check_port(options.host, options.port)
    try:
        warning = settle_folder()
        own = OwnFolder(Path(os.environ.get(TEMP_DIR) or usual_folder()))
    except OSError as error:
        end(f"No folder for pictures can be written ({error.strerror}): name one in {TEMP_DIR}.")
    if warning:
        print(f"app.py: {warning}", file=sys.stderr)
    os.environ[TEMP_DIR] = str(own.path)
    return own


def painter(options: Options) -> Painter:
    """Whoever paints what visitors ask for: this process, or the cluster that was named.

    Raises:
        ClusterError: there is no way to a cluster on this machine.
    """
    if not options.ray:
        return OwnProcess(options.backbone)
    limits = current()
    replicas = limits.min_replicas, limits.max_replicas
    return on_cluster(Cluster(options.ray, options.backbone, limits.replica_cores, *replicas))


def guard() -> OpeningProcess:
    """Opens visitors' files in a process of its own, no larger than a run looks at them."""
    return OpeningProcess(longest_side=max(LONGEST_SIDE, 2 * current().max_size))


def launch(page: Any, options: Options, settings: dict[str, Any]) -> None:
    """Serve the page in threads of its own, and print its address.

    Args:
        page: `gradio.Blocks`.
        options: see there.
        settings: what else `Blocks.launch` is told.

    Raises:
        SystemExit: with status 2, and one sentence, where the page can't be served.
    """
    host = f"[{options.host}]" if ":" in options.host else options.host
    if proxies := current().trusted_proxy:
        os.environ[TRUSTED] = ",".join(map(str, proxies))
    try:
        page.launch(
            server_name=host,
            server_port=options.port,
            root_path=options.root_path,
            share=options.share or None,
            auth=options.auth,
            prevent_thread_lock=True,
            ssr_mode=False,  # Node in front would serve another head than ours
            _frontend=False,  # else it asks itself once, through any proxy, and gives up after 3 s
            **settings,
        )
    except Exception as error:  # Gradio raises many kinds, where the machine is to blame
        log.debug("The page could not be launched", exc_info=True)
        end(f"The page can't be served: {' '.join(str(error).split()) or type(error).__name__}")
    sys.stdout.flush()  # a log, unlike a terminal, would get the address hours later


def wait(page: Any) -> None:
    """Serve until Ctrl-C or SIGTERM; then runs end as by Stop, and so does the process.

    Args:
        page: launched, with its queue as `runs`.
    """
    operation.start_log()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("Ending the runs under way …", file=sys.stderr)
        page.runs.close(LAST_SECONDS)
        time.sleep(LAST_WORDS)
        page.server.force_exit = True  # open tabs keep connections for as long as they are there
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # else that is a traceback
        page.close(verbose=False)


def leave() -> NoReturn:
    """End this process at once: TensorFlow would take seconds to let go of its memory."""
    end_all()
    sys.stdout.flush()
    os._exit(0)


def end(sentence: str) -> NoReturn:
    """Exit with status 2 and a sentence of why there is no page."""
    print(f"app.py: {sentence}", file=sys.stderr)
    sys.exit(BAD_INPUT)


def _check_port(host: str, port: int | None) -> None:
    """End with one sentence if nobody can listen there; without a port, if the host can't be."""
    try:
        for family, kind, _, _, address in socket.getaddrinfo(
            host, port or 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind) as probe:
                if os.name == "posix":  # a port that was in use a moment ago is free
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
    except (OSError, UnicodeError) as error:  # the latter for a name that can't be one
        reason = getattr(error, "strerror", None) or error
        if port is None:
            end(f"The page can't listen at {host} ({reason}): choose another address with --host.")
        end(f"Port {port} of {host} can't be used ({reason}): choose another with --port.")


def settle_folder() -> str:
    """Make sure that Gradio's folder for files is one that this user may write.

    Where the one that is named, or the usual one, belongs to somebody else, one beside it that is
    this user's own is put in its place, readable by nobody else.

    Returns:
        A sentence that tells of the change; "" if there was none.

    Raises:
        OSError: there is no folder that this user may write.
    """
    asked = os.environ.get(TEMP_DIR)
    usual = Path(asked) if asked else usual_folder()
    try:
        _take(usual, shared=bool(asked))
    except OSError as error:
        own = Path(tempfile.gettempdir()) / f"gradio-{_user()}"
        _take(own, shared=False)
        os.environ[TEMP_DIR] = str(own)
        return f"The folder {usual} can't be used ({error.strerror}): pictures are kept in {own}."
    return ""


def usual_folder() -> Path:
    """Gradio's, where none is named."""
    return Path(tempfile.gettempdir()) / "gradio"


def _take(folder: Path, shared: bool) -> None:
    """Make the folder if it isn't there; raise `OSError` if this user can't write in it.

    shared: whether somebody else's may serve, if it can be written. In a folder for all users
        anybody may lay a trap: a link, or a folder whose owner looks on.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not shared and hasattr(os, "geteuid") and folder.lstat().st_uid != os.geteuid():
        raise PermissionError(0, "it belongs to another user")
    with tempfile.TemporaryDirectory(dir=folder):
        pass


def _user() -> int | str:
    return os.geteuid() if hasattr(os, "geteuid") else "own"


@contextlib.contextmanager
def without_proxy(host: str) -> Iterator[None]:
    """Lead no request of this process to this machine, or to `host`, through a proxy.

    Gradio asks its own page for an answer before it goes on, and a proxy has no way here. A proxy
    that can't be used at all, such as one of SOCKS, stops Gradio even while it is imported: none is
    used meanwhile.
    """
    names = ("no_proxy", "NO_PROXY")  # the first counts, if both are there
    before = {name: os.environ.get(name) for name in names}
    known = before["no_proxy"] or before["NO_PROXY"] or ""
    here = ",".join(filter(None, [known, "localhost", "127.0.0.1", "::1", host]))
    os.environ.update(dict.fromkeys(names, here if _proxies_work() else "*"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _proxies_work() -> bool:
    """Whether the proxies of the environment can be used by what Gradio asks them with."""
    try:
        httpx.Client().close()
    except Exception:  # a missing module, an unknown scheme, an address that is none
        return False
    return True
