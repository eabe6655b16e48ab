"""Films that go on where they ended: what stays, what the same call paints, and what it refuses."""

import itertools
import resource
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from clip.clips import click, encode, interrupt, loud, pan, play
from helpers import CAT, CHURCH, ROOT
from PIL import Image

from nst_core import OutputError, Painted, paint_film
from nst_core.clip import piecewise
from nst_core.clip.joining import Piece
from nst_core.clip.pieces import Unfinished
from nst_core.images.film import Mp4

TIMES = [0, 0.1, 0.2, 0.35, 0.4, 0.6, 0.7, 0.8]
"""Of the clip's stills, in seconds."""
STEP = 0.02
"""Seconds by which pictures and sound may be apart."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return encode(path, pan(len(TIMES)), times=TIMES, sound=click(0.9, 0.7))


@pytest.fixture(scope="module")
def in_one_go(clip: Path) -> tuple[Path, list[Painted]]:
    output = clip.with_name("whole.mp4")
    return output, list(paint_film(clip, CHURCH, output, size=64))


@pytest.fixture
def _piece_for_each_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piecewise, "PIECE_SECONDS", 0.0)


def paint(clip: Path, output: Path, stills: int | None = None, **options: Any) -> list[Painted]:
    """Go on with a film, for so many stills that are told."""
    given: Any = {"style": CHURCH, "size": 64, "resumable": True, **options}
    with closing(paint_film(clip, given.pop("style"), output, **given)) as run:
        return list(itertools.islice(run, stills))


def pieces(output: Path) -> list[Path]:
    return sorted(Unfinished(output).folder.glob("*.mp4"))


# ---------------------------------------------------------------- going on


def check_same(output: Path, told: list[Painted], wanted: tuple[Path, list[Painted]]) -> None:
    """A film is one that was painted in one go, but for what the codec makes of it."""
    film, whole = wanted
    for one, other in zip(told, whole[len(whole) - len(told) :], strict=True):
        assert one.number == other.number
        assert one.picture == other.picture
    (pictures, times), (others, begins) = play(output), play(film)
    assert times == begins
    for found, wanted_picture, painted in zip(pictures, others, whole, strict=True):
        pixels = np.asarray(painted.picture, int)
        lost = np.abs(wanted_picture - pixels).mean()
        assert np.abs(found - pixels).mean() < 1.5 * lost + 1
    assert abs(loud(output) - loud(film)) < STEP
    with av.open(str(output)) as file, av.open(str(film)) as same:
        assert file.duration == same.duration
    data = output.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_film_that_goes_on_twice_is_as_one_in_one_go(
    clip: Path, tmp_path: Path, in_one_go: tuple[Path, list[Painted]]
) -> None:
    output = tmp_path / "film.mp4"
    told = [*paint(clip, output, 3), *paint(clip, output, 3)[1:]]
    assert len(play(output)[0]) == 5  # until it is whole, it plays as far as it goes
    assert [len(play(each)[0]) for each in pieces(output)] == [3, 2]
    first, *others = paint(clip, output)
    assert (first.number, first.note) == (5, "0.6 s of the film are painted already: it goes on.")
    check_same(output, [*told, *others], in_one_go)
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.usefixtures("_piece_for_each_still")
def test_many_pieces_are_joined_as_they_are(
    clip: Path, tmp_path: Path, in_one_go: tuple[Path, list[Painted]]
) -> None:
    output, number = tmp_path / "film.mp4", len(TIMES)
    told = paint(clip, output, number)  # closed before they are joined
    kept = pieces(output)
    assert [len(play(each)[0]) for each in kept] == [1] * number
    with av.open(str(kept[0])) as one, av.open(str(kept[-1])) as other:
        heads = [each.streams.video[0].codec_context.extradata for each in (one, other)]
        assert heads[0] == heads[1]
    encoded = [packets(each) for each in kept]
    assert [each.number for each in paint(clip, output)] == [number]
    assert packets(output) == list(itertools.chain(*encoded))
    check_same(output, told, in_one_go)


def packets(film: Path) -> list[bytes]:
    with av.open(str(film)) as file:
        return [bytes(packet) for packet in file.demux(video=0) if packet.size]


def test_an_interruption_keeps_the_still_before_it(
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_one_go: tuple[Path, list[Painted]],
) -> None:
    output = tmp_path / "film.mp4"
    with monkeypatch.context() as patched:
        interrupt(patched, 4)
        with pytest.raises(KeyboardInterrupt):
            paint(clip, output)
    assert [len(play(each)[0]) for each in pieces(output)] == [3]
    told = paint(clip, output)
    assert told[0].number == 3
    check_same(output, told, in_one_go)


def test_an_animation_goes_on(tmp_path: Path) -> None:
    """Its stills say how long they are shown, and it has no sound."""
    stills, output = [Image.fromarray(each) for each in pan(4)], tmp_path / "film.mp4"
    given: Any = {"save_all": True, "append_images": stills[1:], "duration": [100, 200, 50, 300]}
    stills[0].save(tmp_path / "clip.gif", **given)
    paint(tmp_path / "clip.gif", output, 2)
    assert [each.number for each in paint(tmp_path / "clip.gif", output)] == [2, 3, 4]
    assert play(output)[1] == pytest.approx([0, 0.1, 0.3, 0.35], abs=0.001)
    with av.open(str(output)) as file:
        assert (file.duration or 0) / av.time_base == pytest.approx(0.65, abs=0.01)


@pytest.mark.process
def test_a_process_that_is_killed(
    clip: Path, tmp_path: Path, in_one_go: tuple[Path, list[Painted]]
) -> None:
    output = tmp_path / "film.mp4"
    code = (
        "import sys, nst_core.clip.piecewise as it; it.PIECE_SECONDS = 0\n"
        "from nst_core.__main__ import main; main(sys.argv[1:])"
    )
    words = ["film", str(clip), str(CHURCH), "-o", str(output), "--size", "64"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    told = ""
    while "0.3 of 0.9 s of film" not in told:
        told += process.stderr.read(1)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not output.exists()
    assert len(pieces(output)) >= 2
    told_now = paint(clip, output)
    assert told_now[0].number >= 2
    check_same(output, told_now, in_one_go)


def test_a_signal_while_a_still_is_written_costs_its_piece_alone(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, own, calls = tmp_path / "film.mp4", Mp4.add, itertools.count(1)
    paint(clip, output, 2)

    def interrupted(self: Mp4, *given: Any) -> None:
        if next(calls) == 2:
            monkeypatch.setattr(self, "pictures", self.pictures + 1)  # one that is not there
            raise KeyboardInterrupt
        own(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Mp4, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            paint(clip, output)
    assert [len(play(each)[0]) for each in pieces(output)] == [2]
    assert paint(clip, output)[0].number == 2
    assert len(play(output)[0]) == len(TIMES)


def test_a_piece_without_all_its_pictures_is_not_whole(clip: Path, tmp_path: Path) -> None:
    stills = len(TIMES)
    assert Piece(clip, 0, 1, stills).whole
    assert not Piece(clip, 0, 1, stills + 1).whole
    (tmp_path / "half.mp4").write_bytes(clip.read_bytes()[:999])
    assert not Piece(tmp_path / "half.mp4", 0, 1, stills).whole


def test_a_whole_film_stays_until_the_new_one_is_whole(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mp4"
    paint(clip, output)
    whole = output.read_bytes()
    paint(clip, output, 2, style=CAT)
    assert output.read_bytes() == whole
    paint(clip, output, 2, again=True)
    assert output.read_bytes() == whole
    paint(clip, output)
    assert len(play(output)[0]) == len(TIMES)
    assert list(tmp_path.iterdir()) == [output]


# ---------------------------------------------------------------- a disk that fills


def test_a_disk_that_fills_keeps_what_is_painted(
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_one_go: tuple[Path, list[Painted]],
) -> None:
    output, own, calls = tmp_path / "film.mp4", Mp4.add, itertools.count(1)

    def full(self: Mp4, *given: Any) -> None:
        if next(calls) == 4:
            raise OSError(28, "No space left on device")
        own(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(piecewise, "PIECE_SECONDS", 0.0)
        patched.setattr(Mp4, "add", full)
        words = r"No space left on device\. What is painted stays in 'film.mp4.unfinished': when "
        with pytest.raises(OutputError, match=words):
            paint(clip, output)
    assert len(pieces(output)) == 3
    check_same(output, paint(clip, output), in_one_go)


@pytest.mark.process
def test_a_disk_that_has_no_room_for_the_whole(tmp_path: Path) -> None:
    """Pieces fit, and what they are joined to does not: as many bytes are allowed a file."""
    output, random = tmp_path / "film.mp4", np.random.default_rng(0)
    noise = random.uniform(-1, 1, 48_000 * 8).astype(np.float32)
    clip = encode(tmp_path / "clip.mp4", pan(8), rate=1, sound=noise)
    code = (
        "import sys, nst_core.clip.piecewise as it; it.PIECE_SECONDS = 0\n"
        "from nst_core.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["film", str(clip), str(CHURCH), "-o", str(output), "--size", "32"]

    def call(most: int) -> subprocess.CompletedProcess[str]:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            preexec_fn=limit,
            check=False,
        )

    ended = call(60_000)
    assert ended.returncode == 2
    last = ended.stderr.strip().splitlines()[-1]
    assert "File too large. What is painted stays in 'film.mp4.unfinished'" in last
    assert not output.exists()
    assert len(pieces(output)) == 8
    assert call(resource.RLIM_INFINITY).returncode == 0
    assert output.stat().st_size > 60_000
    assert len(play(output)[0]) == 8
    assert not pieces(output)


# ---------------------------------------------------------------- what is refused


def test_what_was_painted_from_something_else_is_told(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mp4"
    paint(clip, output, 2)
    other = encode(tmp_path / "other.mp4", pan(4))
    end = r"\. Give the same as before, name another file behind -o, or begin anew with --again\."
    for words, given, options in (
        ("another size: 64, not 96", clip, {"size": 96}),
        ("another clip", other, {}),
        ("another style", clip, {"style": CAT}),
        (
            "another end in the clip and another keep colours",
            clip,
            {"end": 0.5, "keep_colours": "luminance"},
        ),
    ):
        with pytest.raises(OutputError, match=f"in 'film.mp4.unfinished', has {words}{end}"):
            paint(given, output, **options)
    assert len(play(output)[0]) == 2
    told = paint(clip, output, size=96, again=True)
    assert [each.number for each in told] == [*range(1, len(TIMES) + 1)]


def test_what_is_damaged_or_gone_is_told(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mp4"
    paint(clip, output, 2)
    (piece,) = pieces(output)
    piece.rename(tmp_path / "elsewhere.mp4")
    with pytest.raises(OutputError, match=r"can't be read: it is damaged.* --again\."):
        paint(clip, output)
    progress = Unfinished(output).folder / "progress.npz"
    for data in (progress.read_bytes()[:-99], b"garbage", b""):
        progress.write_bytes(data)
        with pytest.raises(OutputError, match=r"can't be read: it is damaged.* --again\."):
            paint(clip, output)
    paint(clip, output, again=True)
    assert len(play(output)[0]) == len(TIMES)


def test_two_processes_do_not_paint_one_film(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mp4"
    with (
        Unfinished(output).held(),
        pytest.raises(OutputError, match=r"Another process paints 'film.mp4' just now"),
    ):
        paint(clip, output)
    assert not list(tmp_path.iterdir())


def test_pieces_that_can_not_be_joined_stay(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "film.mp4"

    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(piecewise, "join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            paint(clip, output)
    assert not output.exists()
    assert len(paint(clip, output)) == 1
    assert len(play(output)[0]) == len(TIMES)
