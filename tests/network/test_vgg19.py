"""Where kernels come from, and networks, caches and files that misbehave. Servers are local."""

import errno
import hashlib
import pwd
import socket
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import pytest
from helpers import without_privileges

from nst_core import BackboneError, load_backbone
from nst_core.network import backbone as backbone_module
from nst_core.network import vgg19 as weights
from nst_core.network.tensorflow import tf
from nst_core.network.vgg19 import VGG19_FILE, file_kernels, keras_cache, vgg19_kernels

VGG19_DEPTHS = (64, 64, 128, 128, *[256] * 4, *[512] * 8)
VGG19_NAMES = [
    f"block{block}_conv{number}"
    for block, count in enumerate([2, 2, 4, 4, 4], start=1)
    for number in range(1, count + 1)
]
VGG16_DEPTHS = (64, 64, 128, 128, *[256] * 3, *[512] * 6)
VGG16_NAMES = [name for name in VGG19_NAMES if not name.endswith("conv4")]


# Files


@pytest.fixture(scope="session")
def vgg19_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VGG19 in Keras's old format with one number all over each layer, so that it packs small."""
    path = tmp_path_factory.mktemp("weights") / "vgg19.h5"
    write_legacy(path, VGG19_NAMES, VGG19_DEPTHS)
    return path


def write_legacy(path: Path, names: list[str], depths: tuple[int, ...]) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = names
        channels = 3
        for index, (name, depth) in enumerate(zip(names, depths, strict=True)):
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}_W_1:0", f"{name}_b_1:0"]
            kernel = np.full((3, 3, channels, depth), index, np.float32)
            group.create_dataset(f"{name}_W_1:0", data=kernel, compression="gzip")
            group.create_dataset(f"{name}_b_1:0", data=np.full(depth, -index, np.float32))
            channels = depth


def check_kernels(kernels: weights.Kernels) -> None:
    """Whether these are the numbers of `vgg19_file`."""
    assert list(kernels) == VGG19_NAMES
    channels = 3
    for index, (kernel, bias) in enumerate(kernels.values()):
        assert kernel.shape == (3, 3, channels, VGG19_DEPTHS[index])
        assert kernel.dtype == bias.dtype == np.float32
        assert (kernel == index).all()
        assert (bias == -index).all()
        channels = VGG19_DEPTHS[index]


def test_file_in_the_old_format(vgg19_file: Path) -> None:
    check_kernels(file_kernels(vgg19_file))


def test_whole_model_in_a_file(tmp_path: Path, vgg19_file: Path) -> None:
    """`model.save("x.h5")` puts the same groups one level deeper."""
    path = tmp_path / "model.h5"
    with h5py.File(vgg19_file) as bare, h5py.File(path, "w") as model:
        bare.copy(bare["/"], model, "model_weights")
    check_kernels(file_kernels(path))


def test_file_in_the_new_format(tmp_path: Path) -> None:
    model = tf.keras.applications.VGG19(include_top=False, weights=None)
    path = tmp_path / "random.weights.h5"
    model.save_weights(path)
    try:
        kernels = file_kernels(path)
    finally:
        path.unlink()  # 80 MB
    assert list(kernels) == VGG19_NAMES
    for name, found in kernels.items():
        for ours, kerass in zip(found, model.get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(ours, kerass)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match=r"no.* file nothing\.h5"):
        file_kernels(tmp_path / "nothing.h5")


def text(path: Path) -> None:
    path.write_text("weights")


def empty_hdf5(path: Path) -> None:
    h5py.File(path, "w").close()


def vgg16(path: Path) -> None:
    write_legacy(path, VGG16_NAMES, VGG16_DEPTHS)


def other_depths(path: Path) -> None:
    write_legacy(path, VGG19_NAMES, (4,) * 16)


@pytest.mark.parametrize("write", [text, empty_hdf5, vgg16, other_depths])
def test_file_without_vgg19(tmp_path: Path, write: Callable[[Path], None]) -> None:
    path = tmp_path / "other.h5"
    write(path)
    with pytest.raises(BackboneError, match=r"other\.h5 holds no VGG19"):
        file_kernels(path)


# Downloads

BODY = b"made-up weights " * 1000
BODY_MD5 = hashlib.md5(BODY).hexdigest()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keras's cache, empty, and no proxy in between."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("no_proxy", "*")
    forget_proxies()
    yield tmp_path / "keras" / "models"
    forget_proxies()


def forget_proxies() -> None:
    """Let urllib look at the environment anew."""
    urllib.request.install_opener(None)


Answer = Callable[[BaseHTTPRequestHandler], object]


