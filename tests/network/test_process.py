"""The process that TensorFlow runs in: how it was started, and what its owner did before."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from helpers import ROOT

pytestmark = pytest.mark.process

GREY = """
    import numpy as np
    from PIL import Image
    from nst_core import Job, StyleTransferError, load_backbone, stylize

    grey = Image.new("RGB", (64, 64), "grey")

    def tried(work):
        try:
            return work()
        except StyleTransferError as error:
            return f"{type(error).__name__}: {error}"

    def painted(recipe="course", **changes):
        *_, last = stylize(grey, grey, recipe, "embedded", size=64, steps=1, **changes)
        return f"painted in {last.precision}"
"""


def output(code: str, *, before: str = "", **variables: str) -> list[str]:
    """The lines that `code` prints in a process of its own, after `before` and then `GREY`."""
    program = "\n".join(map(textwrap.dedent, (before, GREY, code)))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


FROM_THE_CALLER = """
    import tensorflow
    tensorflow.config.experimental.enable_op_determinism()
"""


def test_determinism_that_the_caller_asked_for_is_no_trouble_for_a_run() -> None:
    assert output("print(painted('studio')[:7])", before=FROM_THE_CALLER) == ["painted"]


def test_determinism_by_a_variable_is_no_trouble_for_page_previews_and_training(
    tmp_path: Path,
) -> None:
    code = f"""
        import os
        from nst_core.fast.training_course import Schedule
        from nst_core.fast.training import train
        from nst_core.page.hosting.loading import loading
        from nst_core.page.hosting.operation import health
        from nst_core.painting.at_once import paint_at_once

        network = loading("embedded")
        network.exception()
        print(*health(network))
        *_, picture = paint_at_once(Job.of(grey, grey, size=64).opened())
        print(picture.size)
        os.chdir({str(tmp_path)!r})
        for number in range(8):
            pixels = np.random.default_rng(number).integers(0, 256, (64, 64, 3), np.uint8)
            Image.fromarray(pixels).save(f"{{number}}.png")
        once = Schedule(steps=1, crop=64, batch=2, every=1)
        layers = {{"block2_conv1": 1.0}}
        shallow = dict(content_layers=layers, style_layers=layers, precision="auto")
        styles = {{"noise": "0.png"}}
        *_, last = train(styles, ".", "a.npz", backbone="embedded", schedule=once, **shallow)
        print(last.step)
    """
    assert output(code, TF_DETERMINISTIC_OPS="1") == ["ready 200", "(64, 64)", "1"]


def test_where_bfloat16_fails_float32_is_the_faster_one() -> None:
    """oneDNN has none for AVX2, to which people keep it where newer instructions are trouble."""
    code = """
        from nst_core.network.precision import faster_dtype

        print(faster_dtype(load_backbone("embedded")))
        print(painted(precision="auto"))
        print(tried(lambda: painted(precision="bfloat16")))
    """
    auto, picture, refused = output(code, ONEDNN_MAX_CPU_ISA="AVX2")
    assert (auto, picture) == ("float32", "painted in float32")
    assert refused.startswith("RecipeError: bfloat16 can't be computed")


@pytest.mark.parametrize(
    ("most", "told"), [(1_500_000_000, "painting needs 2.4 GB"), (2_600_000_000, "GB are free")]
)
def test_too_low_a_limit_of_memory_gets_a_sentence(most: int, told: str) -> None:
    """Too low to start TensorFlow, and to paint with it: beyond a limit it crashes, or hangs."""
    before = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({most}, {most}))"
    (line,) = output("print(tried(painted))", before=before)
    assert line.startswith("OutOfMemoryError: ")
    assert told in line


FORKED = """
    import os, signal  # where it hangs, it ends

    child = os.fork()
    if child == 0:
        signal.alarm(250)
        print(tried(painted), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize(
    "before",
    ["painted()", "import tensorflow; tensorflow.zeros([])"],
    ids=["painted here", "run by the caller"],
)
def test_a_fork_after_tensorflow_ran_gets_a_sentence(before: str) -> None:
    (told,) = output(f"{before}\n{textwrap.dedent(FORKED)}")
    assert told.startswith("TensorFlowError: This process was forked from one in which TensorFlow")
    assert "spawn" in told


def test_a_fork_before_it_ran_paints() -> None:
    assert output(FORKED) == ["painted in float32"]


def test_eager_execution_switched_off_gets_a_sentence() -> None:
    code = """
        import tensorflow

        tensorflow.compat.v1.disable_eager_execution()
        print(tried(painted))
    """
    (told,) = output(code)
    assert told.startswith("TensorFlowError: TensorFlow runs in graph mode here")


@pytest.mark.parametrize(
    ("name", "value"),
    [("KERAS_BACKEND", "jax"), ("KERAS_BACKEND", "torch"), ("TF_USE_LEGACY_KERAS", "1")],
)
def test_another_keras_is_not_needed_but_for_files(name: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "mine.h5").write_bytes(b"\x89HDF")
    code = f"""
        print(tried(lambda: list(stylize(grey, grey, backbone={str(tmp_path / "mine.h5")!r}))))
        print(load_backbone("embedded").name)
    """
    told, other = output(code, **{name: value})
    assert other == "embedded"
    assert told.startswith("TensorFlowError: Keras doesn't work with TensorFlow in this process")
    assert told.endswith(f": start without {name}.")


USED_GPU = """
class config:
    list_physical_devices = staticmethod(lambda kind: ["one"])
    class experimental:
        def set_memory_growth(gpu, on):
            raise RuntimeError("Physical devices cannot be modified after being initialized")

zeros = print
"""


def test_a_gpu_that_was_used_before_is_taken_as_it_is(tmp_path: Path) -> None:
    """A stand-in for TensorFlow: no machine of this project has a GPU."""
    (tmp_path / "tensorflow.py").write_text(USED_GPU)
    before = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    code = """
        from nst_core.network.tensorflow import load_tensorflow
        print(load_tensorflow().__name__)
    """
    assert output(code, before=before) == ["[]", "tensorflow"]
