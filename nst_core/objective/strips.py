"""The loss of a picture that is too large for the network as a whole: block by block, in strips.

Each block of VGG works through its input strip by strip. What the next block takes is kept, and of
most else only sums over positions, of which statistics are made. On the way back every strip is
worked through again, to be differentiated (checkpoints as in Chen et al. 2016, "Training Deep Nets
with Sublinear Memory Cost"). Strips overlap by the rows that a block's convolutions reach, so loss
and gradient are those of the whole picture.
"""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from nst_core.loss.comparison import IMAGE, Counts, Seen
from nst_core.network.backbone import pooled, prepared
from nst_core.network.tensorflow import Numeric, Tensor, tf
from nst_core.objective.graph import Found, Graph, Positions, Traced, area

STRIP_VALUES = 2**23
"""Activations of one layer in a strip."""
LEAST_ROWS = 8
"""Of a strip, however wide it is."""


class Strips:
    """The targets and the loss of a graph, worked through in strips: an `Evaluation`."""

    def __init__(
        self,
        graph: Graph,
        between: Callable[[], None] = lambda: None,
        strip_values: int = STRIP_VALUES,
    ) -> None:
        """Trace the network's blocks, unless that was done before.

        Args:
            graph: of the loss.
            between: called before each strip; what it raises puts an end to the work.
            strip_values: how many activations of one layer a strip may have.
        """
        self._graph, self._network = graph, _network(graph)
        self._between = between
        self._strip_values = strip_values

    def targets(self, image: Tensor, of: str, positions: Positions) -> Found:
        network = _network(self._graph.of_target(of))
        seen, _ = self._seen(network, image, positions)
        return network.found(image, seen, positions)

    def losses(self, image: Tensor, targets: Found, weights: Found, positions: Positions) -> Tensor:
        seen, _ = self._seen(self._network, image, positions)
        return self._network.losses(image, seen, targets, weights, positions)

    def losses_and_gradient(
        self, image: Tensor, targets: Found, weights: Found, positions: Positions
    ) -> tuple[Tensor, Tensor]:
        inputs: list[Tensor] = []
        seen, rows = self._seen(self._network, image, positions, inputs)
        values, direct, upstream = self._network.losses_and_gradients(
            image, seen, targets, weights, positions
        )
        del seen  # the way back needs the room
        return values, direct + self._gradient(image, inputs, upstream, rows, positions)

    def _seen(
        self,
        network: "_Network",
        image: Tensor,
        positions: Positions,
        inputs: list[Tensor] | None = None,
    ) -> tuple[list["_Seen"], list[list["_Seen"]]]:
        """What the comparisons see, by block; and how many rows of it each strip gave.

        The input of each block is added to `inputs`.
        """
        seen, rows, x = [], [], network.prepare(image)
        for block in network.blocks:
            if inputs is not None:
                inputs.append(x)
            found = []
            for strip in block.strips(x, positions, self._strip_values):
                self._between()
                found.append(block.look(strip.of(x), strip.core, strip.positions))
            whole = _joined(found)
            rows.append([tf.nest.map_structure(_rows_of, each) for each in found])
            seen.append(whole._replace(onward=[]))
            x = whole.onward[0] if whole.onward else x  # the last block was the last to use it
        return seen, rows

    def _gradient(
        self,
        image: Tensor,
        inputs: list[Tensor],
        upstream: list["_Seen"],
        rows: list[list["_Seen"]],
        positions: Positions,
    ) -> Numeric:
        """Of the image, through the network, where `upstream` is that of what was seen.

        Uses up inputs, upstream and rows.
        """
        onward: list[np.ndarray] = []
        for block in reversed(self._network.blocks):
            x, wanted = inputs.pop(), upstream.pop()._replace(onward=onward)
            gradient, done = np.empty(tuple(x.shape), x.dtype.as_numpy_dtype), 0
            parts = _parted(wanted, rows.pop())
            for strip, own in zip(
                block.strips(x, positions, self._strip_values), parts, strict=True
            ):
                self._between()
                part = block.gradient(strip.of(x), strip.core, strip.positions, own).numpy()
                gradient[:, strip.begin : done] += part[:, : done - strip.begin]
                gradient[:, done : strip.end] = part[:, done - strip.begin :]
                done = strip.end
            onward = [gradient]
        return self._network.gradient(image, tf.constant(onward.pop())) if onward else 0.0


