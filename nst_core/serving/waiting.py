"""What is shown of a run before there is anything of it."""

import math

from nst_core.images.sizes import resize
from nst_core.painting.frame import Frame, Losses
from nst_core.painting.job import OpenedJob


def frame_before(job: OpenedJob, message: str) -> Frame:
    """The photograph, or the picture to go on from, before anybody has begun to paint.

    Args:
        job: of the run.
        message: what is waited for.
    """
    scales = job.scales()
    return Frame(
        image=resize(job.resume or job.content, scales[0].size),
        step=0,
        total_steps=sum(scale.steps for scale in scales),
        losses=Losses.unmeasured(term.name for term in job.recipe.terms),
        elapsed=0.0,
        remaining=math.nan,
        final=False,
        checkpoint=False,
        recipe=job.recipe,
        backbone=str(job.backbone),
        message=message,
    )
