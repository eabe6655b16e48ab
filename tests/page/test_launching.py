"""The page on machines with proxies, foreign folders, taken ports, and a server in front."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file
from helpers import CAT, CHURCH, ROOT, noise, without_privileges
from PIL import Image
from starting import PATIENCE, environment, free_port, refused, served

from nst_core.page.hosting import limits
from nst_core.page.hosting.launching import (
    TEMP_DIR,
    TRUSTED,
    launch,
    prepare,
    settle_folder,
    without_proxy,
)
from nst_core.page.hosting.limits import read_limits
from nst_core.page.hosting.page_options import Options

EMBEDDED = ("--backbone", "embedded")


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


# The port


@pytest.mark.process
def test_a_taken_port_gets_one_line(taken_port: str) -> None:
    told = f"Port {taken_port} of 127.0.0.1 can't be used (Address already in use)"
    assert told in refused("--port", taken_port)
    assert told in refused(GRADIO_SERVER_PORT=taken_port)


@pytest.mark.parametrize("host", ["no.such.invalid", "192.0.2.1", "x" * 300, "a..b"])
def test_an_address_of_another_machine_gets_one_line(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for port in (None, free_port()):
        with pytest.raises(SystemExit) as end:
            prepare(Options(host=host, port=port))
        (line,) = capsys.readouterr().err.splitlines()
        assert end.value.code == 2
        assert host in line


def test_a_port_of_many_addresses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(TEMP_DIR, str(tmp_path))
    for host in ("127.0.0.1", "0.0.0.0", "localhost"):
        prepare(Options(host=host, port=free_port()))


# The folder for pictures


@pytest.fixture
def temporary(public_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's temporary folder, and no other named for Gradio."""
    public_folder.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(public_folder))
    monkeypatch.setenv(TEMP_DIR, "")
    return public_folder


def test_the_usual_folder_is_made_for_this_user_alone(temporary: Path) -> None:
    assert settle_folder() == ""
    assert os.environ[TEMP_DIR] == ""
    assert (temporary / "gradio").stat().st_mode & 0o777 == 0o700


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root has somebody else at hand.")


@as_root
@pytest.mark.parametrize("mode", [0o755, 0o777], ids=oct)
def test_somebody_elses_folder_is_left_alone(temporary: Path, mode: int) -> None:
    (temporary / "gradio").mkdir()
    (temporary / "gradio").chmod(mode)
    with without_privileges():
        told, own = settle_folder(), Path(os.environ[TEMP_DIR])
    assert "belongs to another user" in told
    assert str(own) in told
    assert own == temporary / "gradio-65534"
    assert (own.stat().st_uid, own.stat().st_mode & 0o777) == (65534, 0o700)
    assert list((temporary / "gradio").iterdir()) == []


