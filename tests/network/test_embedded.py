"""ImageNet's VGG16 in the project's own files: published values, and files that were altered."""

import pickle
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from nst_core import BackboneError, load_backbone
from nst_core.network.embedded import FOLDER, SHA256, EmbeddedKernels, embedded_kernels
from nst_core.network.remake import main as remake
from nst_core.network.tensorflow import tf

DEPTHS = (64, 64, 128, 128, *[256] * 3, *[512] * 5)
PUBLISHED_KERNEL = (0.42947057, 0.11727387, 0.03401296)
"""How `keras.applications.VGG16` begins: block1_conv1, row 0, column 0, blue, filters 0 to 2."""
PUBLISHED_BIAS = 0.73429835


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The first layer's file in a folder where it may be altered."""
    shutil.copy(FOLDER / "block1_conv1.npz", tmp_path)
    return tmp_path


def test_it_is_a_trained_vgg16() -> None:
    kernels = embedded_kernels()
    channels = 3
    for (kernel, bias), depth in zip(kernels.values(), DEPTHS, strict=True):
        assert kernel.shape == (3, 3, channels, depth)
        assert kernel.dtype == bias.dtype == np.float32
        assert np.isfinite(kernel).all()
        assert bias.any()  # Keras begins with zeros
        channels = depth


def test_published_values() -> None:
    kernel, bias = embedded_kernels()["block1_conv1"]
    assert kernel[0, 0, 0, :3] == pytest.approx(PUBLISHED_KERNEL, rel=1e-3)  # float16
    assert bias[0] == pytest.approx(PUBLISHED_BIAS, rel=1e-6)


def test_a_plain_keras_vgg16_gives_the_same_activations() -> None:
    kernels, backbone = embedded_kernels(), load_backbone("embedded")
    model = tf.keras.applications.VGG16(include_top=False, weights=None)
    for name, weights in kernels.items():
        model.get_layer(name).set_weights(weights)
    outputs = [model.get_layer(name).output for name in kernels]
    plain = tf.keras.Model(model.input, outputs)
    image = np.random.default_rng(1).uniform(0, 255, (1, 48, 64, 3)).astype(np.float32)
    expected = plain(tf.keras.applications.vgg16.preprocess_input(image.copy()))
    found = backbone.activations(tf.constant(image), kernels)
    for name, maps in zip(kernels, expected, strict=True):
        scale = float(tf.reduce_max(maps))
        np.testing.assert_allclose(found[name], maps, rtol=0, atol=1e-5 * scale)


def test_only_the_layers_asked_for_are_read(copied: Path) -> None:
    kernels = EmbeddedKernels(copied)  # which lacks all others
    assert kernels["block1_conv1"][0].shape == (3, 3, 3, 64)
    assert len(kernels) == 12


def test_what_is_no_layer_is_no_key() -> None:
    with pytest.raises(KeyError):
        embedded_kernels()["block5_conv3"]
    assert "block5_conv3" not in SHA256


def test_a_missing_file_gets_a_sentence(copied: Path) -> None:
    with pytest.raises(BackboneError, match=r"block1_conv2\.npz.*No such file.*anew"):
        EmbeddedKernels(copied)["block1_conv2"]


def test_an_altered_file_gets_a_sentence(copied: Path) -> None:
    path = copied / "block1_conv1.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BackboneError, match=r"block1_conv1\.npz was altered"):
        EmbeddedKernels(copied)["block1_conv1"]


def test_a_pickle_is_never_opened(copied: Path) -> None:
    (copied / "block1_conv1.npz").write_bytes(pickle.dumps(print))
    with pytest.raises(BackboneError, match="altered"):
        EmbeddedKernels(copied)["block1_conv1"]


# Making the files again


def keras_file(path: Path, **altered: float) -> Path:
    """The embedded kernels in Keras's format; a layer named in `altered` has a number added."""
    with h5py.File(path, "w") as file:
        names = [*SHA256, "block5_conv3"]
        file.attrs["layer_names"] = names
        for name in names:
            kernel, bias = embedded_kernels()[name if name in SHA256 else "block5_conv2"]
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}_W_1:0", f"{name}_b_1:0"]
            group.create_dataset(f"{name}_W_1:0", data=kernel + altered.get(name, 0.0))
            group.create_dataset(f"{name}_b_1:0", data=bias)
    return path


def run_remake(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["remake", *map(str, arguments)])
    return remake()


def test_remade_from_keras_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = keras_file(tmp_path / "vgg16.h5")
    assert run_remake(monkeypatch, source, "--output", tmp_path / "made") == 0
    assert "Every layer is the same" in capsys.readouterr().out
    for name in SHA256:
        with np.load(tmp_path / "made" / f"{name}.npz", allow_pickle=False) as made:
            assert made["kernel"].dtype == np.float16
            np.testing.assert_array_equal(made["kernel"], embedded_kernels()[name][0])


def test_remaking_names_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = keras_file(tmp_path / "vgg16.h5", block3_conv2=0.25)
    assert run_remake(monkeypatch, source) == 1
    assert capsys.readouterr().out.strip() == "Differs: block3_conv2"


@pytest.mark.parametrize("name", ["nothing.h5", "nothing.whl", "text.h5"])
def test_remaking_from_something_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.h5").write_text("weights")
    assert run_remake(monkeypatch, tmp_path / name) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
