"""Painting stills by runs: each begins with the result before, brought along, for a few steps.

After Ruder et al. 2016; what comes out from behind something begins with the decoder's picture.
"""

from collections.abc import Sequence
from dataclasses import replace

from nst_core.clip.steadying import Carried, so_far
from nst_core.clip.still_painter import StillPainter
from nst_core.images.sizes import Size, to_image
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import tf
from nst_core.objective.setup import set_up
from nst_core.painting.cost import run_seconds
from nst_core.painting.job import OpenedJob
from nst_core.painting.run import Run
from nst_core.painting.sized import Pixels, SizedImages
from nst_core.painting.stages import plan
from nst_core.recipe.adam import Adam
from nst_core.recipe.recipe import Recipe

STEPS = 12
"""Of the run of a still that goes on from the one before."""
RATE = 0.5
"""Of the recipe's learning rate, for these."""


class RunPainter(StillPainter):
    """As `StillPainter`, by runs of the job's recipe; a shot's first still has all its steps."""

    def __init__(self, job: OpenedJob, size: Size) -> None:
        super().__init__(replace(job, recipe=at_size(job.recipe, size)), size)
        self._all_styles = job.styles

    def mix(self, weights: Sequence[float]) -> None:
        super().mix(weights)
        pairs = zip(self._all_styles, weights, strict=True)
        styles = tuple(replace(style, weight=weight) for style, weight in pairs if weight)
        self._job = replace(self._job, styles=styles)

    def _anew(self, images: SizedImages) -> Pixels:
        return _painted(self._job)

    def _over(self, images: SizedImages, carried: Carried) -> Pixels:
        begun = so_far(carried, super()._over(images, carried))
        recipe = going_on(self._job.recipe)
        return _painted(replace(self._job, recipe=recipe, resume=to_image(begun)))


def at_size(recipe: Recipe, size: Size) -> Recipe:
    """The same for stills of a size that they have already, and are worked at."""
    return recipe.changed(size=max(size), size_rule="longest-side", supersampling=1.0)


def going_on(recipe: Recipe) -> Recipe:
    """The same for a still that goes on from the one before: at the film's size alone."""
    optimizer = recipe.optimizer
    if isinstance(optimizer, Adam):
        rate = RATE * optimizer.learning_rate
        optimizer = replace(optimizer, learning_rate=rate, warm_up=0)
    return recipe.changed(coarsest=None, layout_until=None, steps=STEPS, optimizer=optimizer)


def still_seconds(recipe: Recipe, backbone: str | Backbone, size: Size) -> float:
    """About how long a still takes here that goes on from the one before.

    Args:
        recipe: of the film.
        backbone: see `load_backbone`.
        size: (width, height) px.
    """
    setup = set_up(going_on(at_size(recipe, size)), backbone)
    return run_seconds(setup, plan(setup.recipe, size))


def _painted(job: OpenedJob) -> Pixels:
    run = Run(job)
    try:
        for moment in run.moments():
            last = moment.picture.image
    except (MemoryError, tf.errors.OpError) as error:
        told = run.told(error)
        if told is None:
            raise
        raise told from error
    return last.numpy()[0]