class _Seen(NamedTuple):
    """What a block gives, or the gradient of it, or how many rows each of its tensors has.

    Attributes:
        onward: the next block's input; empty for the last block.
        kept: term -> layer -> what its comparison keeps: maps or positions, of rank 4, or sums.
        areas: layer -> how many positions there are, float32.
    """

    onward: list[Any]
    kept: dict[str, dict[str, Seen]]
    areas: dict[str, Tensor]


def _joined(strips: list[_Seen]) -> _Seen:
    """The whole, of its strips from top to bottom."""
    rows = [tf.nest.map_structure(_below, *parts) for parts in zip(*strips, strict=True)]
    return _Seen(*rows)


def _below(*parts: Tensor) -> Tensor:
    """Maps and positions one below the other; sums added up."""
    return tf.concat(parts, axis=1) if parts[0].shape.rank == 4 else tf.add_n(parts)


def _rows_of(tensor: Tensor) -> int:
    """How many rows of the whole a strip's tensor is; 0 for sums."""
    return tensor.shape[1] if tensor.shape.rank == 4 else 0


def _parted(whole: _Seen, strips: list[_Seen]) -> Iterator[_Seen]:
    """The gradient of the whole as those of its strips, of so many rows."""
    first = tf.nest.map_structure(lambda _: 0, strips[0])
    for rows in strips:
        yield tf.nest.map_structure(
            lambda each, begin, count: (
                tf.constant(each[:, begin : begin + count]) if count else each
            ),
            whole,
            first,
            rows,
        )
        first = tf.nest.map_structure(lambda begin, count: begin + count, first, rows)


class _Strip(NamedTuple):
    """Some rows of a block's maps, the core, and the rows of its input that they come from.

    Attributes:
        begin, end: of the input.
        core: first row of the core within the strip, and its number of rows.
        positions: of the core.
    """

    begin: int
    end: int
    core: Tensor
    positions: Positions

    def of(self, x: Tensor) -> Tensor:
        return x[:, self.begin : self.end]


