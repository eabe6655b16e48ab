"""VGG features: the activations that style transfer compares."""

import copy
import logging
import threading
from collections.abc import Iterable, Mapping
from itertools import groupby

from nst_core.checks import shown
from nst_core.errors import BackboneError
from nst_core.network.embedded import embedded_kernels
from nst_core.network.tensorflow import Tensor, check_process, tf
from nst_core.network.vgg19 import Kernels, file_kernels, vgg19_kernels

log = logging.getLogger(__name__)

IMAGENET_MEAN = (123.68, 116.779, 103.939)
"""Mean red, green, blue of ImageNet, taken off before the first layer (Keras's "caffe" mode)."""

NAMES = ("auto", "vgg19", "embedded")
POOLINGS = ("max", "average")
PADDINGS = ("zero", "reflect")
FILLED = 16
"""px; an image that is reflected is filled up to a multiple of this."""


class Backbone:
    """A VGG network cut to what is asked of it.

    Two that share their tensors, however they were asked for, are equal: traces of the one serve
    the other.

    Attributes:
        name: "vgg19", "embedded", or the path of the weights file.
        origin: one sentence for people: which weights are at work, and why.
        kernels: the weights of each layer, float32.
        layers: names of the convolutions as Keras gives them, shallowest first.
    """

    def __init__(self, name: str, origin: str, kernels: Kernels) -> None:
        self.name = name
        self.origin = origin
        self.layers = tuple(kernels)
        self.kernels = kernels
        self._tensors: dict[tuple[str, str], tuple[Tensor, Tensor]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backbone) and self._tensors is other._tensors

    def __hash__(self) -> int:
        return id(self._tensors)

    def with_origin(self, origin: str) -> "Backbone":
        """The same network, its tensors included, with another sentence on where it is from."""
        twin = copy.copy(self)
        twin.origin = origin
        return twin

    def up_to_deepest(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """The layers that must run so that `wanted` can be looked at."""
        depths = [self.layers.index(layer) for layer in wanted]
        return self.layers[: max(depths, default=-1) + 1]

    def reach(self, layer: str) -> float:
        """How far to each side, in pixels of the image, a position of the layer's map looks."""
        convolutions = sum(downsampling(each) for each in self.up_to_deepest([layer]))
        return convolutions + (downsampling(layer) - 1) / 2  # the poolings

    def activations(
        self,
        image: Tensor,
        wanted: Iterable[str],
        pooling: str = "max",
        padding: str = "zero",
        dtype: str = "float32",
    ) -> Mapping[str, Tensor]:
        """Activations after the ReLU of each wanted layer (Simonyan & Zisserman 2015, table 1).

        Args:
            image: float32 tensor, batch×H×W×3, RGB in 0..255, H and W at least 16.
            wanted: layer names out of `layers`.
            pooling: "max" as trained, or "average" (Gatys et al. 2016, section 2).
            padding: around the image, in front of the first layer: "zero" as trained; "reflect"
                leaves no frame around the picture (see `_reflected`). Deeper layers always pad
                with zeros.
            dtype: "float32" or "bfloat16", of convolutions and activations.

        Returns:
            Layer name -> tensor batch×H'×W'×N of `dtype`, for the wanted layers only.
        """
        wanted = tuple(wanted)
        x, found = prepared(image, padding, dtype), {}
        for number, layers in enumerate(self.blocks(wanted)):
            if number:
                x = pooled(x, pooling)
            maps = self.block(x, layers, padding)
            x = maps[layers[-1]]
            found.update({layer: maps[layer] for layer in layers if layer in wanted})
        return found

    def blocks(self, wanted: Iterable[str]) -> list[tuple[str, ...]]:
        """The layers that must run so that `wanted` can be looked at, by block."""
        names = groupby(self.up_to_deepest(wanted), key=lambda layer: layer.split("_")[0])
        return [tuple(layers) for _, layers in names]

    def block(self, x: Tensor, layers: Iterable[str], padding: str = "zero") -> dict[str, Tensor]:
        """Activations of one block's layers, of what is `prepared` or of the last block, `pooled`.

        Args:
            x: tensor batch×H×W×N, in whose type the convolutions run.
            layers: the block's first layers, one after the other.
            padding: of the image, see `activations`.
        """
        maps = {}
        for layer in layers:
            kernel, bias = self._tensor(layer, x.dtype.name)
            reflected = padding == "reflect" and layer == self.layers[0]
            x = tf.nn.conv2d(x, kernel, 1, "VALID" if reflected else "SAME")
            x = maps[layer] = tf.nn.relu(tf.nn.bias_add(x, bias))
        return maps

    def _tensor(self, layer: str, dtype: str) -> tuple[Tensor, Tensor]:
        key = (layer, dtype)
        if key not in self._tensors:
            kernel, bias = self.kernels[layer]
            with tf.init_scope():  # an eager tensor also when called while a graph is traced
                self._tensors[key] = (tf.constant(kernel, dtype), tf.constant(bias, dtype))
        return self._tensors[key]


def downsampling(layer: str) -> int:
    """How many pixels of the image, along each side, one position of the layer's map stands for."""
    return 2 ** (int(layer[len("block")]) - 1)  # a pooling lies between blocks


def map_size(layer: str, height: int, width: int, padding: str) -> tuple[int, int]:
    """Height and width of a layer's map, or of the picture itself under any other name."""
    if not layer.startswith("block"):
        return height, width
    if padding == "reflect":
        height, width = (side + -side % FILLED for side in (height, width))
    side = downsampling(layer)
    return height // side, width // side


def prepared(image: Tensor, padding: str, dtype: str) -> Tensor:
    """The image as the first layer takes it: BGR without the mean; arguments as in `activations`.

    With "reflect" it has one more pixel on each side, which that layer uses up.
    """
    x = tf.cast(tf.reverse(image - tf.constant(IMAGENET_MEAN), axis=[-1]), dtype)
    return _reflected(x) if padding == "reflect" else x


def pooled(maps: Tensor, pooling: str) -> Tensor:
    """What the next block takes: batch×H×W×N -> batch×H/2×W/2×N; an odd last row is left out."""
    pool = {"max": tf.nn.max_pool2d, "average": tf.nn.avg_pool2d}[pooling]
    return pool(maps, 2, 2, "VALID")


def _reflected(x: Tensor) -> Tensor:
    """The image with one more pixel around it, and more at the bottom and the right edge.

    There it is filled up to a multiple of 16, of which four poolings drop no row and no column;
    rows that deeper layers never see turn into a comb of stray colours.
    """
    height, width = tf.unstack(tf.shape(x)[1:3])
    down, right = -height % FILLED, -width % FILLED
    return tf.pad(x, [[0, 0], [1, 1 + down], [1, 1 + right], [0, 0]], "REFLECT")


def check_backbone(name: str) -> None:
    """Raise `BackboneError` if `name` can't be the name of a backbone; loads nothing."""
    if name not in NAMES and not name.endswith(".h5"):
        allowed = f"{', '.join(NAMES)} or the path of a .h5 file"
        raise BackboneError(f"There is no backbone {shown(name)}; allowed are {allowed}.")


loaded: dict[str, Backbone] = {}
"""The backbones of this process, by the name they were asked for."""
_loading = threading.Lock()


def load_backbone(name: str | Backbone = "auto") -> Backbone:
    """The backbone called `name`, loaded once per process; a backbone is given back as it is.

    Args:
        name: "vgg19" (ImageNet weights by way of `keras.applications`, kept in Keras's cache),
            "embedded" (ImageNet's VGG16, part of this project), the path of a VGG19 `.h5` or
            `.weights.h5` file, or "auto": vgg19 if it can be had, else embedded (see `origin`).

    Raises:
        BackboneError: the weights are not to be had; never with "auto" or "embedded".
        TensorFlowError: nothing can be painted in this process, see `check_process`.
    """
    check_process()
    if isinstance(name, Backbone):
        return name
    check_backbone(name)
    with _loading:
        return _load(name)


def _load(name: str) -> Backbone:
    if name not in loaded:
        loaded[name] = _LOADERS.get(name, _load_file)(name)
    return loaded[name]


def _load_auto(_name: str) -> Backbone:
    try:
        return _load("vgg19")
    except BackboneError as reason:
        embedded = _load("embedded")
        return embedded.with_origin(f"{embedded.origin} {reason}")


def _load_vgg19(name: str) -> Backbone:
    origin = "VGG19 with the ImageNet weights of keras.applications."
    try:
        return Backbone(name, origin, vgg19_kernels())
    except BackboneError:
        raise
    except Exception as error:  # machines differ: "auto" has another network to run, whatever it is
        log.debug("VGG19 failed to load", exc_info=True)
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise BackboneError(f"VGG19 can't be loaded ({reason}).") from error


def _load_embedded(name: str) -> Backbone:
    return Backbone(
        name, "VGG16 with ImageNet's weights, part of this project.", embedded_kernels()
    )


def _load_file(name: str) -> Backbone:
    return Backbone(name, "VGG19 with weights from a file.", file_kernels(name))


_LOADERS = {"auto": _load_auto, "vgg19": _load_vgg19, "embedded": _load_embedded}
