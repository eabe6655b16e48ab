"""The arguments of app.py, and Gradio's variables in their place."""

import os
from pathlib import Path

import pytest

from nst_core.page.hosting import limits
from nst_core.page.hosting.page_options import Options, read_options

VARIABLES = ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_ROOT_PATH", "NST_RAY_ADDRESS")
MISTYPED = "must be a name and a password with a colon between them"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # which is as good as none
    monkeypatch.setattr(limits, "_settled", [])


def test_without_arguments_the_page_is_for_this_machine() -> None:
    assert read_options([]) == Options("auto", False, "127.0.0.1", None, "")


def test_arguments() -> None:
    words = "--share --backbone embedded --host 0.0.0.0 --port 8000 --root-path /paint/"
    assert read_options(words.split()) == Options("embedded", True, "0.0.0.0", 8000, "/paint")


def test_variables_of_gradio_are_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ("[::1]", "8001", "https://a.example/b/", "auto")
    for name, value in zip(VARIABLES, values, strict=True):
        monkeypatch.setenv(name, value)
    options = read_options(["--backbone", "vgg19"])
    assert options == Options("vgg19", False, "::1", 8001, "https://a.example/b", "auto")


def test_an_argument_counts_for_more_than_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "no port and no path")
    options = read_options(
        ["--host", "localhost", "--port", "8000", "--root-path", "/x", "--ray", "a:1"]
    )
    assert options == Options("auto", False, "localhost", 8000, "/x", "a:1")


def test_a_password_may_have_colons_and_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_options(["--auth", "me:a:b"]).auth == ("me", "a:b")
    monkeypatch.setenv("NST_AUTH", "class:secret")
    options = read_options([])
    assert options.auth == ("class", "secret")
    assert "secret" not in repr(options)
    assert "NST_AUTH" not in os.environ
    assert read_options([]).auth is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--port", "abc"], "argument --port: must be a whole number from 1 to 65535, not 'abc'"),
        (["--port", "0"], "not '0'"),
        (["--port", "65536"], "not '65536'"),
        (["--port", "-1"], "not '-1'"),
        (["--port", "²"], "not '²'"),
        (["--port", "9" * 5000], "from 1 to 65535"),
        (["--host", ""], "--host: must be an address or a name, such as 0.0.0.0, not ''"),
        (["--host", "http://here"], "not 'http://here'"),
        (["--root-path", "paint"], "--root-path: must be a path such as /paint"),
        (["--backbone", "vgg"], "There is no backbone 'vgg'; allowed are auto, vgg19, embedded"),
        (["--ray", "nowhere"], "--ray: must be auto, or an address such as 10.0.0.1:6379"),
        (["--ray", "http://a:1"], "not 'http://a:1'"),
        (["--auth", "secret"], f"argument --auth: {MISTYPED}"),
        (["--auth", ":secret"], MISTYPED),
        (["--auth", "me:"], MISTYPED),
        (["--what"], "--what"),
    ],
)
def test_a_mistake_gets_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        read_options(words)
    assert end.value.code == 2
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert out == ""
    assert line.startswith("app.py: ")
    assert told in line
    assert len(line) < 300


def test_a_cluster_reads_no_file_of_this_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tmp_path / "weights.h5"
    weights.touch()
    with pytest.raises(SystemExit):
        read_options(["--ray", "auto", "--backbone", str(weights)])
    assert "a cluster can't read a file of this machine" in capsys.readouterr().err


def test_a_mistake_in_a_variable_is_named_by_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", "abc")
    with pytest.raises(SystemExit) as end:
        read_options([])
    assert end.value.code == 2
    told = "app.py: GRADIO_SERVER_PORT must be a whole number from 1 to 65535, not 'abc'"
    assert capsys.readouterr().err.startswith(told)
