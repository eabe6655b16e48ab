"""ImageNet's VGG16, part of this project: one file a layer, read when it is first asked for."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from nst_core.errors import BackboneError

FOLDER = Path(__file__).parent / "vgg16"
"""Where the files lie; README.md in there says where they come from."""

SHA256: Mapping[str, str] = {
    "block1_conv1": "8d9425cb5fc6d0d198446498c4de136b8a0d02aaec73d0229a15638af44bfd50",
    "block1_conv2": "e6ef2bb78a0083d6c9ac57fd06d82d6ed9aa9ce66bdf4126348bd28d461c188c",
    "block2_conv1": "0299f13901fafd9ec51bf8241fad34b823265ad0ea75691654f7f2c803bccebe",
    "block2_conv2": "a633f0e959ee504b81b07d402968587775a6c478e250ee5b9a6aed9d37b9d684",
    "block3_conv1": "954f90853a39f0f8d891af1b8bce70391d999dfefeda3d6c53a0014b8ed03e96",
    "block3_conv2": "f6a1aea0ab2fcfadd19654a91f4e056e9f17a3f53ff91ce9c223825de2bd9a9e",
    "block3_conv3": "47ccc032ed79af55ef6d857f0538e9b8e4269d7831f3b96b5e0b42ee691068ef",
    "block4_conv1": "0949677e53542fcd70a21dd9dfc7bbd76d786274cbb952261e59ffc83c3682a9",
    "block4_conv2": "802304eb756e5a97aa447b61497169593ad4a64364176fec022bc39cf95f7eb7",
    "block4_conv3": "eee0d7bae69c2802cfd6360b4391b91cd3bdbc208a9f4295110ab64777e9c106",
    "block5_conv1": "451401d0c17446483c909f1a8e1af4818c612a02174762a50949eac3409e496d",
    "block5_conv2": "b553092c66fdc04f1ef24f79057c40f12f3d17949ec07842897385f958b32134",
}
"""Layer name -> SHA-256 of its file, shallowest layer first."""


class EmbeddedKernels(Mapping[str, tuple[np.ndarray, np.ndarray]]):
    """Layer name -> (kernel 3×3×in×out, bias out), float32; a layer is read at its first use.

    The files hold kernels in float16, which moves the losses of a picture by about 0.2 %.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._read = cache(self._layer)

    def __getitem__(self, layer: str) -> tuple[np.ndarray, np.ndarray]:
        """Raises `BackboneError` where the layer's file is missing or altered."""
        if layer not in SHA256:
            raise KeyError(layer)
        return self._read(layer)

    def __iter__(self) -> Iterator[str]:
        return iter(SHA256)

    def __len__(self) -> int:
        return len(SHA256)

    def _layer(self, layer: str) -> tuple[np.ndarray, np.ndarray]:
        path = self._folder / f"{layer}.npz"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BackboneError(
                f"The weights file {path.name}, part of this project, can't be read "
                f"({error.strerror}): get the project's files anew."
            ) from error
        if hashlib.sha256(content).hexdigest() != SHA256[layer]:
            raise BackboneError(
                f"The weights file {path.name} was altered or is damaged: "
                "get the project's files anew."
            )
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return file["kernel"].astype(np.float32), file["bias"]


@cache
def embedded_kernels() -> EmbeddedKernels:
    """The kernels in the project's own files, the same for all who ask."""
    return EmbeddedKernels()