@contextmanager
def serve(answer: Answer) -> Iterator[str]:
    """The address of a server that answers every GET with `answer`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/{VGG19_FILE}"
        finally:
            server.shutdown()
            thread.join()


def sending(body: bytes, promised: int | None = None) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(body) if promised is None else promised))
        request.end_headers()
        request.wfile.write(body)

    return answer


def refusing_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def refusal(url: str, md5: str = BODY_MD5) -> str:
    with pytest.raises(BackboneError) as caught:
        vgg19_kernels(url, md5)
    return str(caught.value)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_download_is_kept_and_read(cache: Path, vgg19_file: Path) -> None:
    body = vgg19_file.read_bytes()
    with serve(sending(body)) as url:
        check_kernels(vgg19_kernels(url, hashlib.md5(body).hexdigest()))
    assert files(cache) == [VGG19_FILE]
    assert (cache / VGG19_FILE).read_bytes() == body


def test_intact_cached_file_needs_no_network(cache: Path, vgg19_file: Path) -> None:
    body = vgg19_file.read_bytes()
    cache.mkdir(parents=True)
    (cache / VGG19_FILE).write_bytes(body)
    check_kernels(vgg19_kernels("http://127.0.0.1:1/", hashlib.md5(body).hexdigest()))


def test_intact_download_of_something_else(cache: Path) -> None:
    with serve(sending(BODY)) as url:
        assert "no VGG19 weights" in refusal(url)


def test_download_with_another_checksum(cache: Path) -> None:
    with serve(sending(BODY)) as url:
        assert "damaged" in refusal(url, md5="0" * 32)
    assert files(cache) == []


@pytest.mark.parametrize("sent", [0, 1, len(BODY) // 2])
def test_download_cut_short(cache: Path, sent: int) -> None:
    with serve(sending(BODY[:sent], promised=len(BODY))) as url:
        assert "damaged" in refusal(url)
    assert files(cache) == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_server_that_has_not_got_it(cache: Path, status: int) -> None:
    with serve(lambda request: request.send_error(status)) as url:
        assert "can't be fetched" in refusal(url)
    assert files(cache) == []


def test_server_that_speaks_another_protocol(cache: Path) -> None:
    with serve(lambda request: request.wfile.write(b"SSH-2.0 hello\r\n")) as url:
        assert "can't be fetched" in refusal(url)
    assert files(cache) == []


def test_connection_refused(cache: Path) -> None:
    assert "refused" in refusal(f"http://127.0.0.1:{refusing_port()}/")
    assert files(cache) == []


@pytest.mark.parametrize("url", ["", "no address", "http://[", "nonsense://127.0.0.1/"])
def test_address_that_is_none(cache: Path, url: str) -> None:
    assert "can't be fetched" in refusal(url)
    assert files(cache) == []


def test_server_that_accepts_and_never_answers(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "SILENCE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "can't be fetched" in refusal(f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert files(cache) == []


def test_server_that_falls_silent_half_way(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "SILENCE_SECONDS", 0.3)
    released = threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        sending(BODY[:5000], promised=len(BODY))(request)
        released.wait(30)

    with serve(answer) as url:
        assert "can't be fetched" in refusal(url)
        released.set()
    assert files(cache) == []


def test_server_that_trickles_for_ever(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "DOWNLOAD_SECONDS", 0.5)
    released = threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        sending(b"", promised=len(BODY))(request)
        for byte in BODY:
            if released.wait(0.02):
                break
            request.wfile.write(bytes([byte]))

    with serve(answer) as url:
        assert "in time" in refusal(url)
        released.set()
    assert files(cache) == []


def test_answer_that_comes_when_nobody_waits_any_more_leaves_no_file(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking up a name can take longer than the patience with it."""
    released, real = threading.Event(), socket.getaddrinfo

    def slow(*arguments: object, **options: object) -> object:
        released.wait(30)
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(weights, "SILENCE_SECONDS", 0.3)
    with serve(sending(BODY)) as url:
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        others = set(threading.enumerate())
        assert "in time" in refusal(url)
        released.set()
        for thread in set(threading.enumerate()) - others:
            thread.join(10)
    assert files(cache) == []


# The cache


def test_cache_is_where_keras_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert keras_cache() == tmp_path / "models"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keras_cache() == tmp_path / ".keras" / "models"
    monkeypatch.setenv("HOME", str(tmp_path / "missing"))
    assert keras_cache() == Path(tempfile.gettempdir()) / ".keras" / "models"


