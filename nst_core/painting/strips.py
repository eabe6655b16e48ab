"""The loss of a picture that is too large for the network as a whole: block by block, in strips.

Each block of VGG works through its input strip by strip. What the next block takes is kept, and of
most else only sums over positions, of which statistics are made. On the way back every strip is
worked through again, to be differentiated (checkpoints as in Chen et al. 2016, "Training Deep Nets
with Sublinear Memory Cost"). Strips overlap by the rows that a block's convolutions reach, so loss
and gradient are those of the whole picture.
"""

import math
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from nst_core.network.backbone import pooled, prepared
from nst_core.network.tensorflow import tf
from nst_core.painting.graph import Graph, Part, Positions, area, traced
from nst_core.recipe.statistics import STATISTICS, Additive, counted
from nst_core.recipe.terms import IMAGE

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
        self._network = _network(graph)
        self._plain = _network(graph.without_places())
        self._between = between
        self._strip_values = strip_values

    def content_targets(self, image: Any) -> Any:
        return self._targets(image, "content")

    def style_targets(self, image: Any) -> Any:
        found = self._targets(image, "style")
        return tf.nest.map_structure(lambda each: tf.cast(each, tf.float32), found)

    def losses(self, image: Any, targets: Any, weights: Any, positions: Positions) -> Any:
        seen = self._seen(self._network, image, positions)
        return self._network.losses(image, seen, targets, weights, positions)

    def losses_and_gradient(
        self, image: Any, targets: Any, weights: Any, positions: Positions
    ) -> tuple[Any, Any]:
        inputs: list[Any] = []
        seen = self._seen(self._network, image, positions, inputs)
        values, direct, upstream = self._network.losses_and_gradients(
            image, seen, targets, weights, positions
        )
        del seen  # the way back needs the room
        return values, direct + self._gradient(image, inputs, upstream, positions)

    def _targets(self, image: Any, of: str) -> dict[str, dict[str, Any]]:
        return self._plain.targets(image, self._seen(self._plain, image, {}), of)

    def _seen(
        self,
        network: "_Network",
        image: Any,
        positions: Positions,
        inputs: list[Any] | None = None,
    ) -> list["_Seen"]:
        """What the terms look at, by block; the input of each block is added to `inputs`."""
        seen, x = [], network.prepare(image)
        for block in network.blocks:
            if inputs is not None:
                inputs.append(x)
            found = []
            for strip in block.strips(x, positions, self._strip_values):
                self._between()
                found.append(block.look(strip.of(x), strip.core, strip.positions))
            whole = _joined(found)
            seen.append(whole._replace(onward=[]))
            x = whole.onward[0] if whole.onward else None
        return seen

    def _gradient(
        self, image: Any, inputs: list[Any], upstream: list["_Seen"], positions: Positions
    ) -> Any:
        """Of the image, through the network, where `upstream` is that of `_seen`; uses up both."""
        onward: list[np.ndarray] = []
        for block in reversed(self._network.blocks):
            x, wanted = inputs.pop(), upstream.pop()._replace(onward=onward)
            gradient, done = np.empty(x.shape, x.dtype.as_numpy_dtype), 0
            for strip in block.strips(x, positions, self._strip_values):
                self._between()
                part = block.gradient(
                    strip.of(x), strip.core, strip.positions, strip.of_seen(wanted)
                ).numpy()
                gradient[:, strip.begin : done] += part[:, : done - strip.begin]
                gradient[:, done : strip.end] = part[:, done - strip.begin :]
                done = strip.end
            onward = [gradient]
        return self._network.gradient(image, tf.constant(onward.pop())) if onward else 0.0


class _Seen(NamedTuple):
    """What a block gives, or the gradient of it.

    Attributes:
        onward: the next block's input; empty for the last block.
        maps: layer -> activations, where a statistic is not additive.
        sums: layer -> term -> its statistic's sums over positions; of each place, where it has any.
        areas: layer -> how many positions there are, float32.
    """

    onward: list[Any]
    maps: dict[str, Any]
    sums: dict[str, dict[str, tuple[Any, ...]]]
    areas: dict[str, Any]