@as_root
def test_a_named_folder_of_somebody_else_serves_if_it_can_be_written(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = temporary / "named"
    named.mkdir()
    named.chmod(0o777)
    monkeypatch.setenv(TEMP_DIR, str(named))
    with without_privileges():
        assert settle_folder() == ""
        assert os.environ[TEMP_DIR] == str(named)
    named.chmod(0o755)
    with without_privileges():
        assert f"{named} can't be used (Permission denied)" in settle_folder()
        assert os.environ[TEMP_DIR] == str(temporary / "gradio-65534")


@as_root
def test_no_trap_is_walked_into(temporary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody else has laid a link under the name that this user's folder would have."""
    (temporary / "gradio").mkdir()
    (temporary / "gradio-65534").symlink_to(temporary)
    with without_privileges(), pytest.raises(SystemExit) as end:
        prepare(Options())
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("app.py: No folder for pictures can be written")
    assert TEMP_DIR in line


def test_a_file_in_the_folders_place(temporary: Path) -> None:
    (temporary / "gradio").write_text("in the way")
    assert "File exists" in settle_folder()
    assert Path(os.environ[TEMP_DIR]) == temporary / f"gradio-{os.geteuid()}"


# Proxies


def test_exceptions_from_the_proxy_are_added_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "intern.example")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with without_proxy("192.0.2.1"):
        assert os.environ["no_proxy"] == "intern.example,localhost,127.0.0.1,::1,192.0.2.1"
        monkeypatch.setenv("all_proxy", "gopher://127.0.0.1:9")
        with without_proxy("192.0.2.1"):  # no proxy at all, for this one can't be used
            assert os.environ["no_proxy"] == "*"
    assert os.environ["no_proxy"] == "intern.example"
    assert "NO_PROXY" not in os.environ


@pytest.mark.process
@pytest.mark.parametrize(
    "proxies",
    [
        {"http_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9"},
        {"http_proxy": "http://127.0.0.1:9", "all_proxy": "socks5://127.0.0.1:9"},
        {"https_proxy": "gopher://127.0.0.1:9", "NO_PROXY": "intern.example"},
    ],
    ids=["http", "socks", "unknown"],
)
def test_the_page_finds_itself_without_the_proxy(proxies: dict[str, str], tmp_path: Path) -> None:
    variables = environment(GRADIO_TEMP_DIR=str(tmp_path), **proxies)
    with served(*EMBEDDED, "--port", str(free_port()), variables=variables) as page:
        assert httpx.get(page.url, trust_env=False).status_code == 200
    assert page.told == ""


def test_the_command_of_gradio_serves_one_page(tmp_path: Path) -> None:
    """`gradio app.py` sets these variables, and then runs app.py as anybody else would."""
    watching = {
        "GRADIO_WATCH_DIRS": str(tmp_path),
        "GRADIO_WATCH_MODULE_NAME": "app",
        "GRADIO_WATCH_DEMO_NAME": "demo",
        "GRADIO_WATCH_DEMO_PATH": str(ROOT / "app.py"),
        "GRADIO_WATCH_ENCODING": "utf-8",
    }
    variables = environment(GRADIO_TEMP_DIR=str(tmp_path), **watching)
    with served(*EMBEDDED, "--port", str(free_port()), variables=variables) as page:
        assert httpx.get(f"{page.url}/config", trust_env=False).json()["dev_mode"] is False
    assert page.told == ""


@pytest.mark.process
def test_a_page_without_standard_streams_is_served_and_ends_as_usual(tmp_path: Path) -> None:
    port = str(free_port())
    process = subprocess.Popen(
        ["bash", "-c", 'exec "$0" app.py "$@" >&- 2>&-', sys.executable, *EMBEDDED, "--port", port],
        cwd=ROOT,
        env=environment(GRADIO_TEMP_DIR=str(tmp_path)),
    )
    try:
        deadline = time.monotonic() + PATIENCE
        answer = None
        while answer is None and time.monotonic() < deadline:
            assert process.poll() is None
            with suppress(httpx.TransportError):  # it is not there yet
                answer = httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            time.sleep(0.1)
        assert answer is not None
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()


# A server in front


@pytest.mark.process
def test_behind_a_server_with_a_path(tmp_path: Path) -> None:
    """It takes the path off, and says for whom it asks, as in the README."""
    variables = environment(GRADIO_TEMP_DIR=str(tmp_path), GRADIO_ROOT_PATH="/paint")
    port = free_port()
    headers = {"Host": "art.example", "X-Forwarded-Proto": "https"}
    with served(*EMBEDDED, "--port", str(port), variables=variables) as page:
        assert page.url == f"http://127.0.0.1:{port}"
        answer = httpx.get(f"{page.url}/config", headers=headers, trust_env=False)
    assert answer.json()["root"] == "https://art.example/paint"


def test_whom_the_server_trusts_and_whom_it_lets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}

    class Recorder:
        def launch(self, **settings: Any) -> None:
            told.update(settings)

    monkeypatch.setenv(TRUSTED, "")
    monkeypatch.setattr(limits, "_settled", [read_limits({"NST_TRUSTED_PROXY": "10.0.0.1,::1"})])
    launch(Recorder(), Options(auth=("class", "secret")), {})
    assert os.environ[TRUSTED] == "10.0.0.1/32,::1/128"
    assert told["auth"] == ("class", "secret")


def test_a_machine_too_busy_for_gradios_check_of_itself_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gradio.networking.url_ok", lambda _: False)
    with gr.Blocks() as blocks:
        gr.Markdown("here")
    try:
        launch(blocks, Options(port=free_port()), {"quiet": True})
        assert httpx.get(blocks.local_url, trust_env=False).is_success
    finally:
        blocks.close()