@pytest.fixture
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user that is a mere number: no home in the environment, and no entry that names one."""

    def unknown(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_nobody")
def test_cache_of_a_user_without_a_home() -> None:
    assert keras_cache() == Path(tempfile.gettempdir()) / ".keras" / "models"


@pytest.mark.usefixtures("_nobody")
def test_no_folder_for_a_cache_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert "No usable temporary directory" in refusal("http://127.0.0.1:1/")


def test_cache_that_can_not_be_entered(
    public_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(public_folder / "locked"))
    (public_folder / "locked").mkdir(mode=0o700)
    with without_privileges():
        message = refusal("http://127.0.0.1:1/")
    assert message == "Keras's cache can't be read (Permission denied)."


def corrupt(cache: Path) -> Path:
    cache.mkdir(parents=True)
    path = cache / VGG19_FILE
    path.write_bytes(BODY[:100])
    return path


def test_corrupt_file_is_removed_and_named(cache: Path) -> None:
    path = corrupt(cache)
    message = refusal(f"http://127.0.0.1:{refusing_port()}/")
    assert f"{VGG19_FILE} was removed" in message
    assert "refused" in message
    assert not path.exists()


def test_corrupt_file_is_replaced_where_the_network_answers(cache: Path, vgg19_file: Path) -> None:
    path, body = corrupt(cache), vgg19_file.read_bytes()
    with serve(sending(body)) as url:
        check_kernels(vgg19_kernels(url, hashlib.md5(body).hexdigest()))
    assert path.read_bytes() == body


def test_folder_where_the_file_should_be(cache: Path) -> None:
    (cache / VGG19_FILE / "inside").mkdir(parents=True)
    assert VGG19_FILE in refusal(f"http://127.0.0.1:{refusing_port()}/")


@pytest.mark.parametrize("level", [0, 1])
def test_cache_that_can_not_be_written(cache: Path, level: int) -> None:
    """A file in the folder's place: the one obstacle that holds for root too."""
    obstacle = [cache, cache.parent][level]
    obstacle.parent.mkdir(parents=True, exist_ok=True)
    obstacle.write_text("in the way")
    assert "can't be written" in refusal("http://127.0.0.1:1/")
    assert obstacle.read_text() == "in the way"


# load_backbone


@pytest.fixture
def fresh_process(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process: nothing loaded; and a network that refuses every connection."""
    monkeypatch.setattr(backbone_module, "loaded", {})
    monkeypatch.setenv("no_proxy", "")
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{refusing_port()}")
    forget_proxies()


@pytest.mark.usefixtures("fresh_process")
def test_auto_falls_back_to_embedded_and_says_why() -> None:
    backbone = load_backbone("auto")
    assert backbone.name == "embedded"
    for word in ("VGG16", "ImageNet", "VGG19 can't be fetched", "refused"):
        assert word in backbone.origin
    assert load_backbone("auto") is backbone


@pytest.mark.usefixtures("fresh_process")
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RuntimeError("Could not determine home directory."), "Could not determine home directory"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (MemoryError(), "MemoryError"),
        (ImportError("no h5py"), "no h5py"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_auto_falls_back_whatever_goes_wrong(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(backbone_module, "vgg19_kernels", fail)
    backbone = load_backbone("auto")
    assert backbone.name == "embedded"
    assert "VGG19 can't be loaded" in backbone.origin
    assert told in backbone.origin
    with pytest.raises(BackboneError, match=told):
        load_backbone("vgg19")


@pytest.mark.usefixtures("fresh_process")
def test_auto_after_embedded_shares_its_tensors() -> None:
    embedded, image = load_backbone("embedded"), tf.zeros([1, 16, 16, 3])
    embedded.activations(image, ["block1_conv1"])
    auto = load_backbone("auto")
    assert auto == embedded
    assert hash(auto) == hash(embedded)
    assert auto.kernels is embedded.kernels
    assert "VGG19 can't be fetched" not in embedded.origin


@pytest.mark.usefixtures("fresh_process")
def test_auto_names_the_corrupt_file_it_removed(cache: Path) -> None:
    corrupt(cache)
    assert f"{VGG19_FILE} was removed" in load_backbone("auto").origin


@pytest.mark.usefixtures("fresh_process")
def test_vgg19_that_can_not_be_had_is_an_error() -> None:
    with pytest.raises(BackboneError, match="can't be fetched"):
        load_backbone("vgg19")


@pytest.mark.usefixtures("fresh_process")
def test_path_of_a_file(vgg19_file: Path) -> None:
    backbone = load_backbone(str(vgg19_file))
    assert backbone.name == str(vgg19_file)
    assert list(backbone.layers) == VGG19_NAMES
    check_kernels(backbone.kernels)


@pytest.mark.usefixtures("fresh_process")
def test_path_of_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match=r"nothing\.weights\.h5"):
        load_backbone(str(tmp_path / "nothing.weights.h5"))


@pytest.mark.usefixtures("fresh_process")
def test_path_that_may_not_be_read(public_folder: Path) -> None:
    (public_folder / "locked").mkdir(mode=0o700)
    secret = public_folder / "secret.h5"
    secret.touch(mode=0o600)
    for path in (public_folder / "locked" / "other.h5", secret):
        with without_privileges(), pytest.raises(BackboneError, match="Permission denied"):
            load_backbone(str(path))
    with pytest.raises(BackboneError, match="too long"):
        load_backbone("long" * 100 + ".h5")