class _Block:
    """One block of the network, traced for strips of every size."""

    def __init__(self, graph: Graph, layers: tuple[str, ...], last: bool) -> None:
        self._graph, self._layers, self._last = graph, layers, last
        self._channels = graph.backbone.kernels[layers[-1]][0].shape[3]
        reflected = graph.padding == "reflect" and layers[0] == graph.backbone.layers[0]
        self._margin = 2 if reflected else 0  # rows and columns that the first layer uses up
        self._parts = {
            part: [layer for layer in layers if layer in part.layers] for part in graph.parts
        }
        self.look = Traced(self._look)
        self.gradient = Traced(self._gradient)

    def strips(self, x: Tensor, positions: Positions, values: int) -> Iterator[_Strip]:
        """From top to bottom; of a multiple of 4 rows each, as columns take four, but one."""
        height, width = x.shape[1] - self._margin, x.shape[2] - self._margin
        most = max(values // (width * self._channels), LEAST_ROWS)
        rows = 4 * math.ceil(height / math.ceil(height / most) / 4)
        reach = len(self._layers) + len(self._layers) % 2  # even, for poolings to stay in step
        for first in range(0, max(height - 3, 1), rows):
            last = first + rows if first + rows < height - 3 else height
            begin, end = max(first - reach, 0), min(last + reach, height)
            core = tf.constant([first - begin, last - first])
            own = self._of_rows(positions, first, last, width)
            yield _Strip(begin, end + self._margin, core, own)

    def _of_rows(self, positions: Positions, first: int, last: int, width: int) -> Positions:
        """What is to be known of some rows of this block's maps."""
        counts: dict[str, dict[str, Counts]] = {}
        samples: dict[str, dict[str, Tensor]] = {}
        for part, layers in self._parts.items():
            for layer in layers:
                whole = positions.counts_of(part, layer)
                if whole[0] is not None and part.comparison.grid(layer) == layer:
                    counts.setdefault(part.name, {})[layer] = [
                        None if each is None else each[:, first:last] for each in whole
                    ]
                sample = positions.sample_of(part, layer)
                if sample is not None:
                    within = (sample >= first * width) & (sample < last * width)
                    own = tf.boolean_mask(sample, within) - first * width
                    samples.setdefault(part.name, {})[layer] = own
        return Positions(counts, samples)

    def _look(self, x: Tensor, core: Tensor, positions: Positions) -> _Seen:
        # Convolutions take what is beyond a cut for zeros, so rows next to it are wrong, one more
        # with each layer. The core is at least as many rows away.
        graph = self._graph
        found = graph.backbone.block(x, self._layers, graph.padding)
        maps = {layer: _rows(each, core[0], core[1]) for layer, each in found.items()}
        seen = _Seen([], {}, {})
        if not self._last:
            onward = pooled(found[self._layers[-1]], graph.pooling)
            seen.onward.append(_rows(onward, core[0] // 2, core[1] // 2))
        for part, layers in self._parts.items():
            for layer in layers:
                seen.areas[layer] = area(maps[layer])
                kept = part.look(layer, maps[layer], positions)
                seen.kept.setdefault(part.name, {})[layer] = kept
        return seen

    def _gradient(self, x: Tensor, core: Tensor, positions: Positions, upstream: _Seen) -> Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            seen = self._look(x, core, positions)
        return tape.gradient(seen, x, output_gradients=upstream)


def _rows(maps: Tensor, first: Numeric, count: Numeric) -> Tensor:
    """Some rows of maps. TensorFlow's own gradient of this takes as long as a convolution."""

    @tf.custom_gradient
    def taken(maps: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        batch, height, width, channels = tf.unstack(tf.shape(maps))

        def gradient(upstream: Tensor) -> Tensor:
            above, below = (
                tf.zeros([batch, rows, width, channels], maps.dtype)
                for rows in (first, height - first - count)
            )
            return tf.concat([above, upstream, below], axis=1)

        return maps[:, first : first + count], gradient

    return taken(maps)


class _Network:
    """What is traced of a graph, for images of every size."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        layers = {layer for part in graph.parts for layer in part.layers} - {IMAGE}
        blocks = graph.backbone.blocks(layers)
        self.blocks = [_Block(graph, block, last=block is blocks[-1]) for block in blocks]
        self.prepare = Traced(self._prepared)
        self.gradient = Traced(self._gradient)
        self.losses = Traced(self._losses)
        self.losses_and_gradients = Traced(self._losses_and_gradients)

    def _prepared(self, image: Tensor) -> Tensor:
        return prepared(image, self._graph.padding, self._graph.dtype)

    def _gradient(self, image: Tensor, upstream: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            tape.watch(image)
            x = self._prepared(image)
        return tape.gradient(x, image, output_gradients=upstream)

    def _losses(
        self,
        image: Tensor,
        seen: list[_Seen],
        targets: Found,
        weights: Found,
        positions: Positions,
    ) -> Tensor:
        areas = {IMAGE: area(image)}
        for block in seen:
            areas.update(block.areas)
        found = self.found(image, seen, positions)
        return self._graph.compared(found, areas, targets, weights, positions)

    def _losses_and_gradients(
        self,
        image: Tensor,
        seen: list[_Seen],
        targets: Found,
        weights: Found,
        positions: Positions,
    ) -> tuple[Tensor, Tensor, list[_Seen]]:
        """The losses, and the gradients of image and network, as if apart."""
        with tf.GradientTape() as tape:
            tape.watch([image, seen])
            values = self._losses(image, seen, targets, weights, positions)
            total = values[0]
        zero = tf.UnconnectedGradients.ZERO
        direct, upstream = tape.gradient(total, [image, seen], unconnected_gradients=zero)
        return values, direct, upstream

    def found(self, image: Tensor, seen: list[_Seen], positions: Positions) -> Found:
        """What the comparisons find, of what was kept of the blocks and of the image itself."""
        found: Found = {}
        for part in self._graph.parts:
            own = found.setdefault(part.name, {})
            if IMAGE in part.layers:
                kept = part.look(IMAGE, image, positions)
                own[IMAGE] = part.finish(IMAGE, kept, positions, area(image))
            for block in seen:
                for layer, kept in block.kept.get(part.name, {}).items():
                    own[layer] = part.finish(layer, kept, positions, block.areas[layer])
        return found


_network = lru_cache(maxsize=12)(_Network)
"""A server keeps the graphs used last; a run has three, its targets' included."""