@contextmanager
def nginx(site: str, folder: Path) -> Iterator[None]:
    """A real one, with this site, and all its files in a folder."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("This test needs nginx: install it from your system's packages.")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""  # else it may not enter the folder
    settings = f"{user} pid {folder}/pid; daemon off; error_log {folder}/errors; events {{}}"
    configuration = folder / "nginx.conf"
    configuration.write_text(f"{settings} http {{ access_log off; {places} {site} }}")
    process = subprocess.Popen([program, "-p", folder, "-c", configuration])
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@pytest.mark.process
def test_two_pages_behind_nginx_as_the_guide_has_it(tmp_path: Path) -> None:
    """Each visitor comes back to the page that has their files."""
    guide = (ROOT / "nst_core" / "serving" / "README.md").read_text()
    (site,) = re.findall(r"```nginx\n(.*?)```", guide, re.DOTALL)
    ports, outside = (free_port(), free_port()), free_port()
    site = site.replace("listen 80;", f"listen 127.0.0.1:{outside};")
    for number, port in enumerate(ports):
        site = site.replace(f"10.0.0.{number + 1}:7860", f"127.0.0.1:{port}")
    with ExitStack() as stack:
        for port in ports:
            variables = environment(GRADIO_TEMP_DIR=str(tmp_path / str(port)))
            stack.enter_context(served(*EMBEDDED, "--port", str(port), variables=variables))
        stack.enter_context(nginx(site, tmp_path))
        used: set[str] = set()
        for number in range(40):  # as many as it takes until each page has had one
            address = f"http://127.0.0.1:{outside}"
            with httpx.Client(base_url=address, trust_env=False, timeout=30) as visitor:
                assert visitor.get("/").status_code == 200
                sent = visitor.post("/gradio_api/upload", files={"files": f"{number}".encode()})
                (path,) = sent.json()
                for _ in range(3):
                    assert visitor.get(f"/gradio_api/file={path}").text == f"{number}"
            used.add(Path(path).relative_to(tmp_path).parts[0])
            if len(used) == len(ports):
                break
    assert used == set(map(str, ports))


GUIDE = ROOT / "nst_core" / "page" / "README.md"


def site_of_guide(inside: int, outside: int) -> str:
    """For a page at one port, and visitors at another."""
    (site,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return site.replace("listen 80;", f"listen 127.0.0.1:{outside};").replace("7860", str(inside))


def test_behind_nginx_nobody_picks_an_address(tmp_path: Path) -> None:
    """The page is told from where a request came, whatever that says of itself."""
    told: list[str | None] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.append(self.headers["X-Forwarded-For"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        outside = free_port()
        with nginx(site_of_guide(server.server_port, outside), tmp_path):
            forged = {"X-Forwarded-For": "192.0.2.1"}
            visitor = httpx.Client(transport=httpx.HTTPTransport(retries=5), trust_env=False)
            assert visitor.get(f"http://127.0.0.1:{outside}/paint/", headers=forged).is_success
        server.shutdown()
    assert told == ["127.0.0.1"]


@pytest.mark.process
def test_behind_nginx_as_the_readme_has_it(tmp_path: Path) -> None:
    """Pictures arrive while the work goes on, and a picture of some megabytes gets in."""
    inside, outside = free_port(), free_port()
    site = site_of_guide(inside, outside)
    large = tmp_path / "large.png"
    Image.fromarray(noise(1200, 1200, 1)).save(large)
    assert large.stat().st_size > 4 * 2**20
    words = ("--root-path", "/paint", "--port", str(inside))
    variables = environment(GRADIO_TEMP_DIR=str(tmp_path / "uploads"))
    with served(*EMBEDDED, *words, variables=variables), nginx(site, tmp_path):
        client = Client(
            f"http://127.0.0.1:{outside}/paint/",
            verbose=False,
            analytics_enabled=False,
            download_files=tmp_path,
        )
        assert client.config["root"] == f"http://127.0.0.1:{outside}/paint"
        with large.open("rb") as file:
            url = f"{client.config['root']}/gradio_api/upload"
            sent = httpx.post(url, files={"files": file}, trust_env=False, timeout=30)
        assert sent.status_code == 200
        images = (handle_file(str(CAT)), handle_file(str(CHURCH)))
        job = client.submit(*images, size=128, steps=2000, api_name="/stylize")
        next(job)
        assert not job.done()
        job.cancel()
        client.close()