def _joined(strips: list[_Seen]) -> _Seen:
    """The whole, of its strips from top to bottom."""
    rows = [tf.nest.map_structure(_below, *parts) for parts in zip(*strips, strict=True)]
    return _Seen(*rows)


def _below(*parts: Any) -> Any:
    """Maps one below the other; sums added up."""
    return tf.concat(parts, axis=1) if parts[0].shape.rank == 4 else tf.add_n(parts)


class _Strip(NamedTuple):
    """Some rows of a block's maps, the core, and the rows of its input that they come from.

    Attributes:
        begin, end: of the input.
        first, last: of the core.
        core: first row of the core within the strip, and its number of rows.
        positions: layer -> for each place, what every position of the core counts there.
    """

    begin: int
    end: int
    first: int
    last: int
    core: Any
    positions: Positions

    def of(self, x: Any) -> Any:
        return x[:, self.begin : self.end]

    def of_seen(self, whole: _Seen) -> _Seen:
        """The part of a gradient that is this strip's."""
        half = slice(self.first // 2, self.last // 2)
        onward = [tf.constant(each[:, half]) for each in whole.onward]
        maps = {layer: each[:, self.first : self.last] for layer, each in whole.maps.items()}
        return whole._replace(onward=onward, maps=maps)


class _Block:
    """One block of the network, traced for strips of every size."""

    def __init__(self, graph: Graph, layers: tuple[str, ...], last: bool) -> None:
        kernels = [graph.backbone.kernels[layer][0] for layer in layers]
        self._graph, self._layers, self._last = graph, layers, last
        self._channels = kernels[-1].shape[3]
        reflected = graph.padding == "reflect" and layers[0] == graph.backbone.layers[0]
        self._margin = 2 if reflected else 0  # rows and columns that the first layer uses up
        strip = tf.TensorSpec([None, None, None, kernels[0].shape[2]], graph.dtype)
        specs = graph.position_specs()
        self._positions = {layer: specs[layer] for layer in layers if layer in specs}
        self._signature = strip, tf.TensorSpec([2], tf.int32), self._positions

    @cached_property
    def look(self) -> Callable[..., _Seen]:
        """(strip, its core and positions) -> what the core gives."""
        return traced(self._look, *self._signature)

    @cached_property
    def gradient(self) -> Callable[..., Any]:
        """(strip, its core and positions, gradient of what the core gives) -> that of the strip."""
        given = self.look.structured_outputs  # type: ignore[attr-defined]
        upstream = tf.nest.map_structure(lambda each: tf.TensorSpec(each.shape, each.dtype), given)
        return traced(self._gradient, *self._signature, upstream)

    def strips(self, x: Any, positions: Positions, values: int) -> Iterator[_Strip]:
        """From top to bottom; of an even number of rows each, as a pooling takes two, but one."""
        height, width = x.shape[1] - self._margin, x.shape[2] - self._margin
        most = max(values // (width * self._channels), LEAST_ROWS)
        rows = 2 * math.ceil(height / math.ceil(height / most) / 2)
        reach = len(self._layers) + len(self._layers) % 2  # even, for poolings to stay in step
        for first in range(0, max(height - 1, 1), rows):
            last = first + rows if first + rows < height - 1 else height
            begin, end = max(first - reach, 0), min(last + reach, height)
            core = tf.constant([first - begin, last - first])
            own = {
                layer: tuple(each[:, first:last] for each in positions[layer])
                for layer in self._positions
            }
            yield _Strip(begin, end + self._margin, first, last, core, own)

    def _look(self, x: Any, core: Any, positions: Positions) -> _Seen:
        # Convolutions take what is beyond a cut for zeros, so rows next to it are wrong, one more
        # with each layer. The core is at least as many rows away.
        graph = self._graph
        found = graph.backbone.block(x, self._layers, graph.padding)
        maps = {layer: _rows(each, core[0], core[1]) for layer, each in found.items()}
        seen = _Seen([], {}, {}, {})
        if not self._last:
            onward = pooled(found[self._layers[-1]], graph.pooling)
            seen.onward.append(_rows(onward, core[0] // 2, core[1] // 2))
        for part in graph.parts:
            for layer in maps.keys() & {*part.layers}:
                seen.areas[layer] = area(maps[layer])
                statistic = STATISTICS[part.statistic]
                if isinstance(statistic, Additive):
                    counts = part.counts(layer, positions)
                    sums = tuple(statistic.sums(maps[layer], each) for each in counts)
                    seen.sums.setdefault(layer, {})[part.name] = sums
                else:
                    seen.maps[layer] = maps[layer]
        return seen

    def _gradient(self, x: Any, core: Any, positions: Positions, upstream: _Seen) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            seen = self._look(x, core, positions)
        return tape.gradient(seen, x, output_gradients=upstream)


def _rows(maps: Any, first: Any, count: Any) -> Any:
    """Some rows of maps. TensorFlow's own gradient of this takes as long as a convolution."""

    @tf.custom_gradient
    def taken(maps: Any) -> tuple[Any, Callable[[Any], Any]]:
        batch, height, width, channels = tf.unstack(tf.shape(maps))

        def gradient(upstream: Any) -> Any:
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
        image, x = (tf.TensorSpec([None, None, None, 3], each) for each in ("float32", graph.dtype))
        self.prepare = traced(self._prepared, image)
        self.gradient = traced(self._gradient, image, x)
        options = {"autograph": False, "reduce_retracing": True}
        self.losses = tf.function(self._losses, **options)
        self.losses_and_gradients = tf.function(self._losses_and_gradients, **options)

    def targets(self, image: Any, seen: list[_Seen], of: str) -> dict[str, dict[str, Any]]:
        """As those of `Graph`."""
        found = self._found(image, seen, {})
        return {part.name: found[part.name] for part in self._graph.parts if part.target == of}

    def _prepared(self, image: Any) -> Any:
        return prepared(image, self._graph.padding, self._graph.dtype)

    def _gradient(self, image: Any, upstream: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            x = self._prepared(image)
        return tape.gradient(x, image, output_gradients=upstream)

    def _losses(
        self, image: Any, seen: list[_Seen], targets: Any, weights: Any, positions: Positions
    ) -> Any:
        areas = {IMAGE: area(image)}
        for block in seen:
            areas.update(block.areas)
        found = self._found(image, seen, positions)
        return self._graph.compared(found, areas, targets, weights)

    def _losses_and_gradients(
        self, image: Any, seen: list[_Seen], targets: Any, weights: Any, positions: Positions
    ) -> tuple[Any, Any, list[_Seen]]:
        """The losses, and the gradients of image and network, as if apart."""
        with tf.GradientTape() as tape:
            tape.watch([image, seen])
            values = self._losses(image, seen, targets, weights, positions)
            total = values[0]
        zero = tf.UnconnectedGradients.ZERO
        direct, upstream = tape.gradient(total, [image, seen], unconnected_gradients=zero)
        return values, direct, upstream

    def _found(
        self, image: Any, seen: list[_Seen], positions: Positions
    ) -> dict[str, dict[str, tuple[Any, ...]]]:
        """Term -> layer -> its statistic; of each place, where it has any."""
        found: dict[str, dict[str, tuple[Any, ...]]] = {}
        for part in self._graph.parts:
            own = found.setdefault(part.name, {})
            if IMAGE in part.layers:
                own[IMAGE] = part.statistics(IMAGE, image, positions)
            for block in seen:
                for layer in block.areas.keys() & {*part.layers}:
                    own[layer] = _statistics(part, layer, block, positions)
        return found


def _statistics(part: Part, layer: str, block: _Seen, positions: Positions) -> tuple[Any, ...]:
    """As `Part.statistics`, of what was seen of a block."""
    statistic = STATISTICS[part.statistic]
    if not isinstance(statistic, Additive):
        return part.statistics(layer, block.maps[layer], positions)
    both = zip(block.sums[layer][part.name], part.counts(layer, positions), strict=True)
    return tuple(
        statistic.finish(sums, block.areas[layer] if each is None else counted(each))
        for sums, each in both
    )


_network = lru_cache(maxsize=4)(_Network)
"""A server keeps the four graphs used last; with masks, a loss has two."""
