"""`film`: a clip painted by a call, what is told, what is refused, and what Ctrl-C leaves."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from clip.clips import encode, interrupt, pan, play
from command.calls import Run
from helpers import CAT, CHURCH, ROOT

from nst_core import paint_film
from nst_core.__main__ import main


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return encode(tmp_path / "clip.mp4", pan(5))


def call(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Run:
    capsys.readouterr()
    try:
        status = main(["film", *map(str, words)])
    except SystemExit as exit:  # as argparse ends
        status = int(exit.code or 0)
    return Run(status, *capsys.readouterr())


def test_a_film(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "film.mp4"
    run = call(capsys, clip, CHURCH, "-o", output, "--size", "64", "--from", "0.1", "--to", ".4")
    assert run.status == 0
    assert "film.mp4: 64×44 px, 0.3 s of film after" in run.out.replace(str(tmp_path), "")
    assert "of 0.3 s of film" in run.err
    pictures, times = play(output)
    assert times == pytest.approx([0, 0.1, 0.2], abs=0.001)
    for _ in paint_film(clip, CHURCH, tmp_path / "other.mp4", size=64, begin=0.1, end=0.4):
        pass
    assert np.abs(np.array(pictures) - np.array(play(tmp_path / "other.mp4")[0])).max() <= 1


def test_json_and_options(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "film.mp4"
    words = ["--keep-colours", "luminance", "--style-strength", "-3", "--size", "64", "--json"]
    run = call(capsys, clip, CHURCH, "-o", output, *words)
    assert run.status == 0
    told = run.report
    assert (told["size"], told["stills"]) == ([64, 44], 5)
    assert told["film_seconds"] == pytest.approx(0.5)
    assert len(play(output)[0]) == 5


def test_what_is_refused(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "film.mp4"
    call(capsys, clip, "-o", output).check_refused("CLIP, STYLE and -o OUT.mp4 are needed")
    call(capsys, clip, CHURCH, "-o", "-").check_refused("A film is a file")
    call(capsys, clip, CHURCH, "-o", clip).check_refused("would overwrite the input 'clip.mp4'")
    call(capsys, clip, CHURCH, "-o", tmp_path / "film.gif").check_refused("must end in .mp4")
    call(capsys, clip, CHURCH, "-o", output, "--from", "x").check_refused("--from", "'x'")
    call(capsys, clip, CHURCH, "-o", output, "--from", "−1").check_refused("begin must be")
    call(capsys, clip, tmp_path / "no.jpg", "-o", output).check_refused("'no.jpg' does not exist")
    weights = ["--style-weights", "1", "2"]
    call(capsys, clip, CHURCH, "-o", output, *weights).check_refused("--style-weights", "1, not 2")
    assert not output.exists()


def test_clips_that_are_none(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "film.mp4"
    call(capsys, CHURCH, CHURCH, "-o", output).check_refused("is a still image")
    call(capsys, tmp_path / "no.mp4", CHURCH, "-o", output).check_refused("does not exist")
    (tmp_path / "half.mp4").write_bytes(clip.read_bytes()[:900])
    call(capsys, tmp_path / "half.mp4", CHURCH, "-o", output).check_refused("damaged or cut off")
    assert not output.exists()


def test_ctrl_c_keeps_a_film_that_plays(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 4)
    output = tmp_path / "film.mp4"
    run = call(capsys, clip, CHURCH, "-o", output, "--size", "64")
    assert run.status == 130
    assert "0.3 s of film after" in run.out
    assert "stays in film.mp4.unfinished: the same command goes on from there." in run.out
    assert len(play(output)[0]) == 3


def test_the_same_command_goes_on(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output, size = tmp_path / "film.mp4", ("--size", "64")
    with monkeypatch.context() as patched:
        interrupt(patched, 4)
        assert not call(capsys, clip, CHURCH, "-o", output, *size, "--json").report["whole"]
    refused = call(capsys, clip, CHURCH, "-o", output, "--size", "96")
    refused.check_refused("'film.mp4.unfinished', has another size: 64, not 96.", "--again")
    run = call(capsys, clip, CHURCH, "-o", output, *size, "--json")
    assert "0.3 s of the film are painted already: it goes on." in run.err
    assert (run.status, run.report["stills"], run.report["whole"]) == (0, 5, True)
    assert len(play(output)[0]) == 5
    assert {each.name for each in tmp_path.iterdir()} == {"clip.mp4", "film.mp4"}


def test_again_begins_anew(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "film.mp4"
    with monkeypatch.context() as patched:
        interrupt(patched, 4)
        call(capsys, clip, CHURCH, "-o", output, "--size", "64")
    run = call(capsys, clip, CHURCH, "-o", output, "--size", "96", "--again", "--json")
    assert run.report["size"] == [96, 64]
    assert "painted already" not in run.err
    assert {each.name for each in tmp_path.iterdir()} == {"clip.mp4", "film.mp4"}


def test_styles_that_change(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words: list[str | Path] = [
        clip,
        CHURCH,
        CAT,
        "--size",
        "64",
        "--style-weights",
        "1",
        "0",
        "--to-weights",
    ]
    output, other = tmp_path / "film.mp4", tmp_path / "other.mp4"
    call(capsys, *words, "1", "-o", output).check_refused("--to-weights", "2, not 1")
    call(capsys, *words, "0", "0", "-o", output).check_refused("leave no style image")
    assert call(capsys, *words, "0", "1", "-o", output).status == 0
    styles = [(str(CHURCH), 1.0), (str(CAT), 0.0)]
    for _ in paint_film(clip, styles, other, size=64, weights=([1, 0], [0, 1])):
        pass
    assert np.abs(np.array(play(output)[0]) - np.array(play(other)[0])).max() <= 1


def test_a_film_by_runs_tells_what_it_takes(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 1)
    run = call(capsys, clip, CHURCH, "-o", tmp_path / "film.mp4", "--size", "64", "--painted")
    assert run.status == 130
    assert re.search(r"Each second of the film takes about [\d.]+ min of work", run.err)
    assert list(tmp_path.iterdir()) == [clip]


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    clip = encode(tmp_path / "clip.mp4", pan(200, step=1))
    words = ["film", str(clip), str(CHURCH), "-o", str(tmp_path / "film.mp4"), "--size", "96"]
    process = subprocess.Popen(
        [sys.executable, "-m", "nst_core", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    told = ""
    while "of 20.0 s of film" not in told:
        told += process.stderr.read(1)
    process.send_signal(number)
    process.communicate()
    assert process.returncode == 128 + number
    assert 0 < len(play(tmp_path / "film.mp4")[0]) < 200
