"""How TensorFlow is imported: once, by whichever thread, and with or without its greetings."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from helpers import ROOT

pytestmark = pytest.mark.process

GREETING = "I0000 00:00:1795645435.4  24573 port.cc:153] oneDNN custom operations are on."
STAND_IN = f"""
import sys, time

class config:
    list_physical_devices = staticmethod(lambda kind: ["one"])
    class experimental:
        set_memory_growth = staticmethod(lambda gpu, on: print("memory growth", flush=True))

time.sleep(0.3)
print({GREETING!r}, file=sys.stderr, flush=True)
zeros = print
"""
"""A package that greets as TensorFlow does, tells of its set-up, and takes a while to import."""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A folder to put on Python's path, so that TensorFlow is quick and countable."""
    (tmp_path / "tensorflow.py").write_text(STAND_IN)
    return tmp_path


def run(code: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `code` in a process of its own, with the modules in `path` before all others."""
    places = os.pathsep.join(map(str, [*([path] if path else []), ROOT]))
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


EIGHT_THREADS = """
    from threading import Thread
    from nst_core.network.quiet_start import load_tensorflow_quietly
    from nst_core.network.tensorflow import load_tensorflow, tf

    threads = [Thread(target={target}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_first_calls_at_once_import_it_once(stand_in: Path) -> None:
    done = run(EIGHT_THREADS.format(target="load_tensorflow"), stand_in)
    assert done.stdout.count("memory growth") == 1


def test_a_library_leaves_the_standard_error_alone(stand_in: Path) -> None:
    done = run("from nst_core.network.tensorflow import tf; tf.zeros", stand_in)
    assert done.stderr == GREETING + "\n"


def test_an_import_that_failed_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text("raise ImportError('no such processor')")
    code = """
        import pathlib
        from nst_core.network.quiet_start import load_tensorflow_quietly
        from nst_core.network.tensorflow import load_tensorflow

        for load in (load_tensorflow, load_tensorflow_quietly):
            try:
                load()
            except ImportError as error:
                print(error)
    """
    done = run(code, tmp_path)
    assert done.stdout.splitlines() == ["no such processor"] * 2, done.stderr


def test_quiet_starts_at_once_share_one_and_give_the_standard_error_back(stand_in: Path) -> None:
    after = "import os; os.write(2, b'I0000 of our own')"
    code = textwrap.dedent(EIGHT_THREADS.format(target="load_tensorflow_quietly")) + after
    done = run(code, stand_in)
    assert done.stdout.count("memory growth") == 1
    assert done.stderr == "I0000 of our own"


@pytest.mark.parametrize("load", ["load_tensorflow", "load_tensorflow_quietly"])
def test_the_real_one(load: str) -> None:
    code = f"from nst_core.network.quiet_start import *; print({load}().__version__)"
    done = run(code)
    assert done.stdout.startswith("2."), done.stderr
    assert (done.stderr == "") == (load == "load_tensorflow_quietly")


def test_a_quiet_import_that_fails_keeps_what_was_written(tmp_path: Path) -> None:
    program = "import os; os.write(2, b'I0000 hello\\nlost library\\n'); raise ImportError('gone')"
    (tmp_path / "tensorflow.py").write_text(program)
    done = run("import nst_core.network.quiet_start as q; q.load_tensorflow_quietly()", tmp_path)
    first, *_, last = done.stderr.splitlines()
    assert (first, last) == ("lost library", "ImportError: gone")


INSIDE = """
    import os, signal, subprocess, sys, threading, time
    from nst_core.network.quiet_start import without_greetings

    with without_greetings():
        {inside}
    os.write(2, b"I0000 after\\n")
"""


def test_a_crash_tells_its_reason() -> None:
    greeting = "os.write(2, b'I0000 hello\\n')"
    done = run(INSIDE.format(inside=f"{greeting}; os.write(2, b'check failed: x'); os.abort()"))
    assert done.returncode == -signal.SIGABRT
    assert done.stderr == "check failed: x"


def test_lines_are_passed_on_at_once() -> None:
    """And not only at the end, for the start takes seconds."""
    code = INSIDE.format(inside="os.write(2, b'a line\\n'); time.sleep(60)")
    program = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(program, cwd=ROOT, stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert process.stderr.readline() == b"a line\n"
        process.kill()


def test_other_threads_lose_no_line() -> None:
    """A thread writes 500 whole lines before, during and after; greetings between them go."""
    code = """
        import os, threading
        from nst_core.network.quiet_start import without_greetings

        def write():
            for number in range(500):
                os.write(2, b"line %d\\n" % number)
                halfway.set() if number == 100 else None

        halfway = threading.Event()
        thread = threading.Thread(target=write)
        thread.start()
        halfway.wait()
        for _ in range(3):
            with without_greetings():
                os.write(2, b"W0000 careful\\n")
        thread.join()
    """
    done = run(code)
    assert sorted(done.stderr.splitlines()) == sorted(f"line {number}" for number in range(500))


def test_an_error_inside_gives_the_standard_error_back() -> None:
    code = """
        import contextlib, os
        from nst_core.network.quiet_start import without_greetings

        with contextlib.suppress(ValueError), without_greetings():
            raise ValueError
        os.write(2, b"I0000 after")
    """
    assert run(code).stderr == "I0000 after"


def test_ctrl_c_is_not_for_the_filter() -> None:
    """It reaches every process of a terminal's group at once."""
    code = """
        import os, signal, time
        from nst_core.network.quiet_start import without_greetings

        os.setpgrp()
        with without_greetings():
            try:
                os.killpg(0, signal.SIGINT)
                time.sleep(60)
            except KeyboardInterrupt:
                os.write(2, b"interrupted")
    """
    assert run(code).stderr == "interrupted"


def test_a_program_started_meanwhile_is_not_waited_for_long() -> None:
    inside = "subprocess.Popen(['sleep', '8'], stdout=subprocess.DEVNULL)"
    code = INSIDE.format(inside=inside)
    program = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(program, cwd=ROOT, stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert process.stderr.readline() == b"I0000 after\n"
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("lost", ["os.close(2); sys.stderr = None", "sys.executable = '/nowhere'"])
def test_where_nothing_can_be_filtered_the_program_runs_on(lost: str) -> None:
    code = f"""
        import os, sys
        from nst_core.network.quiet_start import without_greetings

        {lost}
        with without_greetings():
            print("inside")
    """
    done = run(code)
    assert (done.returncode, done.stdout) == (0, "inside\n"), done.stderr
